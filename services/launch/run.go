package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/differ"
	"github.com/stetnews/stet/services/feedpoller"
	"github.com/stetnews/stet/services/indexer"
	"github.com/stetnews/stet/services/internal/certificates"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/rebaseline"
	"github.com/stetnews/stet/services/internal/recheck"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/turn"
	"github.com/stetnews/stet/services/query"
	"github.com/stetnews/stet/services/scraper"
	"github.com/stetnews/stet/services/web"
)

// runner is a service: it works until the context ends.
type runner interface {
	Run(ctx context.Context) error
}

// pace is how fast time runs: the demo's is not the world's.
type pace struct {
	checks recheck.Policy
	polls  feed.Policy
}

func worldPace() pace { return pace{checks: recheck.Default()} }

// service is a row of the table of all that can run.
type service struct {
	name  string
	needs needs
	make  func() (runner, error)
}

// process is what runs in one process: everything, or one service.
type process struct {
	cfg    Config
	pace   pace
	log    *slog.Logger
	stores *stores
	health *telemetry.Health
	// How it is seen from outside: set by observe, before services are made.
	metrics *telemetry.Metrics
	trace   *telemetry.Tracer
	fetch   *fetcher
	client  *client.Client
	shown   *certificates.Shown // nil without TLS
	token   string
	query   *query.Service
	// extractor reads pages, for the scraper, and again for the differ and the query service.
	extractor *extractor
	web       *web.Service
}

// services is the table of services, in the order of starting. web comes after query, whose address it needs.
func (p *process) services() []service {
	return []service{
		{"query", needs{role: eventbus.Query, bus: true, archive: true, index: true}, p.makeQuery},
		{"web", needs{}, p.makeWeb},
		{"indexer", needs{role: eventbus.Indexer, bus: true, index: true}, p.makeIndexer},
		{"differ", needs{role: eventbus.Differ, bus: true, archive: true}, p.makeDiffer},
		{"scraper", needs{role: eventbus.Scraper, bus: true, archive: true}, p.makeScraper},
		{"feed-poller", needs{role: eventbus.FeedPoller, bus: true}, p.makeFeedPoller},
	}
}

func (p *process) makeQuery() (_ runner, err error) {
	again := &rebaseline.Job{Heads: p.stores.bus,
		Reader: rebaseline.Reader{Bus: p.stores.bus, Archive: p.stores.archive, Extractor: p.extractor, Log: p.log}}
	if err := refuseOpen(p.cfg); err != nil {
		return nil, err
	}
	secure, err := p.serverTLS()
	if err != nil {
		return nil, err
	}
	p.query, err = query.New(
		query.Config{Listen: p.cfg.GRPC, Token: p.token, ReadToken: p.cfg.ReadToken, TLS: secure, Commit: Version()},
		query.Deps{Index: p.stores.index, Bus: p.stores.bus, Archive: p.stores.archive, Log: p.log, Clock: time.Now, Ready: p.health.Ready, ReExtract: again},
	)
	return p.query, err
}

func (p *process) makeWeb() (_ runner, err error) {
	address, options := p.cfg.GRPC, p.ownQuery()
	if p.query != nil {
		address = p.query.Addr()
	} else if options, err = DialOptions(p.cfg, p.cfg.ReadToken, Running{}); err != nil {
		return nil, err
	}
	if p.client, err = client.Dial(address, options...); err != nil {
		return nil, err
	}
	secure, err := p.serverTLS()
	if err != nil {
		return nil, err
	}
	p.web, err = web.New(web.Config{Listen: p.cfg.Web, PublicURL: p.cfg.PublicURL, TLS: secure}, web.Deps{Query: p.client, Log: p.log})
	return p.web, err
}

func (p *process) makeIndexer() (runner, error) {
	checks, _ := p.stores.index.(indexer.ChecksWriter) // Elasticsearch keeps them for Kibana, SQLite does not
	return indexer.New(indexer.Deps{Bus: p.stores.bus, Index: p.stores.index, Checks: checks, Log: p.log,
		Metrics: p.metrics.Indexing, Trace: p.trace}), nil
}

func (p *process) makeDiffer() (runner, error) {
	return differ.New(differ.Deps{Bus: p.stores.bus, Archive: p.stores.archive, Policy: p.pace.checks, Log: p.log,
		Extractor: p.extractor, Metrics: p.metrics.Checks, Trace: p.trace}), nil
}

func (p *process) makeScraper() (runner, error) {
	return scraper.New(scraper.Config{Visits: p.visits()}, scraper.Deps{
		Bus: p.stores.bus, Archive: p.stores.archive, Fetch: p.fetch, Log: p.log,
		Extract: p.extractor.scrape, Metrics: p.metrics.Fetching, Trace: p.trace,
	}), nil
}

// visits is how all visitors behave, who are one to a host.
func (p *process) visits() turn.Config {
	return turn.Config{
		Gap: max(p.cfg.HostGap, PoliteGap), LocalGap: p.cfg.HostGap, Local: p.cfg.AllowNetworks, UserAgent: product,
		Overrides: p.cfg.RobotsOverrides, Metrics: p.metrics.Fetching,
	}
}

