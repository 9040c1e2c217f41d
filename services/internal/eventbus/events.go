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

func subjectsOf(filter string) jetstream.StreamInfoOpt { return jetstream.WithSubjectFilter(filter) }

// PublishItem publishes an item. The same entry with the same text inside the window is stored once.
func (b *Bus) PublishItem(ctx context.Context, i article.Item) error {
	data, err := encode(ItemToWire(&i))
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{
		subject: "item." + article.Token(i.Source) + "." + i.Article, data: data,
		id:   article.Token(i.Feed + "\x00" + i.EntryID + "\x00" + i.URL + "\x00" + i.Title + "\x00" + i.Summary + "\x00" + formatTime(i.Updated)),
		kind: "stet.item", contentType: contentProtobuf,
	})
	return err
}

// DecodeItem reads an item; a Poison error if it cannot be one.
func DecodeItem(data []byte) (article.Item, error) {
	w := &eventv1.Item{}
	if err := proto.Unmarshal(data, w); err != nil {
		return article.Item{}, &Poison{fmt.Errorf("decoding an item: %w", err)}
	}
	i, err := ItemFromWire(w)
	if err != nil {
		return i, &Poison{err}
	}
	return i, nil
}

// PublishCheck publishes a check, once per article and fetch time: never by content, or the second equal reading would
// vanish and nobody would look again.
func (b *Bus) PublishCheck(ctx context.Context, c article.Check) error {
	data, err := encode(CheckToWire(&c))
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{
		subject: "snapshot." + c.Article, data: data, id: c.Article + "/" + formatTime(c.FetchedAt),
		kind: "stet.check", contentType: contentProtobuf,
	})
	return err
}

// FirstCheck gives the oldest stored check of an article and its sequence. ErrNotFound if none waits.
func (b *Bus) FirstCheck(ctx context.Context, id string) (article.Check, uint64, error) {
	m, err := b.next(ctx, streamSnapshots, "snapshot."+id)
	if err != nil {
		return article.Check{}, 0, err
	}
	c, err := decodeCheck(m.Data)
	return c, m.Sequence, err
}

func decodeCheck(data []byte) (article.Check, error) {
	w := &eventv1.Check{}
	if err := proto.Unmarshal(data, w); err != nil {
		return article.Check{}, &Poison{fmt.Errorf("decoding a check: %w", err)}
	}
	c, err := CheckFromWire(w)
	if err != nil {
		return c, &Poison{err}
	}
	return c, nil
}

// RemoveCheck deletes a check by its sequence.
func (b *Bus) RemoveCheck(ctx context.Context, sequence uint64) error {
	return b.remove(ctx, streamSnapshots, sequence)
}

// PublishRevision appends a revision if the article's newest one has the expected sequence (0: if there is none).
// Refused(err) says that it has not. There is no message id: what a window would answer as a duplicate could be other
// content.
func (b *Bus) PublishRevision(ctx context.Context, e article.Event, expected uint64) (uint64, error) {
	data, err := encode(EventToWire(&e))
	if err != nil {
		return 0, err
	}
	return b.publish(ctx, outgoing{
		subject: revisionSubject(e.Source, e.Article), data: data, expect: &expected, event: EventID(e.Article, e.Version),
		kind: "stet.revision", contentType: contentProtobuf,
	})
}

func revisionSubject(source, id string) string { return "revision." + article.Token(source) + "." + id }

// LastRevision gives the article's newest revision and its sequence, from the leader. ErrNotFound if none is kept.
func (b *Bus) LastRevision(ctx context.Context, source, id string) (article.Event, uint64, error) {
	m, err := b.last(ctx, streamRevisions, revisionSubject(source, id))
	if err != nil {
		return article.Event{}, 0, err
	}
	e, err := DecodeRevision(m.Data)
	return e, m.Sequence, err
}

