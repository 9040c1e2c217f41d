package differ

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/identity"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// names is what is known of the keys that lead to articles.
type names interface {
	Alias(ctx context.Context, token string) (article.Alias, uint64, error)
	PutAlias(ctx context.Context, a article.Alias, revision uint64) error
	Merge(ctx context.Context, into, from string) (article.Merge, uint64, error)
	PutMerge(ctx context.Context, m article.Merge, revision uint64) error
	ReadAt(ctx context.Context, h article.Head, address string) error
}

// The first text of an article decides whether it is an article of its own or one that is known by another address. In
// this order, each step idempotent:
//
//	I1  take its keys, in the order of their tokens, by put-if-absent. One that another article has: compare the texts. The
//	    same: go to I3. Another: note the refusal on the key, and take the next.
//	I2  head := resolved, by compare-and-swap; then the commit goes on as for any reading.
//	I3  head := merged into the other, by compare-and-swap. No version is made, nothing more is looked at.
//	I4  record the merge, have the other article looked at, publish the outcome.
//
// The head decides: of a differ in I2 and one in I3 over the same article the second is refused and reads the head again.
// Of two articles that race for a key one has it, and the other finds its sketch there, whether or not it has a version
// yet. Because everybody takes keys in one order, each merge of a chain is by a later key than the one before, so that no
// chain comes back to its beginning.

// identify does step I1. It gives the reading as it is to be taken, and for a merge the head of I3.
func (d *Differ) identify(ctx context.Context, s article.Check, h article.Head) (article.Check, *article.Head, error) {
	switch {
	case !hasText(s):
		return s, nil, nil
	case h.Version > 0:
		s, err := d.redirected(ctx, s, h)
		return s, nil, err
	}
	claims := identity.Of(identity.Reading{
		Article: s.Article, Asked: s.URL, Final: s.FinalURL, Headline: firstOf(s.Headline, h.Title), Page: s.Snapshot,
	})
	s.FinalURL = claims.Address
	if claims.NotItself != "" {
		s = notItself(s, claims.NotItself, extract.ReasonNotFound)
	}
	var notes []string
	for _, refusal := range claims.Refused {
		notes = append(notes, refusal.Reason)
		if !refusal.Counted {
			continue
		}
		crowded, err := d.refuse(ctx, refusal.Claim, s)
		if err != nil {
			return s, nil, err
		}
		if crowded && refusal.Kind == article.AliasRedirect {
			s = notItself(s, crowd(refusal.Value))
		}
	}
	if h.Resolved {
		s.Reason = firstOf(s.Reason, h.Reason) // what was found when it was decided
	}
	if !hasText(s) || h.Resolved {
		return s, nil, nil
	}
	sketch := identity.Sketch(s.Snapshot)
	for _, claim := range claims.Taken {
		other, why, err := d.claim(ctx, s, claim, sketch)
		if err != nil {
			return s, nil, err
		}
		if other.Article != "" {
			// Versions in the stream with a head that was lost: it was decided long ago that it is one of its own.
			if _, _, err := d.Bus.LastRevision(ctx, s.Source, s.Article); !eventbus.IsNotFound(err) {
				return s, nil, err
			}
			if other.Tombstone != "" {
				tomb, err := d.takenDown(ctx, s, other)
				return s, &tomb, err
			}
			merged := mergedHead(s, h, other.Article)
			merged.MergedBy, merged.MergedBecause = claim.Kind, why
			return s, &merged, nil
		}
		if why != "" {
			notes = append(notes, why)
		}
	}
	if s.Reason == "" {
		s.Reason = clip(strings.Join(notes, "; "))
	}
	return s, nil, nil
}

// notItself is a reading of a page that is not the article's.
func notItself(s article.Check, reasons ...string) article.Check {
	page := *s.Snapshot
	page.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: reasons}
	s.Snapshot = &page
	return s
}

func crowd(key string) string {
	return "too many articles of the site lead to " + key + ": it is taken for none of them"
}

