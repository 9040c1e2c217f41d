package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const paragraph = "The mayor's boat left the quay at noon with a brass band, two goats and the whole of the finance committee on board."

// archiveOf makes a tar as the tool reads it.
func archiveOf(t *testing.T, pages map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	add := func(name string, body []byte) {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	truth := map[string]map[string]string{}
	for id, text := range pages {
		var z bytes.Buffer
		zip := gzip.NewWriter(&z)
		_, _ = zip.Write([]byte(text))
		_ = zip.Close()
		add("html/"+id+".html.gz", z.Bytes())
		truth[id] = map[string]string{"articleBody": "Short.\n\n" + paragraph, "url": "https://paper.example/" + id}
	}
	body, err := json.Marshal(truth)
	if err != nil {
		t.Fatal(err)
	}
	add("ground-truth.json", body)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const pageText = `<!doctype html><html><HEAD><title>Goats &amp; boats</title><meta content="The mayor's boat"></HEAD><body class="x">
<script>var s = "The mayor's boat left the quay at noon with a brass band, two goats and the whole of the finance committee on board.";</script>
<p>Short.</p><p>The mayor&#39;s boat left the quay at noon with a brass band,
two goats and the whole of the finance committee on board.</p></BODY></html>`

func testServer(t *testing.T, size, copies int) *httptest.Server {
	t.Helper()
	pages, err := readPages(bytes.NewReader(archiveOf(t, map[string]string{"a": pageText, "b": pageText})))
	if err != nil {
		t.Fatal(err)
	}
	if copies > 0 {
		pages = multiply(pages, copies)
	}
	srv := httptest.NewServer(newServer(pages, size).handler())
	t.Cleanup(srv.Close)
	return srv
}

func ask(t *testing.T, method, url, tag string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, b.String(), resp.Header
}

func TestEditAndFurniture(t *testing.T) {
	srv := testServer(t, 0, 0)
	url := srv.URL + "/pages/a.html"
	_, first, head := ask(t, "GET", url, "")
	if first != pageText {
		t.Fatalf("page = %q", first)
	}
	if status, _, _ := ask(t, "GET", url, head.Get("ETag")); status != 304 {
		t.Errorf("asked again: %d", status)
	}
	ask(t, "POST", srv.URL+"/admin/furniture", "")
	_, furnished, head := ask(t, "GET", url, head.Get("ETag"))
	if !strings.Contains(furnished, "Most read") || !strings.Contains(furnished, "side-links") || !strings.Contains(furnished, "<p>Short.</p>") {
		t.Errorf("furnished = %q", furnished)
	}
	_, reply, _ := ask(t, "POST", srv.URL+"/admin/edit?n=1", "")
	var changes []change
	if err := json.Unmarshal([]byte(reply), &changes); err != nil || len(changes) != 1 || changes[0].Page != "a" || changes[0].Old != paragraph {
		t.Fatalf("%v, %s", err, reply)
	}
	status, edited, _ := ask(t, "GET", url, head.Get("ETag"))
	if status != 200 || !strings.Contains(edited, "with some delay everyone the quay") || !strings.Contains(edited, `var s = "The mayor's boat left`) {
		t.Errorf("%d, edited = %q", status, edited)
	}
	ask(t, "POST", srv.URL+"/admin/edit?n=2", "")
	var log struct {
		Changes  []change
		Requests []visit
	}
	_, text, _ := ask(t, "GET", srv.URL+"/admin/log", "")
	if err := json.Unmarshal([]byte(text), &log); err != nil || len(log.Changes) != 5 || len(log.Requests) != 4 || log.Requests[1].IfNoneMatch == "" {
		t.Errorf("%v, log = %s", err, text)
	}
}

// What rotates changes at every reading and leaves the article alone; an edit is seen through it.
func TestRotation(t *testing.T) {
	pages, err := readPages(bytes.NewReader(archiveOf(t, map[string]string{"a": pageText, "b": pageText})))
	if err != nil {
		t.Fatal(err)
	}
	if place := spread(pages, 1, true); pages[0].site != "paper.example" || place[0] != 0 || place[1] != 0 {
		t.Errorf("two pages of %q are at %v", pages[0].site, place)
	}
	pages[1].site = "other.example"
	if place := spread(pages, 1, true); place[1] != 1 {
		t.Errorf("pages of two sites are at %v", place)
	}
	s := newServer(pages, 0)
	for _, p := range s.pages {
		p.rotating = rotate(p.page)
	}
	p := s.pages[0]
	first := string(p.render(0))
	p.furniture++
	second := string(p.render(0))
	plain := strings.ReplaceAll(paragraph, "'", "&#39;")
	if first == second || string(p.render(0)) != second || !strings.Contains(collapse(first), plain) || !strings.Contains(collapse(second), plain) {
		t.Errorf("the first reading is %q, the second %q", first, second)
	}
	c, ok := p.editBody()
	if !ok || !strings.Contains(collapse(string(p.render(0))), strings.ReplaceAll(c.New, "'", "&#39;")) {
		t.Errorf("the edit %+v is not in %q", c, p.render(0))
	}
}

func TestCopies(t *testing.T) {
	srv := testServer(t, 170_000, 7)
	_, feed, _ := ask(t, "GET", srv.URL+"/feed.xml", "")
	var doc struct {
		Links  []string `xml:"channel>item>link"`
		Titles []string `xml:"channel>item>title"`
	}
	if err := xml.Unmarshal([]byte(feed), &doc); err != nil || len(doc.Links) != 7 || doc.Titles[6] != "Goats & boats (copy-000006)" {
		t.Fatalf("%v, %s", err, feed)
	}
	seen := map[string]bool{}
	for _, link := range doc.Links {
		_, body, _ := ask(t, "GET", link, "")
		if len(body) < 170_000 || len(body) > 171_000 || seen[body] {
			t.Errorf("%s: %d bytes, seen before: %v", link, len(body), seen[body])
		}
		seen[body] = true
	}
	if status, _, _ := ask(t, "GET", srv.URL+"/pages/none.html", ""); status != 404 {
		t.Errorf("no page: %d", status)
	}
}

func TestRefusesArchives(t *testing.T) {
	for name, text := range map[string][]byte{"nothing": nil, "no tar": []byte(strings.Repeat("x", 2000)), "no pages": archiveOf(t, nil)} {
		if _, err := readPages(bytes.NewReader(text)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := run(t.Context(), nil, nil); err == nil {
		t.Error("ran without an archive")
	}
}

func FuzzFindTarget(f *testing.F) {
	f.Add([]byte(pageText), paragraph)
	f.Add([]byte("<!-- <script <p>"), "")
	f.Add([]byte("text<"), "text")
	f.Fuzz(func(t *testing.T, text []byte, body string) {
		p := &served{page: page{html: text, body: body}}
		p.furniture = 1
		p.editBody()
		p.title()
		p.render(100)
	})
}
