package eventbus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/article"
)

// WatchRevisions calls fn for every revision after a sequence, in order, as they come, until the context ends or fn
// fails. With after 0 it starts with what comes next, or, from the start, with the oldest that is kept.
func (b *Bus) WatchRevisions(ctx context.Context, after uint64, fromStart bool, fn func(uint64, article.Event) error) error {
	return b.watch(ctx, span{stream: streamRevisions, after: after, fromStart: fromStart}, b.eachRevision(fn))
}

// ReadRevisions calls fn for every revision after a sequence (0: from the oldest that is kept) that stands, in order,
// and returns at their end: there is then none that the stream had when the last was read.
func (b *Bus) ReadRevisions(ctx context.Context, after uint64, fn func(uint64, article.Event) error) error {
	return b.watch(ctx, span{stream: streamRevisions, after: after, fromStart: true, ends: true}, b.eachRevision(fn))
}

func (b *Bus) eachRevision(fn func(uint64, article.Event) error) func(uint64, jetstream.Msg) error {
	return func(sequence uint64, m jetstream.Msg) error {
		event, err := DecodeRevision(m.Data())
		if err != nil {
			b.log.Error("skipping a revision that cannot be read", "sequence", sequence, "error", err)
			return nil
		}
		return fn(sequence, event)
	}
}

// ReadCheckOutcomes does the same with the records of checks.
func (b *Bus) ReadCheckOutcomes(ctx context.Context, after uint64, fn func(uint64, article.CheckOutcome) error) error {
	return b.watch(ctx, span{stream: streamOutcomes, after: after, fromStart: true, ends: true}, func(sequence uint64, m jetstream.Msg) error {
		if !isCheckOutcome(m.Subject()) {
			return nil
		}
		o, err := DecodeCheckOutcome(m.Data())
		if err != nil {
			b.log.Error("skipping an outcome that cannot be read", "sequence", sequence, "error", err)
			return nil
		}
		return fn(sequence, o)
	})
}

// WatchOutcomes calls fn for every outcome record that comes, until the context ends. Exactly one of the arguments of
// fn is set.
func (b *Bus) WatchOutcomes(ctx context.Context, fn func(*eventv1.CheckOutcome, *eventv1.PollOutcome)) error {
	err := b.watch(ctx, span{stream: streamOutcomes}, func(_ uint64, m jetstream.Msg) error {
		if isCheckOutcome(m.Subject()) {
			o := &eventv1.CheckOutcome{}
			if proto.Unmarshal(m.Data(), o) == nil {
				fn(o, nil)
			}
			return nil
		}
		o := &eventv1.PollOutcome{}
		if proto.Unmarshal(m.Data(), o) == nil {
			fn(nil, o)
		}
		return nil
	})
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func isCheckOutcome(subject string) bool {
	d := Delivery{Subject: subject}
	return d.Token(1) == "check"
}

// RevisionsEnd gives the sequence of the newest revision of all, 0 if there is none: how far a reader has to go.
func (b *Bus) RevisionsEnd(ctx context.Context) (uint64, error) {
	return b.end(ctx, streamRevisions, "revision.>")
}

// OutcomesEnd is the same for the records of checks.
func (b *Bus) OutcomesEnd(ctx context.Context) (uint64, error) {
	return b.end(ctx, streamOutcomes, "outcome.check.>")
}

func (b *Bus) end(ctx context.Context, stream, filter string) (uint64, error) {
	m, err := b.last(ctx, stream, filter)
	if IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return m.Sequence, nil
}

// span is the part of a stream that is read.
type span struct {
	stream    string
	subject   string // pattern of those that are read, empty for all
	after     uint64 // sequence, 0 for none
	fromStart bool   // without after: from the oldest, else only what comes
	ends      bool   // at the end of what stands, else goes on with what comes
}

// watch reads a stream in order by a consumer of its own, which the server forgets with the reader.
func (b *Bus) watch(ctx context.Context, s span, fn func(uint64, jetstream.Msg) error) error {
	if _, err := b.stream(s.stream); err != nil {
		return err
	}
	config := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy}
	switch {
	case s.after > 0:
		config = jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: s.after + 1}
	case s.fromStart:
		config = jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	}
	if s.subject != "" {
		config.FilterSubjects = []string{s.subject}
	}
	consumer, err := b.js.OrderedConsumer(ctx, s.stream, config)
	if err != nil {
		return fmt.Errorf("watching %s: %w", describe(s.stream), err)
	}
	if info := consumer.CachedInfo(); s.ends && info != nil && info.NumPending == 0 {
		return nil
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("watching %s: %w", describe(s.stream), err)
	}
	defer messages.Stop()
	// The iterator is stopped, rather than given the context: an ordered one starts itself anew over a context's end.
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	for {
		m, err := messages.Next()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("watching %s: %w", describe(s.stream), err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("watching %s: %w", describe(s.stream), err)
		}
		if err := fn(meta.Sequence.Stream, m); err != nil {
			return err
		}
		if s.ends && meta.NumPending == 0 {
			return nil
		}
	}
}