// mergedHead is the head of an article that turned out to be another one before it had a version.
func mergedHead(s article.Check, h article.Head, into string) article.Head {
	return article.Head{
		Article: s.Article, Source: s.Source, URL: s.URL, Title: clip(s.Snapshot.Title), FirstSeen: first(h.FirstSeen, s.FetchedAt),
		FetchedAt: s.FetchedAt, Feed: firstOf(h.Feed, s.Feed), Published: firstOf(h.Published, published(s)), Outcome: s.Outcome,
		Status: s.Status, Reason: "this is the article " + into, MergedInto: into, NextReason: mergedReason,
	}
}

// takenDown is the head of an article that turned out to be one that was taken down: nothing of it stays either.
func (d *Differ) takenDown(ctx context.Context, s article.Check, other article.Head) (article.Head, error) {
	tomb := article.Head{Article: s.Article, Source: s.Source, FetchedAt: s.FetchedAt, ChangedAt: s.FetchedAt, Tombstone: other.Tombstone}
	if s.Page == "" {
		return tomb, nil
	}
	return tomb, d.Archive.DeletePage(ctx, s.Page)
}

// decided is the head that says what an article turned out to be: another one (I3), or one of its own (I2).
func decided(s article.Check, h article.Head, merged *article.Head) article.Head {
	if merged != nil {
		return *merged
	}
	if h.FirstSeen.IsZero() {
		h.Article, h.Source, h.URL, h.FirstSeen = s.Article, s.Source, s.URL, s.FetchedAt
	}
	h.Resolved, h.Reason = true, s.Reason
	return h
}

const mergedReason = "it is the same article as another one, and that one is looked at"

