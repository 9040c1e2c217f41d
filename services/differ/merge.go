package differ

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/identity"
)

// join ends the looks at an article whose address became that of another one: both would read one page. It keeps its
// versions. An address that nobody has becomes its own.
func (d *Differ) join(ctx context.Context, s article.Check, h article.Head) (article.Head, error) {
	key := keyOf(h.URL)
	if h.Version == 0 || key == "" || article.Token(key) == h.Article || !hasText(s) {
		return h, nil
	}
	a, revision, err := d.holder(ctx, article.Token(key))
	if err != nil {
		return h, err
	}
	if !a.Quarantined.IsZero() || a.Article == h.Article || slices.Contains(a.Refused, h.Article) {
		return h, nil
	}
	if a.Article == "" {
		mine := article.Alias{
			Key: article.Token(key), Article: h.Article, Kind: article.AliasRedirect, Value: key, Since: h.FetchedAt,
			Sketch: identity.Sketch(s.Snapshot), Refused: a.Refused,
		}
		if err = d.Bus.PutAlias(ctx, mine, revision); errors.Is(err, eventbus.ErrConflict) {
			err = nil // the next look finds who has it
		}
		return h, err
	}
	other, err := d.root(ctx, a.Article)
	if err != nil || other.Article == h.Article || other.Version == 0 || other.Tombstone != "" {
		return h, err
	}
	apart, err := d.apart(ctx, other.Article, h.Article)
	if err != nil || apart {
		return h, err
	}
	if other.Article != article.Token(key) && !d.beganAlike(ctx, h.Article, other.Article) {
		claim := identity.Claim{Key: article.Token(key), Kind: article.AliasRedirect, Value: key}
		_, err := d.refuse(ctx, claim, s)
		return h, err
	}
	h.MergedInto, h.MergedBy, h.Next, h.NextReason = other.Article, article.AliasRedirect, time.Time{}, mergedReason
	h.MergedBecause = "its address leads to the address of that article"
	return h, nil
}

// beganAlike says whether two articles had one text when they were first read. That both are redirected to one page shows
// nothing, and that they have its text by now shows no more.
func (d *Differ) beganAlike(ctx context.Context, a, b string) bool {
	left, _, err := d.Bus.Alias(ctx, a)
	if err != nil {
		return false
	}
	right, _, err := d.Bus.Alias(ctx, b)
	if err != nil {
		return false
	}
	same, _ := identity.Same(left.Sketch, right.Sketch)
	return same
}

// lookSoon is how old the newest reading of an article may be before one of its other addresses calls for a look.
const lookSoon = time.Hour

// recordMerge does what follows from a merged head, however often. (step I4)
func (d *Differ) recordMerge(ctx context.Context, h article.Head) error {
	err := d.Bus.PutMerge(ctx, article.Merge{
		From: h.Article, Into: h.MergedInto, URL: h.URL, Title: h.Title, Source: h.Source, Feed: h.Feed, Kind: h.MergedBy,
		Reason: h.MergedBecause, Since: h.FetchedAt,
	}, 0)
	if err != nil && !errors.Is(err, eventbus.ErrConflict) {
		return err
	}
	into, err := d.root(ctx, h.MergedInto)
	if err != nil || into.Version == 0 || into.Next.IsZero() {
		return err // it is being read just now, or not looked at any more
	}
	into.Next = h.FetchedAt
	if d.calledCanonical(ctx, h) && keyOf(into.URL) != keyOf(h.URL) {
		return d.Bus.ReadAt(ctx, into, h.URL)
	}
	if h.FetchedAt.Sub(into.FetchedAt) < lookSoon {
		return nil
	}
	return d.Bus.ArmCheck(ctx, into)
}

// calledCanonical says whether the other article's page calls the address of the merged one its canonical address: then
// that is where it should be read.
func (d *Differ) calledCanonical(ctx context.Context, h article.Head) bool {
	a, _, err := d.Bus.Alias(ctx, h.Article)
	return err == nil && a.Article == h.MergedInto && a.Kind == article.AliasCanonical
}

// arm schedules the next look: at the newer address that a feed named, where the one that is known is gone.
func (d *Differ) arm(ctx context.Context, s article.Check, h article.Head) error {
	if h.Pending != foundGone || s.Readdressed {
		return d.Bus.ArmCheck(ctx, h)
	}
	own, _, err := d.Bus.Alias(ctx, h.Article)
	if err != nil && !eventbus.IsNotFound(err) {
		return err
	}
	if own.Newer == "" || keyOf(own.Newer) == keyOf(h.URL) {
		return d.Bus.ArmCheck(ctx, h)
	}
	return d.Bus.ReadAt(ctx, h, own.Newer)
}

// tellApart gives an address that a feed took for a new one of this article to an article of its own, because another
// article stands there.
func (d *Differ) tellApart(ctx context.Context, s article.Check, h article.Head) error {
	key := keyOf(s.URL)
	id := article.Token(key)
	if key == "" || id == h.Article {
		return nil
	}
	own := article.Alias{Key: id, Article: id, Kind: article.AliasAddress, Value: key, Since: s.FetchedAt}
	if err := d.changeAlias(ctx, id, func(a article.Alias) article.Alias { own.Refused = a.Refused; return own }); err != nil {
		return err
	}
	err := d.changeAlias(ctx, h.Article, func(a article.Alias) article.Alias {
		if keyOf(a.Newer) == key {
			a.Newer = ""
		}
		return a
	})
	if err != nil {
		return err
	}
	for {
		m, revision, err := d.Bus.Merge(ctx, h.Article, id)
		if err != nil && !eventbus.IsNotFound(err) {
			return err
		}
		if revision == 0 {
			m = article.Merge{From: id, Into: h.Article, URL: s.URL, Source: h.Source, Feed: h.Feed, Kind: article.AliasGUID, Since: s.FetchedAt}
		}
		if m.Undone.IsZero() {
			m.Undone, m.Reason = s.FetchedAt, "another article stands at that address"
			if err := d.Bus.PutMerge(ctx, m, revision); errors.Is(err, eventbus.ErrConflict) {
				continue
			} else if err != nil {
				return err
			}
		}
		return d.Bus.ArmCheckIfAbsent(ctx, article.Head{
			Article: id, Source: h.Source, URL: s.URL, Feed: h.Feed, Published: s.Published, Next: s.FetchedAt,
		})
	}
}

// changeAlias changes an alias, or an empty one where there is none, by compare-and-swap.
func (d *Differ) changeAlias(ctx context.Context, token string, change func(article.Alias) article.Alias) error {
	for {
		a, revision, err := d.Bus.Alias(ctx, token)
		if err != nil && !eventbus.IsNotFound(err) {
			return err
		}
		changed := change(a)
		if changed.Key == "" {
			return nil // there was none, and there is to be none
		}
		if err := d.Bus.PutAlias(ctx, changed, revision); !errors.Is(err, eventbus.ErrConflict) {
			return err
		}
	}
}
