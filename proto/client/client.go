package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// maxMessage bounds one answer: a diff carries two whole versions and the words between them, at most about 8 MB.
const maxMessage = 32 << 20

// Client is a connection to a query service. It is safe for concurrent use.
type Client struct {
	conn  *grpc.ClientConn
	api   queryv1.QueryServiceClient
	sleep sleeper
}

type settings struct {
	token string
	tls   *tls.Config
	dial  func(ctx context.Context, address string) (net.Conn, error)
}

// Option changes how Dial connects.
type Option func(*settings)

// WithToken sends a token with every call: those that change something need it, and a service may want one of readers too.
func WithToken(token string) Option { return func(s *settings) { s.token = token } }

// WithTLS encrypts the connection; nil takes the system's roots. Without it the connection is plain text, which is
// meant for the same machine or a protected network.
func WithTLS(config *tls.Config) Option {
	return func(s *settings) {
		if config == nil {
			config = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		s.tls = config
	}
}

// WithDialer opens connections by a function of the caller's, for instance through a tunnel or in memory.
func WithDialer(dial func(ctx context.Context, address string) (net.Conn, error)) Option {
	return func(s *settings) { s.dial = dial }
}

// Dial gives a client of the service at an address of the form host:port. It does not wait for the service: the first
// call connects, and a service that comes later is found.
func Dial(address string, options ...Option) (*Client, error) {
	var s settings
	for _, option := range options {
		option(&s)
	}
	secure := insecure.NewCredentials()
	if s.tls != nil {
		secure = credentials.NewTLS(s.tls)
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(secure),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
		grpc.WithUserAgent("stet-client"),
	}
	if s.token != "" {
		dial = append(dial, grpc.WithPerRPCCredentials(bearer(s.token)))
	}
	target := address
	if s.dial != nil {
		dial = append(dial, grpc.WithContextDialer(s.dial))
		target = "passthrough:///" + address
	}
	conn, err := grpc.NewClient(target, dial...)
	if err != nil {
		return nil, fmt.Errorf("preparing a connection to %s: %w", address, err)
	}
	return &Client{conn: conn, api: queryv1.NewQueryServiceClient(conn), sleep: sleep}, nil
}

// Close ends the connection and every call on it.
func (c *Client) Close() error { return c.conn.Close() }

// bearer is a token that goes with every call.
type bearer string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity says no: on the same machine there is nothing to hide the token from. A service that others
// can reach refuses to listen without TLS.
func (bearer) RequireTransportSecurity() bool { return false }

// Search gives one page of the versions that match; the answer's NextPageToken, put in the same request, gives the
// next one.
func (c *Client) Search(ctx context.Context, request *queryv1.SearchRequest) (*queryv1.SearchResponse, error) {
	answer, err := c.api.Search(ctx, request)
	return answer, meaning("searching", err)
}

// Revisions gives one page of revisions, newest first.
func (c *Client) Revisions(ctx context.Context, request *queryv1.ListRevisionsRequest) (*queryv1.ListRevisionsResponse, error) {
	answer, err := c.api.ListRevisions(ctx, request)
	return answer, meaning("listing revisions", err)
}

// Article gives an article and its state.
func (c *Client) Article(ctx context.Context, id string) (*queryv1.Article, error) {
	answer, err := c.api.GetArticle(ctx, &queryv1.GetArticleRequest{Article: id})
	return answer, meaning("reading an article", err)
}

// Versions gives one page of an article's versions, newest first.
func (c *Client) Versions(ctx context.Context, request *queryv1.ListVersionsRequest) (*queryv1.ListVersionsResponse, error) {
	answer, err := c.api.ListVersions(ctx, request)
	return answer, meaning("listing versions", err)
}

// Version gives one version with its text; 0 is the newest.
func (c *Client) Version(ctx context.Context, article string, version int) (*queryv1.Version, error) {
	answer, err := c.api.GetVersion(ctx, &queryv1.GetVersionRequest{Article: article, Version: int32(version)})
	return answer, meaning("reading a version", err)
}

// Diff gives the revision between two versions of an article, in either direction. 0 for `from` is the version before
// `to`, 0 for `to` is the newest.
func (c *Client) Diff(ctx context.Context, article string, from, to int) (*queryv1.DiffResponse, error) {
	answer, err := c.api.Diff(ctx, &queryv1.DiffRequest{Article: article, From: int32(from), To: int32(to)})
	return answer, meaning("comparing versions", err)
}

// Checks gives the newest looks at an article that are remembered, newest first; 0 is 50 of them.
func (c *Client) Checks(ctx context.Context, article string, limit int) (*queryv1.ListChecksResponse, error) {
	answer, err := c.api.ListChecks(ctx, &queryv1.ListChecksRequest{Article: article, Limit: int32(limit)})
	return answer, meaning("listing checks", err)
}

// Polls gives the newest polls of a feed that are remembered, by its id or URL, newest first; 0 is 50 of them.
func (c *Client) Polls(ctx context.Context, feed string, limit int) (*queryv1.ListPollsResponse, error) {
	answer, err := c.api.ListPolls(ctx, &queryv1.ListPollsRequest{Feed: feed, Limit: int32(limit)})
	return answer, meaning("listing polls", err)
}

// AddFeed subscribes a feed; one that is subscribed already comes back as it is. Needs the token.
func (c *Client) AddFeed(ctx context.Context, request *queryv1.AddFeedRequest) (*queryv1.Feed, error) {
	answer, err := c.api.AddFeed(ctx, request)
	return answer, meaning("adding a feed", err)
}

// UpdateFeed changes a feed's source name, folder or pause. Needs the token.
func (c *Client) UpdateFeed(ctx context.Context, request *queryv1.UpdateFeedRequest) (*queryv1.Feed, error) {
	answer, err := c.api.UpdateFeed(ctx, request)
	return answer, meaning("changing a feed", err)
}

// RemoveFeed unsubscribes a feed by its id or URL; its articles stay. Needs the token.
func (c *Client) RemoveFeed(ctx context.Context, idOrURL string) error {
	_, err := c.api.RemoveFeed(ctx, &queryv1.RemoveFeedRequest{Id: idOrURL})
	return meaning("removing a feed", err)
}

// CheckNow asks for a look at articles as soon as politeness allows. Needs the token.
func (c *Client) CheckNow(ctx context.Context, articles ...string) (*queryv1.CheckNowResponse, error) {
	answer, err := c.api.CheckNow(ctx, &queryv1.CheckNowRequest{Articles: articles})
	return answer, meaning("asking for a check", err)
}

// CheckAllNow asks for a look at every article that is still looked at. Needs the token.
func (c *Client) CheckAllNow(ctx context.Context) (*queryv1.CheckNowResponse, error) {
	answer, err := c.api.CheckNow(ctx, &queryv1.CheckNowRequest{All: true})
	return answer, meaning("asking for checks", err)
}

// Status says how much there is and what comes next.
func (c *Client) Status(ctx context.Context) (*queryv1.GetStatusResponse, error) {
	answer, err := c.api.GetStatus(ctx, &queryv1.GetStatusRequest{})
	return answer, meaning("asking for the status", err)
}
