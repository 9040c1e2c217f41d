package launch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/embedded"
	"github.com/stetnews/stet/services/internal/search/sqlite"
)

// stores are the engines that one process holds: NATS, the archive, the index.
type stores struct {
	folder  *folder
	server  *embedded.Server // nil with a server outside
	nc      *nats.Conn
	bus     *eventbus.Bus
	archive *archive.Archive
	index   *sqlite.Index
}

// openStores opens everything in the data folder. What was opened is closed again on failure.
func openStores(ctx context.Context, cfg Config, log *slog.Logger) (s *stores, err error) {
	s = &stores{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.folder, err = openFolder(cfg.Data); err != nil {
		return s, err
	}
	if err = s.connect(cfg, log); err != nil {
		return s, err
	}
	if s.bus, err = eventbus.Open(ctx, s.nc, 1, log); err != nil {
		return s, fmt.Errorf("opening the event store in %s: %w", s.folder.path, err)
	}
	if s.archive, err = archive.OpenFolder(s.folder.file("archive")); err != nil {
		return s, err
	}
	s.index, err = sqlite.Open(ctx, s.folder.file("index.db"))
	return s, err
}

func (s *stores) connect(cfg Config, log *slog.Logger) (err error) {
	if cfg.NATS != "" {
		s.nc, err = nats.Connect(cfg.NATS, nats.Name("stet"), nats.MaxReconnects(-1))
		if err != nil {
			return fmt.Errorf("no NATS server answers at %s: %w", cfg.NATS, err)
		}
		return nil
	}
	s.server, err = embedded.Start(embedded.Config{
		Folder: s.folder.file("nats"), SyncAlways: cfg.Sync != "default", Log: log,
	})
	if err != nil {
		return err
	}
	s.nc, err = s.server.Connect("stet")
	return err
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
