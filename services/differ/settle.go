package differ

import (
	"context"
	"fmt"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/extract/site"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// settle judges a reading by the one before it, before it is compared: what differs and is the page's furniture does not
// count, and a text that looks broken is read again before it is believed. The reason stands in the check.
func (d *Differ) settle(ctx context.Context, s article.Check, h article.Head) (article.Check, error) {
	text := s.Snapshot
	read := s.Outcome == article.Read || s.Outcome == article.Moved
	if !read || text == nil || text.Quality.Verdict == article.NotAnArticle || h.Version == 0 || text.Hash() == h.Hash {
		return s, nil
	}
	old, err := d.newest(ctx, h)
	if err != nil {
		return s, err
	}
	if reasons := extract.Against(&old, text); len(reasons) > 0 && h.Misses+1 < missesBeforeGone {
		doubted := *text
		doubted.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: reasons}
		s.Snapshot = &doubted
		return s, nil
	}
	settled, judged := site.Judge(&old, text, d.memory(ctx, s), h.Article)
	s.Snapshot = &settled
	if len(judged) > 0 {
		s.Reason = fmt.Sprintf("%d passages that differ are furniture, the first (%s): %s", len(judged), judged[0].Reason, clip(judged[0].Text))
	}
	return s, nil
}

// memory is what the scrapers know of the article's site, empty where that cannot be read: then more counts as text.
func (d *Differ) memory(ctx context.Context, s article.Check) *site.Memory {
	u, err := urls.Parse(s.URL, "")
	if err != nil {
		return &site.Memory{}
	}
	stored, _, err := d.Bus.Site(ctx, u.Host)
	if err != nil && !eventbus.IsNotFound(err) {
		d.Log.Warn("what is known of a site cannot be read", "site", u.Host, "error", err)
	}
	m, err := site.Parse(stored)
	if err != nil {
		return &site.Memory{}
	}
	return m
}
