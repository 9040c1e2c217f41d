package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/embedded"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/elastic"
	"github.com/stetnews/stet/services/internal/search/sqlite"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// index is a search index that this process opened.
type index interface {
	search.Writer
	search.Searcher
	io.Closer
}

// stores are the engines that services work with. What none of them needs is not opened.
type stores struct {
	folder  *folder          // nil where services run apart
	server  *embedded.Server // nil with a server outside
	nc      *nats.Conn
	bus     *eventbus.Bus
	archive *archive.Archive
	index   index
	checks  []telemetry.Check
}

// needs are the stores that a service works with.
type needs struct {
	role    eventbus.Role
	bus     bool
	archive bool
	index   bool
}

// everything is what one process with all services needs.
var everything = needs{role: eventbus.Everything, bus: true, archive: true, index: true}

// openFolderStores opens everything for one process that owns its data folder. What was opened is closed again on
// failure.
func openFolderStores(ctx context.Context, cfg Config, log *slog.Logger) (s *stores, err error) {
	s = &stores{}
	defer func() { err = s.closeOn(err) }()
	if s.folder, err = openFolder(cfg.Data); err != nil {
		return s, err
	}
	if len(cfg.NATS) == 0 {
		s.server, err = embedded.Start(embedded.Config{
			Folder: s.folder.file("nats"), SyncAlways: cfg.Sync != "default", Log: log,
		})
		if err != nil {
			return s, err
		}
		s.nc, err = s.server.Connect("stet")
	} else {
		s.nc, err = connect(ctx, cfg, "stet", log)
	}
	if err != nil {
		return s, err
	}
	if _, err = eventbus.Provision(ctx, s.nc, eventbus.ProvisionOptions{Replicas: cfg.Replicas}); err != nil {
		return s, fmt.Errorf("preparing the event store: %w", err)
	}
	if len(cfg.Elasticsearch) > 0 {
		if err = provisionIndex(ctx, cfg, log, false, func(string) {}); err != nil {
			return s, err
		}
	}
	return s, s.open(ctx, cfg, everything, log)
}

// openServiceStores opens what one service that runs apart needs.
func openServiceStores(ctx context.Context, cfg Config, name string, n needs, log *slog.Logger) (s *stores, err error) {
	s = &stores{}
	defer func() { err = s.closeOn(err) }()
	if !n.bus {
		return s, nil
	}
	if len(cfg.NATS) == 0 {
		return s, fmt.Errorf("%s runs apart from the others and needs to know where they meet: name the NATS server with "+
			"--nats nats://host:4222, or run `stet` alone, which has everything in one process", name)
	}
	if s.nc, err = connect(ctx, cfg, n.role.Name(), log); err != nil {
		return s, err
	}
	return s, s.open(ctx, cfg, n, log.With("service", name))
}

func (s *stores) open(ctx context.Context, cfg Config, n needs, log *slog.Logger) (err error) {
	err = await(ctx, cfg.Wait, log, "the event store", func(ctx context.Context) error {
		s.bus, err = eventbus.Open(ctx, s.nc, n.role, log)
		return err
	})
	if err != nil {
		return err
	}
	if s.server == nil {
		if err := checkClock(ctx, s.bus); err != nil {
			return err
		}
	}
	s.checks = append(s.checks, telemetry.Check{Name: "NATS", Ready: s.bus.Ping})
	if n.archive {
		if err := s.openArchive(ctx, cfg, log); err != nil {
			return err
		}
	}
	if n.index {
		return s.openIndex(ctx, cfg, log)
	}
	return nil
}

func (s *stores) openArchive(ctx context.Context, cfg Config, log *slog.Logger) (err error) {
	place := cfg.Archive
	if place == "" {
		place = filepath.Join(cfg.Data, "archive")
	}
	if s.archive, err = archive.Open(ctx, place); err != nil {
		return err
	}
	s.checks = append(s.checks, telemetry.Check{Name: "archive", Ready: s.archive.Ready})
	return await(ctx, cfg.Wait, log, "the archive", s.archive.Ready)
}

func (s *stores) openIndex(ctx context.Context, cfg Config, log *slog.Logger) error {
	if len(cfg.Elasticsearch) == 0 {
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			return fmt.Errorf("the data folder %s cannot be used: %w; name another with --data", cfg.Data, err)
		}
		opened, err := sqlite.Open(ctx, filepath.Join(cfg.Data, "index.db"))
		if err != nil {
			return err
		}
		s.index = opened
		return nil
	}
	return await(ctx, cfg.Wait, log, "the search index", func(ctx context.Context) error {
		opened, err := elastic.Open(ctx, elasticConfig(cfg))
		if err != nil {
			return err
		}
		s.index = opened
		s.checks = append(s.checks, telemetry.Check{Name: "Elasticsearch", Ready: opened.Check})
		return nil
	})
}

func elasticConfig(cfg Config) elastic.Config {
	return elastic.Config{
		Addresses: cfg.Elasticsearch, APIKey: cfg.ElasticsearchKey, CAFile: cfg.ElasticsearchCA, Prefix: cfg.IndexPrefix,
	}
}

// connect connects to the NATS servers outside, as a service or another user there, which its log lines name.
func connect(ctx context.Context, cfg Config, name string, log *slog.Logger) (nc *nats.Conn, err error) {
	options := eventbus.ConnectOptions(name, log)
	if cfg.NATSCreds != "" {
		options = append(options, nats.UserCredentials(cfg.NATSCreds))
	}
	if cfg.NATSCA != "" {
		options = append(options, nats.RootCAs(cfg.NATSCA))
	}
	if cfg.NATSCert != "" {
		options = append(options, nats.ClientCert(cfg.NATSCert, cfg.NATSKey))
	}
	servers := natsServers(cfg)
	err = await(ctx, cfg.Wait, log, "NATS", func(context.Context) error {
		nc, err = nats.Connect(servers, append(options, nats.RetryOnFailedConnect(false))...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("no NATS server can be used at %s: %w%s", masked(servers), err, natsAdvice(err))
	}
	return nc, nil
}

func natsAdvice(err error) string {
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return "; see that --nats-creds, or the user and password in the URL, are those of this service"
	case errors.Is(err, nats.ErrNoServers):
		return "; start one, or mend the address"
	default:
		return ""
	}
}

// closeOn closes what was opened if opening ended in an error.
func (s *stores) closeOn(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, s.close())
}

// close closes the bus before the stores that its handlers write to, and the folder last.
func (s *stores) close() error {
	var failed error
	if s.nc != nil {
		s.nc.Close()
	}
	if s.server != nil {
		s.server.Stop()
	}
	if s.index != nil {
		failed = errors.Join(failed, s.index.Close())
	}
	if s.archive != nil {
		failed = errors.Join(failed, s.archive.Close())
	}
	if s.folder != nil {
		failed = errors.Join(failed, s.folder.close())
	}
	return failed
}
