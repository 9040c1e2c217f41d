package query

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/rebaseline"
	"github.com/stetnews/stet/services/internal/search"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
)

// Config says where the service listens and who may change something.
type Config struct {
	Listen    string      // host:port; port 0 takes a free one
	Token     string      // for calls that change something; empty refuses them all
	ReadToken string      // for the other calls; empty lets everybody read who reaches the address
	TLS       *tls.Config // nil serves plain text, which is for the same machine or a protected network
	Commit    string      // what GetStatus tells of the program
}

// Deps is what the service reads from and writes to.
type Deps struct {
	Index   Index
	Bus     Bus
	Archive Archive
	Log     *slog.Logger     // nil logs nothing
	Clock   func() time.Time // nil is time.Now
	// Ready says whether the stores answer, which is what health checks are told; nil for always.
	Ready func(context.Context) error
	// ReExtract reads the archived pages of articles again; nil where this service has nothing to do it with.
	ReExtract rereader
}

// rereader reads the archived pages of articles again and tells its progress, one call at a time.
type rereader interface {
	Run(ctx context.Context, c rebaseline.Choice, tell func(rebaseline.Progress) error) error
}

// Index finds documents, and deletes those of an article.
type Index interface {
	search.Searcher
	Delete(ctx context.Context, articleID string) error
}

// Bus is the part of the event bus that queries need.
type Bus interface {
	articles
	feeds
	revisions
	outcomes
	hosts
	eraser
	deadLetters
	merges
}

type articles interface {
	Head(ctx context.Context, id string) (article.Head, uint64, error)
	Heads(ctx context.Context, yield func(article.Head) error) error
	CheckNow(ctx context.Context, h article.Head) (asked bool, err error)
}

type feeds interface {
	Feed(ctx context.Context, id string) (article.Feed, uint64, error)
	Feeds(ctx context.Context) ([]article.Feed, error)
	PutFeed(ctx context.Context, f article.Feed, revision uint64) error
	DeleteFeed(ctx context.Context, id string) error
	ArmFeed(ctx context.Context, id string, at time.Time) error
	DisarmFeed(ctx context.Context, id string) error
}

type revisions interface {
	Revision(ctx context.Context, sequence uint64) (article.Event, error)
	WatchRevisions(ctx context.Context, after uint64, fromStart bool, fn func(sequence uint64, e article.Event) error) error
}

// Archive gives the text of versions, and forgets articles.
type Archive interface {
	Version(ctx context.Context, articleID string, version int, hash string) (article.Snapshot, error)
	forgetter
}

// Sizes of messages. No request is larger than a query with some names; an answer holds two versions and the words
// between them, of which the bus takes at most 8 MB.
const (
	maxRequest = 1 << 20
	maxAnswer  = 32 << 20
)

// Service is the query service.
type Service struct {
	queryv1.UnimplementedQueryServiceServer
	config   Config
	index    Index
	bus      Bus
	archive  Archive
	log      *slog.Logger
	now      func() time.Time
	ready    func(context.Context) error
	listener net.Listener
	server   *grpc.Server
	health   *health.Server
	stopping chan struct{} // closed when watch streams have to end
	checks   nextCheck
	rereader rereader
}

var _ queryv1.QueryServiceServer = (*Service)(nil)

// New binds the listener, so that an address in use is told at once, and assembles the server.
func New(config Config, deps Deps) (*Service, error) {
	if deps.Index == nil || deps.Bus == nil || deps.Archive == nil {
		return nil, errors.New("the query service needs an index, a bus and an archive")
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Clock == nil {
		deps.Clock = time.Now
	}
	if deps.Ready == nil {
		deps.Ready = func(context.Context) error { return nil }
	}
	listener, err := net.Listen("tcp", config.Listen)
	if err != nil {
		return nil, fmt.Errorf("gRPC cannot be served at %s; choose another address with --grpc: %w", config.Listen, err)
	}
	s := &Service{
		config: config, index: deps.Index, bus: deps.Bus, archive: deps.Archive, log: deps.Log, now: deps.Clock,
		ready: deps.Ready, listener: listener, health: health.NewServer(), stopping: make(chan struct{}),
		rereader: deps.ReExtract,
	}
	options := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxRequest), grpc.MaxSendMsgSize(maxAnswer),
		grpc.ChainUnaryInterceptor(s.guardCall), grpc.ChainStreamInterceptor(s.guardStream),
	}
	if config.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(config.TLS)))
	}
	s.server = grpc.NewServer(options...)
	queryv1.RegisterQueryServiceServer(s.server, s)
	grpc_health_v1.RegisterHealthServer(s.server, s.health)
	reflection.Register(s.server)
	s.setHealth(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	return s, nil
}

