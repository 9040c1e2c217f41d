package scraper

import (
	"context"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// mostMerged bounds how many merges lead from one article to the next.
const mostMerged = 8

// standing gives the head of the entry's article, empty where there is none yet. A look at an article that was merged into
// another one becomes a look at that.
func (s *Scraper) standing(ctx context.Context, e *eventbus.Entry) (article.Head, error) {
	for hops := 0; ; hops++ {
		h, _, err := s.Bus.Head(ctx, e.Article)
		if err != nil && !eventbus.IsNotFound(err) {
			return h, err
		}
		if h.MergedInto == "" || hops == mostMerged {
			return h, nil
		}
		e.Article, e.Moved, e.Headline = h.MergedInto, false, ""
	}
}
