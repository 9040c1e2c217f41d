// Package feedpoller polls feeds. It takes a due feed, fetches it conditionally, publishes an item for every entry
// that is new or changed in it, and arms the feed's next poll. Items are published before the feed's memory is stored,
// so that a crash between the two repeats items (which are deduplicated) and never loses one.
package feedpoller

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
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
	Workers int           // polls at a time, default 8
	Gap     time.Duration // between polls of one host by this process, default 2 s
	Log     *slog.Logger
}

// Poller polls feeds.
type Poller struct {
	Deps
	hosts hostGaps
}

// New gives a poller.
func New(d Deps) *Poller {
	if d.Workers == 0 {
		d.Workers = 8
	}
	if d.Gap == 0 {
		d.Gap = 2 * time.Second
	}
	return &Poller{Deps: d, hosts: hostGaps{next: map[string]time.Time{}}}
}

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
	return p.Bus.Consume(ctx, eventbus.DueFeeds, p.Workers, p.handle)
}

func (p *Poller) handle(ctx context.Context, m *eventbus.Delivery) error {
	f, revision, err := p.Bus.Feed(ctx, m.Token(2))
	if eventbus.IsNotFound(err) {
		return nil // removed since
	}
	if err != nil {
		return err
	}
	if f.Paused {
		return nil
	}
	next, outcome, err := p.poll(ctx, f)
	if err != nil {
		return err
	}
	err = p.Bus.PutFeed(ctx, next, revision)
	if errors.Is(err, eventbus.ErrConflict) {
		return fmt.Errorf("the feed %s was changed while it was polled: %w", f.URL, err) // polled again with the new settings
	}
	if err != nil {
		return err
	}
	if !stopped(next) {
		if err := p.Bus.ArmFeed(ctx, next.ID, next.NextPoll); err != nil { // before the acknowledgement
			return err
		}
	}
	return p.Bus.PublishPollOutcome(ctx, outcome)
}

// stopped says that the site declared the feed gone for good.
func stopped(f article.Feed) bool { return !f.LastPoll.IsZero() && f.NextPoll.IsZero() }

// poll fetches a feed, publishes its news, and gives its new state.
func (p *Poller) poll(ctx context.Context, f article.Feed) (article.Feed, article.PollOutcome, error) {
	if err := p.hosts.wait(ctx, f.URL, p.Gap); err != nil {
		return f, article.PollOutcome{}, err
	}
	answer, err := p.Fetch.Do(ctx, politehttp.Request{
		URL: f.URL, ETag: f.ETag, LastModified: f.LastModified,
		Accept: "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
	})
	if err != nil {
		return f, article.PollOutcome{}, err
	}
	var previous time.Duration // none before the first poll
	if !f.LastPoll.IsZero() {
		previous = f.NextPoll.Sub(f.LastPoll)
	}
	f.LastPoll, f.Status = answer.Started, answer.Status
	outcome := article.PollOutcome{Feed: f.ID, URL: f.URL, PolledAt: answer.Started, Status: answer.Status}
	history := feed.History{
		Now: answer.Started, RetryAfter: answer.RetryAfter, MaxAge: feed.MaxAge(answer.Header, answer.Started), Previous: previous,
	}
	var document *feed.Document
	trouble := answer.Reason
	switch answer.Outcome {
	case politehttp.NotModified:
		trouble = ""
		f.ETag, f.LastModified = keep(answer.ETag, f.ETag), keep(answer.LastModified, f.LastModified)
	case politehttp.OK:
		if document, err = feed.Parse(answer.Body, answer.ContentType, answer.URL); err != nil {
			trouble = err.Error()
			break
		}
		trouble = ""
		f.ETag, f.LastModified, f.BodyHash = answer.ETag, answer.LastModified, digest(string(answer.Body))
	}
	if trouble != "" {
		f.Failures++
		f.Error = trouble
		history.Failures, history.Gone = f.Failures, answer.Status == http.StatusGone
	} else {
		f.Failures, f.Error = 0, ""
	}
	if document != nil {
		if f, err = p.publish(ctx, f, document, &outcome); err != nil {
			return f, outcome, err
		}
		history.Items, history.NewItems, history.Overflow = outcome.Items, outcome.NewItems, outcome.Overflow
		f.Warning, f.TTL = strings.Join(document.Warnings, " "), document.TTL
		f.QuietHours, f.QuietDays = document.Quiet.Hours, document.Quiet.Days
	}
	history.TTL, history.Quiet = f.TTL, feed.Quiet{Hours: f.QuietHours, Days: f.QuietDays}
	f.NextPoll = p.Policy.Next(history)
	outcome.Error, outcome.Next = f.Error, f.NextPoll
	return f, outcome, nil
}

// publish sends an item for every entry that is new or changed, and gives the feed with its memory brought up to date.
func (p *Poller) publish(ctx context.Context, f article.Feed, d *feed.Document, outcome *article.PollOutcome) (article.Feed, error) {
	if d.Title != "" {
		f.Title = d.Title
	}
	outcome.Items = len(d.Items)
	known := make(map[string]string, len(d.Items))
	for i, entry := range d.Items {
		u, err := urls.Parse(entry.URL, f.URL)
		if err != nil || !u.IsWeb() {
			continue // an entry without an address cannot be watched
		}
		key, text := digest(entry.ID), digest(entry.URL+"\x00"+entry.Title+"\x00"+entry.Summary)
		if i < article.KnownEntries {
			known[key] = text
		}
		before, seen := f.Known[key]
		if seen && before == text {
			continue
		}
		if seen {
			outcome.Change++
		} else {
			outcome.NewItems++
		}
		item := article.Item{
			Feed: f.ID, Source: f.Source, Article: article.Token(u.Canonical), URL: u.Fetch(), EntryID: entry.ID,
			Title: entry.Title, Summary: entry.Summary, Published: entry.Published, Updated: entry.Updated, SeenAt: outcome.PolledAt,
		}
		if err := p.Bus.PublishItem(ctx, item); err != nil {
			return f, err
		}
	}
	// Nothing known in a feed that was known before: entries may have scrolled out between two polls.
	outcome.Overflow = len(f.Known) > 0 && len(d.Items) > 0 && outcome.NewItems == len(d.Items)
	if outcome.Overflow {
		f.Gaps++
	}
	for key, text := range f.Known {
		if len(known) >= article.KnownEntries {
			break
		}
		if _, there := known[key]; !there {
			known[key] = text
		}
	}
	f.Known = known
	f.Items += int64(outcome.NewItems)
	if outcome.NewItems > 0 {
		f.LastItem = outcome.PolledAt
	}
	return f, nil
}

func keep(newer, older string) string {
	if newer != "" {
		return newer
	}
	return older
}

// digest is short, because a feed remembers hundreds of them: 64 bits make a clash among 500 entries a matter of
// 10^-14.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// hostGaps spaces the polls of one host inside this process.
type hostGaps struct {
	mu   sync.Mutex
	next map[string]time.Time
}

func (g *hostGaps) wait(ctx context.Context, address string, gap time.Duration) error {
	u, err := urls.Parse(address, "")
	if err != nil {
		return fmt.Errorf("the feed's address: %w", err)
	}
	g.mu.Lock()
	now := time.Now()
	at := now
	if next := g.next[u.Host]; next.After(at) {
		at = next
	}
	g.next[u.Host] = at.Add(gap)
	g.mu.Unlock()
	if !at.After(now) {
		return nil
	}
	timer := time.NewTimer(at.Sub(now))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
