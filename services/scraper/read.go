package scraper

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/turn"
)

// maxHops is how many redirects from host to host are followed, as many as within one.
const maxHops = 5

// readArticle fetches the page and concludes the check, or hands the article to the host it was redirected to. The note
// says by what the page may be read against the word of robots.txt, and goes with the outcome.
func (s *Scraper) readArticle(ctx context.Context, t *turn.Turn, h article.Head, note string) (time.Duration, error) {
	request := politehttp.Request{URL: t.Entry.URL, SameHostOnly: true, Accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.5"}
	if h.URL == t.Entry.URL && h.State == article.Live {
		request.ETag, request.LastModified = h.ETag, h.LastModified
	}
	answer, err := s.fetch(ctx, t, telemetry.Page, request)
	if err != nil {
		return 0, err
	}
	again := t.Learn(ctx, answer)
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
	check.Reason = strings.TrimSpace(check.Reason + " " + note)
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

func (s *Scraper) normalize(ctx context.Context, t *turn.Turn, answer *politehttp.Response, check *article.Check) error {
	memory, revision, err := s.Bus.Site(ctx, t.Entry.Host)
	if err != nil && !eventbus.IsNotFound(err) {
		return err
	}
	page := Page{Article: t.Entry.Article, Source: t.Entry.Source, URL: answer.URL, ContentType: answer.ContentType, Body: answer.Body}
	snapshot, remembered, err := s.extract(ctx, page, memory)
	if err != nil {
		check.Outcome, check.Reason = article.Failed, err.Error()
		return nil
	}
	if check.Page, err = s.Archive.PutPage(ctx, t.Entry.Article, answer.Body); err != nil {
		return err
	}
	check.Snapshot, check.ContentType = &snapshot, answer.ContentType
	if !bytes.Equal(memory, remembered) {
		// Whoever has the host's turn writes alone; where the turn was lost, one observation less does no harm.
		if err := s.Bus.PutSite(ctx, t.Entry.Host, remembered, revision); err != nil && !errors.Is(err, eventbus.ErrConflict) {
			return err
		}
	}
	if answer.URL != t.Entry.URL && answer.Permanent || t.Entry.Moved {
		check.Outcome = article.Moved
	}
	return nil
}

// fetch makes the visit's request, counted and traced.
func (s *Scraper) fetch(ctx context.Context, t *turn.Turn, what string, r politehttp.Request) (*politehttp.Response, error) {
	s.Metrics.Waited(what, t.Waited())
	ctx, span := s.Trace.Start(ctx, "fetch "+what, "url.full", r.URL)
	answer, err := s.Fetch.Do(ctx, r)
	if err == nil {
		s.Metrics.Fetched(what, answer.Outcome.String(), answer.Took, answer.Transferred)
		span.Set("stet.outcome", answer.Outcome.String(), "http.response.status_code", strconv.Itoa(answer.Status))
	}
	span.End(err)
	return answer, err
}

// extract reads a page for its text, counted and traced.
func (s *Scraper) extract(ctx context.Context, p Page, memory []byte) (article.Snapshot, []byte, error) {
	_, span := s.Trace.Start(ctx, "extract")
	start, verdict := time.Now(), "unreadable"
	snapshot, remembered, err := s.Extract(p, memory)
	if err == nil {
		verdict = snapshot.Quality.Verdict.String()
	}
	s.Metrics.Extracted(verdict, time.Since(start))
	span.Set("stet.verdict", verdict)
	span.End(err)
	return snapshot, remembered, err
}

// follow queues the article at the host it was redirected to: a request to another host is that host's turn.
func (s *Scraper) follow(ctx context.Context, t *turn.Turn, answer *politehttp.Response) error {
	u, err := urls.Parse(answer.RedirectedTo, "")
	next := t.Entry
	next.Hops++
	if next.Asked == "" {
		next.Asked = t.Entry.URL
	}
	if err != nil || !u.IsWeb() || next.Hops > maxHops {
		return s.conclude(ctx, t, article.Check{
			Outcome: article.Failed, Status: answer.Status, Reason: "the page redirects too often, or to no web address",
		})
	}
	next.URL, next.Host = u.Href, u.Host
	if err := s.Bus.Enqueue(ctx, next); err != nil {
		return err
	}
	return s.Bus.RemoveEntry(ctx, t.Entry)
}
