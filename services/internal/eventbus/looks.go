package eventbus

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
)

// ChecksOf calls fn for the record of every check of an article that is kept, oldest first.
func (b *Bus) ChecksOf(ctx context.Context, articleID string, fn func(article.CheckOutcome)) error {
	records := span{stream: streamOutcomes, subject: "outcome.check.*." + articleID, fromStart: true, ends: true}
	return b.watch(ctx, records, func(sequence uint64, m jetstream.Msg) error {
		o, err := DecodeCheckOutcome(m.Data())
		if err != nil {
			b.log.Error("skipping an outcome that cannot be read", "sequence", sequence, "error", err)
			return nil
		}
		fn(o)
		return nil
	})
}

// PollsOf calls fn for the record of every poll of a feed that is kept, oldest first.
func (b *Bus) PollsOf(ctx context.Context, feedID string, fn func(article.PollOutcome)) error {
	records := span{stream: streamOutcomes, subject: "outcome.poll." + feedID, fromStart: true, ends: true}
	return b.watch(ctx, records, func(sequence uint64, m jetstream.Msg) error {
		o, err := DecodePollOutcome(m.Data())
		if err != nil {
			b.log.Error("skipping an outcome that cannot be read", "sequence", sequence, "error", err)
			return nil
		}
		fn(o)
		return nil
	})
}
