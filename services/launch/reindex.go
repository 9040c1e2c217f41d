package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/embedded"
	"github.com/stetnews/stet/services/internal/reindex"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/elastic"
	"github.com/stetnews/stet/services/internal/search/sqlite"
)

// ReindexOptions say what a reindex does beside rebuilding the index.
type ReindexOptions struct {
	From  string // data folder, or file of an SQLite index, whose collection is taken in; empty for none
	Fresh bool   // throw away what an interrupted reindex made
}

// Reindex builds the search index anew beside the one in use and puts it in its place. An index in Elasticsearch may be in
// use all the while; one in SQLite belongs to its data folder, on which no other stet may run.
func Reindex(ctx context.Context, cfg Config, options ReindexOptions, stderr io.Writer, tell func(reindex.Progress)) (result reindex.Result, err error) {
	log := newLogger(cfg, stderr)
	s, err := openReindexStores(ctx, cfg, log)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	job := reindex.Job{Stream: s.bus, Tell: tell, Log: log}
	finish, err := openDraft(ctx, cfg, options.Fresh, s, &job)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, finish()) }()
	if options.From != "" {
		source, done, err := openFrom(ctx, cfg, options.From, s.folder != nil)
		if err != nil {
			return result, err
		}
		defer done()
		job.Sources = append(job.Sources, source)
	}
	return reindex.Run(ctx, job)
}

// openReindexStores opens the stream and, where everything is in one folder, the folder under its lock; not the index,
// which may be the one that cannot be opened any more.
func openReindexStores(ctx context.Context, cfg Config, log *slog.Logger) (s *stores, err error) {
	// Query reads revisions in order and lists the articles' states, and that is all that a reindex asks of the bus.
	needed := needs{role: eventbus.Query, bus: true}
	if len(cfg.NATS) > 0 && len(cfg.Elasticsearch) > 0 {
		return openServiceStores(ctx, cfg, "reindex", needed, log)
	}
	s = &stores{}
	defer func() { err = s.closeOn(err) }()
	if _, err := os.Stat(cfg.Data); err != nil {
		return s, fmt.Errorf("there is no data folder: %w; name it with --data", err)
	}
	if s.folder, err = openFolder(cfg.Data); err != nil {
		return s, err
	}
	if len(cfg.NATS) > 0 {
		s.nc, err = connect(ctx, cfg, needed.role.Name(), log)
	} else {
		s.server, err = embedded.Start(embedded.Config{Folder: s.folder.file("nats"), SyncAlways: cfg.Sync != "default", Log: log})
		if err == nil {
			s.nc, err = s.server.Connect("reindex")
		}
		if err == nil {
			_, err = eventbus.Provision(ctx, s.nc, eventbus.ProvisionOptions{Replicas: cfg.Replicas})
		}
	}
	if err != nil {
		return s, err
	}
	return s, s.open(ctx, cfg, needed, log)
}

// openDraft opens the index in use and the one that is to be. What it gives closes what is left open of them.
func openDraft(ctx context.Context, cfg Config, fresh bool, s *stores, job *reindex.Job) (finish func() error, err error) {
	if len(cfg.Elasticsearch) > 0 {
		return openElasticDraft(ctx, cfg, fresh, job)
	}
	path := s.folder.file(indexFile)
	old, err := sqlite.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%w\nWhere the index cannot be read, move its file away and reindex again: the stream has what is needed", err)
	}
	d, err := sqlite.OpenDraft(ctx, path, fresh)
	if err != nil {
		return nil, errors.Join(err, old.Close())
	}
	draft := &fileDraft{Draft: d, old: old}
	job.Draft, job.Sources = draft, []reindex.Source{{Name: "the index in use", Index: old}}
	return draft.close, nil
}

// indexFile is the SQLite index in a data folder.
const indexFile = "index.db"

// fileDraft is a draft in SQLite. Nobody else has the data folder, so that there is nothing to switch before the file
// takes the place of the other one.
type fileDraft struct {
	*sqlite.Draft
	old      *sqlite.Index
	finished bool
}

func (*fileDraft) Switch(context.Context) error { return nil }

// Finish closes the old index and puts the new one in its place.
func (d *fileDraft) Finish(ctx context.Context) error {
	d.finished = true
	if err := d.old.Close(); err != nil {
		return errors.Join(err, d.Draft.Close())
	}
	return d.Draft.Finish(ctx)
}

func (d *fileDraft) close() error {
	if d.finished {
		return nil
	}
	return errors.Join(d.old.Close(), d.Draft.Close())
}

func openElasticDraft(ctx context.Context, cfg Config, fresh bool, job *reindex.Job) (finish func() error, err error) {
	// Not Open: it would refuse an index whose words another stet cut, which is what a reindex is for.
	x, err := elastic.Connect(ctx, elasticConfig(cfg))
	if err != nil {
		return nil, err
	}
	draft, err := x.Draft(ctx, fresh)
	if errors.Is(err, elastic.ErrNotProvisioned) {
		if _, err = x.Provision(ctx, false); err == nil {
			draft, err = x.Draft(ctx, fresh)
		}
	}
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	job.Draft, job.Sources = draft, []reindex.Source{{Name: "the index in use", Index: x}}
	return x.Close, nil
}

// openFrom opens another collection's index. One in the data folder that is open already was made of the same stream.
func openFrom(ctx context.Context, cfg Config, from string, ours bool) (source reindex.Source, done func(), err error) {
	at, err := os.Stat(from)
	if err != nil {
		return source, nil, fmt.Errorf("nothing can be taken in from %s: %w", from, err)
	}
	file, unlock := from, func() error { return nil }
	own := ours && sameFile(from, cfg.Data)
	if at.IsDir() {
		file = filepath.Join(from, indexFile)
		if _, err := os.Stat(file); err != nil {
			return source, nil, fmt.Errorf("the folder %s has no search index in a file: %w", from, err)
		}
		if !own {
			locked, err := openFolder(from)
			if err != nil {
				return source, nil, err
			}
			unlock = locked.close
		}
	}
	if len(cfg.Elasticsearch) == 0 && sameFile(file, filepath.Join(cfg.Data, indexFile)) {
		return source, nil, errors.Join(fmt.Errorf("--from %s is the index that is rebuilt: leave it out", from), unlock())
	}
	x, err := sqlite.Open(ctx, file)
	if err != nil {
		return source, nil, errors.Join(err, unlock())
	}
	own = own || ours && sameFile(file, filepath.Join(cfg.Data, indexFile))
	return reindex.Source{Name: from, Index: search.Searcher(x), Foreign: !own}, func() {
		_ = errors.Join(x.Close(), unlock()) // it was only read
	}, nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
