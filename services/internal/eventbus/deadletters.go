package eventbus

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// DeadLetter is a message that no repetition can cure, kept for 30 days.
type DeadLetter struct {
	Sequence uint64
	Stream   string // where it came from
	Subject  string // its own
	Reason   string // one line
	At       time.Time
	Data     []byte
}

// Stands says that the message still stands in its stream, so that it is not replayed but read again from there, by
// `stet reindex`.
func (d DeadLetter) Stands() bool { return d.Stream == streamRevisions || d.Stream == streamOutcomes }

// DeadLetters yields dead letters, oldest first, until there are no more, the limit (0: none) is reached or yield fails.
func (b *Bus) DeadLetters(ctx context.Context, limit int, yield func(DeadLetter) error) error {
	sequence := uint64(1)
	for n := 0; limit == 0 || n < limit; n++ {
		m, err := b.nextFrom(ctx, streamDeadLetters, "dead.>", sequence)
		if IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := yield(deadLetter(m)); err != nil {
			return err
		}
		sequence = m.Sequence + 1
	}
	return nil
}

// ReadDeadLetter gives a dead letter. ErrNotFound if there is none with that number.
func (b *Bus) ReadDeadLetter(ctx context.Context, sequence uint64) (DeadLetter, error) {
	m, err := b.at(ctx, streamDeadLetters, sequence)
	if err != nil {
		return DeadLetter{}, err
	}
	return deadLetter(m), nil
}

func deadLetter(m *jetstream.RawStreamMsg) DeadLetter {
	rest := strings.TrimPrefix(m.Subject, "dead.")
	stream, subject, _ := strings.Cut(rest, ".")
	return DeadLetter{
		Sequence: m.Sequence, Stream: stream, Subject: subject, Reason: m.Header.Get(headerReason), At: m.Time, Data: m.Data,
	}
}

// ReplayDeadLetter publishes a dead letter to its own subject again and then removes it. A crash between the two
// leaves both, which every handler takes. What the index refused is not replayed: it still stands in its stream, and a
// second one at the end of a revision subject would not be the truth.
func (b *Bus) ReplayDeadLetter(ctx context.Context, sequence uint64) error {
	d, err := b.ReadDeadLetter(ctx, sequence)
	if err != nil {
		return err
	}
	if d.Stands() {
		return fmt.Errorf("dead letter %d still stands in %s: run `stet reindex`, then remove it", sequence, describe(d.Stream))
	}
	if _, err := b.publish(ctx, outgoing{subject: d.Subject, data: d.Data}); err != nil {
		return err
	}
	return b.RemoveDeadLetter(ctx, sequence)
}

// RemoveDeadLetter deletes a dead letter. One that is gone already is no error.
func (b *Bus) RemoveDeadLetter(ctx context.Context, sequence uint64) error {
	return b.remove(ctx, streamDeadLetters, sequence)
}
