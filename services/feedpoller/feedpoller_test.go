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
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/turn"
)

// publisher serves one feed and remembers the validators it was asked with.
type publisher struct {
	mu      sync.Mutex
	body    string
	status  int
	etag    string
	asked   []string
	address string

	during             func() // what happens while a request is in flight
	inFlight, overlaps int
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
	if p.inFlight++; p.inFlight > 1 {
		p.overlaps++
	}
	defer func() { p.inFlight-- }()
	if p.during != nil {
		p.mu.Unlock()
		p.during()
		p.mu.Lock()
	}
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
	batons *witness
	poller *Poller
	site   *publisher
	host   string
	id     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{bus: bustest.New(t), site: newPublisher(t)}
	w.batons = &witness{Bus: w.bus}
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	fetch := politehttp.New(politehttp.Config{AllowNetworks: local})
	t.Cleanup(fetch.CloseIdleConnections)
	w.poller = New(Deps{
		Bus: w.batons, Fetch: fetch, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Visits: turn.Config{Local: local, LocalGap: time.Millisecond, UserAgent: "stet"},
	})
	w.id, w.host = article.Token(w.site.address), hostOf(t, w.site.address)
	if err := w.bus.PutFeed(t.Context(), article.Feed{ID: w.id, URL: w.site.address, Source: "Gazette"}, 0); err != nil {
		t.Fatal(err)
	}
	w.rules(t, w.host, "")
	return w
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := urls.Parse(address, "")
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// rules gives a host a robots.txt that a scraper has just read.
func (w *world) rules(t *testing.T, host, text string) {
	t.Helper()
	h, revision, err := w.bus.Host(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	h.RobotsAt, h.RobotsTried, h.RobotsStatus, h.Robots = time.Now(), time.Now(), http.StatusOK, []byte(text)
	if err := w.bus.PutHost(t.Context(), h, revision); err != nil {
		t.Fatal(err)
	}
}

// poll has the feed polled as if its time had come, and gives its state.
func (w *world) poll(t *testing.T) article.Feed {
	t.Helper()
	f, revision, err := w.bus.Feed(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	if passes := time.Until(f.NextPoll); passes > 0 && !f.LastPoll.IsZero() {
		f.LastPoll, f.NextPoll = f.LastPoll.Add(-passes), f.NextPoll.Add(-passes)
	}
	if f.NextPoll.IsZero() {
		f.NextPoll = time.Now() // as somebody does who resumes it
	}
	if err := w.bus.PutFeed(t.Context(), f, revision); err != nil {
		t.Fatal(err)
	}
	w.due(t)
	w.turnOf(t, w.host)
	if f, _, err = w.bus.Feed(t.Context(), w.id); err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *world) due(t *testing.T) {
	t.Helper()
	if err := w.poller.due(t.Context(), &eventbus.Delivery{Subject: "feed.due." + w.id}); err != nil {
		t.Fatal(err)
	}
}

// turnOf lets the host's turn come, as a scraper hands it on, and the poller take it.
func (w *world) turnOf(t *testing.T, host string) {
	t.Helper()
	w.handOn(t, host)
	w.consume(t, eventbus.FeedTurns, w.poller.turn)
}

// handOn is the scraper's part: it waits for the host's turn.
func (w *world) handOn(t *testing.T, host string) {
	t.Helper()
	for handed := false; !handed; {
		w.consume(t, eventbus.DueTurns, func(ctx context.Context, d *eventbus.Delivery) error {
			before := eventbus.ReadAttempt(d.Data)
			entry, err := w.bus.NextEntry(ctx, d.Token(2), before.PagesFirst)
			if eventbus.IsNotFound(err) || entry.Host != host {
				return nil
			}
			v, err := w.poller.visitor.Look(ctx, entry)
			if err != nil {
				return err
			}
			err = v.HandOn(ctx, before)
			handed = err == nil
			if eventbus.Refused(err) {
				return nil
			}
			return err
		})
	}
}

// consume handles one message.
func (w *world) consume(t *testing.T, c eventbus.Consumer, handle func(context.Context, *eventbus.Delivery) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen := 0
	err := w.bus.Consume(ctx, c, 1, func(ctx context.Context, d *eventbus.Delivery) error {
		if seen++; seen > 1 {
			d.Leave()
			return nil
		}
		defer cancel()
		return handle(ctx, d)
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d messages in a minute, error %v", seen, err)
	}
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
	if f := w.poll(t); !f.LastPoll.IsZero() {
		t.Fatalf("the poll that died left %+v", f)
	}
	if _, err := w.bus.NextEntry(t.Context(), article.Token(w.host), false); err != nil {
		t.Fatalf("the poll that died took its entry away: %v", err)
	}
	w.expire(t)
	w.turnOf(t, w.host)
	w.site.set(http.StatusOK, "", rss("2=Storm", "1=Ferry"))
	w.poll(t)
	if got := w.items(t, 2); strings.Join(got, "|") != "Ferry|Storm" {
		t.Errorf("items %q, want each once", got)
	}
}

func TestARemovedFeedIsNotPolled(t *testing.T) {
	w := newWorld(t)
	w.due(t)
	if err := w.bus.DeleteFeed(t.Context(), w.id); err != nil {
		t.Fatal(err)
	}
	w.turnOf(t, w.host)
	w.due(t)
	if _, err := w.bus.NextEntry(t.Context(), article.Token(w.host), false); len(w.site.asked) != 0 || !eventbus.IsNotFound(err) {
		t.Errorf("a removed feed was fetched %d times; its place in the queue: %v", len(w.site.asked), err)
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
