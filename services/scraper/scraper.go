// Package scraper reads articles. It queues items and due checks by host, takes a host's turn, fetches one article
// politely, normalizes it, keeps the raw page in the archive, and ends every check in exactly one message: the text, or
// the outcome if there was nothing to read. It keeps no state of its own: what all scrapers share is on the bus.
package scraper

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/turn"
)

// bus is what the scraper needs of the event bus.
type bus interface {
	Consume(ctx context.Context, c eventbus.Consumer, concurrency int, handle func(context.Context, *eventbus.Delivery) error) error
	Enqueue(ctx context.Context, e eventbus.Entry) error
	NextEntry(ctx context.Context, hostToken string, pagesFirst bool) (eventbus.Entry, error)
	RemoveEntry(ctx context.Context, e eventbus.Entry) error
	Lease(ctx context.Context, hostToken string, until time.Time, a eventbus.Attempt, fence uint64) (uint64, error)
	Guard(ctx context.Context, hostToken string, at time.Time, fence uint64, pagesFirst bool) error
	HandOn(ctx context.Context, hostToken string, b eventbus.Baton) error
	Sweep(ctx context.Context) (int, error)
	Head(ctx context.Context, id string) (article.Head, uint64, error)
	Host(ctx context.Context, name string) (eventbus.Host, uint64, error)
	PutHost(ctx context.Context, h eventbus.Host, revision uint64) error
	PublishCheck(ctx context.Context, c article.Check) error
	Site(ctx context.Context, host string) ([]byte, uint64, error)
	PutSite(ctx context.Context, host string, memory []byte, revision uint64) error
}

// pages keeps raw pages.
type pages interface {
	PutPage(ctx context.Context, article string, body []byte) (string, error)
}

// fetcher makes requests to strangers.
type fetcher interface {
	Do(ctx context.Context, r politehttp.Request) (*politehttp.Response, error)
}

// Page is a page as it was fetched, and whose it is.
type Page struct {
	Article, Source, URL, ContentType string
	Body                              []byte
}

// extractor turns a page into a snapshot by what is remembered of its site, and gives what is to be remembered from now
// on. Its error says that the page is no text at all.
type extractor func(p Page, memory []byte) (s article.Snapshot, remembered []byte, err error)

// Config is how the scraper behaves.
type Config struct {
	Workers int // turns at a time, default 32
	Visits  turn.Config
}

// Deps is what a scraper works with.
type Deps struct {
	Bus     bus
	Archive pages
	Fetch   fetcher
	Extract extractor
	Log     *slog.Logger
	Metrics *telemetry.Fetching
	Trace   *telemetry.Tracer
}

// Scraper reads articles.
type Scraper struct {
	Config
	Deps
	visitor *turn.Visitor
}

// New gives a scraper.
func New(c Config, d Deps) *Scraper {
	if c.Workers == 0 {
		c.Workers = 32
	}
	return &Scraper{c, d, turn.New(c.Visits, d.Bus, d.Log)}
}

// enqueuers is how many sources are moved into the queues at a time; each is two requests to the bus.
const enqueuers = 16

// sweepEvery is how often the net under the protocol looks for hosts that nobody wakes.
const sweepEvery = 10 * time.Minute

// Run works until the context ends, and lets what it fetches come to its end.
func (s *Scraper) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.Bus.Consume(ctx, eventbus.NewItems, enqueuers, s.item) })
	group.Go(func() error { return s.Bus.Consume(ctx, eventbus.DueChecks, enqueuers, s.due) })
	group.Go(func() error { return s.Bus.Consume(ctx, eventbus.DueTurns, s.Workers, s.turn) })
	group.Go(func() error { return s.sweep(ctx) })
	return group.Wait()
}

// item queues the article of an item: its first check, or a hint that pulls the next one forward. (steps E1 to E3)
func (s *Scraper) item(ctx context.Context, m *eventbus.Delivery) error {
	i, err := eventbus.DecodeItem(m.Data)
	if err != nil {
		return err
	}
	entry := eventbus.Entry{Article: i.Article, Source: i.Source, URL: i.URL, Feed: i.Feed, Headline: i.Title, Moved: i.Moved}
	if !i.Published.IsZero() {
		entry.Published = i.Published.UTC().Format(time.RFC3339)
	}
	return s.begin(ctx, entry, "item")
}

// due queues an article whose check is due.
func (s *Scraper) due(ctx context.Context, m *eventbus.Delivery) error {
	var d eventbus.DueCheck
	if err := json.Unmarshal(m.Data, &d); err != nil {
		return &eventbus.Poison{Err: fmt.Errorf("decoding a due check: %w", err)}
	}
	return s.begin(ctx, eventbus.Entry{Article: d.Article, Source: d.Source, URL: d.URL, Feed: d.Feed, Published: d.Published, Moved: d.Moved}, "due")
}

// begin queues an article, with which the trace of its check begins: a trace of its own, so that the check before it, or
// a poll that brought a hundred items, is not one with it.
func (s *Scraper) begin(ctx context.Context, e eventbus.Entry, cause string) error {
	ctx = telemetry.About(ctx, e.Article, 0)
	ctx, span := s.Trace.Begin(ctx, "queue", "stet.article", e.Article, "stet.source", e.Source, "stet.cause", cause)
	err := s.enqueue(ctx, e)
	span.End(err)
	return err
}

func (s *Scraper) enqueue(ctx context.Context, e eventbus.Entry) error {
	h, err := s.standing(ctx, &e)
	if err != nil {
		return err
	}
	if h.Tombstone != "" || h.MergedInto != "" {
		return nil
	}
	e.Moved = e.Moved && e.URL != h.URL
	if h.URL != "" && !e.Moved {
		e.URL = h.URL // where the article was last found, which a feed may not know
	}
	u, err := urls.Parse(e.URL, "")
	if err != nil || !u.IsWeb() {
		return &eventbus.Poison{Err: fmt.Errorf("the address %q of article %s cannot be fetched", e.URL, e.Article)}
	}
	e.Host = u.Host
	return s.Bus.Enqueue(ctx, e)
}

func (s *Scraper) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if hosts, err := s.Bus.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("sweeping the queues", "error", err)
		} else if hosts > 0 {
			s.Log.Debug("woke the hosts that have a queue", "hosts", hosts)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
