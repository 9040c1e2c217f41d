package scraper

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// The times of a host's turn. A lease lasts max(gap, exchange deadline) + margin + slack.
const (
	margin = time.Second            // at least clock skew and the time a publish takes
	slack  = 3 * time.Second        // from the lease to the send
	pad    = 100 * time.Millisecond // on the gap: skew between the scrapers' clocks
)

// maxAttempts is how often an entry may outlive its holder before the check counts as failed.
const maxAttempts = 3

// turn takes one look at a host, by the model-checked steps T1 to T6. It decides itself what is acknowledged when.
func (s *Scraper) turn(ctx context.Context, m *eventbus.Delivery) error {
	token := m.Token(2)
	entry, err := s.Bus.NextEntry(ctx, token) // T1
	if eventbus.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	host, revision, err := s.Bus.Host(ctx, entry.Host)
	if err != nil {
		return err
	}
	attempt := eventbus.ReadAttempt(m.Data)
	if attempt.Entry != entry.Sequence {
		attempt = eventbus.Attempt{Entry: entry.Sequence}
	}
	attempt.Count++
	gap := s.gap(entry.Host, host)
	length := max(gap, s.Timeout) + margin + slack
	leasedAt := time.Now() // T2
	fence, err := s.Bus.Lease(ctx, token, leasedAt.Add(length), attempt)
	switch {
	case eventbus.Refused(err):
		return nil
	case err != nil:
		return err // not acknowledged: the lease may stand or not
	}
	if err := m.Ack(); err != nil { // T3: the lease is the baton
		return fmt.Errorf("acknowledging a turn of %s: %w", entry.Host, err)
	}
	t := visit{entry: entry, host: host, revision: revision, start: time.Now(), gap: gap}
	if t.start.Add(max(gap, s.Timeout) + margin).After(leasedAt.Add(length)) { // T4
		s.Log.Warn("too late for the turn, the lease will fire", "host", entry.Host)
		return nil
	}
	again, err := s.visit(ctx, &t, attempt.Count)
	if err != nil {
		s.Log.Warn("a visit did not end, the lease will fire", "host", entry.Host, "article", entry.Article, "error", err)
		return nil
	}
	if time.Now().Before(leasedAt.Add(length - margin)) { // T6
		if err := s.Bus.Rearm(ctx, token, t.start.Add(again+pad), fence); err != nil {
			s.Log.Debug("the guard was not armed, the lease or its heir will fire", "host", entry.Host, "error", err)
		}
	}
	return nil
}

// visit is one turn at a host.
type visit struct {
	entry    eventbus.Entry
	host     eventbus.Host
	revision uint64 // of the host's record
	start    time.Time
	gap      time.Duration
}

// visit makes one request: for robots.txt if that is due, else for the article. It gives the time from the start of
// the visit after which the host may be looked at again.
func (s *Scraper) visit(ctx context.Context, t *visit, attempt int) (time.Duration, error) {
	ctx, cancel := context.WithDeadline(ctx, t.start.Add(s.Timeout+margin))
	defer cancel()
	h, _, err := s.Bus.Head(ctx, t.entry.Article)
	if err != nil && !eventbus.IsNotFound(err) {
		return 0, err
	}
	if h.Tombstone != "" {
		return 0, s.Bus.RemoveEntry(ctx, t.entry)
	}
	if attempt > maxAttempts {
		return t.gap, s.conclude(ctx, t, article.Check{
			Outcome: article.Failed, Reason: "reading the page ended the program several times; it is left alone for now",
		})
	}
	if robotsDue(t.host, t.start) {
		return s.readRobots(ctx, t)
	}
	rules, ok := s.allowed(t)
	if !ok {
		return 0, s.conclude(ctx, t, article.Check{Outcome: article.OutcomeBlocked, Reason: rules})
	}
	return s.readArticle(ctx, t, h)
}

// conclude ends the check in its one message and only then takes the entry out of the queue. (T5)
func (s *Scraper) conclude(ctx context.Context, t *visit, c article.Check) error {
	c.Article, c.Source, c.URL, c.FetchedAt = t.entry.Article, t.entry.Source, t.entry.URL, t.start
	c.Feed, c.Published = t.entry.Feed, t.entry.Published
	if c.FinalURL == "" {
		c.FinalURL = c.URL
	}
	if err := s.Bus.PublishCheck(ctx, c); err != nil {
		return err
	}
	return s.Bus.RemoveEntry(ctx, t.entry)
}

// gap is the shortest time between two requests to a host: the operator's, the host's own wish, or longer while the
// host is in trouble.
func (s *Scraper) gap(name string, h eventbus.Host) time.Duration {
	gap := s.Gap
	if s.isLocal(name) {
		gap = s.LocalGap
	}
	return max(gap, min(h.CrawlDelay, maxCrawlDelay))
}

// maxCrawlDelay is the longest wish of a robots.txt that is followed; nobody means more.
const maxCrawlDelay = 5 * time.Minute

// isLocal says whether a host is named by an address inside the operator's own networks.
func (s *Scraper) isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, network := range s.Local {
		if network.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}
