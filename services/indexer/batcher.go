package indexer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// maxBatch is how many documents one transaction takes at the most. What waits while one commits is the next batch, so
// that a lone revision is never held up and a flood is written together.
const maxBatch = 256

// pending is a document whose message waits for it to be on disk.
type pending[T any] struct {
	document T
	done     chan error
}

// batcher writes documents together.
type batcher[T any] struct {
	write func(context.Context, []T) error // its errors are those of search.Writer
	log   *slog.Logger
	queue chan pending[T]

	what    string
	metrics *telemetry.Indexing

	// Of the writing goroutine alone:
	troubled bool
	pause    time.Duration
}

func newBatcher[T any](write func(context.Context, []T) error, log *slog.Logger) *batcher[T] {
	return &batcher[T]{write: write, log: log, queue: make(chan pending[T], maxBatch)}
}

// measure counts the batches, by what is in them.
func (b *batcher[T]) measure(what string, metrics *telemetry.Indexing) {
	b.what, b.metrics = what, metrics
}

// put waits until the document is stored, or why it is not.
func (b *batcher[T]) put(document T) error {
	p := pending[T]{document, make(chan error, 1)}
	b.queue <- p
	return <-p.done
}

// run writes what comes until the queue is closed.
func (b *batcher[T]) run(ctx context.Context) {
	for first := range b.queue {
		batch := []pending[T]{first}
		for len(batch) < maxBatch {
			select {
			case p, open := <-b.queue:
				if open {
					batch = append(batch, p)
					continue
				}
			default:
			}
			break
		}
		b.commit(ctx, batch)
	}
}

// commit writes a batch and tells each message what became of its document. While the index takes nothing it waits a
// little longer after each batch, so that those who wait are few and the index is left in peace.
func (b *batcher[T]) commit(ctx context.Context, batch []pending[T]) {
	documents := make([]T, len(batch))
	for i, p := range batch {
		documents[i] = p.document
	}
	var later error
	start := time.Now()
	reasons := search.Reasons(b.write(ctx, documents), len(batch))
	done := telemetry.Batch{What: b.what, Documents: len(batch), Took: time.Since(start)}
	for i, err := range reasons {
		switch {
		case errors.Is(err, search.ErrBadDocument):
			reasons[i] = &eventbus.Poison{Err: err}
			done.Rejected++
		case err != nil && later == nil:
			later = err
		}
	}
	done.Failed = later != nil
	b.metrics.Wrote(done)
	b.note(later)
	for i, p := range batch {
		p.done <- reasons[i] // has room for it
	}
	if later != nil {
		b.pause = min(max(2*b.pause, firstPause), maxPause)
		time.Sleep(b.pause)
	} else {
		b.pause = 0
	}
}

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 3 * time.Second // shorter than the grace of a stop
)

// note logs once when the index begins to refuse and once when it takes documents again.
func (b *batcher[T]) note(trouble error) {
	switch {
	case trouble != nil && !b.troubled:
		b.log.Error("the index takes no documents; they wait", "error", trouble)
	case trouble == nil && b.troubled:
		b.log.Info("the index takes documents again")
	}
	b.troubled = trouble != nil
}
