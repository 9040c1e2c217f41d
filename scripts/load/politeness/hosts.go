package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// host is a site that judges its visitor by itself.
type host struct {
	address string // of its front page, without a slash at the end
	limit   time.Duration
	slow    time.Duration // longest time that it takes to answer
	strict  bool          // it asks for pauses now and then
	next    *host         // where some of its pages lead

	mu       sync.Mutex
	inFlight int
	begins   []time.Time
	until    time.Time // no request before, as it asked
	verdict  verdict
	feeds    map[string]*feed    // by path
	unread   map[string]bool     // pages that were listed and not read yet
	refused  map[string]bool     // pages that were answered with a pause and not read since: stet comes back for them later
	pages    map[string][]string // when each page was asked for
	waiting  time.Time           // since when something is unread without a request
}

// feed is a feed of a host.
type feed struct {
	added  time.Time     // when stet was told of it
	waited time.Duration // from then to the first request
	asked  int
	listed bool // its pages are expected to be read
}

// verdict is what a host has to complain about.
type verdict struct {
	overlaps, tooClose, tooSoon int
	least, silence              time.Duration
}

const (
	pagesPerFeed = 15
	pause        = 8 * time.Second // that strict hosts ask for
)

// serve starts so many hosts, each at an address of its own.
func serve(ctx context.Context, count int, gap time.Duration, seed uint64) ([]*host, error) {
	random := rand.New(rand.NewPCG(seed, 2))
	var hosts []*host
	for i := range count {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.1.%d.%d:0", i/250, 1+i%250))
		if err != nil {
			return nil, err
		}
		h := &host{
			address: "http://" + listener.Addr().String(), limit: gap, slow: 200 * time.Millisecond,
			feeds: map[string]*feed{}, unread: map[string]bool{}, refused: map[string]bool{}, pages: map[string][]string{}, strict: i%10 == 3,
		}
		if i%10 == 5 {
			h.limit = 2 * gap // and its robots.txt says so
		}
		if i%20 == 7 {
			h.slow = gap
		}
		h.verdict.least = time.Hour
		hosts = append(hosts, h)
		answer := &answerer{host: h, random: rand.New(rand.NewPCG(random.Uint64(), 3)), crawlDelay: h.limit > gap}
		server := &http.Server{Handler: answer, ReadHeaderTimeout: time.Minute}
		context.AfterFunc(ctx, func() { _ = server.Close() })
		go func() { _ = server.Serve(listener) }() // it ends with the context
	}
	for i, h := range hosts {
		h.next = hosts[(i+1)%count]
	}
	return hosts, nil
}

// answerer answers for a host.
type answerer struct {
	host       *host
	mu         sync.Mutex
	random     *rand.Rand
	crawlDelay bool
}

func (a *answerer) chance() float64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.random.Float64()
}

func (a *answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := a.host
	begun := h.begin(r.URL.Path)
	wait := time.NewTimer(time.Duration(a.chance() * float64(h.slow)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done(): // its process was killed
		h.end("")
		return
	}
	status, body, read := http.StatusOK, "", ""
	switch path := r.URL.Path; {
	case path == "/robots.txt":
		body = "User-agent: *\nDisallow: /never\n"
		if a.crawlDelay {
			body += fmt.Sprintf("Crawl-delay: %g\n", h.limit.Seconds())
		}
	case h.strict && a.chance() < .05:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(int(pause.Seconds())))
		h.forbid(path, begun.Add(pause))
	case strings.HasPrefix(path, "/feed/"):
		w.Header().Set("Content-Type", "application/rss+xml")
		body = h.feed(path)
	case strings.HasPrefix(path, "/from/"):
		w.Header().Set("Location", h.next.address+"/to/"+strings.TrimPrefix(path, "/from/"))
		status = http.StatusFound
		read = path
		h.next.expect("/to/" + strings.TrimPrefix(path, "/from/"))
	default:
		w.Header().Set("Content-Type", "text/html")
		body, read = page(path), path
	}
	w.WriteHeader(status)
	if _, err := io.WriteString(w, body); err != nil || r.Context().Err() != nil {
		read = "" // nobody has it
	}
	h.end(read)
}

// begin judges a request by the moment at which it arrives.
func (h *host) begin(path string) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if h.inFlight++; h.inFlight > 1 {
		h.verdict.overlaps++
	}
	if n := len(h.begins); n > 0 {
		gap := now.Sub(h.begins[n-1])
		h.verdict.least = min(h.verdict.least, gap)
		if gap < h.limit {
			h.verdict.tooClose++
		}
	}
	if now.Before(h.until) {
		h.verdict.tooSoon++
	}
	if !h.waiting.IsZero() {
		h.verdict.silence = max(h.verdict.silence, now.Sub(h.waiting))
		h.waiting = now
	}
	h.begins = append(h.begins, now)
	if _, listed := h.pages[path]; listed {
		h.pages[path] = append(h.pages[path], now.Format(time.TimeOnly))
	}
	if f := h.feeds[path]; f != nil {
		if f.asked++; f.asked == 1 {
			f.waited = now.Sub(f.added)
		}
	}
	return now
}

// end takes a request for over; read is the path of the page that it brought, if it brought one.
func (h *host) end(read string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inFlight--
	delete(h.unread, read)
	delete(h.refused, read)
	if len(h.unread) == 0 {
		h.waiting = time.Time{}
	}
}

// forbid asks for a pause instead of giving a page.
func (h *host) forbid(path string, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = until
	if h.unread[path] {
		h.refused[path] = true
	}
	delete(h.unread, path)
}

// add makes a feed, and gives its address.
func (h *host) add(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.feeds["/feed/"+name] = &feed{added: time.Now()}
	return h.address + "/feed/" + name
}

// expect says that a page is to be read.
func (h *host) expect(path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unread[path] = true
	if h.pages[path] == nil {
		h.pages[path] = []string{}
	}
	if h.waiting.IsZero() {
		h.waiting = time.Now()
	}
}

// feed lists a feed's pages, and expects them to be read from its first answer on.
func (h *host) feed(path string) string {
	h.mu.Lock()
	f := h.feeds[path]
	first := f != nil && !f.listed
	if first {
		f.listed = true
	}
	h.mu.Unlock()
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>A feed</title>`)
	for i := range pagesPerFeed {
		kind := "page"
		if i == 0 {
			kind = "from" // and leads to another host
		}
		link := fmt.Sprintf("/%s/%s-%d", kind, strings.TrimPrefix(path, "/feed/"), i)
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><link>%s</link><title>Item %d</title></item>`, link, h.address+link, i)
		if first {
			h.expect(link)
		}
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

func page(path string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><html lang=en><title>Story %s</title><article><h1>Story %s</h1>", path, path)
	for i := range 4 {
		fmt.Fprintf(&b, "<p>The council of the harbour town met for the %d. time about %s, and said that the quay would be mended before "+
			"the winter storms come, with money from the region.</p>", i+1, path)
	}
	b.WriteString("</article></html>")
	return b.String()
}