func (s *Service) setHealth(status grpc_health_v1.HealthCheckResponse_ServingStatus) {
	s.health.SetServingStatus("", status)
	s.health.SetServingStatus(queryv1.QueryService_ServiceDesc.ServiceName, status)
}

// Addr is the address listened at, valid after New.
func (s *Service) Addr() string { return s.listener.Addr().String() }

// stopTimeout is how long calls under way may take to finish once the service stops.
const stopTimeout = 3 * time.Second

// Run serves until the context ends. Then health says NOT_SERVING, watch streams end with UNAVAILABLE so that their
// readers come back elsewhere, and other calls may finish for at most three seconds. It is called once.
func (s *Service) Run(ctx context.Context) error {
	s.tellHealth(ctx)
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(s.listener) }()
	s.log.Debug("serving gRPC", "address", s.Addr())
	var watching sync.WaitGroup
	watched, stop := context.WithCancel(ctx)
	watching.Go(func() { s.watchHealth(watched) })
	defer func() { stop(); watching.Wait() }()
	select {
	case err := <-served:
		return fmt.Errorf("serving gRPC: %w", err)
	case <-ctx.Done():
	}
	s.health.Shutdown()
	close(s.stopping)
	cut := time.AfterFunc(stopTimeout, s.server.Stop)
	defer cut.Stop()
	s.server.GracefulStop()
	if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serving gRPC: %w", err)
	}
	return nil
}

// healthEvery is how old what health checks are told may be.
const healthEvery = 2 * time.Second

// watchHealth tells health checks whether the stores answer, until the context ends.
func (s *Service) watchHealth(ctx context.Context) {
	ticker := time.NewTicker(healthEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.tellHealth(ctx)
		}
	}
}

func (s *Service) tellHealth(ctx context.Context) {
	status := grpc_health_v1.HealthCheckResponse_SERVING
	if s.ready(ctx) != nil {
		status = grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	if ctx.Err() == nil {
		s.setHealth(status)
	}
}

// nextCheck remembers when the next article is looked at. Finding it reads every article's state, so it is kept for
// twenty times as long as that took: at most a twentieth of one core goes into it however often it is asked for.
type nextCheck struct {
	mutex sync.Mutex
	at    time.Time
	until time.Time
}

func (s *Service) nextCheck(ctx context.Context) (time.Time, error) {
	s.checks.mutex.Lock()
	defer s.checks.mutex.Unlock()
	start := s.now()
	if start.Before(s.checks.until) {
		return s.checks.at, nil
	}
	var next time.Time
	err := s.bus.Heads(ctx, func(h article.Head) error {
		if h.Tombstone == "" && !h.Next.IsZero() && (next.IsZero() || h.Next.Before(next)) {
			next = h.Next
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the articles' states: %w", err)
	}
	end := s.now()
	s.checks.at, s.checks.until = next, end.Add(20*end.Sub(start))
	return next, nil
}

// GetStatus says how much there is and what comes next.
func (s *Service) GetStatus(ctx context.Context, _ *queryv1.GetStatusRequest) (*queryv1.GetStatusResponse, error) {
	counts, err := s.index.Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting: %w", err)
	}
	feeds, err := s.bus.Feeds(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading feeds: %w", err)
	}
	check, err := s.nextCheck(ctx)
	if err != nil {
		return nil, err
	}
	var poll time.Time
	for _, f := range feeds {
		if !f.Paused && !f.NextPoll.IsZero() && (poll.IsZero() || f.NextPoll.Before(poll)) {
			poll = f.NextPoll
		}
	}
	return &queryv1.GetStatusResponse{
		Articles: counts.Articles, Versions: counts.Versions, Revisions: counts.Revisions, Feeds: int32(len(feeds)),
		NextPoll: timeToWire(poll), NextCheck: timeToWire(check), Commit: s.config.Commit,
	}, nil
}
