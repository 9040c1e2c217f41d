package newssite

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Publisher is one of the site's newspapers. It serves its pages, feed, front page and robots.txt.
type Publisher struct {
	site  *Site
	house *house
	name  string
	index int

	hits     atomic.Uint64 // requests so far; the furniture of a page is drawn from it
	inFlight atomic.Int64

	// Guarded by the site's lock.
	order   []string          // ids in the order of publication
	paths   map[string]string // path, old or new, to id
	changed time.Time
}

func newPublisher(s *Site, index int) *Publisher {
	h, name := houseAt(index)
	return &Publisher{site: s, house: h, name: name, index: index, paths: map[string]string{}, changed: s.cfg.Start}
}

// Name is the newspaper's name, unique on the site.
func (p *Publisher) Name() string { return p.name }

// FeedPath is where the feed is.
func (p *Publisher) FeedPath() string { return p.house.feedPath }

// Article gives a copy of a story as it stands now, and false where this publisher has none of that id or has
// deleted it.
func (p *Publisher) Article(id string) (Story, bool) {
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.advance()
	story, ok := p.site.stories[id]
	if !ok || story.Publisher != p.name || story.gone != 0 {
		return Story{}, false
	}
	return story.clone(), true
}

// Stories gives copies of all stories that are not deleted, newest first.
func (p *Publisher) Stories() []Story {
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.advance()
	return p.live()
}

// live is Stories for a caller that holds the lock.
func (p *Publisher) live() []Story {
	stories := make([]Story, 0, len(p.order))
	for _, id := range p.order {
		if story := p.site.stories[id]; story.gone == 0 {
			stories = append(stories, story.clone())
		}
	}
	slices.SortStableFunc(stories, func(a, b Story) int { return b.Published.Compare(a.Published) })
	return stories
}

// Handler serves the publisher. Links in feeds and pages are made from the request's Host.
func (p *Publisher) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := &Request{
			At: p.site.cfg.Clock(), Publisher: p.name, Method: r.Method, Host: r.Host, Path: r.URL.RequestURI(),
			IfNoneMatch: r.Header.Get("If-None-Match"), IfModifiedSince: r.Header.Get("If-Modified-Since"),
			UserAgent: r.UserAgent(), InFlight: int(p.inFlight.Add(1)),
		}
		p.site.requests.begin(entry)
		sw := &statusWriter{ResponseWriter: w}
		defer func() {
			p.inFlight.Add(-1)
			p.site.requests.end(entry, sw.status)
		}()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(sw, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		p.route(sw, r)
	})
}

func (p *Publisher) route(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/robots.txt":
		p.send(w, r, answer{contentType: "text/plain; charset=utf-8", body: []byte(p.house.robots)})
	case consentPath:
		p.send(w, r, answer{contentType: "text/html; charset=utf-8", body: []byte(consentPage(p.name))})
	case p.house.feedPath:
		p.serveFeed(w, r)
	case "/":
		p.serveFront(w, r)
	default:
		p.serveStory(w, r)
	}
}

// found is what a path leads to.
type found struct {
	story  Story
	ok     bool
	others []Story
	fault  Fault
	at     time.Time
}

func (p *Publisher) find(path string) found {
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	p.site.advance()
	f := found{at: p.site.cfg.Clock(), others: p.live()}
	story, ok := p.site.stories[p.paths[path]]
	if !ok {
		return f
	}
	f.ok, f.story, f.fault = true, story.clone(), p.site.faults["story "+story.ID]
	f.others = slices.DeleteFunc(f.others, func(s Story) bool { return s.ID == story.ID })
	return f
}

// pathOf is the path that a story goes by: with the query, where that chooses the story.
func (p *Publisher) pathOf(r *http.Request) string {
	p.site.mu.Lock()
	defer p.site.mu.Unlock()
	if _, ok := p.paths[r.URL.RequestURI()]; ok {
		return r.URL.RequestURI()
	}
	return r.URL.Path
}

func (p *Publisher) serveStory(w http.ResponseWriter, r *http.Request) {
	path := p.pathOf(r)
	f := p.find(path)
	switch {
	case !f.ok:
		p.serveMissing(w, r, f, http.StatusNotFound)
		return
	case f.fault != NoFault:
		p.serveFault(w, r, f)
		return
	case f.story.gone != 0:
		p.serveMissing(w, r, f, f.story.gone)
		return
	case path != f.story.Path && path != f.story.FeedPath:
		http.Redirect(w, r, f.story.Path, http.StatusMovedPermanently)
		return
	}
	body, err := p.renderStory(r.Host, f)
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	a := answer{contentType: "text/html; charset=utf-8", body: body}
	switch p.house.etag {
	case editionETag:
		a.etag = fmt.Sprintf(`W/"%x-%d"`, hash(f.story.ID), f.story.edition)
	case pageETag:
		a.etag = fmt.Sprintf(`"%x"`, hash(string(body)))
	}
	if p.house.lastModified {
		a.modified = f.story.Modified
	}
	p.send(w, r, a)
}

func (p *Publisher) serveFront(w http.ResponseWriter, r *http.Request) {
	body, err := p.renderList(r.Host, p.find("/"), "")
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	p.send(w, r, answer{contentType: "text/html; charset=utf-8", body: body})
}

// serveMissing answers with a page full of furniture and without a story, as publishers do.
func (p *Publisher) serveMissing(w http.ResponseWriter, r *http.Request, f found, status int) {
	notice := "Sorry, we cannot find that page."
	if p.house.language == "de" {
		notice = "Diese Seite gibt es nicht oder nicht mehr."
	}
	body, err := p.renderList(r.Host, f, notice)
	if err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	p.send(w, r, answer{status: status, contentType: "text/html; charset=utf-8", body: body})
}

// answer is a body with its headers, before validators and compression.
type answer struct {
	status      int // 200 where it is 0
	contentType string
	body        []byte
	etag        string
	modified    time.Time
}

func (p *Publisher) send(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	if a.etag != "" {
		h.Set("ETag", a.etag)
	}
	if !a.modified.IsZero() {
		h.Set("Last-Modified", a.modified.UTC().Format(http.TimeFormat))
	}
	if notModified(r, a) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := a.body
	if p.house.gzip {
		h.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = compress(body)
		}
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the visitor has left; there is nobody to tell
	}
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body) // a bytes.Buffer never fails
	_ = z.Close()
	return b.Bytes()
}

// notModified follows RFC 9110: If-None-Match, compared weakly, goes before If-Modified-Since.
func notModified(r *http.Request, a answer) bool {
	if a.status != 0 {
		return false
	}
	if asked := r.Header.Values("If-None-Match"); len(asked) > 0 {
		want := strings.TrimPrefix(a.etag, "W/")
		for tag := range strings.SplitSeq(strings.Join(asked, ","), ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if a.etag != "" && (tag == want || tag == "*") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !a.modified.IsZero() && !a.modified.Truncate(time.Second).After(since)
}
