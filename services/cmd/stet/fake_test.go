package main

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// The article that the fake knows, and its page.
const (
	known     = "abcdefghijklmnop"
	hostile   = "Bridge \x1b]0;owned\x07opens\u202e"
	harmless  = "Bridge opens"
	fakeToken = "secret"
)

// fake is a query service with one article of three versions.
type fake struct {
	queryv1.UnimplementedQueryServiceServer
	address string

	mu      sync.Mutex
	feeds   []*queryv1.Feed
	checked []string
	diffed  [][2]int32
	watched *queryv1.WatchRevisionsRequest
	cursors chan string // what the watch gives, until it is closed
}

func serve(t *testing.T) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{address: listener.Addr().String(), cursors: make(chan string, 8)}
	server := grpc.NewServer()
	queryv1.RegisterQueryServiceServer(server, f)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Stop
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return f
}

// userOf is someone on whose data folder the fake runs.
func userOf(t *testing.T, f *fake) *user {
	u := newUser(t)
	u.write("token", fakeToken+"\n")
	u.write("run.json", `{"grpc":"`+f.address+`","web":"","pid":1}`)
	return u
}

func mayWrite(ctx context.Context) error {
	md, _ := metadata.FromIncomingContext(ctx)
	if got := md.Get("authorization"); len(got) != 1 || got[0] != "Bearer "+fakeToken {
		return status.Error(codes.Unauthenticated, "this needs the token")
	}
	return nil
}

func at(hour int) *timestamppb.Timestamp {
	return timestamppb.New(time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC))
}

func summary(version int32) *queryv1.RevisionSummary {
	return &queryv1.RevisionSummary{Article: known, Source: "Harbour Post", Version: version, Time: at(int(version)), Title: hostile,
		Kinds: []string{"body"}, Weight: eventv1.Revision_MINOR}
}

func (f *fake) GetStatus(context.Context, *queryv1.GetStatusRequest) (*queryv1.GetStatusResponse, error) {
	return &queryv1.GetStatusResponse{}, nil
}

func (f *fake) Search(_ context.Context, r *queryv1.SearchRequest) (*queryv1.SearchResponse, error) {
	if r.GetQuery() != `bridge "two years"` {
		return nil, status.Error(codes.InvalidArgument, "unknown query "+r.GetQuery())
	}
	hit := &queryv1.Hit{Revision: summary(3), Excerpts: []*queryv1.Excerpt{{Field: "body",
		Pieces: []*queryv1.Piece{{Text: "the "}, {Text: "bridge", Match: true}}}}}
	if r.GetPageToken() == "" {
		return &queryv1.SearchResponse{Hits: []*queryv1.Hit{hit, hit}, Total: 3, NextPageToken: "more"}, nil
	}
	return &queryv1.SearchResponse{Hits: []*queryv1.Hit{hit}, Total: 3}, nil
}

func (f *fake) ListRevisions(_ context.Context, r *queryv1.ListRevisionsRequest) (*queryv1.ListRevisionsResponse, error) {
	if r.GetPageToken() == "" {
		return &queryv1.ListRevisionsResponse{Revisions: []*queryv1.RevisionSummary{summary(3), summary(2)}, NextPageToken: "more"}, nil
	}
	return &queryv1.ListRevisionsResponse{Revisions: []*queryv1.RevisionSummary{summary(1)}}, nil
}

func (f *fake) GetArticle(_ context.Context, r *queryv1.GetArticleRequest) (*queryv1.Article, error) {
	if r.GetArticle() != known {
		return nil, status.Error(codes.NotFound, "no article "+r.GetArticle())
	}
	return &queryv1.Article{Id: known, Source: "Harbour Post", Title: hostile, Versions: 3, LastOutcome: "failed",
		LastReason: "the site failed", NextCheck: at(9), NextReason: "tries again",
		LeftOut: []*eventv1.LeftOut{{Text: hostile, Reason: "a counter", Before: true}}, LeftOutTotal: 3}, nil
}

func (f *fake) ListChecks(_ context.Context, r *queryv1.ListChecksRequest) (*queryv1.ListChecksResponse, error) {
	if r.GetArticle() != known || r.GetLimit() != defaultLimit {
		return nil, status.Error(codes.NotFound, "no article "+r.GetArticle())
	}
	return &queryv1.ListChecksResponse{Total: 7, Checks: []*eventv1.CheckOutcome{
		{FetchedAt: "2026-03-01T09:00:00Z", Outcome: "failed", Status: 503, Reason: hostile},
		{FetchedAt: "2026-03-01T08:00:00Z", Outcome: "read", Status: 200, Changed: true},
	}}, nil
}

