package feedpoller

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

// visit is a request to a simulated publisher, and what was said to it.
type visit struct {
	at     time.Time
	method string
	url    string // with host and query
	header http.Header
	status int
	said   http.Header // of the answer
	number int         // of the visits so far, from 0
}

func (v visit) etag() string     { return v.header.Get("If-None-Match") }
func (v visit) modified() string { return v.header.Get("If-Modified-Since") }
func (v visit) asks() bool       { return v.etag() != "" || v.modified() != "" }

// site is a publisher by a script. It notes every visit.
type site struct {
	mu     sync.Mutex
	began  time.Time
	visits []visit
	script func(s *site, v visit, w http.ResponseWriter)
	deaths []time.Time
	open   int // requests being answered
	most   int
}

// ServeHTTP follows the script.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.began.IsZero() {
		s.began = time.Now()
	}
	v := visit{at: time.Now(), method: r.Method, url: "http://" + r.Host + r.URL.RequestURI(), header: r.Header.Clone(), number: len(s.visits)}
	s.open++
	s.most = max(s.most, s.open)
	s.mu.Unlock()
	answer := &noting{ResponseWriter: w}
	s.script(s, v, answer)
	v.status, v.said = max(answer.status, http.StatusOK), answer.Header().Clone()
	if answer.status != 0 {
		v.status = answer.status
	}
	s.mu.Lock()
	s.visits = append(s.visits, v)
	s.open--
	s.mu.Unlock()
}

type noting struct {
	http.ResponseWriter
	status int
}

func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// edition is how often the feed has changed: every six hours.
func (s *site) edition(v visit) int { return int(v.at.Sub(s.began) / (6 * time.Hour)) }

// write sends the feed of an edition, with the newest ten of its items.
func write(w http.ResponseWriter, edition int, extra string) {
	var entries []string
	for n := edition; n > edition-10; n-- {
		entries = append(entries, fmt.Sprintf("%d=Story %d", n+10, n+10))
	}
	_, _ = fmt.Fprint(w, strings.Replace(rss(entries...), "<channel>", "<channel><link>http://paper.example/</link>"+extra, 1))
}

// validators gives those of an edition, such as no program would make up.
func validators(edition int) (etag, modified string) {
	return fmt.Sprintf(`W/"edition %d"-gzip`, edition), fmt.Sprintf("Mon, 04 May 26 %02d:00 (edition %d)", edition%24, edition)
}

