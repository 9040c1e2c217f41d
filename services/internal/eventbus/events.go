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

// WaitingCheck is a check that the differ has not accounted.
type WaitingCheck struct {
	article.Check
	Sequence uint64 // in its stream
	Trace    string // that it belongs to, empty for none: see telemetry.JoinTrace
}

// FirstCheck gives the oldest stored check of an article. ErrNotFound if none waits; after a Poison error it still has
// its sequence.
func (b *Bus) FirstCheck(ctx context.Context, id string) (WaitingCheck, error) {
	m, err := b.nextSurely(ctx, streamSnapshots, func() (*jetstream.RawStreamMsg, error) {
		return b.next(ctx, streamSnapshots, "snapshot."+id)
	})
	if err != nil {
		return WaitingCheck{}, err
	}
	c, err := decodeCheck(m.Data)
	return WaitingCheck{Check: c, Sequence: m.Sequence, Trace: m.Header.Get(headerTrace)}, err
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
	m, err := b.at(ctx, streamRevisions, sequence)
	if err != nil {
		return article.Event{}, err
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

// DecodeCheckOutcome reads the record of a check; a Poison error if it cannot be one.
func DecodeCheckOutcome(data []byte) (article.CheckOutcome, error) {
	w := &eventv1.CheckOutcome{}
	if err := proto.Unmarshal(data, w); err != nil {
		return article.CheckOutcome{}, &Poison{fmt.Errorf("decoding an outcome: %w", err)}
	}
	o, err := CheckOutcomeFromWire(w)
	if err != nil {
		return o, &Poison{err}
	}
	return o, nil
}

// DecodePollOutcome reads a poll's record from its wire form. A message that no repetition would cure gives a *Poison.
func DecodePollOutcome(data []byte) (article.PollOutcome, error) {
	w := &eventv1.PollOutcome{}
	if err := proto.Unmarshal(data, w); err != nil {
		return article.PollOutcome{}, &Poison{fmt.Errorf("decoding a poll's outcome: %w", err)}
	}
	o, err := PollOutcomeFromWire(w)
	if err != nil {
		return o, &Poison{err}
	}
	return o, nil
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
