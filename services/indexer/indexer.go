// Package indexer writes revisions, and the outcomes of checks where the index takes them, to the search index,
// idempotently by document id. A message is acknowledged only when the index has the document on disk.
package indexer

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// bus is what the indexer needs of the event bus.
type bus interface {
	Consume(ctx context.Context, c eventbus.Consumer, concurrency int, handle func(context.Context, *eventbus.Delivery) error) error
}

// ChecksWriter takes the outcomes of checks, as search.Writer takes documents.
type ChecksWriter interface {
	WriteChecks(ctx context.Context, outcomes []article.CheckOutcome) error
}

// Deps is what an indexer works with.
type Deps struct {
	Bus    bus
	Index  search.Writer
	Checks ChecksWriter // nil for an index that does not keep them
	Log    *slog.Logger

	Metrics *telemetry.Indexing
	Trace   *telemetry.Tracer
}

// Indexer writes revisions to the index.
type Indexer struct {
	Deps
	revisions *batcher[search.Document]
	checks    *batcher[article.CheckOutcome]
}

// New gives an indexer.
func New(d Deps) *Indexer {
	x := &Indexer{Deps: d, revisions: newBatcher(d.Index.Write, d.Log)}
	x.revisions.measure("revisions", d.Metrics)
	if d.Checks != nil {
		x.checks = newBatcher(d.Checks.WriteChecks, d.Log)
		x.checks.measure("checks", d.Metrics)
	}
	return x
}

// Run indexes until the context ends, and finishes what it took.
func (x *Indexer) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return consume(ctx, x.Bus, eventbus.NewRevisions, x.revisions, x.revision) })
	if x.checks != nil {
		group.Go(func() error { return consume(ctx, x.Bus, eventbus.NewOutcomes, x.checks, x.check) })
	}
	return group.Wait()
}

// consume hands a consumer's messages to a handler that puts them into batches, and ends when the last is written.
func consume[T any](
	ctx context.Context, b bus, c eventbus.Consumer, batches *batcher[T], handle func(context.Context, *eventbus.Delivery) error,
) error {
	var group errgroup.Group
	group.Go(func() error {
		batches.run(context.WithoutCancel(ctx))
		return nil
	})
	err := b.Consume(ctx, c, maxBatch, handle)
	close(batches.queue)
	_ = group.Wait() // the batches report to the messages, they have no error of their own
	return err
}

func (x *Indexer) revision(ctx context.Context, m *eventbus.Delivery) error {
	e, err := eventbus.DecodeRevision(m.Data)
	if err != nil {
		return err
	}
	if e.Withdrawn {
		if err := x.Index.Delete(ctx, e.Article); err != nil {
			return err
		}
		if m.Deliveries == 1 {
			m.Leave() // comes again after the ack wait, and deletes what others had under way
		}
		return nil
	}
	_, span := x.Trace.Start(ctx, "index", "stet.article", e.Article, "stet.version", strconv.Itoa(e.Version))
	err = x.revisions.put(search.DocumentOf(m.Sequence, &e))
	span.End(err)
	if err == nil {
		x.Metrics.Searchable(e.FetchedAt, time.Now())
	}
	return err
}

func (x *Indexer) check(_ context.Context, m *eventbus.Delivery) error {
	o, err := eventbus.DecodeCheckOutcome(m.Data)
	if err != nil {
		return err
	}
	return x.checks.put(o)
}
