package differ

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/extract/site"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/rebaseline"
)

// settle judges a reading by the one before it, before it is compared: both are brought to one extractor, what differs
// and is the page's furniture does not count, and a text that looks broken is read again before it is believed. The head
// it gives says what the reading is compared with, and what was left out; it is stored with what comes of the check.
func (d *Differ) settle(ctx context.Context, s article.Check, h article.Head) (article.Check, article.Head, error) {
	if !hasText(s) || h.Version == 0 {
		return s, h, nil
	}
	h.LeftOut, h.LeftOutTotal = nil, 0
	s, h, missing, err := d.level(ctx, s, h)
	if err != nil || s.Snapshot.Hash() == h.Compared() {
		return s, h, err
	}
	old, err := d.newest(ctx, h)
	if err != nil {
		return s, h, err
	}
	waits := h
	if s.Readdressed {
		waits.Pending = "" // another article at an address that a feed named is another article, however often it is seen
	}
	if reasons := doubts(&old, s.Snapshot, waits); len(reasons) > 0 {
		doubted := *s.Snapshot
		doubted.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: reasons}
		s.Snapshot = &doubted
		return s, h, nil
	}
	if missing != nil {
		h, err = d.rebase().Take(ctx, h, s.Snapshot)
		s.Reason = clip(fmt.Sprintf("this reading is taken as it is: version %d was read by another extractor, and %v", h.Version, missing))
		return s, h, err
	}
	settled, judged := site.Judge(&old, s.Snapshot, d.memory(ctx, s), h.Article)
	s.Snapshot = &settled
	if len(judged) > 0 {
		s.Reason = fmt.Sprintf("%d passages that differ are furniture, the first (%s): %s", len(judged), judged[0].Reason, clip(judged[0].Text))
		h.LeftOut, h.LeftOutTotal = leftOut(judged), len(judged)
	}
	return s, h, nil
}

// hasText says whether a check read an article.
func hasText(s article.Check) bool {
	return (s.Outcome == article.Read || s.Outcome == article.Moved) && s.Snapshot != nil && s.Snapshot.Quality.Verdict != article.NotAnArticle
}

// level brings a reading, and the text it is compared with, to one extractor: scrapers and differs of several versions
// may run at once, and what people say of a source's pages may change. Only what the differ itself reads differently is
// read again, each page by what its source is read by today. missing says why the newest version's page could not be.
//
// Nothing is published here. The text that was read again goes to the archive first and into the head with the check
// itself, so that a crash in between does the same again.
func (d *Differ) level(ctx context.Context, s article.Check, h article.Head) (_ article.Check, _ article.Head, missing, err error) {
	now := s.Snapshot.Extractor.String()
	if s.Snapshot.Hash() == h.Compared() {
		h.Extractor = now
		return s, h, nil, nil
	}
	if d.Extractor == nil {
		return s, h, nil, nil
	}
	base := h.Extractor
	if base == "" || h.Baseline != "" {
		old, err := d.newest(ctx, h)
		switch {
		case errors.Is(err, archive.ErrNotFound) && h.Baseline != "":
			h.Baseline, base = "", "lost" // it is made again
		case err != nil:
			return s, h, nil, err
		default:
			base = old.Extractor.String()
		}
	}
	if base == now {
		h.Extractor = base
		return s, h, nil, nil
	}
	if d.Extractor.Identity(h.Source, s.FinalURL).String() != now {
		page := rebaseline.Page{Article: h.Article, Source: h.Source, URL: s.FinalURL, ContentType: s.ContentType}
		text, err := d.rebase().Again(ctx, page, s.Page)
		switch {
		case errors.Is(err, rebaseline.ErrNoPage):
			return s, h, err, nil
		case err != nil:
			return s, h, nil, err
		}
		s.Snapshot = &text
	}
	if base == d.rebase().Identity(h) {
		return s, h, nil, nil
	}
	_, leveled, err := d.rebase().Newest(ctx, h)
	if errors.Is(err, rebaseline.ErrNoPage) {
		d.Log.Warn("a version cannot be read again by today's extractor: the next reading is taken as it is", "article", h.Article, "version", h.Version, "error", err)
		return s, h, err, nil
	}
	return s, leveled, nil, err
}

func (d *Differ) rebase() *rebaseline.Reader {
	return &rebaseline.Reader{Bus: d.Bus, Archive: d.Archive, Extractor: d.Extractor, Log: d.Log}
}

// doubts gives reasons to read again before a text is believed. What a second look finds too is believed; that a text is
// cut off because it is sold is a state of the page and never a text.
func doubts(old, now *article.Snapshot, h article.Head) []string {
	reasons := extract.Against(old, now)
	switch {
	case len(reasons) == 0:
		return nil
	case reasons[0] == extract.ReasonTextLost && slices.Contains(now.Quality.Reasons, extract.ReasonForPay):
		return []string{extract.ReasonPaywall, reasons[0]}
	case h.Pending == reasons[0]: // never ReasonNoText, for which nobody waits
		return nil
	}
	return reasons
}

// maxLeftOut is how many of the passages left out a head tells: it is to stay small.
const maxLeftOut = 4

func leftOut(judged []site.Judgement) []article.LeftOut {
	var all []article.LeftOut
	for _, j := range judged[:min(len(judged), maxLeftOut)] {
		all = append(all, article.LeftOut{Text: clipTo(j.Text, 120), Reason: j.Reason, Before: j.Old})
	}
	return all
}

// memory is what the scrapers know of the article's site, empty where that cannot be read: then more counts as text.
func (d *Differ) memory(ctx context.Context, s article.Check) *site.Memory {
	u, err := urls.Parse(s.URL, "")
	if err != nil {
		return &site.Memory{}
	}
	stored, _, err := d.Bus.Site(ctx, u.Host)
	if err != nil && !eventbus.IsNotFound(err) {
		d.Log.WarnContext(ctx, "what is known of a site cannot be read", "site", u.Host, "error", err)
	}
	m, err := site.Parse(stored)
	if err != nil {
		return &site.Memory{}
	}
	return m
}
