package feedpoller

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/turn"
)

// afterwards is how long a poll may go on behind its exchange: publishing the hundreds of items of a feed that is new.
const afterwards = 20 * time.Second

// maxHops is how many redirects from host to host are followed, as many as within one.
const maxHops = 5

// turn takes over the lease that a scraper hands on, and polls. A baton whose lease is over is dropped: the one that
// follows it is under way, or the feed was polled.
func (p *Poller) turn(ctx context.Context, m *eventbus.Delivery) error {
	baton, err := eventbus.ReadBaton(m.Data)
	if err != nil {
		return err
	}
	t, err := p.visitor.Look(ctx, baton.Entry)
	ours := false
	if err == nil && t != nil {
		ours, err = t.TakeOver(ctx, baton, afterwards) // T2
	}
	switch {
	case eventbus.Refused(err):
		return nil
	case err != nil:
		return err
	case !ours:
		return nil
	}
	if err := m.Ack(); err != nil { // T3
		return fmt.Errorf("acknowledging a turn of %s: %w", baton.Entry.Host, err)
	}
	if !t.Begin(ctx) { // T4
		return nil
	}
	again, err := p.visit(ctx, t)
	if err != nil {
		p.Log.WarnContext(ctx, "a poll did not end, the lease will fire", "feed", baton.Entry.Feed, "address", baton.Entry.URL, "error", err)
		return nil
	}
	t.End(ctx, again) // T6
	return nil
}

// visit polls the feed, unless nobody wants that any more or it must not be, and gives the time from the start of the
// visit after which the host may be looked at again.
func (p *Poller) visit(ctx context.Context, t *turn.Turn) (again time.Duration, err error) {
	ctx, span := p.Trace.Start(ctx, "poll", "stet.feed", t.Entry.Feed, "stet.source", t.Entry.Source, "server.address", t.Entry.Host)
	defer func() { span.End(err) }()
	f, revision, err := p.Bus.Feed(ctx, t.Entry.Feed)
	if err != nil && !eventbus.IsNotFound(err) {
		return 0, err
	}
	if err != nil || f.Paused || stopped(f) {
		return 0, p.Bus.RemoveEntry(ctx, t.Entry)
	}
	if polledMeanwhile(f, t.Start) { // by one who died before taking the entry away
		return 0, errors.Join(p.Bus.ArmFeedIfAbsent(ctx, f.ID, f.NextPoll), p.Bus.RemoveEntry(ctx, t.Entry))
	}
	allowed, why := t.Allowed()
	if allowed && t.Count > 1 {
		// The feed may have been asked already: asking again at once would be a crash that the publisher pays for.
		allowed, why = false, "The program ended during the poll before; the feed is asked again later."
		if t.Count > turn.MaxAttempts {
			why = "polling the feed ended the program several times; it is left alone for now"
		}
	}
	if !allowed {
		next, outcome, err := p.take(ctx, t, f, &politehttp.Response{Started: t.Start, URL: t.Entry.URL, Reason: why})
		if err != nil {
			return 0, err
		}
		return 0, p.conclude(ctx, t, f, next, revision, outcome)
	}
	answer, err := p.fetch(ctx, t, f)
	if err != nil {
		return 0, err
	}
	again = t.Learn(ctx, answer)
	if answer.Outcome == politehttp.Redirected {
		if followed, err := p.follow(ctx, t, answer); followed || err != nil {
			return again, err
		}
	}
	next, outcome, err := p.take(ctx, t, f, answer)
	if err != nil {
		return 0, err
	}
	if !strings.Contains(next.Warning, why) { // read against the word of robots.txt
		next.Warning = strings.TrimSpace(next.Warning + " " + why)
	}
	return again, p.conclude(ctx, t, f, next, revision, outcome)
}

// take reads what was asked for: the feed, or the sitemap of its site.
func (p *Poller) take(ctx context.Context, t *turn.Turn, f article.Feed, answer *politehttp.Response) (article.Feed, article.PollOutcome, error) {
	if f.Backfill != "" {
		return p.fill(ctx, f, answer)
	}
	before := f.LastPoll
	f, outcome, err := p.read(ctx, f, answer, forGood(t.Entry, answer))
	if err == nil {
		f = p.announced(f, before, outcome)
	}
	if err == nil && outcome.Overflow {
		f = overflowed(f, t.Host.Robots, before)
	}
	return f, outcome, err
}

