package query

import (
	"errors"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/internal/article"
)

func TestTheNewestRecordsComeFirst(t *testing.T) {
	w := harbour()
	feed := article.Token("https://gazette.example/feed")
	w.feeds[feed] = article.Feed{ID: feed}
	for n := range 1200 {
		at := day.Add(time.Duration(n) * time.Minute)
		w.looks = append(w.looks, article.CheckOutcome{Article: bridge, FetchedAt: at, Outcome: article.Unchanged, Status: n},
			article.CheckOutcome{Article: "another", FetchedAt: at})
		w.polls = append(w.polls, article.PollOutcome{Feed: feed, PolledAt: at, Status: n})
	}
	c := serve(t, w)
	for _, test := range []struct{ limit, want int }{{0, 50}, {3, 3}, {500, 500}, {9000, 500}} {
		looks, err := c.Checks(t.Context(), bridge, test.limit)
		if err != nil || len(looks.GetChecks()) != test.want || looks.GetTotal() != 1200 {
			t.Fatalf("%d: %d of %d, %v", test.limit, len(looks.GetChecks()), looks.GetTotal(), err)
		}
		polls, err := c.Polls(t.Context(), feed, test.limit)
		if err != nil || len(polls.GetPolls()) != test.want || polls.GetTotal() != 1200 {
			t.Fatalf("%d: %d polls of %d, %v", test.limit, len(polls.GetPolls()), polls.GetTotal(), err)
		}
		for n := range test.want {
			if looks.GetChecks()[n].GetStatus() != int32(1199-n) || polls.GetPolls()[n].GetStatus() != int32(1199-n) {
				t.Fatalf("%d: record %d is %v and %v", test.limit, n, looks.GetChecks()[n], polls.GetPolls()[n])
			}
		}
	}
	for name, call := range map[string]func() error{
		"an article that is not there": func() error { _, err := c.Checks(t.Context(), "qqqqqqqqqqqqqqqq", 0); return err },
		"a feed that is not there":     func() error { _, err := c.Polls(t.Context(), "https://gazette.example/none", 0); return err },
	} {
		if err := call(); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, call := range map[string]func() error{
		"no id":       func() error { _, err := c.Checks(t.Context(), "bridge", 0); return err },
		"less than 1": func() error { _, err := c.Checks(t.Context(), bridge, -1); return err },
		"no feed":     func() error { _, err := c.Polls(t.Context(), "::", 0); return err },
	} {
		if err := call(); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
