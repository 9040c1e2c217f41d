package feed_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/feed"
)

func TestNext(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	policy := feed.Policy{Min: 10 * time.Minute, Max: 6 * time.Hour}
	for name, test := range map[string]struct {
		history feed.History
		want    time.Duration
	}{
		"first":                  {feed.History{NewItems: 30, Items: 30, Overflow: true}, 10 * time.Minute},
		"news":                   {feed.History{Previous: time.Hour, NewItems: 1, Items: 30}, 30 * time.Minute},
		"overflow":               {feed.History{Previous: time.Hour, NewItems: 30, Items: 30, Overflow: true}, 15 * time.Minute},
		"nothing":                {feed.History{Previous: time.Hour, Items: 30}, 90 * time.Minute},
		"failure":                {feed.History{Previous: time.Hour, Failures: 1}, 2 * time.Hour},
		"shortest":               {feed.History{Previous: 11 * time.Minute, NewItems: 1}, 10 * time.Minute},
		"longest":                {feed.History{Previous: 5 * time.Hour}, 6 * time.Hour},
		"beyond longest":         {feed.History{Previous: 1 << 62, Failures: 9}, 6 * time.Hour},
		"max-age":                {feed.History{Previous: time.Hour, NewItems: 1, MaxAge: 3 * time.Hour}, 3 * time.Hour},
		"ttl below the interval": {feed.History{Previous: time.Hour, TTL: time.Minute}, 90 * time.Minute},
		"pause beyond longest":   {feed.History{Previous: time.Hour, Failures: 1, RetryAfter: 12 * time.Hour}, 12 * time.Hour},
		"pause without sense":    {feed.History{Previous: time.Hour, RetryAfter: 90 * 24 * time.Hour}, 24 * time.Hour},
	} {
		test.history.Now = now
		if got := policy.Next(test.history).Sub(now); got != test.want {
			t.Errorf("%s: after %v, want %v", name, got, test.want)
		}
	}
	if got := policy.Next(feed.History{Now: now, Gone: true}); !got.IsZero() {
		t.Errorf("a feed that is gone is polled again at %v", got)
	}
	if got := (feed.Policy{}).Next(feed.History{Now: now, NewItems: 1, Previous: time.Second}).Sub(now); got != feed.DefaultMin {
		t.Errorf("the zero policy polls after %v", got)
	}
}

func TestMaxAge(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"nothing":         {http.Header{}, 0},
		"max-age":         {http.Header{"Cache-Control": {"public, Max-Age=600, s-maxage=9"}}, 10 * time.Minute},
		"with age":        {http.Header{"Cache-Control": {"max-age=\"600\""}, "Age": {"120"}}, 8 * time.Minute},
		"older than that": {http.Header{"Cache-Control": {"max-age=600"}, "Age": {"1200"}}, 0},
		"two headers":     {http.Header{"Cache-Control": {"private", "max-age=60"}}, time.Minute},
		"no-cache":        {http.Header{"Cache-Control": {"no-cache, max-age=600"}}, 0},
		"nonsense":        {http.Header{"Cache-Control": {"max-age=-5"}}, 0},
		"overflow":        {http.Header{"Cache-Control": {"max-age=9223372036854775807"}}, 365 * 24 * time.Hour},
		"expires":         {http.Header{"Expires": {"Mon, 04 May 2026 13:00:00 GMT"}}, time.Hour},
		"expires zero":    {http.Header{"Expires": {"0"}}, 0},
		"expired":         {http.Header{"Expires": {"Mon, 04 May 2026 11:00:00 GMT"}}, 0},
		"clock ahead": {http.Header{"Expires": {"Mon, 04 May 2026 13:00:00 GMT"}, "Date": {"Mon, 04 May 2026 12:50:00 GMT"}},
			10 * time.Minute},
		"max-age before expires": {http.Header{"Cache-Control": {"max-age=60"}, "Expires": {"Mon, 04 May 2026 13:00:00 GMT"}}, time.Minute},
	} {
		if got := feed.MaxAge(test.header, now); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
