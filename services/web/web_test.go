package web

import (
	"context"
	"encoding/xml"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"go.uber.org/goleak"
	"golang.org/x/net/html"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/timestamppb"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeQuery is a query service that knows one article.
type fakeQuery struct {
	queryv1.UnimplementedQueryServiceServer
	diff   *queryv1.DiffResponse
	feeds  []*queryv1.Feed
	status *queryv1.GetStatusResponse
	empty  bool
	asked  []string // queries that came

	flapping []int32 // versions of the article in which it only went to and fro, newest first
}

const id = "abcdefghijklmnop"

func at(hour int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 5, 4, hour, 30, 0, 0, time.UTC))
}

func (f *fakeQuery) summary() *queryv1.RevisionSummary {
	return &queryv1.RevisionSummary{
		Article: id, Source: f.diff.GetTo().GetSource(), Url: f.diff.GetTo().GetSnapshot().GetUrl(), Version: 2, Time: at(9),
		Title: f.diff.GetTo().GetSnapshot().GetTitle(), Kinds: f.diff.GetKinds(), Weight: eventv1.Revision_SUBSTANTIVE,
		Added: "three ferries", Removed: "two ferries", Language: "en",
	}
}

func (f *fakeQuery) Search(_ context.Context, r *queryv1.SearchRequest) (*queryv1.SearchResponse, error) {
	f.asked = append(f.asked, r.GetQuery())
	if strings.Count(r.GetQuery(), "(") > strings.Count(r.GetQuery(), ")") {
		s, _ := status.New(codes.InvalidArgument, "query").WithDetails(
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "query", Description: "This bracket is never closed."}}},
			&errdetails.ErrorInfo{Reason: "SYNTAX", Metadata: map[string]string{"offset": "6"}})
		return nil, s.Err()
	}
	if strings.HasSuffix(r.GetQuery(), "kind:flapping") && !strings.HasSuffix(r.GetQuery(), "NOT kind:flapping") {
		return &queryv1.SearchResponse{Total: int64(len(f.flapping))}, nil
	}
	return &queryv1.SearchResponse{Total: 1, NextPageToken: "more", Hits: []*queryv1.Hit{{
		Revision: f.summary(),
		Excerpts: []*queryv1.Excerpt{{Field: "body", Pieces: []*queryv1.Piece{{Text: "about <b>"}, {Text: "ferries", Match: true}}}},
	}}}, nil
}

func (f *fakeQuery) ListRevisions(_ context.Context, r *queryv1.ListRevisionsRequest) (*queryv1.ListRevisionsResponse, error) {
	f.asked = append(f.asked, r.GetQuery())
	if f.empty {
		return &queryv1.ListRevisionsResponse{}, nil
	}
	return &queryv1.ListRevisionsResponse{Revisions: []*queryv1.RevisionSummary{f.summary()}, NextPageToken: "older"}, nil
}

func (f *fakeQuery) GetArticle(_ context.Context, r *queryv1.GetArticleRequest) (*queryv1.Article, error) {
	if r.GetArticle() != id {
		return nil, status.Error(codes.NotFound, "there is no such article")
	}
	s := f.diff.GetTo().GetSnapshot()
	return &queryv1.Article{Id: id, Source: f.diff.GetTo().GetSource(), Url: s.GetUrl(), Title: s.GetTitle(), Versions: 2,
		FirstSeen: at(7), LastChecked: at(10), LastChanged: at(9), LastOutcome: "unchanged", NextReason: "it rarely changes at night",
		LeftOut:      []*eventv1.LeftOut{{Text: "Read more: " + s.GetTitle(), Reason: "leads to another story"}, {Text: "312", Reason: "a counter", Before: true}},
		LeftOutTotal: 5}, nil
}

func (f *fakeQuery) ListVersions(context.Context, *queryv1.ListVersionsRequest) (*queryv1.ListVersionsResponse, error) {
	first := f.summary()
	first.Version, first.Kinds = 1, []string{"first"}
	var versions []*queryv1.RevisionSummary
	for _, n := range f.flapping {
		again := f.summary()
		again.Version, again.Kinds = n, []string{"body", "flapping"}
		versions = append(versions, again)
	}
	return &queryv1.ListVersionsResponse{Versions: append(versions, f.summary(), first)}, nil
}

func (f *fakeQuery) GetVersion(_ context.Context, r *queryv1.GetVersionRequest) (*queryv1.Version, error) {
	return f.diff.GetTo(), nil
}

func (f *fakeQuery) Diff(_ context.Context, r *queryv1.DiffRequest) (*queryv1.DiffResponse, error) {
	if r.GetTo() == 99 {
		return nil, status.Error(codes.Unavailable, "a store does not answer")
	}
	return f.diff, nil
}

