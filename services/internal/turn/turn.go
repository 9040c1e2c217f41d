// Package turn is how every visitor of stet takes a host's turn, so that many processes are one polite visitor: the
// steps between the look at a host's queue and the guard behind a visit, the gap between two requests, the pauses of a
// host in trouble, and what robots.txt allows. It makes no request itself. What it must remember is the host's record on
// the bus; the steps are those of the model-checked protocol (docs/adr/0003, and 0022 for feeds).
package turn

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// The times of a turn. A lease lasts max(gap, exchange deadline) + Margin + slack.
const (
	// Margin is at least clock skew and the time a publish takes.
	Margin = time.Second
	// slack is the time allowed from the lease to the send.
	slack = 3 * time.Second
	// pad is on the gap: skew between the visitors' clocks.
	pad = 100 * time.Millisecond
	// handOn is how long feed-poller may take to take a lease over. Nothing is sent under that lease, so it need not cover
	// a gap; where nobody comes, the host's pages go on after it.
	handOn = 5 * time.Second
	// roundTrip is what the bus may take to answer, so that a lease is not taken over in vain.
	roundTrip = time.Second / 2
)

// MaxAttempts is how often an entry may outlive its holder before its visit counts as failed.
const MaxAttempts = 3

// bus is what a turn needs of the event bus.
type bus interface {
	Lease(ctx context.Context, hostToken string, until time.Time, a eventbus.Attempt, fence uint64) (uint64, error)
	Guard(ctx context.Context, hostToken string, at time.Time, fence uint64, pagesFirst bool) error
	HandOn(ctx context.Context, hostToken string, b eventbus.Baton) error
	Host(ctx context.Context, name string) (eventbus.Host, uint64, error)
	PutHost(ctx context.Context, h eventbus.Host, revision uint64) error
}

// Config is how a visitor behaves. Both kinds of visitors must be given the same.
type Config struct {
	Gap       time.Duration // between the starts of two requests to a host, default 2 s
	LocalGap  time.Duration // the same for hosts named by an address inside Local, default Gap
	Local     []netip.Prefix
	Timeout   time.Duration // of one exchange, default that of politehttp
	UserAgent string        // its product name decides in robots.txt
	// Overrides are the sources whose robots.txt is not obeyed, each with the written reason.
	Overrides map[string]string
	// Now and Random are the clock and what jitter is made of (0 to 1); nil for the real ones.
	Now    func() time.Time
	Random func() float64
	// Metrics is told of pauses; nil for nobody.
	Metrics *telemetry.Fetching
}

// Visitor takes turns. It is safe for concurrent use.
type Visitor struct {
	Config
	bus bus
	log *slog.Logger
}

