package eventbus_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

func TestTheSweepArmsOnlyWhatIsForgotten(t *testing.T) {
	bus, _ := open(t)
	ctx := t.Context()
	now := time.Now()
	long := now.Add(-2 * time.Hour)
	entry := func(id string) eventbus.Entry { return eventbus.Entry{Host: "news.example", Article: id} }
	for _, c := range []struct {
		name  string
		head  article.Head
		waits func(article.Head) error
		want  bool
	}{
		{"forgotten", article.Head{Next: long}, nil, true},
		{"due only now", article.Head{Next: now.Add(-time.Minute)}, nil, false},
		{"over", article.Head{}, nil, false},
		{"taken down", article.Head{Next: long, Tombstone: "asked for"}, nil, false},
		{"scheduled", article.Head{Next: long}, func(h article.Head) error {
			h.Next = now.Add(time.Hour)
			return bus.ArmCheck(ctx, h)
		}, false},
		{"due", article.Head{Next: long}, func(h article.Head) error { _, err := bus.CheckNow(ctx, h); return err }, false},
		{"queued", article.Head{Next: long}, func(h article.Head) error { return bus.Enqueue(ctx, entry(h.Article)) }, false},
		{"read", article.Head{Next: long}, func(h article.Head) error {
			return bus.PublishCheck(ctx, article.Check{Article: h.Article, FetchedAt: now})
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.head.Article = article.Token(c.name)
			if err := bus.PutHead(ctx, c.head, 0); err != nil {
				t.Fatal(err)
			}
			if c.waits != nil {
				if err := c.waits(c.head); err != nil {
					t.Fatal(err)
				}
			}
			armed, err := bus.SweepChecks(ctx, now.Add(-time.Hour), 10)
			if err != nil || armed != map[bool]int{true: 1}[c.want] {
				t.Fatalf("the sweep armed %d, error %v", armed, err)
			}
			if armed == 1 {
				if due := receive(t, bus, eventbus.DueChecks); due.Token(2) != c.head.Article {
					t.Errorf("due is %s", due.Subject)
				}
				_, revision, err := bus.Head(ctx, c.head.Article)
				if err != nil {
					t.Fatal(err)
				}
				c.head.Next = now.Add(time.Hour) // as the differ does at the end of the check
				if err := bus.PutHead(ctx, c.head, revision); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestTheSweepIsBounded(t *testing.T) {
	bus, _ := open(t)
	for n := range 5 {
		h := article.Head{Article: article.Token(fmt.Sprint(n)), Next: moment}
		if err := bus.PutHead(t.Context(), h, 0); err != nil {
			t.Fatal(err)
		}
	}
	var armed []int
	for range 4 {
		n, err := bus.SweepChecks(t.Context(), moment.Add(time.Hour), 2)
		if err != nil {
			t.Fatal(err)
		}
		armed = append(armed, n)
	}
	if !slices.Equal(armed, []int{2, 2, 1, 0}) {
		t.Errorf("the sweeps armed %v", armed)
	}
}

func TestTheSweepWakesHosts(t *testing.T) {
	bus, js := open(t)
	ctx := t.Context()
	for _, host := range []string{"a.example", "b.example"} {
		if err := bus.Enqueue(ctx, eventbus.Entry{Host: host, Article: article.Token(host)}); err != nil {
			t.Fatal(err)
		}
		if due := receive(t, bus, eventbus.DueTurns); due.Token(2) != article.Token(host) {
			t.Fatalf("due is %s", due.Subject)
		}
	}
	hosts, err := bus.Sweep(ctx)
	if err != nil || hosts != 2 {
		t.Fatalf("the sweep woke %d hosts, error %v", hosts, err)
	}
	eventually(t, "two turns are due", func() bool { // the server may still have an acknowledgement before it
		stream, err := js.Stream(ctx, "TURNS")
		return err == nil && stream.CachedInfo().State.Msgs == 2
	})
}