// Revision gives the revision at a sequence. ErrNotFound if it is not kept any more.
func (b *Bus) Revision(ctx context.Context, sequence uint64) (article.Event, error) {
	m, err := b.streams[streamRevisions].GetMsg(ctx, sequence)
	if err != nil {
		return article.Event{}, readError(err, fmt.Sprintf("revision %d", sequence))
	}
	return DecodeRevision(m.Data)
}

// DecodeRevision reads a revision event; a Poison error if it cannot be one.
func DecodeRevision(data []byte) (article.Event, error) {
	w := &eventv1.RevisionEvent{}
	if err := proto.Unmarshal(data, w); err != nil {
		return article.Event{}, &Poison{fmt.Errorf("decoding a revision: %w", err)}
	}
	e, err := EventFromWire(w)
	if err != nil {
		return e, &Poison{err}
	}
	return e, nil
}

// WatchRevisions calls fn for every revision after a sequence, in order, as they come, until the context ends or fn
// fails. With after 0 it starts with what comes next, or, from the start, with the oldest that is kept.
func (b *Bus) WatchRevisions(ctx context.Context, after uint64, fromStart bool, fn func(uint64, article.Event) error) error {
	config := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy}
	switch {
	case after > 0:
		config = jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: after + 1}
	case fromStart:
		config = jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	}
	consumer, err := b.js.OrderedConsumer(ctx, streamRevisions, config)
	if err != nil {
		return fmt.Errorf("watching revisions: %w", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("watching revisions: %w", err)
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
			return fmt.Errorf("watching revisions: %w", err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("watching revisions: %w", err)
		}
		event, err := DecodeRevision(m.Data())
		if err != nil {
			b.log.Error("skipping a revision that cannot be read", "sequence", meta.Sequence.Stream, "error", err)
			continue
		}
		if err := fn(meta.Sequence.Stream, event); err != nil {
			return err
		}
	}
}

// PublishCheckOutcome publishes the record of a check, once per article and fetch time.
func (b *Bus) PublishCheckOutcome(ctx context.Context, o article.CheckOutcome) error {
	data, err := encode(CheckOutcomeToWire(&o))
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{
		subject: "outcome.check." + article.Token(o.Source) + "." + o.Article, data: data,
		id: o.Article + "/" + formatTime(o.FetchedAt), kind: "stet.outcome.check", contentType: contentProtobuf,
	})
	return err
}

// PublishPollOutcome publishes the record of a poll.
func (b *Bus) PublishPollOutcome(ctx context.Context, o article.PollOutcome) error {
	data, err := encode(PollOutcomeToWire(&o))
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{
		subject: "outcome.poll." + o.Feed, data: data, id: o.Feed + "/" + formatTime(o.PolledAt),
		kind: "stet.outcome.poll", contentType: contentProtobuf,
	})
	return err
}

// IsNotFound says whether an error means that there is no such message or key.
func IsNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// WatchOutcomes calls fn for every outcome record that comes, until the context ends. Exactly one of the arguments of
// fn is set.
func (b *Bus) WatchOutcomes(ctx context.Context, fn func(*eventv1.CheckOutcome, *eventv1.PollOutcome)) error {
	consumer, err := b.js.OrderedConsumer(ctx, streamOutcomes, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy})
	if err != nil {
		return fmt.Errorf("watching outcomes: %w", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("watching outcomes: %w", err)
	}
	defer messages.Stop()
	// The iterator is stopped, rather than given the context: an ordered one starts itself anew over a context's end.
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	for {
		m, err := messages.Next()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watching outcomes: %w", err)
		}
		d := Delivery{Subject: m.Subject()}
		if d.Token(1) == "check" {
			o := &eventv1.CheckOutcome{}
			if proto.Unmarshal(m.Data(), o) == nil {
				fn(o, nil)
			}
			continue
		}
		o := &eventv1.PollOutcome{}
		if proto.Unmarshal(m.Data(), o) == nil {
			fn(nil, o)
		}
	}
}
