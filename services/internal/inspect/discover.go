package inspect

import (
	"context"
	"errors"
	"slices"

	"github.com/stetnews/stet/services/internal/feed"
)

// discover adds to what a page points to where else its site may keep feeds: the sitemaps that robots.txt names and, if
// nothing is pointed to at all, the well-known places that answer with a feed. It is for people who asked; feed-poller
// guesses at nothing.
func discover(ctx context.Context, from Sources, url string, problem error) error {
	var not *feed.NotAFeed
	if !errors.As(problem, &not) || !isWeb(url) {
		return problem
	}
	more := *not
	add := func(address string) {
		if !slices.Contains(more.Candidates, address) {
			more.Candidates = append(more.Candidates, address)
		}
	}
	if robots, err := from.again(ctx, feed.RobotsOf(url)); err == nil {
		for _, sitemap := range feed.SitemapsOf(robots.Body, url) {
			add(sitemap)
		}
	}
	if len(not.Candidates) > 0 {
		return &more
	}
	for _, place := range feed.WellKnown(url) {
		answer, err := from.again(ctx, place)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			continue
		}
		if _, err := feed.Parse(answer.Body, answer.ContentType, answer.URL); err == nil {
			add(answer.URL)
		}
	}
	return &more
}

// again asks a site once more, after a pause.
func (s Sources) again(ctx context.Context, url string) (Input, error) {
	if s.Pause != nil {
		s.Pause(ctx)
	}
	return s.Fetch(ctx, url)
}