func (f *fake) ListPolls(_ context.Context, r *queryv1.ListPollsRequest) (*queryv1.ListPollsResponse, error) {
	return &queryv1.ListPollsResponse{Total: 2, Polls: []*eventv1.PollOutcome{
		{PolledAt: "2026-03-01T09:00:00Z", Status: 404, Error: hostile}, {PolledAt: "2026-03-01T08:00:00Z", Status: 200, Items: 20, NewItems: 3, Overflow: true},
	}}, nil
}

func (f *fake) ListVersions(context.Context, *queryv1.ListVersionsRequest) (*queryv1.ListVersionsResponse, error) {
	return &queryv1.ListVersionsResponse{Versions: []*queryv1.RevisionSummary{summary(3), summary(2), summary(1)}}, nil
}

func (f *fake) GetVersion(_ context.Context, r *queryv1.GetVersionRequest) (*queryv1.Version, error) {
	version := r.GetVersion()
	if version == 0 {
		version = 3
	}
	if version > 3 {
		return nil, status.Error(codes.NotFound, "no such version")
	}
	return &queryv1.Version{Article: known, Version: version, Time: at(int(version)), Snapshot: &eventv1.Snapshot{Title: hostile,
		Blocks: []*eventv1.Block{{Text: "It cost\x1b[2J money."}}}}, nil
}

func (f *fake) Diff(_ context.Context, r *queryv1.DiffRequest) (*queryv1.DiffResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.diffed = append(f.diffed, [2]int32{r.GetFrom(), r.GetTo()})
	return &queryv1.DiffResponse{To: &queryv1.Version{Version: 3, Snapshot: &eventv1.Snapshot{Title: hostile}}, Kinds: []string{"body"},
		Revision: &eventv1.Revision{OldUnits: []*eventv1.Unit{{Text: "It cost 30."}}, NewUnits: []*eventv1.Unit{{Text: "It cost 45."}},
			Links: []*eventv1.Link{{Old: []int32{0}, New: []int32{0}, Kind: eventv1.Link_EDITED, Words: []*eventv1.Word{
				{Text: "It cost "}, {Op: eventv1.Word_DELETED, Text: "30"}, {Op: eventv1.Word_ADDED, Text: "45"}, {Text: "."}}}}}}, nil
}

func (f *fake) WatchRevisions(r *queryv1.WatchRevisionsRequest, stream grpc.ServerStreamingServer[queryv1.WatchRevisionsResponse]) error {
	f.mu.Lock()
	f.watched = r
	f.mu.Unlock()
	for cursor := range f.cursors {
		if err := stream.Send(&queryv1.WatchRevisionsResponse{Cursor: cursor, Event: &eventv1.RevisionEvent{Article: known, Version: 3,
			Source: "Harbour Post", FetchedAt: "2026-03-01T03:00:00Z", Snapshot: &eventv1.Snapshot{Title: hostile}}}); err != nil {
			return err
		}
	}
	return status.Error(codes.Aborted, "the fake is done")
}

func (f *fake) AddFeed(ctx context.Context, r *queryv1.AddFeedRequest) (*queryv1.Feed, error) {
	if err := mayWrite(ctx); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(r.GetUrl(), "https://") {
		return nil, status.Error(codes.InvalidArgument, "not a web address")
	}
	feed := &queryv1.Feed{Id: "id" + r.GetUrl()[len("https://"):][:1], Url: r.GetUrl(), Source: r.GetSource(), Folder: r.GetFolder()}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.feeds = append(f.feeds, feed)
	return feed, nil
}

func (f *fake) ListFeeds(context.Context, *queryv1.ListFeedsRequest) (*queryv1.ListFeedsResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &queryv1.ListFeedsResponse{Feeds: f.feeds}, nil
}

func (f *fake) UpdateFeed(ctx context.Context, r *queryv1.UpdateFeedRequest) (*queryv1.Feed, error) {
	if err := mayWrite(ctx); err != nil {
		return nil, err
	}
	return &queryv1.Feed{Id: r.GetId(), Source: "Harbour Post", Paused: r.GetPaused()}, nil
}

func (f *fake) RemoveFeed(ctx context.Context, r *queryv1.RemoveFeedRequest) (*queryv1.RemoveFeedResponse, error) {
	if err := mayWrite(ctx); err != nil {
		return nil, err
	}
	return nil, status.Error(codes.NotFound, "no feed "+r.GetId())
}

func (f *fake) CheckNow(ctx context.Context, r *queryv1.CheckNowRequest) (*queryv1.CheckNowResponse, error) {
	if err := mayWrite(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checked = append(f.checked, r.GetArticles()...)
	return &queryv1.CheckNowResponse{Asked: int32(len(r.GetArticles())), Waiting: 1}, nil
}