// careful answers as a good server does.
func careful(s *site, v visit, w http.ResponseWriter) {
	edition := s.edition(v)
	etag, modified := validators(edition)
	w.Header()["Etag"], w.Header()["Last-Modified"] = []string{etag}, []string{modified}
	if v.etag() == etag || v.etag() == "" && v.modified() == modified {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	write(w, edition, "")
}

const paper = "http://paper.example/feed"

// crashes are five, in what is a month or the first days of it, depending on how often the feed is polled.
func crashes() []int { return []int{17, 62, 131, 222, 301} }

// month runs a script against one feed for thirty days with five crashes.
func month(t *testing.T, script func(s *site, v visit, w http.ResponseWriter)) (*site, *memory) {
	t.Helper()
	s := &site{script: script}
	m, _ := simulation{days: 30, urls: []string{paper}, crashes: crashes(), handler: s}.run(t)
	if len(s.visits) < 10 {
		t.Fatalf("%d visits in a month", len(s.visits))
	}
	return s, m
}

// spaced checks the time between two visits in a row for which both ends satisfy what is asked. A poller that died
// before it could note an answer cannot know what the answer asked for; it still waits an hour.
func (s *site) spaced(t *testing.T, least time.Duration, between func(before, after visit) bool) {
	t.Helper()
	count := 0
	for i := 1; i < len(s.visits); i++ {
		before, after := s.visits[i-1], s.visits[i]
		if !between(before, after) {
			continue
		}
		count++
		wanted := least
		if s.forgot(before) {
			wanted = min(least, time.Hour-early)
		}
		if gap := after.at.Sub(before.at); gap < wanted {
			t.Errorf("visit %d came %v after the one before, want at least %v", i, gap, wanted)
		}
	}
	if count == 0 {
		t.Error("there was nothing to compare")
	}
}

// forgot says that the poller died within the minute after a visit.
func (s *site) forgot(v visit) bool {
	for _, death := range s.deaths {
		if since := death.Sub(v.at); since >= 0 && since < time.Minute {
			return true
		}
	}
	return false
}

func all(visit, visit) bool { return true }

func behind(status int) func(before, after visit) bool {
	return func(before, _ visit) bool { return before.status == status }
}

func (s *site) every(t *testing.T, what string, holds func(v visit) bool) {
	t.Helper()
	for _, v := range s.visits {
		if !holds(v) {
			t.Errorf("%s: visit %d after %v, %v", what, v.number, v.at.Sub(s.began), v.header)
			return
		}
	}
}

// said says whether the value was sent to a visitor before.
func said(s *site, by visit, header, value string) bool {
	return slices.ContainsFunc(s.visits[:by.number], func(v visit) bool { return v.said.Get(header) == value })
}

// follows checks that what was said last is sent next, but for those visits after which the process died.
func follows(t *testing.T, s *site, header string) {
	t.Helper()
	missed := 0
	for i := 1; i < len(s.visits); i++ {
		if s.visits[i].etag() != s.visits[i-1].said.Get(header) {
			missed++
		}
	}
	if missed > len(crashes()) {
		t.Errorf("%d of %d visits sent something else than the newest %s", missed, len(s.visits), header)
	}
}

func pauses(t *testing.T, status int) {
	for name, c := range map[string]struct {
		header string
		least  time.Duration
	}{
		"seconds": {"18000", 5 * time.Hour}, "a date": {"date", 5 * time.Hour}, "months": {"31536000", 24 * time.Hour}, "nothing": {"", 0},
	} {
		s, _ := month(t, func(s *site, v visit, w http.ResponseWriter) {
			if v.number >= 5 {
				switch c.header {
				case "":
				case "date":
					w.Header().Set("Retry-After", v.at.Add(5*time.Hour).UTC().Format(http.TimeFormat))
				default:
					w.Header().Set("Retry-After", c.header)
				}
				w.WriteHeader(status)
				return
			}
			careful(s, v, w)
		})
		if c.least > 0 {
			s.spaced(t, c.least-time.Second, behind(status)) // dates have no fractions of a second
		} else {
			grow(t, s, status)
		}
		_ = name
	}
}

// grow checks that pauses become longer with every refusal, up to a day.
func grow(t *testing.T, s *site, status int) {
	t.Helper()
	before := time.Duration(0)
	refused := 0
	for i := 1; i < len(s.visits); i++ {
		gap := s.visits[i].at.Sub(s.visits[i-1].at)
		if s.visits[i-1].status != status {
			before = 0
			continue
		}
		refused++
		if gap < min(before, 24*time.Hour) {
			t.Errorf("visit %d came %v after a %d, and the one before %v after", i, gap, status, before)
		}
		before = gap
	}
	if refused < 5 || before < 20*time.Hour {
		t.Errorf("%d refusals, at last %v apart", refused, before)
	}
}

func sendTo(w http.ResponseWriter, location string) {
	w.Header().Set("Location", location)
	w.WriteHeader(http.StatusFound)
}

// chain redirects some times before the feed comes; for ever if the number is negative.
func chain(length int) func(s *site, v visit, w http.ResponseWriter) {
	return func(s *site, v visit, w http.ResponseWriter) {
		hop := 0
		_, _ = fmt.Sscanf(v.url, paper+"/%d", &hop)
		switch {
		case length < 0 && hop == 0:
			sendTo(w, paper+"/1")
		case length < 0:
			sendTo(w, paper)
		case hop < length:
			sendTo(w, fmt.Sprintf("%s/%d", paper, hop+1))
		default:
			careful(s, v, w)
		}
	}
}

// packing writes into a packed body.
type packing struct {
	http.ResponseWriter
	packed *gzip.Writer
}

func (p packing) Write(text []byte) (int, error) { return p.packed.Write(text) }

func (m *memory) feed(t *testing.T) article.Feed {
	t.Helper()
	if len(m.feeds) != 1 {
		t.Fatalf("%d feeds", len(m.feeds))
	}
	var f article.Feed
	for _, there := range m.feeds {
		if err := json.Unmarshal(there.data, &f); err != nil {
			t.Fatal(err)
		}
	}
	return f
}
