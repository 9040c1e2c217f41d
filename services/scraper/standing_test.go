package scraper

import (
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// TestALookAtAMergedArticleIsOneAtTheOther: a feed still names the address that turned out to be another article, and an
// entry of it waits in the queue from before.
func TestALookAtAMergedArticleIsOneAtTheOther(t *testing.T) {
	bus := bustest.New(t)
	h := newHost(t, "")
	stands, other := h.server.URL+"/stands", h.server.URL+"/amp"
	for _, head := range []article.Head{
		{Article: article.Token(stands), Source: "Gazette", URL: stands, Version: 1},
		{Article: article.Token(other), Source: "Gazette", URL: other, MergedInto: article.Token(stands)},
	} {
		if err := bus.PutHead(t.Context(), head, 0); err != nil {
			t.Fatal(err)
		}
	}
	u, err := urls.Parse(other, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Enqueue(t.Context(), eventbus.Entry{Host: u.Host, Article: article.Token(other), Source: "Gazette", URL: other}); err != nil {
		t.Fatal(err)
	}
	publish(t, bus, other)
	newScrapers(t, bus, 1)
	if c := checks(t, bus, 1)[article.Token(stands)]; c.Outcome != article.Read || c.URL != stands {
		t.Errorf("the look ended %s at %s", c.Outcome, c.URL)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, path := range h.paths {
		if path == "/amp" {
			t.Error("the other address was asked for")
		}
	}
}

// TestAnArticleIsReadAtItsNewAddress: the feed names another address for an article that is known.
func TestAnArticleIsReadAtItsNewAddress(t *testing.T) {
	bus := bustest.New(t)
	h := newHost(t, "")
	old, now := h.server.URL+"/old", h.server.URL+"/new"
	id := article.Token(old)
	if err := bus.PutHead(t.Context(), article.Head{Article: id, Source: "Gazette", URL: old, Version: 1, ETag: `"old"`}, 0); err != nil {
		t.Fatal(err)
	}
	i := article.Item{Article: id, Source: "Gazette", URL: now, EntryID: "n-1", Title: "Ferry fares", SeenAt: time.Now(), Moved: true}
	if err := bus.PublishItem(t.Context(), i); err != nil {
		t.Fatal(err)
	}
	newScrapers(t, bus, 1)
	c := checks(t, bus, 1)[id]
	if c.Outcome != article.Moved || c.URL != now || c.FinalURL != now || !c.Readdressed || c.Headline != "Ferry fares" {
		t.Errorf("the check is %+v", c)
	}
}