func (f *fakeQuery) ListFeeds(context.Context, *queryv1.ListFeedsRequest) (*queryv1.ListFeedsResponse, error) {
	return &queryv1.ListFeedsResponse{Feeds: f.feeds}, nil
}

func (f *fakeQuery) ListChecks(context.Context, *queryv1.ListChecksRequest) (*queryv1.ListChecksResponse, error) {
	return &queryv1.ListChecksResponse{Total: 900, Checks: []*eventv1.CheckOutcome{
		{Article: id, FetchedAt: "2026-03-01T09:00:00Z", Outcome: "failed", Status: 503, Reason: "<b>the server failed</b>", NextAt: "2026-03-01T10:00:00Z"},
		{Article: id, FetchedAt: "2026-03-01T08:00:00Z", Outcome: "read", Status: 200, Changed: true, Version: 2},
	}}, nil
}

func (f *fakeQuery) ListPolls(context.Context, *queryv1.ListPollsRequest) (*queryv1.ListPollsResponse, error) {
	return &queryv1.ListPollsResponse{Total: 3, Polls: []*eventv1.PollOutcome{
		{Feed: "f", PolledAt: "2026-03-01T09:00:00Z", Status: 404, Error: "It answers 404."},
		{Feed: "f", PolledAt: "2026-03-01T08:00:00Z", Status: 304},
		{Feed: "f", PolledAt: "2026-03-01T07:00:00Z", Status: 200, Items: 20, NewItems: 20, Overflow: true},
	}}, nil
}

func (f *fakeQuery) GetStatus(context.Context, *queryv1.GetStatusRequest) (*queryv1.GetStatusResponse, error) {
	return f.status, nil
}

// site serves the pages on a fake query service.
func site(t *testing.T, f *fakeQuery) *Service {
	t.Helper()
	if f.status == nil {
		f.status = &queryv1.GetStatusResponse{Feeds: 1, Articles: 1}
	}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	queryv1.RegisterQueryServiceServer(server, f)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	c, err := client.Dial("memory", client.WithDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	}))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Listen: "127.0.0.1:0", PublicURL: "https://stet.example/"}, Deps{Query: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.listener.Close()
		_ = c.Close()
		server.Stop()
		<-done
	})
	return s
}

func get(t *testing.T, s *Service, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run with -update and read the change. Got:\n%s", name, got)
	}
}

func TestDiffPages(t *testing.T) {
	s := site(t, &fakeQuery{diff: harbour()})
	for _, view := range []string{"", "changes", "inline"} {
		w := get(t, s, "/article/"+id+"/diff/1..2?view="+view)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", view, w.Code)
		}
		golden(t, "diff"+view+".html", w.Body.String())
	}
}

func TestEveryPageIsSound(t *testing.T) {
	f := &fakeQuery{diff: harbour(), feeds: []*queryv1.Feed{{Id: "f", Url: "https://gazette.example/feed", Source: "Harbour Gazette", Error: "It answers 404."}}}
	s := site(t, f)
	for _, test := range []struct {
		path   string
		status int
		has    []string
	}{
		{"/", 200, []string{"Newest revisions", "page=older", "<del>two</del>", "Harbour Gazette"}},
		{"/?source=A%22b&kind=body&weight=minor&first=1", 200, []string{"checked"}},
		{"/source/Harbour%20Gazette", 200, []string{"/source/Harbour%20Gazette/atom.xml"}},
		{"/article/" + id, 200, []string{"it rarely changes at night", `href="https://gazette.example/ferries"`, "rel=\"noopener noreferrer nofollow\"", "+2 −2"}},
		{"/article/" + id, 200, []string{"Left out at the newest reading: 5 passages", "new: <bdi>Read more: ", "leads to another story", "gone: <bdi>312</bdi>", "and 3 more"}},
		{"/article/" + id + "/version/2", 200, []string{"three ferries", `id="p1"`}},
		{"/article/" + id + "/diff/1..2", 200, []string{"moved up from ¶3", "moved up to ¶2", "restored from version 1"}},
		{"/article/" + id + "/diff?from=1&to=2", 303, nil},
		{"/article/" + id + "/diff?from=x", 400, []string{"Which two versions?"}},
		{"/article/" + id + "/diff/1-2", 400, nil},
		{"/article/" + id + "/diff/0..2", 400, nil},
		{"/article/" + id + "/diff/1..99", 503, []string{"Load this page again"}},
		{"/article/nothing", 404, []string{"There is no such article"}},
		{"/article/" + id + "/version/x", 404, nil},
		{"/nowhere", 404, []string{"There is no such page"}},
		{"/search", 200, []string{"How to search"}},
		{"/search?q=ferries&in=removed&order=relevance", 200, []string{"<mark>ferries</mark>", "1 version found", "page=more", "about &lt;b&gt;"}},
		{"/search?q=ferry+(x", 400, []string{"ferry <mark>(</mark>x", "never closed"}},
		{"/feeds", 200, []string{"It answers 404."}},
		{"/feeds/f", 200, []string{"3 polls", "It answers 404.", "HTTP 404", "unchanged", "20 items, 20 new, 0 changed", "Nothing in it was known"}},
		{"/feeds/g", 404, []string{"There is no such page"}},
		{"/article/" + id + "/checks", 200, []string{"900 checks", "the newest 2", "failed", "HTTP 503", "&lt;b&gt;the server failed", "/diff/1..2"}},
		{"/healthz", 200, nil},
		{"/readyz", 200, nil},
		{"/static/stet.css", 200, []string{"prefers-color-scheme"}},
	} {
		w := get(t, s, test.path)
		if w.Code != test.status {
			t.Errorf("%s: status %d, want %d", test.path, w.Code, test.status)
		}
		for _, text := range test.has {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s has no %q:\n%s", test.path, text, w.Body)
			}
		}
		if w.Header().Get("Content-Security-Policy") != contentPolicy || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is not protected", test.path)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && test.status != 303 {
			inert(t, test.path, w.Body)
		}
	}
	for _, want := range []string{`(source:"A b" kind:body weight>=minor) NOT kind:flapping`, `(source:"Harbour Gazette") NOT kind:flapping`,
		"(removed:ferries) NOT kind:flapping"} {
		if !slices.Contains(f.asked, want) {
			t.Errorf("the query %q was not asked, only %q", want, f.asked)
		}
	}
}

