package feedpoller

import (
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

func TestAPollAndAHubAtTheSameTime(t *testing.T) {
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	before := article.Push{Hub: "https://hub.example/", Topic: "https://gazette.example/feed", Until: now.Add(time.Hour), Misses: 1}
	with := func(change func(p *article.Push)) *article.Push {
		p := before
		change(&p)
		return &p
	}
	same := with(func(*article.Push) {})
	heard := with(func(p *article.Push) { p.Last, p.Until = now, now.Add(9*day) })
	ended := givenUp(before, now, "The hub did not tell the feed's news.")
	endedHeard := ended
	endedHeard.Last = now
	elsewhere := &article.Push{Hub: "https://second.example/", Topic: before.Topic}
	for name, c := range map[string]struct{ before, polled, there, want *article.Push }{
		"the hub alone":  {same, same, heard, heard},
		"the poll alone": {same, with(func(p *article.Push) { p.Misses = 2 }), same, with(func(p *article.Push) { p.Misses = 2 })},
		"both": {same, with(func(p *article.Push) { p.Misses, p.Missed = 2, now }), heard,
			with(func(p *article.Push) { p.Misses, p.Missed, p.Last, p.Until = 2, now, now, now.Add(9*day) })},
		"given up by the poll": {same, &ended, heard, &endedHeard},
		"given up by the hub":  {same, same, &ended, &ended},
		"another hub":          {same, elsewhere, heard, elsewhere},
		"the first hub":        {nil, elsewhere, nil, elsewhere},
		"turned off":           {same, nil, heard, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := merged(c.before, c.polled, c.there)
			if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
				t.Errorf("the subscription is %+v, want %+v", got, c.want)
			}
		})
	}
}