// fetch asks for the feed on the host whose turn it is. The validators are those of the place they came from.
func (p *Poller) fetch(ctx context.Context, t *turn.Turn, f article.Feed) (*politehttp.Response, error) {
	ctx, cancel := context.WithDeadline(ctx, t.Deadline())
	defer cancel()
	request := politehttp.Request{
		URL: t.Entry.URL, SameHostOnly: true,
		Accept: "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
	}
	if believes(f, t.Start) {
		request.ETag, request.LastModified, request.ValidatorsOf = f.ETag, f.LastModified, cmp.Or(f.Via, f.URL)
	}
	return p.exchange(ctx, t, request)
}

// forGood says whether every redirect on the way to an answer was a permanent one, also those to other hosts.
func forGood(e eventbus.Entry, answer *politehttp.Response) bool {
	here := len(answer.Redirects) == 0 && answer.RedirectedTo == "" || answer.Permanent
	return here && (e.Hops == 0 || e.ForGood)
}

// follow queues the feed at the host it was redirected to: a request to another host is that host's turn. False says
// that this leads nowhere, in the answer's own words.
func (p *Poller) follow(ctx context.Context, t *turn.Turn, answer *politehttp.Response) (bool, error) {
	next := t.Entry
	next.ForGood = forGood(t.Entry, answer)
	next.Hops++
	u, err := urls.Parse(answer.RedirectedTo, "")
	if err != nil || !u.IsWeb() || next.Hops > maxHops {
		answer.Reason = "The feed redirects too often, or to no web address."
		return false, nil
	}
	next.URL, next.Host = u.Href, u.Host
	if err := p.Bus.Enqueue(ctx, next); err != nil {
		return false, err
	}
	return true, p.Bus.RemoveEntry(ctx, t.Entry)
}

// concludeTries bounds how often the feed's state is written again after somebody changed its settings meanwhile.
const concludeTries = 5

// conclude stores the feed, arms its next poll, records the outcome, and only then takes the entry out of the queue. (T5)
// before is the feed as the poll found it.
func (p *Poller) conclude(ctx context.Context, t *turn.Turn, before, f article.Feed, revision uint64, outcome article.PollOutcome) error {
	polled := f
	err := p.Bus.PutFeed(ctx, f, revision)
	for range concludeTries {
		if !errors.Is(err, eventbus.ErrConflict) {
			break
		}
		there, newer, lookErr := p.Bus.Feed(ctx, f.ID)
		if eventbus.IsNotFound(lookErr) { // removed meanwhile
			return p.Bus.RemoveEntry(ctx, t.Entry)
		}
		if lookErr != nil {
			return lookErr
		}
		f = heardMeanwhile(before, polled, there)
		f.Source, f.Folder, f.Paused = there.Source, there.Folder, there.Paused // the others are the poller's
		err = p.Bus.PutFeed(ctx, f, newer)
	}
	if err != nil {
		return err
	}
	p.count(f, outcome)
	if !stopped(f) && !f.Paused {
		if err := p.arm(ctx, f); err != nil {
			return err
		}
		p.offer(f)
	}
	if err := p.Bus.PublishPollOutcome(ctx, outcome); err != nil {
		return err
	}
	return p.Bus.RemoveEntry(ctx, t.Entry)
}

// arm schedules the next poll, also where a hub told news after the feed was stored and armed an earlier one before this.
func (p *Poller) arm(ctx context.Context, f article.Feed) error {
	if err := p.Bus.ArmFeed(ctx, f.ID, f.NextPoll); err != nil || p.WebSub == nil || f.Push == nil {
		return err
	}
	there, _, err := p.Bus.Feed(ctx, f.ID)
	if err != nil && !eventbus.IsNotFound(err) {
		return err
	}
	if err == nil && !stopped(there) && there.NextPoll.Before(f.NextPoll) {
		return p.Bus.ArmFeed(ctx, f.ID, there.NextPoll)
	}
	return nil
}
