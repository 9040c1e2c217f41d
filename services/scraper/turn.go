package scraper

import (
	"context"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/robots"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/turn"
)

// turn takes one look at a host, by the model-checked steps T1 to T6. It decides itself what is acknowledged when.
func (s *Scraper) turn(ctx context.Context, m *eventbus.Delivery) error {
	before := eventbus.ReadAttempt(m.Data)
	entry, err := s.Bus.NextEntry(ctx, m.Token(2), before.PagesFirst) // T1
	if eventbus.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx = join(ctx, entry)
	t, err := s.visitor.Look(ctx, entry)
	if err == nil && t != nil {
		if s.handsOn(t, before) {
			err = t.HandOn(ctx, before)
			t = nil
		} else {
			err = t.Lease(ctx, before, 0, 0) // T2
		}
	}
	switch {
	case eventbus.Refused(err):
		return nil
	case err != nil:
		return err // not acknowledged: the lease may stand or not
	case t == nil:
		return nil
	}
	if err := m.Ack(); err != nil { // T3: the lease is the baton
		return fmt.Errorf("acknowledging a turn of %s: %w", entry.Host, err)
	}
	if !t.Begin(ctx) { // T4
		return nil
	}
	again, err := s.visit(ctx, t)
	if err != nil {
		s.Log.WarnContext(ctx, "a visit did not end, the lease will fire", "host", entry.Host, "address", entry.URL, "error", err)
		return nil
	}
	t.End(ctx, again) // T6
	return nil
}

// join puts the look at an entry into the trace that it belongs to, and gives lines of the log the article.
func join(ctx context.Context, e eventbus.Entry) context.Context {
	ctx = telemetry.JoinTrace(ctx, e.Trace)
	if e.IsFeed() || e.Rules != "" {
		return ctx
	}
	return telemetry.About(ctx, e.Article, 0)
}

// cause names what a visit is for, as a fact of its span.
func cause(e eventbus.Entry) (key, value string) {
	switch {
	case e.Rules != "":
		return "stet.robots_of", e.Rules
	case e.IsFeed():
		return "stet.feed", e.Feed
	default:
		return "stet.article", e.Article
	}
}

// handsOn says whether the turn is feed-poller's: a feed's, unless robots.txt must be read for it first. One over which
// visitors die is feed-poller's too, which gives it up in so many words.
func (s *Scraper) handsOn(t *turn.Turn, before eventbus.Attempt) bool {
	_, awaited := t.RobotsAwaited()
	return t.Entry.IsFeed() && (!t.RobotsDue() && !awaited || before.On(t.Entry).Count >= turn.MaxAttempts)
}

// visit makes one request: for robots.txt if that is due, else for the article. It gives the time from the start of
// the visit after which the host may be looked at again.
func (s *Scraper) visit(ctx context.Context, t *turn.Turn) (again time.Duration, err error) {
	key, value := cause(t.Entry)
	ctx, span := s.Trace.Start(ctx, "visit", key, value, "server.address", t.Entry.Host)
	defer func() { span.End(err) }()
	ctx, cancel := context.WithDeadline(ctx, t.Deadline().Add(turn.Margin))
	defer cancel()
	if t.Entry.Rules != "" {
		return s.readRobotsOf(ctx, t)
	}
	if wait, awaited := t.RobotsAwaited(); awaited {
		return wait, nil // what waits keeps its place
	}
	if t.Entry.IsFeed() {
		return s.readRobots(ctx, t)
	}
	h, _, err := s.Bus.Head(ctx, t.Entry.Article)
	if err != nil && !eventbus.IsNotFound(err) {
		return 0, err
	}
	if h.Tombstone != "" || h.MergedInto != "" {
		return 0, s.Bus.RemoveEntry(ctx, t.Entry)
	}
	if t.Count > turn.MaxAttempts {
		return t.Gap, s.conclude(ctx, t, article.Check{
			Outcome: article.Failed, Reason: "reading the page ended the program several times; it is left alone for now",
		})
	}
	if t.RobotsDue() {
		return s.readRobots(ctx, t)
	}
	allowed, why := t.Allowed()
	if !allowed {
		return 0, s.conclude(ctx, t, article.Check{Outcome: article.OutcomeBlocked, Reason: why})
	}
	return s.readArticle(ctx, t, h, why)
}

// readRobots spends the turn on robots.txt; what waits keeps its place for the next one.
func (s *Scraper) readRobots(ctx context.Context, t *turn.Turn) (time.Duration, error) {
	address, err := t.RobotsURL()
	if err != nil {
		return 0, err
	}
	answer, err := s.fetchRobots(ctx, t, address)
	if err != nil {
		return 0, err
	}
	if answer.Outcome == politehttp.Redirected {
		if next, leads := t.RobotsElsewhere(answer); leads {
			if err := s.Bus.Enqueue(ctx, next); err != nil {
				return 0, err
			}
			return t.RobotsQueued(ctx, answer, next.Host)
		}
		answer.Outcome = politehttp.BadRedirect
	}
	return t.RobotsRead(ctx, answer)
}

func (s *Scraper) fetchRobots(ctx context.Context, t *turn.Turn, address string) (*politehttp.Response, error) {
	return s.fetch(ctx, t, telemetry.Robots, politehttp.Request{
		URL: address, Accept: "text/plain, */*;q=0.5", Cut: robots.MaxBytes, SameHostOnly: true,
	})
}

// readRobotsOf spends the turn on the robots.txt of another host, which redirects here.
func (s *Scraper) readRobotsOf(ctx context.Context, t *turn.Turn) (time.Duration, error) {
	of := t.Entry.Rules
	if t.Count > turn.MaxAttempts {
		trouble := &politehttp.Response{Outcome: politehttp.Unreachable, Reason: "Reading it ended the program several times."}
		if err := t.RobotsOf(ctx, of, trouble); err != nil {
			return 0, err
		}
		return 0, s.Bus.RemoveEntry(ctx, t.Entry)
	}
	answer, err := s.fetchRobots(ctx, t, t.Entry.URL)
	if err != nil {
		return 0, err
	}
	again := t.Learn(ctx, answer)
	if answer.Outcome == politehttp.Redirected {
		if next, leads := t.RobotsElsewhere(answer); leads {
			if err := s.Bus.Enqueue(ctx, next); err != nil {
				return 0, err
			}
			return again, s.Bus.RemoveEntry(ctx, t.Entry)
		}
		answer.Outcome = politehttp.BadRedirect
	}
	if err := t.RobotsOf(ctx, of, answer); err != nil {
		return 0, err
	}
	return again, s.Bus.RemoveEntry(ctx, t.Entry)
}

// conclude ends the check in its one message and only then takes the entry out of the queue. (T5)
func (s *Scraper) conclude(ctx context.Context, t *turn.Turn, c article.Check) error {
	c.Article, c.Source, c.URL, c.FetchedAt = t.Entry.Article, t.Entry.Source, t.Entry.URL, t.Start
	c.Feed, c.Published = t.Entry.Feed, t.Entry.Published
	c.Headline, c.Readdressed = t.Entry.Headline, t.Entry.Moved
	if t.Entry.Asked != "" {
		c.URL = t.Entry.Asked
	}
	s.Log.DebugContext(ctx, "an article was looked at", "source", c.Source, "url", c.URL, "outcome", c.Outcome.String(), "status", c.Status,
		"reason", c.Reason)
	if c.FinalURL == "" {
		c.FinalURL = t.Entry.URL
	}
	if err := s.Bus.PublishCheck(ctx, c); err != nil {
		return err
	}
	return s.Bus.RemoveEntry(ctx, t.Entry)
}