// inert parses a page and fails on everything that could act: scripts, handlers, inline styles, frames, addresses that
// are no web addresses, and doubled ids.
func inert(t *testing.T, name string, page io.Reader) {
	t.Helper()
	root, err := html.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.TextNode && strings.ContainsFunc(n.Data, hidden) {
			t.Errorf("%s: control characters in %q", name, n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "style", "iframe", "object", "embed", "img", "base"}, n.Data) {
			t.Errorf("%s: has <%s>", name, n.Data)
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc":
				t.Errorf("%s: <%s %s>", name, n.Data, a.Key)
			case a.Key == "href" || a.Key == "src" || a.Key == "action":
				if !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#") && !strings.HasPrefix(value, "?") &&
					!strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "//") {
					t.Errorf("%s: %s=%q", name, a.Key, a.Val)
				}
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("%s: id %q twice", name, a.Val)
				}
				ids[a.Val] = true
			}
		}
	}
}

// evil is text that would act if it were not escaped.
const evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00\x1b[2J\u202egnp.exe\u0085]]>&amp;"

func TestHostileTextStaysText(t *testing.T) {
	d := harbour()
	for _, v := range []*queryv1.Version{d.From, d.To} {
		v.Source = evil
		v.Snapshot.Title, v.Snapshot.Standfirst, v.Snapshot.Language, v.Snapshot.Byline = evil, evil, evil, []string{evil}
		v.Snapshot.Url = "javascript:alert(1)"
		for _, b := range v.Snapshot.Blocks {
			b.Text = evil
		}
	}
	r := d.Revision
	for _, u := range slices.Concat(r.OldUnits, r.NewUnits) {
		u.Text = evil
	}
	for _, l := range r.Links {
		l.Words = []*eventv1.Word{{Text: evil}}
	}
	r.Changes = []*eventv1.Change{{Element: evil, Kind: evil, Old: evil, New: evil, Facts: []*eventv1.Fact{{Kind: evil, Old: evil, New: evil}}}}
	r.Disclosure = &eventv1.Disclosure{Evidence: []string{evil}}
	d.Kinds = []string{evil, "headline"}
	s := site(t, &fakeQuery{diff: d, feeds: []*queryv1.Feed{{Url: "javascript:alert(1)", Source: evil, Error: evil, Title: evil, Folder: evil}}})
	for _, path := range []string{
		"/", "/article/" + id, "/article/" + id + "/version/2", "/article/" + id + "/diff/1..2", "/article/" + id + "/diff/1..2?view=inline",
		"/search?q=x", "/feeds", "/source/" + "%3Cscript%3E", "/?source=%22%3E%3Cscript%3E%00", "/search?q=%22%3E%3Cscript%3E(%E2%80%AE",
	} {
		w := get(t, s, path)
		if w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
		inert(t, path, w.Body)
	}
	for _, path := range []string{"/atom.xml", "/feeds.opml"} {
		var anything struct{}
		if err := xml.Unmarshal(get(t, s, path).Body.Bytes(), &anything); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	var feed atomFeed
	if err := xml.Unmarshal(get(t, s, "/atom.xml").Body.Bytes(), &feed); err != nil {
		t.Fatal(err)
	}
	inert(t, "the content of an Atom entry", strings.NewReader(feed.Entries[0].Content.Text))
}

func TestAtomFeeds(t *testing.T) {
	s := site(t, &fakeQuery{diff: harbour()})
	for path, alternate := range map[string]string{
		"/atom.xml": "/", "/source/Harbour%20Gazette/atom.xml": "/source/Harbour%20Gazette", "/article/" + id + "/atom.xml": "/article/" + id,
		"/search/atom.xml?q=removed%3Aferries": "/search?q=removed%3Aferries",
	} {
		w := get(t, s, path)
		var feed atomFeed
		if err := xml.Unmarshal(w.Body.Bytes(), &feed); err != nil || w.Code != 200 {
			t.Errorf("%s: %d, %v", path, w.Code, err)
			continue
		}
		if !strings.HasPrefix(feed.ID, "tag:stet.example,2026:") || feed.Title == "" || feed.Updated != "2026-05-04T09:30:00Z" || feed.Author.Name == "" {
			t.Errorf("%s: %+v", path, feed)
		}
		if feed.Links[0].Href != "https://stet.example"+path || feed.Links[1].Href != "https://stet.example"+alternate {
			t.Errorf("%s links %v", path, feed.Links)
		}
		e := feed.Entries[0]
		if e.ID != "tag:stet.example,2026:revision/"+id+"/2" || e.Updated == "" || e.Content.Type != "html" ||
			!strings.Contains(e.Content.Text, "<del>two</del>") || !strings.Contains(e.Content.Text, "<ins>three</ins>") {
			t.Errorf("%s: %+v", path, e)
		}
		again := httptest.NewRequest(http.MethodGet, path, nil)
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		second := httptest.NewRecorder()
		s.Handler().ServeHTTP(second, again)
		if second.Code != http.StatusNotModified {
			t.Errorf("%s asked again: %d", path, second.Code)
		}
	}
}

func TestEmptyHomeSaysWhatComesNext(t *testing.T) {
	for _, test := range []struct {
		name   string
		path   string
		status *queryv1.GetStatusResponse
		want   string
	}{
		{"no feeds", "/", &queryv1.GetStatusResponse{}, "stet feeds add"},
		{"no articles", "/", &queryv1.GetStatusResponse{Feeds: 2, NextPoll: at(12)}, "2 feeds are watched. The next one is read on"},
		{"no changes", "/", &queryv1.GetStatusResponse{Feeds: 1, Articles: 3, NextCheck: at(12)}, "3 articles from 1 feed are watched"},
		{"filter", "/?kind=note", &queryv1.GetStatusResponse{Feeds: 1, Articles: 3}, "No revision fits this choice"},
		{"end", "/?page=x", &queryv1.GetStatusResponse{Feeds: 1, Articles: 3}, "This is the end of the list"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := get(t, site(t, &fakeQuery{empty: true, status: test.status, diff: harbour()}), test.path)
			if !strings.Contains(w.Body.String(), test.want) {
				t.Errorf("no %q in:\n%s", test.want, w.Body)
			}
		})
	}
}

