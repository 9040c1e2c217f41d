package scraper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/robots"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

const (
	robotsFor   = 24 * time.Hour   // RFC 9309: at most a day
	robotsRetry = 10 * time.Minute // after an answer that keeps everybody out
	maxHops     = 5                // redirects from host to host, as within one
)

func robotsDue(h eventbus.Host, now time.Time) bool {
	keep := robotsFor
	if h.RobotsStatus == 0 || h.RobotsStatus >= 500 {
		keep = robotsRetry
	}
	return now.Sub(h.RobotsAt) >= keep
}

// readRobots spends the turn on robots.txt; the article keeps its place for the next one.
func (s *Scraper) readRobots(ctx context.Context, t *visit) (time.Duration, error) {
	u, err := urls.Parse("/robots.txt", t.entry.URL)
	if err != nil {
		return 0, fmt.Errorf("the address of robots.txt for %q: %w", t.entry.URL, err)
	}
	answer, err := s.Fetch.Do(ctx, politehttp.Request{URL: u.Href, Accept: "text/plain, */*;q=0.5", Cut: robots.MaxBytes})
	if err != nil {
		return 0, err
	}
	h := t.host
	h.RobotsAt, h.RobotsStatus, h.Robots = t.start, robotsStatus(answer), nil
	if answer.Outcome == politehttp.OK {
		h.Robots = answer.Body
	}
	h.CrawlDelay = s.rules(h).Decide(s.UserAgent, t.entry.URL).CrawlDelay
	if err := s.Bus.PutHost(ctx, h, t.revision); err != nil {
		return 0, err
	}
	return max(t.gap, s.gap(t.entry.Host, h), answer.RetryAfter), nil
}

// robotsStatus is the status that decides about access: 0 where the host did not answer, or asked for a pause.
func robotsStatus(r *politehttp.Response) int {
	switch r.Outcome {
	case politehttp.Busy, politehttp.Unreachable, politehttp.Blocked:
		return 0
	case politehttp.BadRedirect, politehttp.TooLarge, politehttp.BadEncoding:
		return 404 // no usable rules: as if there were none
	default:
		return r.Status
	}
}

func (s *Scraper) rules(h eventbus.Host) *robots.Rules { return robots.Parse(h.RobotsStatus, h.Robots) }

// allowed asks the host's rules about the entry. The text says which rule keeps it out.
func (s *Scraper) allowed(t *visit) (string, bool) {
	decision := s.rules(t.host).Decide(s.UserAgent, t.entry.URL)
	if decision.Allowed {
		return "", true
	}
	if t.host.RobotsStatus == 0 || t.host.RobotsStatus >= 500 {
		return fmt.Sprintf("robots.txt of %s cannot be read (status %d), which keeps us out until it can", t.entry.Host, t.host.RobotsStatus), false
	}
	return fmt.Sprintf("robots.txt of %s keeps us out by %q in line %d", t.entry.Host, decision.Rule, decision.Line), false
}

// readArticle fetches the page and concludes the check, or hands the article to the host it was redirected to.
func (s *Scraper) readArticle(ctx context.Context, t *visit, h article.Head) (time.Duration, error) {
	request := politehttp.Request{URL: t.entry.URL, SameHostOnly: true, Accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"}
	if h.URL == t.entry.URL && h.State == article.Live {
		request.ETag, request.LastModified = h.ETag, h.LastModified
	}
	answer, err := s.Fetch.Do(ctx, request)
	if err != nil {
		return 0, err
	}
	again := s.pause(ctx, t, answer)
	if answer.Outcome == politehttp.Redirected {
		return again, s.follow(ctx, t, answer)
	}
	check := article.Check{
		Status: answer.Status, FinalURL: answer.URL, ETag: answer.ETag, LastModified: answer.LastModified,
		RetryAfter: answer.RetryAfter, Reason: answer.Reason, Outcome: outcome(answer.Outcome),
	}
	if answer.Outcome == politehttp.OK {
		check.Reason = ""
		if err := s.normalize(ctx, t, answer, &check); err != nil {
			return 0, err
		}
	}
	return again, s.conclude(ctx, t, check)
}

func outcome(o politehttp.Outcome) article.Outcome {
	switch o {
	case politehttp.OK:
		return article.Read
	case politehttp.NotModified:
		return article.Unchanged
	case politehttp.Gone:
		return article.OutcomeGone
	case politehttp.Refused, politehttp.Blocked:
		return article.OutcomeBlocked
	default:
		return article.Failed
	}
}

func (s *Scraper) normalize(ctx context.Context, t *visit, answer *politehttp.Response, check *article.Check) error {
	memory, revision, err := s.Bus.Site(ctx, t.entry.Host)
	if err != nil && !eventbus.IsNotFound(err) {
		return err
	}
	page := Page{Article: t.entry.Article, Source: t.entry.Source, URL: answer.URL, ContentType: answer.ContentType, Body: answer.Body}
	snapshot, remembered, err := s.Extract(page, memory)
	if err != nil {
		check.Outcome, check.Reason = article.Failed, err.Error()
		return nil
	}
	if check.Page, err = s.Archive.PutPage(ctx, t.entry.Article, answer.Body); err != nil {
		return err
	}
	check.Snapshot, check.ContentType = &snapshot, answer.ContentType
	if !bytes.Equal(memory, remembered) {
		// Whoever has the host's turn writes alone; where the turn was lost, one observation less does no harm.
		if err := s.Bus.PutSite(ctx, t.entry.Host, remembered, revision); err != nil && !errors.Is(err, eventbus.ErrConflict) {
			return err
		}
	}
	if answer.URL != t.entry.URL && answer.Permanent {
		check.Outcome = article.Moved
	}
	return nil
}

// follow queues the article at the host it was redirected to: a request to another host is that host's turn.
func (s *Scraper) follow(ctx context.Context, t *visit, answer *politehttp.Response) error {
	u, err := urls.Parse(answer.RedirectedTo, "")
	next := t.entry
	next.Hops++
	if err != nil || !u.IsWeb() || next.Hops > maxHops {
		return s.conclude(ctx, t, article.Check{
			Outcome: article.Failed, Status: answer.Status, Reason: "the page redirects too often, or to no web address",
		})
	}
	next.URL, next.Host = u.Href, u.Host
	if err := s.Bus.Enqueue(ctx, next); err != nil {
		return err
	}
	return s.Bus.RemoveEntry(ctx, t.entry)
}

const (
	firstBackoff = time.Minute
	maxBackoff   = 24 * time.Hour
)

// pause gives the time until the host may be looked at again, and counts its troubles: an answer that asks for a pause
// is honoured, and without a word of how long doubles from a minute to a day.
func (s *Scraper) pause(ctx context.Context, t *visit, answer *politehttp.Response) time.Duration {
	trouble := answer.Outcome == politehttp.Busy || answer.Outcome == politehttp.Unreachable
	if !trouble && t.host.Failures == 0 {
		return t.gap
	}
	h := t.host
	h.Failures++
	wait := max(t.gap, min(answer.RetryAfter, maxBackoff))
	switch {
	case !trouble:
		h.Failures = 0
	case answer.RetryAfter == 0:
		wait = max(wait, min(firstBackoff<<min(h.Failures-1, 11), maxBackoff))
	}
	if err := s.Bus.PutHost(ctx, h, t.revision); err != nil {
		s.Log.Warn("the host's trouble was not noted", "host", t.entry.Host, "error", err)
	}
	return wait
}
