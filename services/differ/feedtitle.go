package differ

import (
	"context"
	"slices"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/identity"
)

// foundFeed is the kind of a revision in which the article's feed has another headline and the page has not: publishers try
// headlines where they are seen first. feedHeadline is the element that changed.
const (
	foundFeed    = "feed"
	feedHeadline = "feed headline"
)

// withFeed adds to what a check brought that the article's own feed has another headline, or gives a revision of that alone.
// Where the page's headline changed too that one tells it.
func (d *Differ) withFeed(ctx context.Context, s article.Check, h article.Head, step *article.Event) (*article.Event, error) {
	if h.State != article.Live || !retitled(s, h) || h.FeedTitle == "" || clip(s.Headline) == h.FeedTitleBefore {
		return step, nil
	}
	change := article.Change{Element: feedHeadline, Kind: "edited", Old: h.FeedTitle, New: clip(s.Headline)}
	switch {
	case step == nil && s.Outcome != article.Unchanged && !hasText(s):
		return nil, nil // nothing was seen of the page: what it says now is not known
	case step == nil:
		e, err := d.unchanged(ctx, s, h)
		if err != nil {
			return nil, err
		}
		describeState(e, foundFeed, change)
		return e, nil
	case slices.ContainsFunc(step.Revision.Changes, func(c article.Change) bool { return c.Element == "headline" }):
		return step, nil
	}
	describeState(step, foundFeed, change)
	return step, nil
}

// retitled says whether the article's own feed has another headline than before, and not only other marks or spaces.
func retitled(s article.Check, h article.Head) bool {
	return h.Version > 0 && s.Headline != "" && s.Feed == h.Feed && clip(s.Headline) != h.FeedTitle && identity.Titles(s.Headline, h.FeedTitle) < 1
}

// feedTitles keeps the headline that the article's own feed has.
func feedTitles(h article.Head, s article.Check) article.Head {
	seen := s.Outcome == article.Unchanged || hasText(s) // else it is told at the next look that the feed calls for
	if s.Headline != "" && s.Feed == h.Feed && (h.FeedTitle == "" || seen && retitled(s, h)) {
		h.FeedTitle, h.FeedTitleBefore = clip(s.Headline), h.FeedTitle
	}
	return h
}

// feedTitleOf is the feed's headline that a revision tells, empty where it tells none.
func feedTitleOf(e article.Event) string {
	for _, c := range e.Revision.Changes {
		if c.Element == feedHeadline {
			return c.New
		}
	}
	return ""
}
