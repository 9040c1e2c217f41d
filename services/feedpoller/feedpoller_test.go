package feedpoller

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/politehttp"
)

// publisher serves one feed and remembers the validators it was asked with.
type publisher struct {
	mu      sync.Mutex
	body    string
	status  int
	etag    string
	asked   []string
	address string
}

func newPublisher(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{status: http.StatusOK}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.address = server.URL + "/feed"
	return p
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Header.Get("If-None-Match"))
	if p.etag != "" {
		w.Header().Set("ETag", p.etag)
	}
	w.WriteHeader(p.status)
	if p.status == http.StatusOK {
		fmt.Fprint(w, p.body) //nolint:errcheck // the visitor will notice
	}
}

func (p *publisher) set(status int, etag, body string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.etag, p.body = status, etag, body
}

func rss(entries ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>The Harbour Gazette</title>`)
	for _, e := range entries {
		id, title, _ := strings.Cut(e, "=")
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><link>/story/%s</link><title>%s</title></item>`, id, id, title)
	}
	return b.String() + `</channel></rss>`
}

type world struct {
	bus    *eventbus.Bus
	poller *Poller
	site   *publisher
	id     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{bus: bustest.New(t), site: newPublisher(t)}
	fetch := politehttp.New(politehttp.Config{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(fetch.CloseIdleConnections)
	w.poller = New(Deps{Bus: w.bus, Fetch: fetch, Gap: time.Millisecond, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	w.id = article.Token(w.site.address)
	if err := w.bus.PutFeed(t.Context(), article.Feed{ID: w.id, URL: w.site.address, Source: "Gazette"}, 0); err != nil {
		t.Fatal(err)
	}
	return w
}

// poll handles the feed as if its time had come, and gives its state.
func (w *world) poll(t *testing.T) article.Feed {
	t.Helper()
	if err := w.poller.handle(t.Context(), &eventbus.Delivery{Subject: "feed.due." + w.id}); err != nil {
		t.Fatal(err)
	}
	f, _, err := w.bus.Feed(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// items takes the titles of the items that wait.
func (w *world) items(t *testing.T, want int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var titles []string
	err := w.bus.Consume(ctx, eventbus.NewItems, 1, func(_ context.Context, d *eventbus.Delivery) error {
		i, err := eventbus.DecodeItem(d.Data)
		titles = append(titles, i.Title)
		if len(titles) == want {
			cancel()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return titles
}

func TestOnlyWhatIsNewOrChangedBecomesAnItem(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, `"v1"`, rss("1=Ferry", "2=Storm"))
	f := w.poll(t)
	if f.Items != 2 || f.Title != "The Harbour Gazette" || f.Error != "" || f.NextPoll.Before(time.Now()) || f.NextPoll.After(time.Now().Add(90*time.Minute)) {
		t.Errorf("after the first poll: %+v", f)
	}
	w.site.set(http.StatusOK, `"v2"`, rss("3=Museum", "2=Storm grows", "1=Ferry"))
	f = w.poll(t)
	if f.Items != 3 || f.Gaps != 0 {
		t.Errorf("%d items and %d gaps, want 3 and none", f.Items, f.Gaps)
	}
	want := []string{"Ferry", "Storm", "Museum", "Storm grows"}
	if got := w.items(t, len(want)); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("items %q, want %q", got, want)
	}
	w.site.set(http.StatusNotModified, `"v3"`, "")
	w.poll(t)
	w.poll(t)
	if got, want := strings.Join(w.site.asked, " "), ` "v1" "v2" "v3"`; got != want {
		t.Errorf("asked with %q, want %q: the first without, then the newest, also after a 304", got, want)
	}
}

func TestNothingKnownIsAGap(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, "", rss("1=Ferry", "2=Storm"))
	w.poll(t)
	w.site.set(http.StatusOK, "", rss("8=Vote", "9=Court"))
	if f := w.poll(t); f.Gaps != 1 {
		t.Errorf("%d gaps, want one: items may have come and gone", f.Gaps)
	}
}

func TestATroubleIsSaidAndLater(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		says   string
		stops  bool
	}{
		"a page":    {http.StatusOK, `<!doctype html><title>x</title><link rel="alternate" type="application/rss+xml" href="/real">`, "/real", false},
		"nothing":   {http.StatusOK, "", "empty", false},
		"an error":  {http.StatusInternalServerError, "", "500", false},
		"not found": {http.StatusNotFound, "", "404", false},
		"gone":      {http.StatusGone, "", "410", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.site.set(http.StatusOK, "", rss("1=Ferry"))
			w.poll(t)
			w.site.set(c.status, "", c.body)
			f := w.poll(t)
			if !strings.Contains(f.Error, c.says) || f.Failures != 1 || f.NextPoll.IsZero() != c.stops {
				t.Errorf("error %q, %d failures, next poll %v; want a word of %q, one, stopped %v", f.Error, f.Failures, f.NextPoll, c.says, c.stops)
			}
			w.site.set(http.StatusOK, "", rss("1=Ferry", "2=Storm"))
			if f = w.poll(t); f.Error != "" || f.Items != 2 {
				t.Errorf("after it mended: error %q, %d items", f.Error, f.Items)
			}
		})
	}
}

// forgetful is a bus on which the feed's memory cannot be stored, once.
type forgetful struct {
	*eventbus.Bus
	failed bool
}

var errDied = errors.New("the process died")

func (f *forgetful) PutFeed(ctx context.Context, feed article.Feed, revision uint64) error {
	if !f.failed {
		f.failed = true
		return errDied
	}
	return f.Bus.PutFeed(ctx, feed, revision)
}

func TestACrashBeforeTheMemoryRepeatsNoItem(t *testing.T) {
	w := newWorld(t)
	w.poller.Bus = &forgetful{Bus: w.bus}
	w.site.set(http.StatusOK, "", rss("1=Ferry"))
	if err := w.poller.handle(t.Context(), &eventbus.Delivery{Subject: "feed.due." + w.id}); !errors.Is(err, errDied) {
		t.Fatalf("got %v, want the crash", err)
	}
	w.poll(t)
	w.site.set(http.StatusOK, "", rss("2=Storm", "1=Ferry"))
	w.poll(t)
	if got := w.items(t, 2); strings.Join(got, "|") != "Ferry|Storm" {
		t.Errorf("items %q, want each once", got)
	}
}

func TestARemovedFeedIsNotPolled(t *testing.T) {
	w := newWorld(t)
	if err := w.bus.DeleteFeed(t.Context(), w.id); err != nil {
		t.Fatal(err)
	}
	if err := w.poller.handle(t.Context(), &eventbus.Delivery{Subject: "feed.due." + w.id}); err != nil {
		t.Fatal(err)
	}
	if len(w.site.asked) != 0 {
		t.Error("a removed feed was fetched")
	}
}

func TestATruncatedFeedLeavesAWordUntilItIsWhole(t *testing.T) {
	w := newWorld(t)
	whole := strings.Replace(rss("1=Ferry", "2=Storm"), "<channel>", "<channel><ttl>90</ttl><skipDays><day>Sunday</day></skipDays>", 1)
	w.site.set(http.StatusOK, `"v1"`, strings.TrimSuffix(whole, "</channel></rss>"))
	if f := w.poll(t); f.Warning == "" || f.Error != "" || f.Items != 2 {
		t.Errorf("after a feed without its end: %d items, warning %q, error %q", f.Items, f.Warning, f.Error)
	}
	w.site.set(http.StatusNotModified, `"v1"`, "")
	if f := w.poll(t); f.Warning == "" || f.TTL != 90*time.Minute || len(f.QuietDays) != 1 {
		t.Errorf("a 304 repeats nothing and forgets nothing: warning %q, ttl %s, quiet days %v", f.Warning, f.TTL, f.QuietDays)
	}
	w.site.set(http.StatusOK, `"v2"`, whole)
	if f := w.poll(t); f.Warning != "" {
		t.Errorf("after a whole feed the warning is %q", f.Warning)
	}
}