func first(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

// claim takes a key for the article. It gives the article that has it and is the same, or why one that has it is not.
func (d *Differ) claim(ctx context.Context, s article.Check, claim identity.Claim, sketch article.Sketch) (other article.Head, why string, err error) {
	for {
		a, revision, err := d.holder(ctx, claim.Key)
		if err != nil {
			return other, "", err
		}
		switch {
		case !a.Quarantined.IsZero():
			return other, crowd(claim.Value), nil
		case a.Article == s.Article && a.Sketch.Total > 0 || slices.Contains(a.Refused, s.Article):
			return other, "", nil
		case a.Article == "" || a.Article == s.Article:
			mine := article.Alias{
				Key: claim.Key, Article: s.Article, Kind: claim.Kind, Value: claim.Value, Since: s.FetchedAt, Sketch: sketch,
				Refused: a.Refused, Newer: a.Newer,
			}
			if err := d.Bus.PutAlias(ctx, mine, revision); !errors.Is(err, eventbus.ErrConflict) {
				return other, "", err
			}
			continue
		}
		return d.against(ctx, s, claim, sketch, a)
	}
}

// holder gives the alias of a key. An address that nobody claimed is that of the article that was first found there, if
// it has versions: it may be older than the aliases are.
func (d *Differ) holder(ctx context.Context, key string) (article.Alias, uint64, error) {
	a, revision, err := d.Bus.Alias(ctx, key)
	if err == nil && a.Article != "" || err != nil && !eventbus.IsNotFound(err) {
		return a, revision, err
	}
	h, _, err := d.Bus.Head(ctx, key)
	if eventbus.IsNotFound(err) {
		return a, revision, nil
	}
	if h.Version > 0 || h.Tombstone != "" {
		a.Article = key
	}
	return a, revision, err
}

// against compares the article with the one that has the key.
func (d *Differ) against(ctx context.Context, s article.Check, claim identity.Claim, sketch article.Sketch, a article.Alias) (other article.Head, why string, err error) {
	holder, err := d.root(ctx, a.Article)
	if err != nil || holder.Article == s.Article {
		return other, "", err
	}
	apart, err := d.apart(ctx, holder.Article, s.Article)
	if err != nil || apart {
		return other, "", err
	}
	same, told := identity.Same(a.Sketch, sketch)
	if !same && holder.Version > 0 {
		if now, err := d.newest(ctx, holder); err == nil {
			same, told = identity.Same(identity.Sketch(&now), sketch)
		} else {
			d.Log.Warn("the text of an article that has the key of another cannot be read", "article", holder.Article, "error", err)
		}
	}
	if same {
		return holder, told, nil
	}
	if _, err := d.refuse(ctx, claim, s); err != nil {
		return other, "", err
	}
	return other, "article " + holder.Article + " has " + claim.Value + " too, but " + told, nil
}

// mostMerged bounds how many merges are followed.
const mostMerged = 8

// root is the head of the article that an article is merged into at last; only its id where it has no head yet.
func (d *Differ) root(ctx context.Context, id string) (article.Head, error) {
	for range mostMerged {
		h, _, err := d.Bus.Head(ctx, id)
		if eventbus.IsNotFound(err) {
			return article.Head{Article: id}, nil
		}
		if err != nil || h.MergedInto == "" {
			return h, err
		}
		id = h.MergedInto
	}
	return article.Head{Article: id}, nil
}

// apart says whether two articles were told apart before.
func (d *Differ) apart(ctx context.Context, a, b string) (bool, error) {
	for _, pair := range [][2]string{{a, b}, {b, a}} {
		m, _, err := d.Bus.Merge(ctx, pair[0], pair[1])
		if err == nil && !m.Undone.IsZero() {
			return true, nil
		}
		if err != nil && !eventbus.IsNotFound(err) {
			return false, err
		}
	}
	return false, nil
}

// refuse notes on a key that the article came for it in vain, and says whether the key is in quarantine.
func (d *Differ) refuse(ctx context.Context, claim identity.Claim, s article.Check) (bool, error) {
	for {
		a, revision, err := d.Bus.Alias(ctx, claim.Key)
		if eventbus.IsNotFound(err) {
			a, err = article.Alias{Key: claim.Key, Kind: claim.Kind, Value: claim.Value, Since: s.FetchedAt}, nil
		}
		if err != nil {
			return false, err
		}
		a, news := identity.Refuse(a, s.Article, s.FetchedAt)
		if !news {
			return !a.Quarantined.IsZero(), nil
		}
		err = d.Bus.PutAlias(ctx, a, revision)
		if err == nil && !a.Quarantined.IsZero() {
			d.Log.Warn("too many articles come for one key: it identifies none from now on", "key", a.Value, "kind", a.Kind, "articles", len(a.Refused))
		}
		if !errors.Is(err, eventbus.ErrConflict) {
			return !a.Quarantined.IsZero(), err
		}
	}
}

// redirected judges a reading of an article that has versions, where its address leads elsewhere: to the home page, or to
// a page that many other articles lead to as well, it was not the article that was read.
func (d *Differ) redirected(ctx context.Context, s article.Check, h article.Head) (article.Check, error) {
	to, err := urls.Parse(s.FinalURL, "")
	if err != nil || !to.IsWeb() || keyOf(h.URL) == to.Canonical || keyOf(s.URL) == to.Canonical || s.Snapshot.Hash() == h.Compared() {
		return s, nil
	}
	if identity.IsHome(to) {
		return notItself(s, "the address leads to the site's home page, "+to.Href, extract.ReasonNotFound), nil
	}
	old, err := d.newest(ctx, h)
	if err != nil {
		return s, err
	}
	if same, _ := identity.Same(identity.Sketch(&old), identity.Sketch(s.Snapshot)); same {
		return s, nil
	}
	claim := identity.Claim{Key: article.Token(to.Canonical), Kind: article.AliasRedirect, Value: to.Canonical}
	crowded, err := d.refuse(ctx, claim, s)
	if crowded {
		s = notItself(s, crowd(to.Canonical))
	}
	return s, err
}

// keyOf is the canonical key of an address, empty for what is none.
func keyOf(address string) string {
	u, err := urls.Parse(address, "")
	if err != nil {
		return ""
	}
	return u.Canonical
}
