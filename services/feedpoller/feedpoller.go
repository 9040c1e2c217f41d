// Package feedpoller polls feeds. A due feed waits at its host for the host's turn, as articles do. When the turn comes
// a scraper hands it on; the poller fetches the feed conditionally, publishes an item for every entry that is new or
// changed in it, and arms the feed's next poll. Items are published before the feed's memory is stored, so that a crash
// between the two repeats items (which are deduplicated) and never loses one.
package feedpoller

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/turn"
)

// bus is what the poller needs of the event bus.
type bus interface {
	Consume(ctx context.Context, c eventbus.Consumer, concurrency int, handle func(context.Context, *eventbus.Delivery) error) error
	Feed(ctx context.Context, id string) (article.Feed, uint64, error)
	Feeds(ctx context.Context) ([]article.Feed, error)
	PutFeed(ctx context.Context, f article.Feed, revision uint64) error
	ArmFeed(ctx context.Context, id string, at time.Time) error
	ArmFeedIfAbsent(ctx context.Context, id string, at time.Time) error
	PublishItem(ctx context.Context, i article.Item) error
	PublishPollOutcome(ctx context.Context, o article.PollOutcome) error
	names

	Enqueue(ctx context.Context, e eventbus.Entry) error
	RemoveEntry(ctx context.Context, e eventbus.Entry) error
	Lease(ctx context.Context, hostToken string, until time.Time, a eventbus.Attempt, fence uint64) (uint64, error)
	Guard(ctx context.Context, hostToken string, at time.Time, fence uint64, pagesFirst bool) error
	HandOn(ctx context.Context, hostToken string, b eventbus.Baton) error
	Host(ctx context.Context, name string) (eventbus.Host, uint64, error)
	PutHost(ctx context.Context, h eventbus.Host, revision uint64) error
}

// fetcher makes requests to strangers.
type fetcher interface {
	Do(ctx context.Context, r politehttp.Request) (*politehttp.Response, error)
}

// Deps is what a poller works with.
type Deps struct {
	Bus     bus
	Fetch   fetcher
	Policy  feed.Policy
	Workers int // polls at a time, default 32
	Visits  turn.Config
	WebSub  *WebSub // nil where hubs cannot reach us
	Log     *slog.Logger

	Metrics  *telemetry.Feeds
	Fetching *telemetry.Fetching
	Trace    *telemetry.Tracer
}

// Poller polls feeds.
type Poller struct {
	Deps
	visitor *turn.Visitor
	asks    chan string   // feeds whose hubs are to be asked
	hearing chan struct{} // hubs that are heard now
}

// New gives a poller.
func New(d Deps) *Poller {
	if d.Workers == 0 {
		d.Workers = 32
	}
	return &Poller{
		Deps: d, visitor: turn.New(d.Visits, d.Bus, d.Log), asks: make(chan string, maxAsks), hearing: make(chan struct{}, maxHearing),
	}
}

// enqueuers is how many due feeds are moved into the queues at a time; each is three requests to the bus.
const enqueuers = 16

// Run polls until the context ends. It first arms every feed that has no schedule, so that none that was added while a
// process died is forgotten.
func (p *Poller) Run(ctx context.Context) error {
	feeds, err := p.Bus.Feeds(ctx)
	if err != nil {
		return err
	}
	for _, f := range feeds {
		if f.Paused || stopped(f) {
			continue
		}
		if err := p.Bus.ArmFeedIfAbsent(ctx, f.ID, f.NextPoll); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.Bus.Consume(ctx, eventbus.DueFeeds, enqueuers, p.due) })
	group.Go(func() error { return p.Bus.Consume(ctx, eventbus.FeedTurns, p.Workers, p.turn) })
	if p.WebSub != nil {
		group.Go(func() error { return p.askHubs(ctx) })
	}
	if p.WebSub != nil && p.WebSub.Listener != nil {
		group.Go(func() error { return p.hearHubs(ctx) })
	}
	return group.Wait()
}

// stopped says that the site declared the feed gone for good.
func stopped(f article.Feed) bool { return !f.LastPoll.IsZero() && f.NextPoll.IsZero() }

// early is how long before its time a due feed counts as asked for once more, and not as due: after a crash, or by a
// poller that starts and finds no schedule while another polls.
const early = time.Minute

func polledMeanwhile(f article.Feed, now time.Time) bool { return f.NextPoll.Sub(now) > early }

// due queues a feed at its host. (steps E1 to E3)
func (p *Poller) due(ctx context.Context, m *eventbus.Delivery) error {
	f, _, err := p.Bus.Feed(ctx, m.Token(2))
	if eventbus.IsNotFound(err) {
		return nil // removed since
	}
	if err != nil {
		return err
	}
	if f.Paused || stopped(f) {
		return nil
	}
	if polledMeanwhile(f, p.visitor.Now()) {
		return p.Bus.ArmFeedIfAbsent(ctx, f.ID, f.NextPoll)
	}
	address := cmp.Or(f.Backfill, f.Look, f.URL)
	u, err := urls.Parse(address, "")
	if err != nil || !u.IsWeb() {
		return &eventbus.Poison{Err: fmt.Errorf("the address %q of feed %s cannot be fetched", address, f.ID)}
	}
	// The trace of the poll begins here, and not with the one that armed it.
	ctx, span := p.Trace.Begin(ctx, "queue", "stet.feed", f.ID, "stet.source", f.Source)
	err = p.Bus.Enqueue(ctx, eventbus.Entry{Host: u.Host, Feed: f.ID, Source: f.Source, URL: address})
	span.End(err)
	return err
}
