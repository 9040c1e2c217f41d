package feedpoller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// named is an entry of a feed: its id, path, headline and the hour of its date.
type named struct {
	id, path, title string
	hour            int
}

// feedOf is a feed of such entries, on the publisher's own host.
func (w *world) feedOf(entries ...named) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Paper</title>`)
	for _, e := range entries {
		date := time.Date(2031, 5, 4, e.hour, 0, 0, 0, time.UTC).Format(time.RFC1123Z)
		fmt.Fprintf(&b, `<item><title>%s</title><link>%s%s</link><guid isPermaLink="false">%s</guid><pubDate>%s</pubDate></item>`,
			e.title, w.site.address, e.path, e.id, date)
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

func (w *world) idOf(t *testing.T, path string) string {
	t.Helper()
	u, err := urls.Parse(w.site.address+path, "")
	if err != nil {
		t.Fatal(err)
	}
	return article.Token(u.Canonical)
}

// told takes the items that wait, each as "article moved".
func (w *world) told(t *testing.T, want int) map[string]bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got := map[string]bool{}
	err := w.bus.Consume(ctx, eventbus.NewItems, 1, func(_ context.Context, d *eventbus.Delivery) error {
		i, err := eventbus.DecodeItem(d.Data)
		got[i.Article] = i.Moved
		if want--; want == 0 {
			cancel()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestAnEntryThatMovesStaysItsArticle: publishers change the address with the headline, and keep the id.
func TestAnEntryThatMovesStaysItsArticle(t *testing.T) {
	const old, now = "/ferry-fares", "/brask-ferry-a-tenth-dearer"
	for _, c := range []struct {
		name  string
		then  []named
		moved string // the article of the entry's path that is told to have moved, empty for none
	}{
		{"a new address and headline, one id and date", []named{{"n-1", now, "A tenth more", 8}}, old},
		{"a new address and date, nearly one headline", []named{{"n-1", now, "Ferry fares will rise", 9}}, old},
		{"an id that is given to another story", []named{{"n-1", now, "Council votes on bins", 9}}, ""},
		{"an id that two entries have", []named{{"n-1", now, "Ferry fares to rise", 8}, {"n-1", "/x", "Ferry fares to rise", 8}}, ""},
		{"another id", []named{{"n-2", now, "Ferry fares to rise", 8}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.site.set(http.StatusOK, "", w.feedOf(named{"n-1", old, "Ferry fares to rise", 8}))
			w.poll(t)
			w.told(t, 1)
			w.site.set(http.StatusOK, "", w.feedOf(c.then...))
			w.poll(t)
			got := w.told(t, len(c.then))
			if moved, told := got[w.idOf(t, old)]; told != (c.moved != "") || told && !moved {
				t.Errorf("items for %v; the article at %s is told of: %t, as moved: %t", got, old, told, moved)
			}
			merge, _, err := w.bus.Merge(t.Context(), w.idOf(t, old), w.idOf(t, now))
			if (c.moved != "") != (err == nil) {
				t.Errorf("the merge is %+v, error %v", merge, err)
			}
			if c.moved == "" {
				return
			}
			leads, _, err := w.bus.Alias(t.Context(), w.idOf(t, now))
			if err != nil || leads.Article != w.idOf(t, old) {
				t.Errorf("the new address leads to %+v, error %v", leads, err)
			}
			if own, _, err := w.bus.Alias(t.Context(), w.idOf(t, old)); err != nil || !strings.HasSuffix(own.Newer, now) {
				t.Errorf("the article's newer address is %q, error %v", own.Newer, err)
			}
			// Its next change of headline is told to the same article.
			w.site.set(http.StatusOK, "", w.feedOf(named{"n-1", now, "Now it is a tenth more", 8}))
			w.poll(t)
			if got := w.told(t, 1); len(got) != 1 || !got[w.idOf(t, old)] {
				t.Errorf("then items for %v", got)
			}
		})
	}
}

// TestWhatWasSplitStaysApart: people said that the new address is another article.
func TestWhatWasSplitStaysApart(t *testing.T) {
	const old, now = "/ferry-fares", "/brask-ferry-a-tenth-dearer"
	w := newWorld(t)
	merge := article.Merge{From: w.idOf(t, now), Into: w.idOf(t, old), Kind: article.AliasGUID, Undone: time.Now()}
	if err := w.bus.PutMerge(t.Context(), merge, 0); err != nil {
		t.Fatal(err)
	}
	for i, path := range []string{old, now} {
		w.site.set(http.StatusOK, "", w.feedOf(named{"n-1", path, "Ferry fares to rise", 8}))
		w.poll(t)
		if got := w.told(t, 1); got[w.idOf(t, path)] || len(got) != 1 {
			t.Errorf("poll %d tells of %v", i, got)
		}
	}
}

// TestIDsThatAreMadeAnewIdentifyNothing: the first poll is all that is kept of them.
func TestIDsThatAreMadeAnewIdentifyNothing(t *testing.T) {
	w := newWorld(t)
	for i := range 4 {
		id := fmt.Sprintf("visit-%d", i)
		w.site.set(http.StatusOK, "", w.feedOf(named{id, "/ferry-fares", "Ferry fares to rise", 8}))
		w.poll(t)
		_, _, err := w.bus.Alias(t.Context(), guidKey(w, id))
		if i > 0 != eventbus.IsNotFound(err) {
			t.Errorf("poll %d: the alias of %s: %v", i, id, err)
		}
	}
}

// TestAMoveThatWasHalfToldIsToldAgain kills the poller at every write of the second poll.
func TestAMoveThatWasHalfToldIsToldAgain(t *testing.T) {
	const old, now = "/ferry-fares", "/brask-ferry-a-tenth-dearer"
	for call := 1; call <= 4; call++ {
		w := newWorld(t)
		w.site.set(http.StatusOK, "", w.feedOf(named{"n-1", old, "Ferry fares to rise", 8}))
		w.poll(t)
		w.told(t, 1)
		f, _, err := w.bus.Feed(t.Context(), w.id)
		if err != nil {
			t.Fatal(err)
		}
		feed := parsed(t, w.feedOf(named{"n-1", now, "A tenth more", 8}))
		dying := New(w.poller.Deps)
		dying.Bus = &dyingNames{Bus: w.bus, left: call}
		if _, err := dying.publish(t.Context(), f, feed, &article.PollOutcome{PolledAt: time.Now()}); !errors.Is(err, errNamesDied) {
			t.Fatalf("call %d: %v, want the crash", call, err)
		}
		if _, err := w.poller.publish(t.Context(), f, feed, &article.PollOutcome{PolledAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if got := w.told(t, 1); len(got) != 1 || !got[w.idOf(t, old)] {
			t.Errorf("after a crash at call %d items for %v", call, got)
		}
		if m, _, err := w.bus.Merge(t.Context(), w.idOf(t, old), w.idOf(t, now)); err != nil || !m.Undone.IsZero() {
			t.Errorf("after a crash at call %d the merge is %+v, error %v", call, m, err)
		}
	}
}
