package feedpoller

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// read takes in the answer of a feed's host: it publishes the news, and gives the feed's new state.
func (p *Poller) read(ctx context.Context, f article.Feed, answer *politehttp.Response) (article.Feed, article.PollOutcome, error) {
	if answer.Outcome != politehttp.OK {
		next, outcome := p.judge(f, answer, nil)
		return next, outcome, nil
	}
	document, err := feed.Parse(answer.Body, answer.ContentType, answer.URL)
	if err != nil {
		trouble := *answer
		trouble.Outcome, trouble.Reason = politehttp.ServerError, err.Error()
		next, outcome := p.judge(f, &trouble, nil)
		return next, outcome, nil
	}
	news := article.PollOutcome{PolledAt: answer.Started}
	if f, err = p.publish(ctx, f, document, &news); err != nil {
		return f, news, err
	}
	f.ETag, f.LastModified, f.BodyHash = answer.ETag, answer.LastModified, digest(string(answer.Body))
	f.Warning, f.TTL = strings.Join(document.Warnings, " "), document.TTL
	f.QuietHours, f.QuietDays = document.Quiet.Hours, document.Quiet.Days
	next, outcome := p.judge(f, answer, &news)
	return next, outcome, nil
}

// judge gives the feed's state and the record of the poll. news is what a document brought, nil where none was read.
func (p *Poller) judge(f article.Feed, answer *politehttp.Response, news *article.PollOutcome) (article.Feed, article.PollOutcome) {
	history := feed.History{
		Now: answer.Started, RetryAfter: answer.RetryAfter, MaxAge: feed.MaxAge(answer.Header, answer.Started), TTL: f.TTL,
		Quiet: feed.Quiet{Hours: f.QuietHours, Days: f.QuietDays},
	}
	if !f.LastPoll.IsZero() { // else this is the first poll, and there is no interval before it
		history.Previous = f.NextPoll.Sub(f.LastPoll)
	}
	outcome := article.PollOutcome{Feed: f.ID, URL: f.URL, PolledAt: answer.Started, Status: answer.Status}
	f.LastPoll, f.Status = answer.Started, answer.Status
	switch {
	case news != nil:
		f.Failures, f.Error = 0, ""
		outcome.Items, outcome.NewItems, outcome.Change, outcome.Overflow = news.Items, news.NewItems, news.Change, news.Overflow
		history.Items, history.NewItems, history.Overflow = news.Items, news.NewItems, news.Overflow
	case answer.Outcome == politehttp.NotModified:
		f.Failures, f.Error = 0, ""
		f.ETag, f.LastModified = keep(answer.ETag, f.ETag), keep(answer.LastModified, f.LastModified)
	default:
		f.Failures++
		f.Error = answer.Reason
		history.Failures, history.Gone = f.Failures, answer.Status == http.StatusGone
	}
	f.NextPoll = p.Policy.Next(history)
	outcome.Error, outcome.Next = f.Error, f.NextPoll
	return f, outcome
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
