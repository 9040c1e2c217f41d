package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// served is a page as it stands now.
type served struct {
	page
	host      string    // where it is served, empty for wherever the feed is
	rotating  *rotation // nil without --rotate
	edits     int
	furniture int
	published time.Time
	modified  time.Time
}

// change is an entry of the log of what was done to the pages.
type change struct {
	At   time.Time `json:"at"`
	Page string    `json:"page"`
	Path string    `json:"path"`
	Kind string    `json:"kind"` // edit or furniture
	Old  string    `json:"old,omitempty"`
	New  string    `json:"new,omitempty"`
}

// visit is an entry of the log of requests.
type visit struct {
	At              time.Time `json:"at"`
	Path            string    `json:"path"`
	Status          int       `json:"status"`
	IfNoneMatch     string    `json:"ifNoneMatch,omitempty"`
	IfModifiedSince string    `json:"ifModifiedSince,omitempty"`
}

// visitsKept bounds the log of requests.
const visitsKept = 200_000

type server struct {
	size int

	mu      sync.Mutex
	pages   []*served
	byPath  map[string]*served
	next    int // the page at which the next edit begins
	changes []change
	visits  []visit
	dropped int
}

func newServer(pages []page, size int) *server {
	s := &server{size: size, byPath: map[string]*served{}, changes: []change{}, visits: []visit{}}
	now := time.Now()
	for i, p := range pages {
		at := now.Add(-time.Duration(i) * time.Minute)
		page := &served{page: p, published: at, modified: at}
		s.pages = append(s.pages, page)
		s.byPath[page.path()] = page
	}
	return s
}

func (p *served) path() string { return "/pages/" + p.id + ".html" }

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /feed.xml", s.feed)
	mux.HandleFunc("GET /pages/{name}", s.page)
	mux.HandleFunc("POST /admin/edit", s.edit)
	mux.HandleFunc("POST /admin/furniture", s.furnish)
	mux.HandleFunc("GET /admin/log", s.log)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, content{kind: "text/plain", body: []byte("User-agent: *\nDisallow: /admin/\n")})
	})
	return mux
}

type content struct {
	kind     string
	body     []byte
	modified time.Time
}

// answer sends a content with validators, or 304, and logs the visit.
func (s *server) answer(w http.ResponseWriter, r *http.Request, c content) {
	sum := fnv.New64a()
	_, _ = sum.Write(c.body) // never fails
	tag := fmt.Sprintf(`"%x"`, sum.Sum64())
	w.Header().Set("ETag", tag)
	if !c.modified.IsZero() {
		w.Header().Set("Last-Modified", c.modified.UTC().Format(http.TimeFormat))
	}
	status := http.StatusOK
	match := r.Header.Get("If-None-Match")
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	if match != "" {
		if strings.Contains(match, tag) {
			status = http.StatusNotModified
		}
	} else if err == nil && !c.modified.IsZero() && !c.modified.Truncate(time.Second).After(since) {
		status = http.StatusNotModified
	}
	s.visit(r, status)
	if status == http.StatusOK {
		w.Header().Set("Content-Type", c.kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(c.body)))
	}
	w.WriteHeader(status)
	if status == http.StatusOK {
		_, _ = w.Write(c.body) // the visitor has left
	}
}

func (s *server) visit(r *http.Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.visits) >= visitsKept {
		s.dropped++
		return
	}
	s.visits = append(s.visits, visit{
		At: time.Now(), Path: r.URL.Path, Status: status,
		IfNoneMatch: r.Header.Get("If-None-Match"), IfModifiedSince: r.Header.Get("If-Modified-Since"),
	})
}

func (s *server) page(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p, ok := s.byPath[r.URL.Path]
	if !ok {
		s.mu.Unlock()
		s.visit(r, http.StatusNotFound)
		http.NotFound(w, r)
		return
	}
	now := *p
	s.mu.Unlock()
	// The content type says nothing of a charset: old pages differ, and declare it themselves.
	s.answer(w, r, content{kind: "text/html", body: now.render(s.size), modified: now.modified})
}

// render gives the page with its furniture, padded to a size.
func (p served) render(size int) []byte {
	body := p.html
	switch {
	case p.rotating != nil:
		body = p.rotating.at(p.furniture)
	case p.furniture > 0:
		body = p.refurnish()
	}
	if missing := size - len(body); missing > 0 {
		// Comments are what real pages are padded with: no reader sees them.
		line := []byte("\n<!-- padding: a page is mostly what nobody reads -->")
		padding := bytes.Repeat(line, missing/len(line)+1)
		body = insertBefore(body, "</body>", padding)
	}
	return body
}

// refurnish puts a side bar after the beginning of the body and lists and counters before its end, other ones every
// time.
func (p served) refurnish() []byte {
	n := p.furniture
	var side, foot strings.Builder
	side.WriteString(`<nav class="side-links"><ul>`)
	foot.WriteString(`<aside class="most-read"><h2>Most read</h2><ol>`)
	for i := range 5 {
		fmt.Fprintf(&side, `<li><a href="/topics/%d">%s</a></li>`, n*7+i, teasers[(n+i)%len(teasers)])
		fmt.Fprintf(&foot, `<li><a href="/pages/other-%d.html">%s</a></li>`, n*5+i, teasers[(n*3+i)%len(teasers)])
	}
	side.WriteString("</ul></nav>")
	fmt.Fprintf(&foot, `</ol><p>%d comments. %d people are reading this page. Updated %d minutes ago.</p></aside>`,
		n*13%400, n*131%5000, 1+n*17%59)
	body := insertBefore(p.html, "</body>", []byte(foot.String()))
	from := bytes.Index(lower(body), []byte("<body"))
	if from < 0 {
		return body
	}
	end := bytes.IndexByte(body[from:], '>')
	if end < 0 {
		return body
	}
	return insert(body, from+end+1, []byte(side.String()))
}