func (p *process) makeFeedPoller() (runner, error) {
	hubs, err := p.webSub()
	if err != nil {
		return nil, err
	}
	return feedpoller.New(feedpoller.Deps{
		Bus: p.stores.bus, Fetch: p.fetch, Policy: p.pace.polls, Visits: p.visits(), Log: p.log, WebSub: hubs,
		Metrics: p.metrics.Feeds, Fetching: p.metrics.Fetching, Trace: p.trace,
	}), nil
}

// product is the name that robots.txt knows us by.
const product = "stet"

func userAgent(cfg Config) string {
	return fmt.Sprintf("%s/%s (+%s)", product, Version(), cfg.Contact)
}

// Run runs everything in one process until the context ends, and says on stdout what runs and what happens.
func Run(ctx context.Context, cfg Config, stdout, stderr io.Writer) error {
	subscriptions, err := subscriptions(cfg)
	if err != nil {
		return err
	}
	return run(ctx, cfg, worldPace(), subscriptions, stdout, stderr)
}

func run(ctx context.Context, cfg Config, pace pace, subscriptions []subscription, stdout, stderr io.Writer) (err error) {
	log := newLogger(cfg, stderr)
	stores, err := openFolderStores(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stores.close()) }()
	p := &process{cfg: cfg, pace: pace, log: log, stores: stores, health: telemetry.NewHealth(log, stores.checks...)}
	flush, err := p.observe(ctx, "stet", everything)
	if err != nil {
		return err
	}
	defer flush()
	if p.token, err = stores.folder.token(cfg.Token); err != nil {
		return err
	}
	if err := subscribe(ctx, stores.bus, subscriptions); err != nil {
		return err
	}
	if err := p.readOverrides(); err != nil {
		return err
	}
	p.fetch = newFetcher(cfg, log)
	defer p.fetch.CloseIdleConnections()
	defer p.closeTransport()
	all := p.services()
	runners, err := start(all)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.client.Close()) }()
	if err := stores.folder.announce(Running{PID: os.Getpid(), Web: p.web.Addr(), GRPC: p.query.Addr(), Certificate: absolute(cfg.TLSCert)}); err != nil {
		return err
	}
	r := newReporter(cfg, p.web.URL(), stdout)
	r.started(p, subscriptions)
	defer r.stopped()
	return p.serve(ctx, all, runners, func(ctx context.Context) error { return r.watch(ctx, stores.bus) }, p.room().watch, p.extractor.follow)
}

func (p *process) room() *disk { return &disk{folder: p.cfg.Data, free: freeBytes, log: p.log} }

// start makes services. Those that listen do so from here on, so that a port in use is told before anything is fetched.
func start(services []service) ([]runner, error) {
	var runners []runner
	for _, s := range services {
		r, err := s.make()
		if err != nil {
			return nil, fmt.Errorf("starting %s: %w", s.name, err)
		}
		runners = append(runners, r)
	}
	return runners, nil
}

// serve runs services and what goes with them until the context ends or one of them fails, which stops all.
func (p *process) serve(ctx context.Context, services []service, runners []runner, more ...func(context.Context) error) error {
	windows, err := p.openWindows()
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for i, s := range services {
		group.Go(func() error {
			if err := runners[i].Run(ctx); err != nil && ctx.Err() == nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			return nil
		})
	}
	windows.serve(ctx, group, p.health, p.metrics.Handler())
	for _, work := range more {
		group.Go(func() error { return work(ctx) })
	}
	return group.Wait()
}

// Offline opens the data folder under its lock and answers queries on a free loopback port without fetching anything.
// stop closes it.
func Offline(ctx context.Context, cfg Config) (address, token string, stop func(), err error) {
	if _, err := os.Stat(cfg.Data); err != nil {
		return "", "", nil, fmt.Errorf("there is no data folder: %w", err)
	}
	log := newLogger(cfg, io.Discard)
	stores, err := openFolderStores(ctx, cfg, log)
	if err != nil {
		return "", "", nil, err
	}
	p := &process{cfg: cfg, log: log, stores: stores, health: telemetry.NewHealth(log, stores.checks...)}
	if err := p.readOverrides(); err != nil {
		return "", "", nil, errors.Join(err, stores.close())
	}
	p.cfg.GRPC = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 0).String()
	p.cfg.TLSCert, p.cfg.TLSKey = "", "" // nobody but the caller hears this
	if p.token, err = stores.folder.token(cfg.Token); err != nil {
		return "", "", nil, errors.Join(err, stores.close())
	}
	service, err := p.makeQuery()
	if err != nil {
		return "", "", nil, errors.Join(err, stores.close())
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := service.Run(ctx); err != nil {
			log.Error("answering from the data folder", "error", err)
		}
	}()
	return p.query.Addr(), p.token, func() {
		cancel()
		<-done
		if err := stores.close(); err != nil {
			log.Error("closing the data folder", "error", err)
		}
	}, nil
}
