package eventbus

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
)

// Entry is an article or a feed that waits for its host's turn.
type Entry struct {
	Host      string `json:"host"`
	Article   string `json:"article,omitempty"` // empty for a feed
	Source    string `json:"source"`
	URL       string `json:"url"`
	Feed      string `json:"feed,omitempty"` // the feed itself, or the one that led to the article
	Published string `json:"published,omitempty"`
	Hops      int    `json:"hops,omitempty"`    // redirects to other hosts that led here
	ForGood   bool   `json:"forGood,omitempty"` // and they were permanent, all of them
	// Rules is the host whose robots.txt waits here, because it redirects here; the article is then no article's.
	Rules string `json:"rules,omitempty"`
	// Of an article: the feed's headline, whether URL is a new address of it, and the first address where redirects to other
	// hosts led to this one.
	Headline string `json:"headline,omitempty"`
	Moved    bool   `json:"moved,omitempty"`
	Asked    string `json:"asked,omitempty"`
	// Set on reading:
	Sequence uint64    `json:"-"`
	QueuedAt time.Time `json:"-"` // by the server's clock
	Trace    string    `json:"-"` // that the look belongs to, empty for none: see telemetry.JoinTrace
}

// IsFeed says whether a feed waits, which feed-poller reads, and not an article.
func (e Entry) IsFeed() bool { return e.Article == "" }

func (e Entry) subject() string {
	if e.IsFeed() {
		return feedsAt(article.Token(e.Host)) + e.Feed
	}
	return "frontier." + article.Token(e.Host) + "." + e.Article
}

// feedsAt begins the subjects of the feeds that wait at a host. Pages have one token less, so that a look can ask for
// either.
func feedsAt(hostToken string) string { return "frontier." + hostToken + ".feed." }

// Enqueue queues an article or a feed at its host and wakes the host unless its turn is taken. Steps E1 and E2 of the
// host turn: after nil the source may be acknowledged; after an error it must not be, so that its redelivery repeats both.
func (b *Bus) Enqueue(ctx context.Context, e Entry) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding the entry of %s: %w", e.URL, err)
	}
	_, err = b.publish(ctx, outgoing{subject: e.subject(), data: data, traced: true})
	if err != nil && !hasCode(err, codeMaxMessagesPerSubject) { // refused: it waits there already, and must still be woken
		return err
	}
	return b.wake(ctx, article.Token(e.Host))
}

func (b *Bus) wake(ctx context.Context, host string) error {
	_, err := b.publish(ctx, outgoing{subject: "turn.due." + host, expect: expecting(0), expectSubject: "turn.at." + host})
	if Refused(err) { // a lease or guard stands: it will fire
		return nil
	}
	return err
}

// NextEntry looks at a host's queue, answered by the leader: at the feeds before the pages or the other way round, each
// in the order in which they came. ErrNotFound if nothing waits. Step T1.
func (b *Bus) NextEntry(ctx context.Context, hostToken string, pagesFirst bool) (Entry, error) {
	queues := []string{feedsAt(hostToken) + "*", "frontier." + hostToken + ".*"}
	if pagesFirst {
		slices.Reverse(queues)
	}
	m, err := b.nextSurely(ctx, streamFrontier, func() (*jetstream.RawStreamMsg, error) {
		m, err := b.next(ctx, streamFrontier, queues[0])
		if IsNotFound(err) {
			m, err = b.next(ctx, streamFrontier, queues[1])
		}
		return m, err
	})
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	if err := json.Unmarshal(m.Data, &e); err != nil {
		return Entry{}, fmt.Errorf("decoding entry %d: %w", m.Sequence, err)
	}
	e.Sequence, e.QueuedAt, e.Trace = m.Sequence, m.Time, m.Header.Get(headerTrace)
	return e, nil
}

// RemoveEntry deletes an entry by its sequence, never a newer one of the same article or feed. Step T5.
func (b *Bus) RemoveEntry(ctx context.Context, e Entry) error {
	return b.remove(ctx, streamFrontier, e.Sequence)
}

// Attempt is the body of a lease or guard, and so of the due message that it fires as.
type Attempt struct {
	// Entry is what a lease was taken for, 0 in a guard, and Count how often: a lease that fires tells by it that its
	// holder died over this entry.
	Entry uint64 `json:"entry"`
	Count int    `json:"count"`
	// PagesFirst says that it is the pages' turn, which keeps feeds and pages of a host from starving each other.
	PagesFirst bool `json:"pagesFirst,omitempty"`
}

// Lease takes the host until a time and gives the fence for what follows: with the fence 0 if nobody holds it, else if
// the lease with that fence still stands, which passes it on. Refused(err) says that somebody else does. Step T2: after
// any other error the message that led here must not be acknowledged.
func (b *Bus) Lease(ctx context.Context, hostToken string, until time.Time, a Attempt, fence uint64) (uint64, error) {
	data, err := json.Marshal(a)
	if err != nil {
		return 0, fmt.Errorf("encoding a lease: %w", err)
	}
	return b.publish(ctx, outgoing{
		subject: "turn.at." + hostToken, data: data, at: until, target: "turn.due." + hostToken, expect: &fence,
	})
}

// Guard replaces the lease by a guard: the host may be looked at again at that time. It does nothing if the lease is
// not the caller's any more. Step T6: an error needs no cure, the lease or its heir fires. With the fence 0 it guards a
// host that nobody holds.
func (b *Bus) Guard(ctx context.Context, hostToken string, at time.Time, fence uint64, pagesFirst bool) error {
	_, err := b.Lease(ctx, hostToken, at, Attempt{PagesFirst: pagesFirst}, fence)
	return err
}

// ReadAttempt reads the body of a due turn; the zero Attempt for one that a new entry woke.
func ReadAttempt(data []byte) Attempt {
	var a Attempt
	if len(data) == 0 || json.Unmarshal(data, &a) != nil {
		return Attempt{}
	}
	return a
}

// On gives the attempt at an entry: counted on where the message before was of the same one.
func (a Attempt) On(e Entry) Attempt {
	if a.Entry != e.Sequence {
		return Attempt{Entry: e.Sequence}
	}
	return a
}

// Baton hands the lease on a host to feed-poller, which reads feeds.
type Baton struct {
	Entry    Entry     `json:"entry"`
	Sequence uint64    `json:"sequence"` // of the entry
	QueuedAt time.Time `json:"queuedAt"` // of the entry
	Fence    uint64    `json:"fence"`    // of the lease that is to be passed on
	Until    time.Time `json:"until"`    // when that lease fires
	Count    int       `json:"count"`    // of attempts before
}

// HandOn publishes the baton, in the trace of the context. The one before it at that host is of a lease that is over, and goes. A baton that is lost
// needs no cure: its lease fires.
func (b *Bus) HandOn(ctx context.Context, hostToken string, baton Baton) error {
	data, err := json.Marshal(baton)
	if err != nil {
		return fmt.Errorf("encoding a baton: %w", err)
	}
	_, err = b.publish(ctx, outgoing{subject: "turn.feed." + hostToken, data: data, rollup: true, traced: true})
	return err
}

// ReadBaton reads a baton; a Poison error if it cannot be one.
func ReadBaton(data []byte) (Baton, error) {
	var b Baton
	if err := json.Unmarshal(data, &b); err != nil {
		return b, &Poison{fmt.Errorf("decoding a baton: %w", err)}
	}
	b.Entry.Sequence, b.Entry.QueuedAt = b.Sequence, b.QueuedAt
	return b, nil
}
