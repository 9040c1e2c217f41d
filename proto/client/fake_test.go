package client_test

import (
	"context"
	"net"
	"slices"
	"sync"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

// service is a small query service in memory: one article of three versions.
type service struct {
	queryv1.UnimplementedQueryServiceServer
	mutex   sync.Mutex
	watches int      // streams opened
	cursors []string // they came with
}

const bridge = "abcdefghijklmnop"

func (s *service) Search(_ context.Context, r *queryv1.SearchRequest) (*queryv1.SearchResponse, error) {
	if r.GetQuery() == "bridge (" {
		refusal, err := status.New(codes.InvalidArgument, "query: bad").WithDetails(
			&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "query", Description: "This bracket is never closed."}}},
			&errdetails.ErrorInfo{Reason: "SYNTAX", Metadata: map[string]string{"offset": "7"}})
		if err != nil {
			return nil, err
		}
		return nil, refusal.Err()
	}
	hit := func(n int32) []*queryv1.Hit {
		return []*queryv1.Hit{{Revision: &queryv1.RevisionSummary{Article: bridge, Version: n, Title: "Bridge closed"}}}
	}
	if r.GetPageToken() == "" {
		return &queryv1.SearchResponse{Hits: hit(3), NextPageToken: "2", Total: 2}, nil
	}
	return &queryv1.SearchResponse{Hits: hit(2), Total: 2}, nil
}

func (s *service) Diff(_ context.Context, r *queryv1.DiffRequest) (*queryv1.DiffResponse, error) {
	if r.GetArticle() != bridge {
		return nil, status.Error(codes.NotFound, "there is no article "+r.GetArticle())
	}
	return &queryv1.DiffResponse{Revision: &eventv1.Revision{Changes: []*eventv1.Change{
		{Element: "headline", Kind: "edited", Old: "Bridge closed", New: "Bridge closed for weeks"},
	}}}, nil
}

func (s *service) WatchRevisions(r *queryv1.WatchRevisionsRequest, stream grpc.ServerStreamingServer[queryv1.WatchRevisionsResponse]) error {
	s.mutex.Lock()
	s.watches++
	s.cursors = append(s.cursors, r.GetCursor())
	s.mutex.Unlock()
	all := []string{"", "c1", "c2", "c3"}
	at := max(slices.Index(all, r.GetCursor()), 0) + 1
	if at >= len(all) {
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	err := stream.Send(&queryv1.WatchRevisionsResponse{
		Cursor: all[at], Event: &eventv1.RevisionEvent{Article: bridge, Version: int32(at)},
	})
	if err != nil {
		return err
	}
	return status.Error(codes.Unavailable, "the service restarts after every revision")
}

func (s *service) AddFeed(ctx context.Context, r *queryv1.AddFeedRequest) (*queryv1.Feed, error) {
	if !slices.Contains(metadata.ValueFromIncomingContext(ctx, "authorization"), "Bearer secret") {
		return nil, status.Error(codes.Unauthenticated, "this call needs the token")
	}
	return &queryv1.Feed{Url: r.GetUrl(), Source: "gazette.example"}, nil
}

// start serves in memory and gives a client of it, and a function that ends both.
func start(s *service, options ...client.Option) (*client.Client, func()) {
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	queryv1.RegisterQueryServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	options = append(options, client.WithDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	}))
	c, err := client.Dial("localhost:9090", options...)
	if err != nil {
		panic(err) // only a malformed address can do this
	}
	return c, func() {
		_ = c.Close()
		server.Stop()
	}
}
