package scraper

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/turn"
)

// host is a site that judges its visitors: how many at a time, and how close together.
type host struct {
	mu       sync.Mutex
	inFlight int
	overlaps int
	starts   []time.Time
	paths    []string
	agents   map[string]bool
	robots   string
	status   int // of robots.txt
	answers  map[string]http.HandlerFunc
	server   *httptest.Server
}

func newHost(t *testing.T, robots string) *host {
	t.Helper()
	h := &host{robots: robots, status: http.StatusOK, agents: map[string]bool{}, answers: map[string]http.HandlerFunc{}}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	return h
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.inFlight++
	if h.inFlight > 1 {
		h.overlaps++
	}
	h.starts = append(h.starts, time.Now())
	h.paths = append(h.paths, r.URL.Path)
	h.agents[r.UserAgent()] = true
	answer := h.answers[r.URL.Path]
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		h.inFlight--
		h.mu.Unlock()
	}()
	switch {
	case answer != nil:
		answer(w, r)
	case r.URL.Path == "/robots.txt":
		w.WriteHeader(h.status)
		fmt.Fprint(w, h.robots) //nolint:errcheck // the visitor will notice
	default:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<h1>%s</h1>", r.URL.Path) //nolint:errcheck // the visitor will notice
	}
}

const gap = 50 * time.Millisecond

