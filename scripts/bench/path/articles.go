package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	queryv1 "github.com/stetnews/stet/proto/stet/query/v1"
)

// known is an article with its page's path and its newest version.
type known struct {
	id, url, title string
	versions       int32
}

// articles lists what stet has, by the path of the page, and how many listings name an article twice.
func (b *bench) articles(ctx context.Context) (byPath map[string]known, doubled int, err error) {
	byPath = map[string]known{}
	request := &queryv1.ListRevisionsRequest{IncludeFirst: true, PageSize: 200}
	for r, err := range b.stet.EachRevision(ctx, request) {
		if err != nil {
			return nil, 0, fmt.Errorf("listing the articles: %w", err)
		}
		u, err := url.Parse(r.GetUrl())
		if err != nil {
			return nil, 0, fmt.Errorf("an article's address: %w", err)
		}
		old, there := byPath[u.Path]
		if there && old.id != r.GetArticle() {
			doubled++
		}
		if r.GetVersion() > old.versions {
			byPath[u.Path] = known{r.GetArticle(), r.GetUrl(), r.GetTitle(), r.GetVersion()}
		}
	}
	return byPath, doubled, nil
}

// discovered waits until every page is an article that can be searched.
func (b *bench) discovered(ctx context.Context) error {
	least := 0
	return until(ctx, "the first versions", 100*time.Millisecond, func() (bool, error) {
		status, err := b.stet.Status(ctx)
		if err != nil || status.GetArticles() < int64(b.site.pages) {
			return false, err
		}
		found, _, err := b.articles(ctx)
		if len(found) > least {
			least = len(found)
		}
		return least >= b.site.pages, err
	})
}

// checkAll asks for a check of all articles and waits until each was concluded. It gives the requests that came.
func (b *bench) checkAll(ctx context.Context, articles map[string]known) ([]visit, time.Duration, error) {
	if _, err := b.site.visits(ctx); err != nil {
		return nil, 0, err
	}
	start := time.Now()
	asked, err := b.stet.CheckAllNow(ctx)
	if err != nil {
		return nil, 0, err
	}
	if got := int(asked.GetAsked() + asked.GetWaiting()); got != len(articles) {
		b.row("checks asked for", "%d of %d", got, len(articles))
	}
	var all []visit
	seen := map[string]bool{}
	err = until(ctx, "the requests", 50*time.Millisecond, func() (bool, error) {
		visits, err := b.site.visits(ctx)
		for _, v := range visits {
			all = append(all, v)
			if v.isPage() {
				seen[v.Path] = true
			}
		}
		return len(seen) >= len(articles), err
	})
	if err != nil {
		return all, 0, err
	}
	for _, a := range articles {
		err := until(ctx, "the outcome of a check", 10*time.Millisecond, func() (bool, error) {
			article, err := b.stet.Article(ctx, a.id)
			return article.GetLastChecked().AsTime().After(start), err
		})
		if err != nil {
			return all, 0, err
		}
	}
	return all, time.Since(start), nil
}

// indexed waits until the newest version of every article, as its own record says, can be searched. It gives the
// articles.
func (b *bench) indexed(ctx context.Context) (articles map[string]known, doubled int, err error) {
	err = until(ctx, "the index", 100*time.Millisecond, func() (bool, error) {
		if articles, doubled, err = b.articles(ctx); err != nil {
			return false, err
		}
		for _, a := range articles {
			article, err := b.stet.Article(ctx, a.id)
			if err != nil || article.GetVersions() != a.versions {
				return false, err
			}
		}
		return true, nil
	})
	return articles, doubled, err
}
