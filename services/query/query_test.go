package query

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func story(title string, paragraphs ...string) article.Snapshot {
	s := article.Snapshot{Title: title, Language: "en"}
	for _, p := range paragraphs {
		s.Blocks = append(s.Blocks, article.Block{Kind: article.Paragraph, Text: p})
	}
	return s
}

var (
	bridge = article.Token("https://gazette.example/bridge")
	ferry  = article.Token("https://gazette.example/ferry")
)

// harbour is a world with two articles: the bridge in three versions, the ferry in one.
func harbour() *world {
	w := newWorld()
	w.add(bridge, "Harbour Gazette", story("Bridge closed", "The bridge was shut on Monday.", "Two lorries were hurt."))
	w.add(ferry, "Harbour Gazette", story("Ferry sails again", "The ferry left at nine."))
	w.add(bridge, "Harbour Gazette", story("Bridge closed for weeks", "The bridge was shut on Monday.", "Two lorries were hurt."))
	w.add(bridge, "Harbour Gazette", story("Bridge closed for weeks", "The bridge was shut on Monday.", "Three lorries were hurt."))
	return w
}

func TestRevisionsLeaveFirstVersionsOut(t *testing.T) {
	c := serve(t, harbour())
	for _, test := range []struct {
		name  string
		ask   *queryv1.ListRevisionsRequest
		want  []int32
		title string
	}{
		{"changes only", &queryv1.ListRevisionsRequest{}, []int32{3, 2}, "Bridge closed for weeks"},
		{"first ones too", &queryv1.ListRevisionsRequest{IncludeFirst: true}, []int32{3, 2, 1, 1}, ""},
		{"one to a page", &queryv1.ListRevisionsRequest{IncludeFirst: true, PageSize: 1}, []int32{3, 2, 1, 1}, ""},
		{"by kind", &queryv1.ListRevisionsRequest{Query: "kind:headline"}, []int32{2}, ""},
		{"nothing", &queryv1.ListRevisionsRequest{Query: "source:Nobody"}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []int32
			for r, err := range c.EachRevision(t.Context(), test.ask) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, r.GetVersion())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("versions %v, want %v", got, test.want)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	c := serve(t, harbour())
	for _, test := range []struct {
		from, to         int
		wantFrom, wantTo int32
		deleted, added   string
	}{
		{0, 0, 2, 3, "Two", "Three"},
		{1, 3, 1, 3, "Two", "for weeks"},
		{3, 1, 3, 1, "for weeks", "Two"},
		{0, 1, 0, 1, "", "Bridge closed"},
		{2, 2, 2, 2, "", ""},
	} {
		d, err := c.Diff(t.Context(), bridge, test.from, test.to)
		if err != nil {
			t.Errorf("%d..%d: %v", test.from, test.to, err)
			continue
		}
		if d.GetFrom().GetVersion() != test.wantFrom || d.GetTo().GetVersion() != test.wantTo {
			t.Errorf("%d..%d gave %d..%d", test.from, test.to, d.GetFrom().GetVersion(), d.GetTo().GetVersion())
		}
		went, came := marks(d.GetRevision())
		if !strings.Contains(went, test.deleted) || !strings.Contains(came, test.added) || (test.deleted == "" && went != "") {
			t.Errorf("%d..%d: went %q, came %q", test.from, test.to, went, came)
		}
	}
}

func marks(r *eventv1.Revision) (went, came string) {
	for _, i := range r.GetDeleted() {
		went += r.GetOldUnits()[i].GetText()
	}
	for _, i := range r.GetAdded() {
		came += r.GetNewUnits()[i].GetText()
	}
	for _, l := range r.GetLinks() {
		for _, w := range l.GetWords() {
			switch w.GetOp() {
			case eventv1.Word_DELETED:
				went += w.GetText()
			case eventv1.Word_ADDED:
				came += w.GetText()
			}
		}
	}
	return went, came
}

func TestAnswersWithoutPartOfTheStores(t *testing.T) {
	w := harbour()
	w.documents = w.documents[:3] // the index is behind
	delete(w.archive, bridge+"/2")
	delete(w.heads, ferry)
	c := serve(t, w)
	if v, err := c.Version(t.Context(), bridge, 0); err != nil || v.GetVersion() != 3 || v.GetSnapshot().GetBody() == "" {
		t.Errorf("a version that is not indexed yet: %v, %v", v, err)
	}
	if v, err := c.Version(t.Context(), bridge, 2); err != nil || v.GetSnapshot().GetTitle() != "Bridge closed for weeks" {
		t.Errorf("a version that is not archived: %v, %v", v, err)
	}
	if a, err := c.Article(t.Context(), ferry); err != nil || a.GetTitle() != "Ferry sails again" {
		t.Errorf("an article without state: %v, %v", a, err)
	}
}

func TestRefusals(t *testing.T) {
	w := harbour()
	gone := w.heads[ferry]
	gone.Tombstone = "asked for by its author"
	w.heads[ferry] = gone
	c := serve(t, w)
	ctx := t.Context()
	first, err := c.Revisions(ctx, &queryv1.ListRevisionsRequest{PageSize: 1})
	if err != nil || first.GetNextPageToken() == "" {
		t.Fatal(first, err)
	}
	for _, test := range []struct {
		name  string
		call  func() error
		want  error
		field string
	}{
		{"syntax", func() error { _, err := c.Search(ctx, &queryv1.SearchRequest{Query: `ferry "bridge`}); return err }, client.ErrInvalid, "query"},
		{"token of another request", func() error {
			_, err := c.Search(ctx, &queryv1.SearchRequest{Query: "ferry", PageToken: first.GetNextPageToken()})
			return err
		}, client.ErrInvalid, "page_token"},
		{"token that is none", func() error { _, err := c.Search(ctx, &queryv1.SearchRequest{PageToken: "%%%"}); return err }, client.ErrInvalid, "page_token"},
		{"negative page", func() error { _, err := c.Search(ctx, &queryv1.SearchRequest{PageSize: -1}); return err }, client.ErrInvalid, "page_size"},
		{"order", func() error { _, err := c.Search(ctx, &queryv1.SearchRequest{Order: 9}); return err }, client.ErrInvalid, "order"},
		{"id", func() error { _, err := c.Article(ctx, "../x"); return err }, client.ErrInvalid, "article"},
		{"no article", func() error { _, err := c.Article(ctx, article.Token("x")); return err }, client.ErrNotFound, ""},
		{"taken down", func() error { _, err := c.Version(ctx, ferry, 1); return err }, client.ErrNotFound, ""},
		{"no version", func() error { _, err := c.Version(ctx, bridge, 4); return err }, client.ErrNotFound, ""},
		{"negative version", func() error { _, err := c.Diff(ctx, bridge, -1, 2); return err }, client.ErrInvalid, "from"},
		{"no token", func() error { _, err := c.CheckNow(ctx, bridge); return err }, client.ErrUnauthenticated, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.call()
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			var refusal *client.Error
			if !errors.As(err, &refusal) || refusal.Field != test.field {
				t.Errorf("field of %v is not %q", err, test.field)
			}
			if test.name == "syntax" && refusal.Offset != 6 {
				t.Errorf("offset %d, want 6", refusal.Offset)
			}
		})
	}
}