// newScrapers starts several scrapers on one bus, as in a cluster.
func newScrapers(t *testing.T, bus *eventbus.Bus, count int) {
	t.Helper()
	store, err := archive.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, count)
	for range count {
		client := politehttp.New(politehttp.Config{AllowNetworks: local, Timeout: 2 * time.Second})
		t.Cleanup(client.CloseIdleConnections)
		s := New(Config{Visits: turn.Config{LocalGap: gap, Local: local, Timeout: 2 * time.Second, UserAgent: "stet"}}, Deps{
			Bus: bus, Archive: store, Fetch: client, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
			Extract: func(p Page, memory []byte) (article.Snapshot, []byte, error) {
				s := article.Snapshot{URL: p.URL, Title: string(p.Body), Quality: article.Quality{Verdict: article.OK}}
				return s, append(slices.Clip(memory), '.'), nil // it counts the pages of the site
			},
		})
		go func() { done <- s.Run(ctx) }()
	}
	t.Cleanup(func() {
		cancel()
		for range count {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// checks collects the checks of so many articles, each of which must come once.
func checks(t *testing.T, bus *eventbus.Bus, want int) map[string]article.Check {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got := map[string]article.Check{}
	err := bus.Consume(ctx, eventbus.ReadChecks, 1, func(ctx context.Context, d *eventbus.Delivery) error {
		c, err := bus.FirstCheck(ctx, d.Token(1))
		if err != nil {
			return err
		}
		if _, twice := got[c.Article]; twice {
			t.Errorf("article %s was read twice", c.Article)
		}
		got[c.Article] = c.Check
		if len(got) == want {
			cancel()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != want {
		t.Fatalf("%d checks came within a minute, want %d", len(got), want)
	}
	return got
}

func item(url string) article.Item {
	return article.Item{Article: article.Token(url), Source: "Gazette", URL: url, EntryID: url, SeenAt: time.Now()}
}

func publish(t *testing.T, bus *eventbus.Bus, items ...string) {
	t.Helper()
	for _, url := range items {
		if err := bus.PublishItem(t.Context(), item(url)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestManyScrapersAreOnePoliteVisitor(t *testing.T) {
	bus := bustest.New(t)
	hosts := []*host{newHost(t, ""), newHost(t, "")}
	const count = 8
	var addresses []string
	for i := range count {
		for _, h := range hosts {
			addresses = append(addresses, fmt.Sprintf("%s/%d", h.server.URL, i))
		}
	}
	newScrapers(t, bus, 3)
	publish(t, bus, addresses...)
	for id, c := range checks(t, bus, len(addresses)) {
		if c.Outcome != article.Read || c.Snapshot == nil || c.Page == "" {
			t.Errorf("article %s: %s %q without its text or page", id, c.Outcome, c.Reason)
		}
	}
	for _, h := range hosts {
		h.mu.Lock()
		if h.overlaps > 0 {
			t.Errorf("%d requests overlapped another", h.overlaps)
		}
		for i := 1; i < len(h.starts); i++ {
			if between := h.starts[i].Sub(h.starts[i-1]); between < gap {
				t.Errorf("request %d came %v after the one before, want at least %v", i, between, gap)
			}
		}
		if len(h.paths) != count+1 || h.paths[0] != "/robots.txt" {
			t.Errorf("requests %v, want robots.txt once and first, and each page once", h.paths)
		}
		u, err := urls.Parse(h.server.URL, "")
		if err != nil {
			t.Fatal(err)
		}
		if memory, _, err := bus.Site(t.Context(), u.Host); err != nil || len(memory) != count {
			t.Errorf("the scrapers together remember %d pages of %s, want %d; error %v", len(memory), u.Host, count, err)
		}
		h.mu.Unlock()
	}
}

func TestEveryCheckEndsInOneMessage(t *testing.T) {
	bus := bustest.New(t)
	h := newHost(t, "User-agent: *\nDisallow: /kept\n")
	other := newHost(t, "")
	broken := newHost(t, "")
	broken.status = http.StatusInternalServerError
	answer := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	to := func(url string, status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, status) }
	}
	h.answers["/gone"] = answer(http.StatusNotFound)
	h.answers["/refused"] = answer(http.StatusForbidden)
	h.answers["/failed"] = answer(http.StatusBadGateway)
	h.answers["/moved"] = to("/new", http.StatusMovedPermanently)
	h.answers["/elsewhere"] = to(other.server.URL+"/story", http.StatusFound)
	h.answers["/loop"] = to("/loop", http.StatusFound)
	want := map[string]article.Outcome{
		h.server.URL + "/fine": article.Read, h.server.URL + "/gone": article.OutcomeGone,
		h.server.URL + "/refused": article.OutcomeBlocked, h.server.URL + "/failed": article.Failed,
		h.server.URL + "/moved": article.Moved, h.server.URL + "/elsewhere": article.Read,
		h.server.URL + "/loop": article.Failed, h.server.URL + "/kept/out": article.OutcomeBlocked,
		broken.server.URL + "/page": article.OutcomeBlocked,
	}
	newScrapers(t, bus, 1)
	for url := range want {
		publish(t, bus, url)
	}
	got := checks(t, bus, len(want))
	for url, outcome := range want {
		c := got[article.Token(url)]
		if c.Outcome != outcome {
			t.Errorf("%s ended %s (%s), want %s", url, c.Outcome, c.Reason, outcome)
		}
		if outcome != article.Read && outcome != article.Moved && c.Reason == "" {
			t.Errorf("%s says no reason", url)
		}
	}
	if final := got[article.Token(h.server.URL+"/elsewhere")].FinalURL; final != other.server.URL+"/story" {
		t.Errorf("the article that went elsewhere was read at %q", final)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, path := range h.paths {
		if path == "/kept/out" {
			t.Error("a page was fetched that robots.txt keeps us out of")
		}
	}
}

func TestValidatorsAreSentBack(t *testing.T) {
	bus := bustest.New(t)
	h := newHost(t, "")
	var sent sync.Map
	h.answers["/page"] = func(w http.ResponseWriter, r *http.Request) {
		sent.Store("etag", r.Header.Get("If-None-Match"))
		w.WriteHeader(http.StatusNotModified)
	}
	url := h.server.URL + "/page"
	head := article.Head{Article: article.Token(url), Source: "Gazette", URL: url, Version: 1, ETag: `W/"a-b"`}
	if err := bus.PutHead(t.Context(), head, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.CheckNow(t.Context(), head); err != nil {
		t.Fatal(err)
	}
	newScrapers(t, bus, 1)
	if c := checks(t, bus, 1)[head.Article]; c.Outcome != article.Unchanged {
		t.Errorf("the check ended %s, want unchanged", c.Outcome)
	}
	if etag, _ := sent.Load("etag"); etag != head.ETag {
		t.Errorf("sent %q, want the validator as it came: %q", etag, head.ETag)
	}
}

// TestADeadHoldersLeaseIsInherited leaves a lease behind, as a scraper does that dies before it sends, and another over
// and over: the page is read by an heir, or given up for this time in a message that says so.
func TestADeadHoldersLeaseIsInherited(t *testing.T) {
	for _, deaths := range []int{1, turn.MaxAttempts} {
		t.Run(fmt.Sprint(deaths, " deaths"), func(t *testing.T) {
			bus, ctx := bustest.New(t), t.Context()
			h := newHost(t, "")
			url := h.server.URL + "/page"
			u, err := urls.Parse(url, "")
			if err != nil {
				t.Fatal(err)
			}
			if err := bus.Enqueue(ctx, eventbus.Entry{Host: u.Host, Article: "a", Source: "Gazette", URL: url}); err != nil {
				t.Fatal(err)
			}
			token := article.Token(u.Host)
			entry, err := bus.NextEntry(ctx, token, false)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := bus.Lease(ctx, token, time.Now(), eventbus.Attempt{Entry: entry.Sequence, Count: deaths}, 0); err != nil {
				t.Fatal(err)
			}
			newScrapers(t, bus, 1)
			want := article.Read
			if deaths == turn.MaxAttempts {
				want = article.Failed
			}
			if c := checks(t, bus, 1)["a"]; c.Outcome != want {
				t.Errorf("the check ended %s (%s), want %s", c.Outcome, c.Reason, want)
			}
		})
	}
}
