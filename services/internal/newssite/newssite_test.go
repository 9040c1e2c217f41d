package newssite

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 3, 12, 8, 0, 0, 0, time.UTC)

func demo(t *testing.T, cfg Config) (*Site, *ManualClock) {
	t.Helper()
	clock := NewManualClock(start)
	cfg.Clock, cfg.Speed = clock.Now, 60
	return New(cfg), clock
}

// get asks a publisher's handler without a network.
func get(p *Publisher, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://paper.example"+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, r)
	return w
}

func TestWrittenStories(t *testing.T) {
	scripts, err := writtenScripts()
	if err != nil {
		t.Fatal(err)
	}
	languages := map[string]int{}
	still := 0
	for _, sc := range scripts {
		s := sc.story
		languages[s.Language]++
		if n := len(s.Paragraphs); n < 6 || n > 12 {
			t.Errorf("%s has %d paragraphs", s.ID, n)
		}
		if s.Title == "" || s.Standfirst == "" || s.Byline == "" || s.Slug == "" || s.Section == "" {
			t.Errorf("%s lacks a head line: %+v", s.ID, s)
		}
		if len(sc.edits) == 0 {
			still++
		}
		var last time.Duration
		for _, e := range sc.edits {
			before := s.Text() + s.Byline
			if !s.try(e.ops) {
				t.Errorf("%s at %s: %v does not apply", s.ID, e.after, e.ops)
			}
			changes := e.kind != Deleted && e.kind != Undeleted && e.kind != Moved
			if changes && before == s.Text()+s.Byline {
				t.Errorf("%s at %s changes nothing", s.ID, e.after)
			}
			if e.after <= last {
				t.Errorf("%s: the edit at %s is out of order", s.ID, e.after)
			}
			last = e.after
		}
	}
	if len(scripts) < 14 || languages["en"] < 9 || languages["de"] < 3 || len(languages) < 5 || still == 0 {
		t.Errorf("%d stories, %v, %d never edited", len(scripts), languages, still)
	}
}

func TestParseScriptRefuses(t *testing.T) {
	for _, text := range []string{
		"title: no body", "colour: red\n\nText.", "publisher: many\n\nText.", "published: soon\n\nText.",
		"title: a\n\nText.\n\n@ 1h\n", "title: a\n\nText.\n\n@ soon edited\n", "title: a\n\nText.\n\n@ 1h party\n",
		"title: a\n\nText.\n\n@ 1h edited\n~ no arrow", "title: a\n\nText.\n\n@ 1h edited\n? what",
	} {
		if _, err := parseScript(text); err == nil {
			t.Errorf("parseScript(%q) took it", text)
		}
	}
}

func TestDemoIsLivelyEarly(t *testing.T) {
	site, clock := demo(t, Config{Seed: 1})
	for range 20 {
		clock.Advance(time.Second)
	}
	early := edits(site.Truth())
	clock.Advance(20 * time.Second)
	truth := site.Truth()
	seen := edits(truth)
	if len(early) < 3 || len(seen) < 12 {
		t.Errorf("%d edits in 20 s, %d in 40 s", len(early), len(seen))
	}
	kinds := map[Kind]bool{}
	for _, e := range seen {
		kinds[e.Kind] = true
		if e.Publisher == "" || e.URL == "" || e.Story == "" || e.At.Before(start) || e.At.After(clock.Now()) {
			t.Errorf("incomplete event %+v", e)
		}
	}
	for _, k := range []Kind{Number, Headline, Correction, Deleted, Undeleted, Moved, Typo} {
		if !kinds[k] {
			t.Errorf("no %s in 40 s, only %v", k, kinds)
		}
	}
	for i := 1; i < len(truth); i++ {
		if truth[i].At.Before(truth[i-1].At) {
			t.Fatalf("the log goes back in time at %d", i)
		}
	}
}

