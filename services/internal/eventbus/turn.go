package eventbus

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

// Entry is an article that waits for its host's turn.
type Entry struct {
	Host      string `json:"host"`
	Article   string `json:"article"`
	Source    string `json:"source"`
	URL       string `json:"url"`
	Feed      string `json:"feed,omitempty"`
	Published string `json:"published,omitempty"`
	Hops      int    `json:"hops,omitempty"` // redirects to other hosts that led here
	Sequence  uint64 `json:"-"`              // set on reading
}

// Enqueue queues an article at its host and wakes the host unless its turn is taken. Steps E1 and E2 of the host turn:
// after nil the source may be acknowledged; after an error it must not be, so that its redelivery repeats both.
func (b *Bus) Enqueue(ctx context.Context, e Entry) error {
	host := article.Token(e.Host)
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding the entry of %s: %w", e.Article, err)
	}
	_, err = b.publish(ctx, outgoing{subject: "frontier." + host + "." + e.Article, data: data})
	if err != nil && !hasCode(err, codeMaxMessagesPerSubject) { // refused: it waits there already, and must still be woken
		return err
	}
	return b.wake(ctx, host)
}

func (b *Bus) wake(ctx context.Context, host string) error {
	_, err := b.publish(ctx, outgoing{subject: "turn.due." + host, expect: expecting(0), expectSubject: "turn.at." + host})
	if Refused(err) { // a lease or guard stands: it will fire
		return nil
	}
	return err
}

// NextEntry looks at a host's queue, answered by the leader. ErrNotFound if it is empty. Step T1.
func (b *Bus) NextEntry(ctx context.Context, hostToken string) (Entry, error) {
	m, err := b.next(ctx, streamFrontier, "frontier."+hostToken+".*")
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	if err := json.Unmarshal(m.Data, &e); err != nil {
		return Entry{}, fmt.Errorf("decoding entry %d: %w", m.Sequence, err)
	}
	e.Sequence = m.Sequence
	return e, nil
}

// RemoveEntry deletes an entry by its sequence, never a newer one of the same article. Step T5.
func (b *Bus) RemoveEntry(ctx context.Context, e Entry) error {
	return b.remove(ctx, streamFrontier, e.Sequence)
}

// Attempt is the body of a lease: which entry it was taken for, and how often. A lease that fires as a due message
// tells by it that its holder died over this entry.
type Attempt struct {
	Entry uint64 `json:"entry"`
	Count int    `json:"count"`
}

// Lease takes the host until a time if nobody holds it, and gives the fence for Rearm. Refused(err) says that somebody
// does. Step T2: after any other error the due message must not be acknowledged.
func (b *Bus) Lease(ctx context.Context, hostToken string, until time.Time, a Attempt) (uint64, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return 0, fmt.Errorf("encoding a lease: %w", err)
	}
	return b.publish(ctx, outgoing{
		subject: "turn.at." + hostToken, data: data, at: until, target: "turn.due." + hostToken, expect: expecting(0),
	})
}

// Rearm replaces the lease by a guard: the host may be looked at again at that time. It does nothing if the lease is
// not the caller's any more. Step T6: an error needs no cure, the lease or its heir fires.
func (b *Bus) Rearm(ctx context.Context, hostToken string, at time.Time, fence uint64) error {
	_, err := b.publish(ctx, outgoing{
		subject: "turn.at." + hostToken, at: at, target: "turn.due." + hostToken, expect: &fence,
	})
	return err
}

// ReadAttempt reads the body of a due turn; the zero Attempt for one that no lease left behind.
func ReadAttempt(data []byte) Attempt {
	var a Attempt
	if len(data) == 0 || json.Unmarshal(data, &a) != nil {
		return Attempt{}
	}
	return a
}