// New gives a visitor.
func New(c Config, b bus, log *slog.Logger) *Visitor {
	if c.Gap == 0 {
		c.Gap = 2 * time.Second
	}
	if c.LocalGap == 0 {
		c.LocalGap = c.Gap
	}
	if c.Timeout == 0 {
		c.Timeout = politehttp.DefaultTimeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return &Visitor{c, b, log}
}

// Turn is a host's turn that this process holds.
type Turn struct {
	Entry eventbus.Entry
	Host  eventbus.Host
	Count int // how often a turn was taken for the entry, this one included
	Gap   time.Duration
	Start time.Time

	visitor  *Visitor
	token    string
	revision uint64 // of the host's record
	fence    uint64
	leasedAt time.Time
	length   time.Duration
	asked    time.Time // when the last request was sent, from which the gap counts
}

// Look reads the host's record, and puts a host that rests to sleep until its rest is over: then the Turn is nil. The
// error may be a refusal: somebody else is at the host.
func (v *Visitor) Look(ctx context.Context, e eventbus.Entry) (*Turn, error) {
	host, revision, err := v.bus.Host(ctx, e.Host)
	if err != nil {
		return nil, err
	}
	t := &Turn{Entry: e, Host: host, revision: revision, visitor: v, token: article.Token(e.Host), Gap: v.gap(e.Host, host)}
	// A rest stands in the record too, because the visitor that was told of it may have died before its guard stood.
	if now := v.Now(); host.RestUntil.After(now) {
		return nil, v.bus.Guard(ctx, t.token, host.RestUntil, 0, false)
	}
	return t, nil
}

// Lease takes the turn: with the fence 0 if nobody has it, else if the lease with that fence still stands. work is how
// long the visit may go on behind its exchange before another counts it as dead. Refused(err) says that somebody else
// has the turn; after any other error the message that led here must not be acknowledged. (T2)
func (t *Turn) Lease(ctx context.Context, a eventbus.Attempt, fence uint64, work time.Duration) (err error) {
	v := t.visitor
	a = a.On(t.Entry)
	a.Count++
	// Whoever dies over an entry leaves it to the next one, who finds it first in the same queue.
	a.PagesFirst = !t.Entry.IsFeed()
	t.Count = a.Count
	t.length = max(t.Gap, v.Timeout+work) + Margin + slack
	t.leasedAt = v.Now()
	t.fence, err = v.bus.Lease(ctx, t.token, t.leasedAt.Add(t.length), a, fence)
	return err
}

// HandOn takes the turn for feed-poller and tells it. If nobody takes the lease over, it fires and it is the pages'
// turn; the attempts at the feed are counted by those who take over. Errors are those of Lease.
func (t *Turn) HandOn(ctx context.Context, a eventbus.Attempt) error {
	a = a.On(t.Entry)
	a.PagesFirst = true
	until := t.visitor.Now().Add(handOn)
	fence, err := t.visitor.bus.Lease(ctx, t.token, until, a, 0)
	if err != nil {
		return err
	}
	return t.visitor.bus.HandOn(ctx, t.token, eventbus.Baton{
		Entry: t.Entry, Sequence: t.Entry.Sequence, QueuedAt: t.Entry.QueuedAt, Fence: fence, Until: until, Count: a.Count,
	})
}

// TakeOver takes over the lease that a baton stands for, by its fence. False says that it is over, or so nearly over that
// it may be firing: a fire that is under way takes whatever stands in the lease's place with it, so a lease that was not
// surely taken over before that is none. Errors are those of Lease.
func (t *Turn) TakeOver(ctx context.Context, b eventbus.Baton, work time.Duration) (bool, error) {
	inTime := func(needs time.Duration) bool { return t.visitor.Now().Add(Margin + needs).Before(b.Until) }
	if !inTime(roundTrip) {
		return false, nil
	}
	err := t.Lease(ctx, eventbus.Attempt{Entry: b.Sequence, Count: b.Count}, b.Fence, work)
	if eventbus.Refused(err) {
		return false, nil
	}
	return inTime(0), err
}

// Begin says whether there is time for a request: the lease must outlive the exchange and the gap behind its start. (T4)
func (t *Turn) Begin(ctx context.Context) bool {
	t.Start = t.visitor.Now()
	t.asked = t.Start
	if t.Start.Add(max(t.Gap, t.visitor.Timeout) + Margin).After(t.leasedAt.Add(t.length)) {
		t.visitor.log.WarnContext(ctx, "too late for the turn, the lease will fire", "host", t.Entry.Host)
		return false
	}
	return true
}

// Waited is how long the entry waited for the visit: the price of politeness.
func (t *Turn) Waited() time.Duration { return t.Start.Sub(t.Entry.QueuedAt) }

// Deadline is when the exchange must be over.
func (t *Turn) Deadline() time.Time { return t.Start.Add(t.visitor.Timeout) }

// End guards the host until it may be asked again, that long after the visit's request was sent. (T6)
func (t *Turn) End(ctx context.Context, again time.Duration) {
	v := t.visitor
	if !v.Now().Before(t.leasedAt.Add(t.length - Margin)) {
		return // the lease fires any moment
	}
	if err := v.bus.Guard(ctx, t.token, t.asked.Add(again+pad), t.fence, t.Entry.IsFeed()); err != nil {
		v.log.DebugContext(ctx, "the guard was not armed, the lease or its heir will fire", "host", t.Entry.Host, "error", err)
	}
}

// Learn takes in what an exchange says about the host, and gives the time from its request to the next one.
func (t *Turn) Learn(ctx context.Context, answer *politehttp.Response) time.Duration {
	learned, again := t.learn(answer)
	if !t.visitor.worthWriting(t.Host, learned) {
		return again
	}
	if err := t.put(ctx, learned); err != nil {
		t.visitor.log.WarnContext(ctx, "what the host is like was not noted", "host", t.Entry.Host, "error", err)
	}
	return again
}

func (t *Turn) learn(answer *politehttp.Response) (eventbus.Host, time.Duration) {
	// What lies between the start of the visit and the request, on a machine that is busy, must not shorten the gap. Nor
	// must what the request took to arrive: it was there when it was answered, at the latest.
	if asked := answer.Asked; asked.After(t.asked) {
		t.asked = asked.Add(min(answer.Latency, t.Gap/8))
	} else if answer.Started.After(t.asked) {
		t.asked = answer.Started
	}
	h, again := t.visitor.learn(t.Host, answer, t.asked)
	if !h.RestUntil.IsZero() {
		t.visitor.Metrics.Paused(answer.Outcome.String())
	}
	return h, again
}

// put stores the host's record. The holder of the turn is the only writer, so that a conflict means that the turn was
// lost.
func (t *Turn) put(ctx context.Context, h eventbus.Host) error {
	h.Gap = t.visitor.gap(h.Name, h)
	if err := t.visitor.bus.PutHost(ctx, h, t.revision); err != nil {
		return fmt.Errorf("the record of %s: %w", h.Name, err)
	}
	t.Host = h
	return nil
}

// isLocal says whether a host is named by an address inside the operator's own networks.
func (v *Visitor) isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, network := range v.Local {
		if network.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
