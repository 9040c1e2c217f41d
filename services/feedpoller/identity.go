package feedpoller

import (
	"context"
	"errors"
	"slices"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/identity"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// names is what is known of the keys that lead to articles.
type names interface {
	Alias(ctx context.Context, token string) (article.Alias, uint64, error)
	PutAlias(ctx context.Context, a article.Alias, revision uint64) error
	Merge(ctx context.Context, into, from string) (article.Merge, uint64, error)
	PutMerge(ctx context.Context, m article.Merge, revision uint64) error
}

func entryOf(e feed.Item) identity.Entry {
	return identity.Entry{ID: e.ID, URL: e.URL, Title: e.Title, Published: e.Published, Permalink: e.Permalink}
}

// guids are the ids in a document that can identify. Entries whose id is new although all they say is known show that the
// feed makes its ids anew.
func guids(d *feed.Document, known map[string]string) map[string]bool {
	texts := make(map[string]bool, len(known))
	for _, text := range known {
		texts[text] = true
	}
	var entries []identity.Entry
	for _, e := range d.Items {
		if _, seen := known[digest(e.ID)]; !seen && texts[textOf(e)] {
			return nil
		}
		entries = append(entries, entryOf(e))
	}
	return identity.GUIDs(entries)
}

// textOf is the digest of what a feed says of an entry.
func textOf(e feed.Item) string { return digest(e.URL + "\x00" + e.Title + "\x00" + e.Summary) }

// identify gives the item to the article that the entry was before, where the feed names another address under the same
// id: publishers change the address with the headline. It is told in this order, each step idempotent, so that a poll that
// died tells it again: the merge, what the address leads to, the article's newer address, the entry's, and then the item.
func (p *Poller) identify(ctx context.Context, f article.Feed, entry feed.Item, item *article.Item) error {
	own, _, err := p.Bus.Alias(ctx, item.Article)
	if err != nil && !eventbus.IsNotFound(err) {
		return err
	}
	claim := identity.ByGUID(f.ID, entry.ID)
	for {
		known, revision, err := p.Bus.Alias(ctx, claim.Key)
		if err != nil && !eventbus.IsNotFound(err) {
			return err
		}
		next, moved := known, false
		switch {
		case revision == 0:
			next = article.Alias{Key: claim.Key, Article: item.Article, Kind: claim.Kind, Value: claim.Value, Since: item.SeenAt}
		case known.Article != item.Article && own.Article == item.Article: // the address is known as an article of its own
			next.Article = item.Article
		case known.Article != item.Article:
			if moved, err = p.moved(ctx, f, entry, item, known, own.Article == known.Article); err != nil {
				return err
			}
			if !moved {
				next, _ = identity.Refuse(known, item.Article, item.SeenAt)
			}
		}
		if next.Article == item.Article || moved {
			next.Address, next.Headline, next.Published = item.URL, entry.Title, entry.Published
		}
		if !equal(next, known) {
			if err := p.Bus.PutAlias(ctx, next, revision); errors.Is(err, eventbus.ErrConflict) {
				continue
			} else if err != nil {
				return err
			}
		}
		if moved {
			item.Article, item.Moved = known.Article, true
		}
		return nil
	}
}

func equal(a, b article.Alias) bool {
	return a.Article == b.Article && a.Address == b.Address && a.Headline == b.Headline && a.Published.Equal(b.Published) &&
		slices.Equal(a.Refused, b.Refused)
}

// moved says whether the entry is the known one at a new address, or at one that was new before, and records it.
func (p *Poller) moved(ctx context.Context, f article.Feed, entry feed.Item, item *article.Item, known article.Alias, before bool) (bool, error) {
	same, why := identity.SameEntry(known, entryOf(entry))
	if !same && !before {
		return false, nil
	}
	u, err := urls.Parse(item.URL, "")
	if err != nil {
		return false, nil
	}
	m, _, err := p.Bus.Merge(ctx, known.Article, item.Article)
	switch {
	case eventbus.IsNotFound(err):
		m = article.Merge{
			From: item.Article, Into: known.Article, URL: item.URL, Title: entry.Title, Source: f.Source, Feed: f.ID,
			Kind: article.AliasGUID, Reason: why, Since: item.SeenAt,
		}
		if err := p.Bus.PutMerge(ctx, m, 0); err != nil && !errors.Is(err, eventbus.ErrConflict) {
			return false, err
		}
	case err != nil:
		return false, err
	case !m.Undone.IsZero():
		return false, nil // people told the two apart, or their texts did
	}
	leads := article.Alias{
		Key: item.Article, Article: known.Article, Kind: article.AliasGUID, Value: u.Canonical, Since: item.SeenAt,
	}
	if err := p.Bus.PutAlias(ctx, leads, 0); err != nil && !errors.Is(err, eventbus.ErrConflict) {
		return false, err
	}
	return true, p.newer(ctx, known.Article, item)
}

// newer notes the newer address with the article, for the look that finds the older one gone.
func (p *Poller) newer(ctx context.Context, id string, item *article.Item) error {
	for {
		a, revision, err := p.Bus.Alias(ctx, id)
		if err != nil && !eventbus.IsNotFound(err) {
			return err
		}
		if a.Newer == item.URL {
			return nil
		}
		if revision == 0 {
			a = article.Alias{Key: id, Article: id, Kind: article.AliasAddress, Since: item.SeenAt}
		}
		a.Newer = item.URL
		if err := p.Bus.PutAlias(ctx, a, revision); !errors.Is(err, eventbus.ErrConflict) {
			return err
		}
	}
}