func TestQueryNotReachable(t *testing.T) {
	c, err := client.Dial("memory", client.WithDialer(func(context.Context, string) (net.Conn, error) {
		return nil, io.ErrUnexpectedEOF
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := New(Config{Listen: "127.0.0.1:0"}, Deps{Query: c})
	if err != nil {
		t.Fatal(err)
	}
	defer s.listener.Close()
	for path, want := range map[string]string{"/": "does not answer", "/readyz": "does not answer"} {
		if w := get(t, s, path); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d\n%s", path, w.Code, w.Body)
		}
	}
	if w := get(t, s, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("healthz: %d", w.Code)
	}
}

func TestRunServesAndStops(t *testing.T) {
	s := site(t, &fakeQuery{diff: harbour()})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	transport := &http.Transport{DisableKeepAlives: true}
	answer, err := (&http.Client{Transport: transport}).Get("http://" + s.Addr() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAddressInUseAndPublicURL(t *testing.T) {
	s := site(t, &fakeQuery{})
	for _, config := range []Config{{Listen: s.Addr()}, {Listen: "127.0.0.1:0", PublicURL: "stet.example"}, {Listen: "127.0.0.1:0", PublicURL: "javascript:x"}} {
		if _, err := New(config, Deps{Query: s.query.client}); err == nil {
			t.Errorf("%+v was taken", config)
		}
	}
}