func TestStoreFailuresAndPanicsStayInside(t *testing.T) {
	w := harbour()
	w.broken = errors.New("disk 7 in rack 3 is full")
	c := serve(t, w)
	if _, err := c.Search(t.Context(), &queryv1.SearchRequest{}); !errors.Is(err, client.ErrUnavailable) || strings.Contains(err.Error(), "rack") {
		t.Errorf("a broken store: %v", err)
	}
	w.broken, w.panics = nil, true
	if _, err := c.Search(t.Context(), &queryv1.SearchRequest{}); err == nil || strings.Contains(err.Error(), "fire") {
		t.Errorf("a panic: %v", err)
	}
	w.panics = false
	if _, err := c.Search(t.Context(), &queryv1.SearchRequest{}); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

func TestFeeds(t *testing.T) {
	w := newWorld()
	c := serve(t, w, client.WithToken(secret))
	ctx := t.Context()
	added, err := c.AddFeed(ctx, &queryv1.AddFeedRequest{Url: " https://www.gazette.example/feed.xml#top "})
	if err != nil || added.GetSource() != "gazette.example" || w.armed[added.GetId()] != day {
		t.Fatalf("added %v, armed %v: %v", added, w.armed, err)
	}
	again, err := c.AddFeed(ctx, &queryv1.AddFeedRequest{Url: "http://www.gazette.example/feed.xml", Source: "Other"})
	if err != nil || again.GetId() != added.GetId() || again.GetSource() != "gazette.example" || len(w.feeds) != 1 {
		t.Errorf("added again: %v, %v", again, err)
	}
	for _, bad := range []string{"", "ftp://gazette.example/x", "javascript:alert(1)", "gazette", strings.Repeat("h", 9000)} {
		if _, err := c.AddFeed(ctx, &queryv1.AddFeedRequest{Url: bad}); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	yes, no := true, false
	if f, err := c.UpdateFeed(ctx, &queryv1.UpdateFeedRequest{Id: added.GetId(), Paused: &yes}); err != nil || !f.GetPaused() || len(w.armed) != 0 {
		t.Errorf("paused: %v, %v, %v", f, w.armed, err)
	}
	if f, err := c.UpdateFeed(ctx, &queryv1.UpdateFeedRequest{Id: added.GetUrl(), Paused: &no}); err != nil || f.GetPaused() || len(w.armed) != 1 {
		t.Errorf("resumed: %v, %v, %v", f, w.armed, err)
	}
	if feeds, err := c.Feeds(ctx); err != nil || len(feeds) != 1 {
		t.Errorf("listed %v, %v", feeds, err)
	}
	if err := c.RemoveFeed(ctx, "https://www.gazette.example/feed.xml"); err != nil || len(w.feeds)+len(w.armed) != 0 {
		t.Errorf("removed: %v, %v", w.feeds, err)
	}
	if err := c.RemoveFeed(ctx, added.GetId()); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestCheckNow(t *testing.T) {
	c := serve(t, harbour(), client.WithToken(secret))
	if a, err := c.CheckNow(t.Context(), bridge); err != nil || a.GetAsked() != 1 {
		t.Errorf("one: %v, %v", a, err)
	}
	if a, err := c.CheckAllNow(t.Context()); err != nil || a.GetAsked() != 1 || a.GetWaiting() != 1 {
		t.Errorf("all: %v, %v", a, err)
	}
}

func TestWrongToken(t *testing.T) {
	c := serve(t, harbour(), client.WithToken(secret+"x"))
	if _, err := c.CheckAllNow(t.Context()); !errors.Is(err, client.ErrUnauthenticated) {
		t.Error(err)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Error("reading needs no token:", err)
	}
}

func TestWatchResumesBehindItsCursor(t *testing.T) {
	c := serve(t, harbour())
	var cursors []string
	for a, err := range c.Watch(t.Context(), &queryv1.WatchRevisionsRequest{FromStart: true, Query: "bridge"}) {
		if err != nil {
			t.Fatal(err)
		}
		if cursors = append(cursors, a.GetCursor()); len(cursors) == 3 {
			break
		}
	}
	for a, err := range c.Watch(t.Context(), &queryv1.WatchRevisionsRequest{Cursor: cursors[0], Query: "kind:body"}) {
		if err != nil || a.GetEvent().GetId() != bridge+"/3" || a.GetCursor() != cursors[2] {
			t.Errorf("after the first: %v, %v", a.GetEvent().GetId(), err)
		}
		break
	}
	for _, err := range c.Watch(t.Context(), &queryv1.WatchRevisionsRequest{Cursor: "nonsense"}) {
		if !errors.Is(err, client.ErrInvalid) {
			t.Errorf("a bad cursor: %v", err)
		}
	}
}

func TestStopsWithAnOpenWatch(t *testing.T) {
	w := harbour()
	s, err := New(Config{Listen: "127.0.0.1:0"}, Deps{Index: w, Bus: w, Archive: w})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	conn, err := grpc.NewClient(s.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream, err := queryv1.NewQueryServiceClient(conn).WatchRevisions(t.Context(), &queryv1.WatchRevisionsRequest{FromStart: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	h, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil || h.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", h, err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for err = nil; err == nil; {
		_, err = stream.Recv()
	}
	if !strings.Contains(err.Error(), "Unavailable") {
		t.Errorf("the watch ended with %v", err)
	}
}

func TestAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld()
	_, err = New(Config{Listen: l.Addr().String()}, Deps{Index: w, Bus: w, Archive: w})
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) || !strings.Contains(err.Error(), "--grpc") {
		t.Errorf("got %v", err)
	}
}

func TestStatus(t *testing.T) {
	w := harbour()
	c := serve(t, w)
	s, err := c.Status(t.Context())
	if err != nil || s.GetArticles() != 2 || s.GetVersions() != 4 || s.GetCommit() != "abc" || s.GetNextCheck() == nil {
		t.Errorf("got %v, %v", s, err)
	}
}

func FuzzPageTokens(f *testing.F) {
	f.Add("5", "search", "ferry")
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, at, name, text string) {
		if len(at) > 1000 {
			t.Skip("longer than a name can be")
		}
		token := pageToken(at, name, text)
		if got, err := position("page_token", token, name, text); err != nil || got != at {
			t.Errorf("%q came back as %q: %v", at, got, err)
		}
		if at != "" {
			if _, err := position("page_token", token, name, text+"x"); err == nil {
				t.Error("a token of another request was taken")
			}
		}
		_, _ = position("page_token", text, name)
	})
}

func TestHealthTellsWhetherTheStoresAnswer(t *testing.T) {
	var broken atomic.Bool
	w := harbour()
	s, err := New(Config{Listen: "127.0.0.1:0"}, Deps{Index: w, Bus: w, Archive: w, Ready: func(context.Context) error {
		if broken.Load() {
			return errors.New("NATS does not answer")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	conn, err := grpc.NewClient(s.Addr(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream, err := grpc_health_v1.NewHealthClient(conn).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []grpc_health_v1.HealthCheckResponse_ServingStatus{
		grpc_health_v1.HealthCheckResponse_SERVING, grpc_health_v1.HealthCheckResponse_NOT_SERVING, grpc_health_v1.HealthCheckResponse_SERVING,
	} {
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if answer.GetStatus() != want {
			t.Errorf("health is %v, want %v", answer.GetStatus(), want)
		}
		broken.Store(!broken.Load())
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
