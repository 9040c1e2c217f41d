// Package indexer writes revisions to the search index, idempotently by document id. A message is acknowledged only
// when the index has the document on disk.
package indexer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
)

// bus is what the indexer needs of the event bus.
type bus interface {
	Consume(ctx context.Context, c eventbus.Consumer, concurrency int, handle func(context.Context, *eventbus.Delivery) error) error
}

// Deps is what an indexer works with.
type Deps struct {
	Bus   bus
	Index search.Writer
	Log   *slog.Logger
}

// Indexer writes revisions to the index.
type Indexer struct {
	Deps
	queue chan pending

	// Of the writing goroutine alone:
	troubled bool
	pause    time.Duration
}

// pending is a document whose message waits for it to be on disk.
type pending struct {
	document search.Document
	done     chan error
}

// maxBatch is how many documents one transaction takes at the most. What waits while one commits is the next batch, so
// that a lone revision is never held up and a flood is written together.
const maxBatch = 256

// New gives an indexer.
func New(d Deps) *Indexer { return &Indexer{Deps: d, queue: make(chan pending, maxBatch)} }

// Run indexes until the context ends, and finishes what it took.
func (x *Indexer) Run(ctx context.Context) error {
	var group errgroup.Group
	group.Go(func() error {
		x.write(context.WithoutCancel(ctx))
		return nil
	})
	err := x.Bus.Consume(ctx, eventbus.NewRevisions, maxBatch, x.handle)
	close(x.queue)
	_ = group.Wait() // the writer reports to the messages, it has no error of its own
	return err
}

func (x *Indexer) handle(ctx context.Context, m *eventbus.Delivery) error {
	e, err := eventbus.DecodeRevision(m.Data)
	if err != nil {
		return err
	}
	if e.Withdrawn {
		return x.Index.Delete(ctx, e.Article)
	}
	p := pending{search.DocumentOf(m.Sequence, &e), make(chan error, 1)}
	x.queue <- p
	return <-p.done
}

func (x *Indexer) write(ctx context.Context) {
	for first := range x.queue {
		batch := []pending{first}
		for len(batch) < maxBatch {
			select {
			case p, open := <-x.queue:
				if open {
					batch = append(batch, p)
					continue
				}
			default:
			}
			break
		}
		x.commit(ctx, batch)
	}
}

// commit writes a batch and tells each message what became of its document. While the index takes nothing it waits a
// little longer after each batch, so that those who wait are few and the index is left in peace.
func (x *Indexer) commit(ctx context.Context, batch []pending) {
	documents := make([]search.Document, len(batch))
	for i, p := range batch {
		documents[i] = p.document
	}
	var later error
	reasons := search.Reasons(x.Index.Write(ctx, documents), len(batch))
	for i, err := range reasons {
		switch {
		case errors.Is(err, search.ErrBadDocument):
			reasons[i] = &eventbus.Poison{Err: err}
		case err != nil && later == nil:
			later = err
		}
	}
	x.note(later)
	for i, p := range batch {
		p.done <- reasons[i] // has room for it
	}
	if later != nil {
		x.pause = min(max(2*x.pause, firstPause), maxPause)
		time.Sleep(x.pause)
	} else {
		x.pause = 0
	}
}

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 3 * time.Second // shorter than the grace of a stop
)

// note logs once when the index begins to refuse and once when it takes documents again.
func (x *Indexer) note(trouble error) {
	switch {
	case trouble != nil && !x.troubled:
		x.Log.Error("the index takes no documents; they wait", "error", trouble)
	case trouble == nil && x.troubled:
		x.Log.Info("the index takes documents again")
	}
	x.troubled = trouble != nil
}