func edits(truth []Event) []Event {
	var out []Event
	for _, e := range truth {
		if e.Kind != Published {
			out = append(out, e)
		}
	}
	return out
}

func TestDemoStaysLively(t *testing.T) {
	site, clock := demo(t, Config{Seed: 7})
	before := 0
	seen := map[Kind]bool{}
	for minute := range 45 {
		clock.Advance(time.Minute)
		truth := site.Truth()
		if len(truth)-before < 1 {
			t.Errorf("nothing happened in minute %d", minute)
		}
		before = len(truth)
		for _, e := range truth {
			seen[e.Kind] = true
		}
	}
	for _, k := range kinds {
		if !seen[k] {
			t.Errorf("no %s in 45 minutes", k)
		}
	}
}

func TestSeedDecides(t *testing.T) {
	history := func(seed uint64, steps int) string {
		site, clock := demo(t, Config{Seed: seed, Stories: 20})
		for range steps {
			clock.Advance(10 * time.Minute / time.Duration(steps))
			site.Truth()
		}
		var b bytes.Buffer
		if err := site.TruthJSONL(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if diff := cmp.Diff(history(3, 1), history(3, 40)); diff != "" {
		t.Errorf("how often one looks changes the history:\n%s", diff)
	}
	if history(3, 1) == history(4, 1) {
		t.Error("two seeds give one history")
	}
}

func TestGeneratedStories(t *testing.T) {
	site, clock := demo(t, Config{Seed: 5, Stories: 300, Publishers: 50, Empty: true})
	names := map[string]bool{}
	total := 0
	for _, p := range site.Publishers() {
		names[p.Name()] = true
		for _, s := range p.Stories() {
			total++
			if strings.ContainsAny(s.Text(), "{}") || len(s.Paragraphs) < 6 {
				t.Errorf("%s: %q", s.ID, s.Text())
			}
		}
	}
	if len(names) != 50 || total != 300 {
		t.Errorf("%d names, %d stories", len(names), total)
	}
	planned := len(site.plan)
	clock.Advance(time.Hour)
	if got := len(edits(site.Truth())); got != planned {
		t.Errorf("%d of %d planned edits happened", got, planned)
	}
}

func TestPagesHoldTheStory(t *testing.T) {
	site, _ := demo(t, Config{Seed: 1})
	for _, p := range site.Publishers() {
		for _, s := range p.Stories() {
			w := get(p, s.Path)
			body := unescape(w.Body.String())
			if w.Code != http.StatusOK {
				t.Fatalf("%s answers %d", s.Path, w.Code)
			}
			for _, para := range blocksOf(s.Paragraphs) {
				if !strings.Contains(body, para.Text) {
					t.Errorf("%s %s lacks %q", p.Name(), s.ID, para.Text)
				}
			}
			for _, want := range []string{"application/ld+json", `property="og:title"`, `rel="canonical"`, s.Title, s.Standfirst, s.Byline} {
				if !strings.Contains(body, want) {
					t.Errorf("%s %s lacks %q", p.Name(), s.ID, want)
				}
			}
			if again := unescape(get(p, s.Path).Body.String()); again == body {
				t.Errorf("%s %s: the furniture stands still", p.Name(), s.ID)
			}
			linked := linkedData(t, w.Body.String())
			if linked["headline"] != s.Title {
				t.Errorf("%s: JSON-LD headline %v", s.ID, linked["headline"])
			}
		}
	}
}

func linkedData(t *testing.T, page string) map[string]any {
	t.Helper()
	_, rest, _ := strings.Cut(page, `<script type="application/ld+json">`)
	data, _, _ := strings.Cut(rest, "</script>")
	var linked map[string]any
	if err := json.Unmarshal([]byte(data), &linked); err != nil {
		t.Fatalf("reading JSON-LD %q: %v", data, err)
	}
	return linked
}

func unescape(page string) string {
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&", "&#43;", "+").Replace(page)
}

func TestValidators(t *testing.T) {
	site, _ := demo(t, Config{Seed: 1})
	for i, p := range site.Publishers() {
		s := p.Stories()[0]
		stable := i == 0 || i == 2
		first := get(p, s.Path)
		again := get(p, s.Path, "If-None-Match", first.Header().Get("ETag"), "If-Modified-Since", first.Header().Get("Last-Modified"))
		if (again.Code == http.StatusNotModified) != stable {
			t.Errorf("%s: a page asked again answers %d", p.Name(), again.Code)
		}
		feed := get(p, p.FeedPath())
		tag := feed.Header().Get("ETag")
		if w := get(p, p.FeedPath(), "If-None-Match", `"other", W/`+tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s: the feed asked again answers %d", p.Name(), w.Code)
		}
		if err := site.Edit(s.ID, func(s *Story) { s.Title += " (updated)" }); err != nil {
			t.Fatal(err)
		}
		if w := get(p, p.FeedPath(), "If-None-Match", tag); w.Code != http.StatusOK {
			t.Errorf("%s: the changed feed answers %d", p.Name(), w.Code)
		}
		if w := get(p, s.Path, "If-None-Match", first.Header().Get("ETag")); w.Code != http.StatusOK {
			t.Errorf("%s: the changed page answers %d", p.Name(), w.Code)
		}
	}
	log := site.Requests()
	if log[1].IfNoneMatch == "" || log[1].Status != http.StatusNotModified || log[1].InFlight != 1 || log[1].Host != "paper.example" {
		t.Errorf("request log: %+v", log[1])
	}
	p := site.Publishers()[0]
	modified := get(p, p.Stories()[1].Path).Header().Get("Last-Modified")
	if w := get(p, p.Stories()[1].Path, "If-Modified-Since", modified); w.Code != http.StatusNotModified {
		t.Errorf("If-Modified-Since alone answers %d", w.Code)
	}
}

func TestFeedsParse(t *testing.T) {
	site, _ := demo(t, Config{Seed: 1, Stories: 200})
	for i, p := range site.Publishers() {
		body := get(p, p.FeedPath()).Body.Bytes()
		items := 0
		if i == 3 {
			var doc struct{ Items []struct{ URL, Title string } }
			if err := json.Unmarshal(body, &doc); err != nil {
				t.Fatalf("%s: %v", p.Name(), err)
			}
			items = len(doc.Items)
		} else {
			var doc struct {
				Items   []struct{ Link, Title string } `xml:"channel>item"`
				Entries []struct{ Title string }       `xml:"entry"`
			}
			if err := xml.Unmarshal(body, &doc); err != nil {
				t.Fatalf("%s: %v", p.Name(), err)
			}
			items = len(doc.Items) + len(doc.Entries)
		}
		if items != feedItems {
			t.Errorf("%s: %d items", p.Name(), items)
		}
		if robots := get(p, "/robots.txt"); !strings.Contains(robots.Body.String(), "User-agent: *") {
			t.Errorf("%s: robots.txt %q", p.Name(), robots.Body)
		}
		if front := get(p, "/"); !strings.Contains(front.Body.String(), p.FeedPath()) {
			t.Errorf("%s: the front page does not name the feed", p.Name())
		}
	}
}

func TestHooks(t *testing.T) {
	site, clock := demo(t, Config{Empty: true, Publishers: 2})
	p := site.Publishers()[1]
	id := site.Publish(Story{Publisher: p.Name(), Title: "A goat on the roof", Section: "News", Paragraphs: []string{"One.", "Two."}})
	clock.Advance(time.Minute)
	story, ok := p.Article(id)
	if !ok || !story.Published.Equal(start) || story.Language != "en" {
		t.Fatalf("Article = %+v, %v", story, ok)
	}
	old := story.Path
	steps := []struct {
		do     func() error
		path   string
		status int
	}{
		{func() error { return site.Edit(id, func(s *Story) { s.Paragraphs[1] = "Two goats." }) }, old, 200},
		{func() error { return site.Move(id, "/goats") }, old, 301},
		{func() error { return nil }, "/goats", 200},
		{func() error { return site.Delete(id) }, "/goats", 404},
		{func() error { return site.DeleteWith(id, 410) }, "/goats", 410},
		{func() error { return site.Restore(id) }, "/goats", 200},
		{func() error { return nil }, "/never", 404},
	}
	for i, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if w := get(p, step.path); w.Code != step.status {
			t.Errorf("step %d: %s answers %d, want %d", i, step.path, w.Code, step.status)
		}
	}
	var kinds []Kind
	for _, e := range site.Truth() {
		kinds = append(kinds, e.Kind)
	}
	if diff := cmp.Diff([]Kind{Published, Edited, Moved, Deleted, Deleted, Undeleted}, kinds); diff != "" {
		t.Error(diff)
	}
	site.Publish(Story{ID: id, Title: "Another"})
	if w := get(p, "/goats"); w.Code != 404 {
		t.Errorf("a replaced story still answers %d", w.Code)
	}
	for _, err := range []error{site.Edit("no", func(*Story) {}), site.Move("no", "/"), site.Delete("no"), site.Fail("no", Empty)} {
		if !errors.Is(err, ErrNoStory) {
			t.Errorf("%v is not ErrNoStory", err)
		}
	}
	if site.FailFeed("no", Empty) == nil || site.DeleteWith(id, 200) == nil {
		t.Error("nonsense was taken")
	}
}

func TestGzip(t *testing.T) {
	site, _ := demo(t, Config{})
	p := site.Publishers()[1]
	w := get(p, p.FeedPath(), "Accept-Encoding", "br, gzip")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil || !bytes.Contains(body, []byte("<rss")) {
		t.Errorf("%v, %.80q", err, body)
	}
}

// TestServe asks over a real network: each publisher has a port, and what never ends is broken off by the visitor or by
// the end of the context.
func TestServe(t *testing.T) {
	site, _ := demo(t, Config{Seed: 1})
	addresses, err := site.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(site.Wait)
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i, a := range addresses {
		body := fetch(t, client, a.FeedURL)
		if !strings.Contains(body, a.URL) {
			t.Errorf("the feed of %s does not link to it", a.Name)
		}
		p := site.Publishers()[i]
		story := p.Stories()[0]
		for _, fault := range []Fault{Slow, EndlessBody} {
			if err := site.Fail(story.ID, fault); err != nil {
				t.Fatal(err)
			}
			resp, err := client.Get(strings.TrimSuffix(a.URL, "/") + story.Path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil {
				t.Errorf("%s: %v", fault, err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if n := len(site.Requests()); n != 3*len(addresses) {
		t.Errorf("%d requests in the log", n)
	}
}

func TestServeRefusesTakenPort(t *testing.T) {
	taken := httptest.NewServer(http.NotFoundHandler())
	defer taken.Close()
	var port int
	if _, err := fmt.Sscanf(taken.URL, "http://127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	site, _ := demo(t, Config{Port: port, Publishers: 1})
	if _, err := site.Serve(t.Context()); err == nil {
		t.Error("listened on a port that is taken")
	}
}

func fetch(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, resp.StatusCode, err)
	}
	return string(body)
}

func FuzzParseScript(f *testing.F) {
	f.Add("title: a\npublished: -1h\n\nText.\n\n@ 1h edited why\n~ Text => Words")
	f.Add("title: a\n\nText.\n\nMore.\n\n@ 1h moved-paragraph\n> More => Text\n\n@ 2h cut\n- Text")
	f.Add("title: a\n\n@ 1h cut\n- \n< \n+ ^ => x\n>  => ")
	f.Fuzz(func(t *testing.T, text string) {
		sc, err := parseScript(text)
		if err != nil {
			return
		}
		for _, e := range sc.edits {
			sc.story.try(e.ops)
		}
	})
}