var teasers = [...]string{
	"Bakers fear the price of butter", "A walk along the old tramway", "The choir that sings to seals", "Why the clock is always late",
	"Seven gardens open on Sunday", "A letter arrives after sixty years", "What the frost did to the vines", "Chess in the launderette",
}

// insertBefore puts a text before the last place of a tag, or at the end where there is none.
func insertBefore(body []byte, tag string, text []byte) []byte {
	at := bytes.LastIndex(lower(body), []byte(tag))
	if at < 0 {
		at = len(body)
	}
	return insert(body, at, text)
}

func insert(body []byte, at int, text []byte) []byte {
	out := make([]byte, 0, len(body)+len(text))
	return append(append(append(out, body[:at]...), text...), body[at:]...)
}

type feedItem struct {
	Title     string `xml:"title"`
	Link      string `xml:"link"`
	GUID      string `xml:"guid"`
	Published string `xml:"pubDate"`
}

func (s *server) feed(w http.ResponseWriter, r *http.Request) {
	type document struct {
		XMLName xml.Name   `xml:"rss"`
		Version string     `xml:"version,attr"`
		Title   string     `xml:"channel>title"`
		Link    string     `xml:"channel>link"`
		About   string     `xml:"channel>description"`
		Items   []feedItem `xml:"channel>item"`
	}
	base := "http://" + r.Host
	doc := document{Version: "2.0", Title: "Pages under load", Link: base + "/", About: "Pages of an archive"}
	s.mu.Lock()
	for _, p := range s.pages {
		link := "http://" + cmp.Or(p.host, r.Host) + p.path()
		doc.Items = append(doc.Items, feedItem{p.title(), link, link, p.published.UTC().Format(time.RFC1123Z)})
	}
	s.mu.Unlock()
	body, err := xml.Marshal(doc)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.answer(w, r, content{kind: "application/rss+xml; charset=utf-8", body: append([]byte(xml.Header), body...)})
}

// title is the page's title in UTF-8; what is not UTF-8 in it is replaced.
func (p *served) title() string {
	text := lower(p.html)
	from := bytes.Index(text, []byte("<title"))
	if from < 0 {
		return p.id
	}
	open := bytes.IndexByte(text[from:], '>')
	end := bytes.Index(text[from:], []byte("</title>"))
	if open < 0 || end < open {
		return p.id
	}
	return strings.ToValidUTF8(collapse(html.UnescapeString(string(p.html[from+open+1:from+end]))), "\ufffd")
}

// edit changes words of the article in n pages, going round all of them from where the last call stopped.
func (s *server) edit(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.URL.Query().Get("n"))
	if err != nil || n < 1 {
		n = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	done := []change{}
	for tried := 0; tried < len(s.pages) && len(done) < n; tried++ {
		p := s.pages[s.next%len(s.pages)]
		s.next++
		if c, ok := p.editBody(); ok {
			done = append(done, c)
		}
	}
	s.changes = append(s.changes, done...)
	reply(w, done)
}

// editBody replaces the second, third and fourth word of the first long text of the article, differently each time.
func (p *served) editBody() (change, bool) {
	t, ok := findTarget(p.page)
	if !ok {
		return change{}, false
	}
	p.edits++
	words := strings.SplitN(t.text, " ", 5)
	if len(words) < 5 {
		words = []string{"", "", "", "", t.text} // a script without spaces: words go before
	}
	with := collapse(words[0] + " " + replacements[p.edits%len(replacements)] + " " + words[4])
	p.html = bytes.Join([][]byte{p.html[:t.at], []byte(html.EscapeString(with)), p.html[t.end:]}, nil)
	p.body = strings.Replace(collapse(p.body), t.text, with, 1)
	if p.rotating != nil {
		p.rotating = rotate(p.page)
	}
	p.modified = time.Now()
	return change{At: p.modified, Page: p.id, Path: p.path(), Kind: "edit", Old: t.text, New: with}, true
}

var replacements = [...]string{"after long hesitation nobody", "with some delay everyone", "against all advice twelve", "in plain daylight somebody"}

func (s *server) furnish(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, p := range s.pages {
		p.furniture++
		p.modified = now
		s.changes = append(s.changes, change{At: now, Page: p.id, Path: p.path(), Kind: "furniture"})
	}
	reply(w, map[string]int{"pages": len(s.pages)})
}

// log tells what was changed and asked, all of it or, with a number of requests and changes to skip, what is new.
func (s *server) log(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	reply(w, map[string]any{
		"pages": len(s.pages), "changes": s.changes[skip(r, "changes", len(s.changes)):],
		"requests": s.visits[skip(r, "requests", len(s.visits)):], "requestsDropped": s.dropped,
	})
}

func skip(r *http.Request, name string, most int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return 0
	}
	return min(max(n, 0), most)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the visitor has left
}
