package feedpoller

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/identity"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/websub"
)

// believes says whether the feed is asked for with its validators: not if its server has said for longer than can be
// believed that nothing has changed, or was found to say so wrongly.
func believes(f article.Feed, now time.Time) bool {
	if f.Deceptions >= maxDeceptions {
		return false
	}
	return f.LastWhole.IsZero() || now.Sub(f.LastWhole) < feed.Belief(f.Rhythm, f.Confirmed)
}

// maxDeceptions is how often a server may be found to deny news. Once may have been a coincidence.
const maxDeceptions = 2

// read takes in the answer of a feed's host: it publishes the news, and gives the feed's new state. forGood says that
// every redirect on the way was a permanent one.
func (p *Poller) read(ctx context.Context, f article.Feed, answer *politehttp.Response, forGood bool) (article.Feed, article.PollOutcome, error) {
	var document *feed.Document
	if answer.Outcome == politehttp.OK {
		var err error
		if document, err = feed.Parse(answer.Body, answer.ContentType, answer.URL); err != nil {
			answer = &politehttp.Response{Outcome: politehttp.ServerError, Reason: err.Error(), Status: answer.Status, URL: answer.URL,
				Header: answer.Header, Started: answer.Started}
			f.Trail = candidates(err, f)
		}
	}
	if f.Look != "" {
		if document == nil || !same(f, document) {
			next, outcome := p.lookOn(f, answer)
			return next, outcome, nil
		}
		p.Log.Info("a feed was found again at another address", "feed", f.ID, "before", f.URL, "now", answer.URL)
		f.URL, f.Look, f.Trail, f.MovedTo, f.MovedSeen = answer.URL, "", nil, "", 0
	}
	if document == nil {
		next, outcome := p.judge(f, answer, nil, forGood)
		return next, outcome, nil
	}
	news := article.PollOutcome{PolledAt: answer.Started}
	believed := believes(f, answer.Started)
	identity := same(f, document)
	f, err := p.publish(ctx, f, document, &news)
	if err != nil {
		return f, news, err
	}
	if !identity { // what is at the end of a redirect is another feed: it has not moved there
		forGood = false
	}
	f = whole(f, answer, news, believed)
	f.Warning, f.TTL = strings.Join(document.Warnings, " "), document.TTL
	f.QuietHours, f.QuietDays = document.Quiet.Hours, document.Quiet.Days
	f.Link, f.Trail = document.Link, nil
	if p.WebSub != nil {
		f = naming(f, links(document, websub.FromHeader(answer.Header, answer.URL), answer.URL))
	}
	next, outcome := p.judge(f, answer, &news, forGood)
	return next, outcome, nil
}

// whole notes what a feed that was read whole says of its server.
func whole(f article.Feed, answer *politehttp.Response, news article.PollOutcome, believed bool) article.Feed {
	switch {
	case believed && news.NewItems > 0:
		f.Confirmed = 0
	case !believed && news.NewItems > 0:
		f.Confirmed = 0
		f.Deceptions = min(f.Deceptions+1, maxDeceptions)
	case !believed:
		f.Confirmed++
	}
	f.ETag, f.LastModified, f.BodyHash = answer.ETag, answer.LastModified, digest(string(answer.Body))
	f.LastWhole = answer.Started
	return f
}

// judge gives the feed's state and the record of the poll. news is what a document brought, nil where none was read.
func (p *Poller) judge(f article.Feed, answer *politehttp.Response, news *article.PollOutcome, forGood bool) (article.Feed, article.PollOutcome) {
	unchanged := answer.Outcome == politehttp.NotModified
	history := feed.History{
		Now: answer.Started, RetryAfter: answer.RetryAfter, TTL: f.TTL, Quiet: feed.Quiet{Hours: f.QuietHours, Days: f.QuietDays},
	}
	if !f.LastPoll.IsZero() { // else this is the first poll, and there is no interval before it
		history.Previous = f.NextPoll.Sub(f.LastPoll)
	}
	outcome := article.PollOutcome{Feed: f.ID, URL: f.URL, PolledAt: answer.Started, Status: answer.Status}
	f.LastPoll, f.Status = answer.Started, answer.Status
	history.MaxAge = feed.Freshness(answer.Header, answer.Started, f.MaxAge, unchanged || answer.Status == 0)
	switch {
	case news != nil:
		outcome.Items, outcome.NewItems, outcome.Change, outcome.Overflow = news.Items, news.NewItems, news.Change, news.Overflow
		history.Items, history.NewItems, history.Overflow = news.Items, news.NewItems, news.Overflow
	case unchanged:
		f.ETag, f.LastModified = keep(answer.ETag, f.ETag), keep(answer.LastModified, f.LastModified)
	default:
		f.Failures++
		f.Error = answer.Reason
		history.Failures, history.Gone = f.Failures, answer.Status == http.StatusGone
		f = missed(f, answer)
	}
	if news != nil || unchanged {
		f.Failures, f.Error, f.MaxAge = 0, "", history.MaxAge
		f = moved(f, answer, forGood)
	}
	history.Whole = !f.LastWhole.IsZero() && f.ETag == "" && f.LastModified == "" || f.Deceptions >= maxDeceptions
	policy, history := p.pace(f, history)
	f.NextPoll = policy.Next(history)
	outcome.Error, outcome.Next = f.Error, f.NextPoll
	return f, outcome
}

// publish sends an item for every entry that is new or changed, and gives the feed with its memory brought up to date.
func (p *Poller) publish(ctx context.Context, f article.Feed, d *feed.Document, outcome *article.PollOutcome) (article.Feed, error) {
	if d.Title != "" {
		f.Title = d.Title
	}
	outcome.Items = len(d.Items)
	items := newest(d.Items)
	known := make(map[string]string, len(items))
	identifying := guids(d, f.Known)
	var seen []string
	for _, entry := range items {
		u, err := urls.Parse(entry.URL, f.URL)
		if err != nil || !u.IsWeb() {
			continue // an entry without an address cannot be watched
		}
		u = identity.Origin(u)
		key, text := digest(entry.ID), textOf(entry)
		known[key] = text
		seen = append(seen, digest(u.Canonical))
		before, there := f.Known[key]
		if there && before == text {
			continue
		}
		if there {
			outcome.Change++
		} else {
			outcome.NewItems++
		}
		item := article.Item{
			Feed: f.ID, Source: f.Source, Article: article.Token(u.Canonical), URL: u.Fetch(), EntryID: entry.ID,
			Title: entry.Title, Summary: entry.Summary, Published: entry.Published, Updated: entry.Updated, SeenAt: outcome.PolledAt,
		}
		if identifying[entry.ID] {
			if err := p.identify(ctx, f, entry, &item); err != nil {
				return f, err
			}
		}
		if err := p.Bus.PublishItem(ctx, item); err != nil {
			return f, err
		}
	}
	// Nothing known in a feed that was known before: entries may have scrolled out between two polls.
	outcome.Overflow = len(f.Known) > 0 && len(items) > 0 && outcome.NewItems == len(items)
	if outcome.Overflow {
		f.Gaps++
		f.Seen = seen
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
		f.Rhythm = rhythm(f, outcome.PolledAt)
		f.LastItem = outcome.PolledAt
	}
	return f, nil
}

// rhythm is the usual time between polls that brought news: each new one counts a quarter.
func rhythm(f article.Feed, now time.Time) time.Duration {
	switch since := now.Sub(f.LastItem); {
	case f.LastItem.IsZero():
		return 0 // the first poll finds everything new
	case f.Rhythm == 0:
		return since
	default:
		return f.Rhythm + (since-f.Rhythm)/4
	}
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
