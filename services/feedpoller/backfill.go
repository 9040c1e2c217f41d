package feedpoller

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// soon is when a sitemap is read after a feed was found to have lost items: at the host's next turns.
const soon = time.Minute

// overflowed has the site's sitemap read where items may have come and gone between two polls. robots is the host's
// robots.txt, which names it.
func overflowed(f article.Feed, robots []byte, before time.Time) article.Feed {
	sitemaps := feed.SitemapsOf(robots, f.URL)
	if len(sitemaps) == 0 || f.NextPoll.IsZero() {
		f.Seen = nil
		return f
	}
	f.Backfill, f.GapFrom, f.Resume = sitemaps[0], before, f.NextPoll
	f.NextPoll = f.LastPoll.Add(soon)
	return f
}

// fill publishes what a sitemap has of the time in which items may have been missed. An index leads to one sitemap.
func (p *Poller) fill(ctx context.Context, f article.Feed, answer *politehttp.Response) (article.Feed, article.PollOutcome, error) {
	outcome := article.PollOutcome{Feed: f.ID, URL: f.Backfill, PolledAt: answer.Started, Status: answer.Status}
	next := ""
	document, err := sitemapIn(answer)
	switch not := (*feed.NotAFeed)(nil); {
	case err == nil:
		if err := p.publishMissed(ctx, f, document, &outcome); err != nil {
			return f, outcome, err
		}
	case errors.As(err, &not) && len(not.Candidates) > 0 && !f.Indexed:
		next = not.Candidates[0]
	default:
		outcome.Error = "What may have left the feed unseen could not be looked up in the site's sitemap: " + err.Error()
	}
	f.Items += int64(outcome.NewItems)
	f.NextPoll = latest(f.Resume, answer.Started.Add(answer.RetryAfter))
	f.Backfill, f.Indexed = next, next != ""
	if f.Indexed {
		f.NextPoll = answer.Started.Add(soon)
	} else {
		f.GapFrom, f.Resume, f.Seen = time.Time{}, time.Time{}, nil
	}
	outcome.Next = f.NextPoll
	return f, outcome, nil
}

func sitemapIn(answer *politehttp.Response) (*feed.Document, error) {
	if answer.Outcome != politehttp.OK {
		return nil, errors.New(answer.Reason)
	}
	return feed.Parse(answer.Body, answer.ContentType, answer.URL)
}

// publishMissed sends an item for each entry of the time between the poll that knew all and the one that knew nothing.
func (p *Poller) publishMissed(ctx context.Context, f article.Feed, d *feed.Document, outcome *article.PollOutcome) error {
	outcome.Items = len(d.Items)
	for _, entry := range newest(d.Items) {
		date := entry.Published
		if date.IsZero() {
			date = entry.Updated
		}
		u, err := urls.Parse(entry.URL, f.URL)
		if err != nil || !u.IsWeb() || date.Before(f.GapFrom) || date.After(f.LastPoll) {
			continue
		}
		if slices.Contains(f.Seen, digest(u.Canonical)) {
			continue
		}
		outcome.NewItems++
		item := article.Item{
			Feed: f.ID, Source: f.Source, Article: article.Token(u.Canonical), URL: u.Fetch(), EntryID: entry.ID,
			Title: entry.Title, Published: entry.Published, Updated: entry.Updated, SeenAt: outcome.PolledAt,
		}
		if err := p.Bus.PublishItem(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

// newest are as many items as a feed remembers: of a larger document those with the newest dates.
func newest(items []feed.Item) []feed.Item {
	if len(items) <= article.KnownEntries {
		return items
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b feed.Item) int {
		return latest(b.Published, b.Updated).Compare(latest(a.Published, a.Updated))
	})
	return items[:article.KnownEntries]
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
