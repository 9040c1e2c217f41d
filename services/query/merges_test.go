package query

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// merge leaves what the differ leaves of an address that turned out to be an article.
func (p *port) merge(from, into string, minute int) {
	p.t.Helper()
	ctx, at := p.t.Context(), day.Add(time.Duration(minute)*time.Minute)
	url := "https://gazette.example/" + from
	p.must(p.bus.PutHead(ctx, article.Head{
		Article: from, Source: "Harbour Gazette", URL: url, FetchedAt: at, FirstSeen: at, MergedInto: into, MergedBy: article.AliasCanonical,
		MergedBecause: "most is the same", NextReason: "it is another",
	}, 0))
	p.must(p.bus.PutAlias(ctx, article.Alias{Key: from, Article: into, Kind: article.AliasCanonical, Value: url, Since: at}, 0))
	p.must(p.bus.PutMerge(ctx, article.Merge{
		From: from, Into: into, URL: url, Title: "Bridge closed", Source: "Harbour Gazette", Kind: article.AliasCanonical, Reason: "most is the same", Since: at,
	}, 0))
}

func TestAnAddressThatIsAnotherArticleLeadsToIt(t *testing.T) {
	p := newPort(t)
	ctx, a, b := t.Context(), article.Token("a"), article.Token("b")
	p.commit(a, "page", closed)
	p.merge(b, a, 1)
	got, err := p.client.Article(ctx, b)
	p.must(err)
	if got.GetId() != a || len(got.GetMerged()) != 1 || got.GetMerged()[0].GetArticle() != b || got.GetMerged()[0].GetReason() == "" {
		t.Errorf("%s leads to %v", b, got)
	}
	version, err := p.client.Version(ctx, b, 0)
	if err != nil || version.GetArticle() != a || version.GetSnapshot().GetTitle() != closed.Title {
		t.Errorf("its version is %v, error %v", version, err)
	}
	for v, err := range p.client.EachVersion(ctx, b) {
		if err != nil || v.GetArticle() != a {
			t.Errorf("a version %v, error %v", v, err)
		}
	}
	d, err := p.client.Diff(ctx, b, 0, 1)
	if err != nil || d.GetTo().GetArticle() != a {
		t.Errorf("its difference is %v, error %v", d, err)
	}
	if asked, err := p.client.CheckNow(ctx, b); err != nil || asked.GetAsked() != 1 {
		t.Errorf("looking at it: %v, error %v", asked, err)
	}
	if waiting, err := p.bus.CheckNow(ctx, article.Head{Article: a, Next: day}); err != nil || waiting {
		t.Errorf("the look is not at the article: %v", err)
	}
}

func TestMergesArePaged(t *testing.T) {
	p := newPort(t)
	into := article.Token("into")
	const count = 130
	for i := range count {
		p.merge(article.Token(fmt.Sprint(i)), into, i)
	}
	seen := 0
	last := day.Add(count * time.Hour)
	for m, err := range p.client.EachMerge(t.Context(), into, false) {
		p.must(err)
		if at := m.GetTime().AsTime(); !at.Before(last) {
			t.Fatalf("merge %d is of %v, after one of %v", seen, at, last)
		} else {
			last = at
		}
		seen++
	}
	if seen != count {
		t.Errorf("%d of %d merges are listed", seen, count)
	}
	for m := range p.client.EachMerge(t.Context(), article.Token("nobody"), true) {
		t.Errorf("a merge of nobody: %v", m)
	}
}

// TestASplitIsForGood: split, and again, and after it was interrupted at any of its writes.
func TestASplitIsForGood(t *testing.T) {
	for _, interrupted := range []string{"", "after the record", "after the alias", "after the head"} {
		t.Run("interrupted "+interrupted, func(t *testing.T) {
			p := newPort(t)
			ctx, a, b := t.Context(), article.Token("a"), article.Token("b")
			p.commit(a, "page", closed)
			p.merge(b, a, 1)
			if interrupted != "" {
				m, revision, err := p.bus.Merge(ctx, a, b)
				p.must(err)
				m.Undone = day
				p.must(p.bus.PutMerge(ctx, m, revision))
			}
			if interrupted == "after the alias" || interrupted == "after the head" {
				own, revision, err := p.bus.Alias(ctx, b)
				p.must(err)
				own.Article = b
				p.must(p.bus.PutAlias(ctx, own, revision))
			}
			if interrupted == "after the head" {
				h, revision, err := p.bus.Head(ctx, b)
				p.must(err)
				h.MergedInto, h.Resolved = "", true
				p.must(p.bus.PutHead(ctx, h, revision))
			}
			for range 2 {
				m, err := p.client.SplitArticle(ctx, b)
				if err != nil || m.GetInto() != a || m.GetSplit() == nil {
					t.Fatalf("splitting gives %v, error %v", m, err)
				}
			}
			h, _, err := p.bus.Head(ctx, b)
			if err != nil || h.MergedInto != "" || !h.Resolved || h.URL == "" {
				t.Errorf("the head is %+v, error %v", h, err)
			}
			if own, _, err := p.bus.Alias(ctx, b); err != nil || own.Article != b {
				t.Errorf("the address leads to %q, error %v", own.Article, err)
			}
			if asked, err := p.bus.CheckNow(ctx, h); err != nil || asked {
				t.Errorf("no look was asked for: %t, error %v", asked, err)
			}
			if got, err := p.client.Article(ctx, b); err != nil || got.GetId() != b {
				t.Errorf("%s leads to %v, error %v", b, got.GetId(), err)
			}
			for m := range p.client.EachMerge(ctx, a, false) {
				t.Errorf("still merged: %v", m)
			}
		})
	}
}

// TestAnAddressThatOnlyAFeedNamedIsSplit: it has no head of its own yet.
func TestAnAddressThatOnlyAFeedNamedIsSplit(t *testing.T) {
	p := newPort(t)
	ctx, a, b := t.Context(), article.Token("a"), article.Token("b")
	p.commit(a, "page", closed)
	p.must(p.bus.PutAlias(ctx, article.Alias{Key: b, Article: a, Kind: article.AliasGUID}, 0))
	p.must(p.bus.PutAlias(ctx, article.Alias{Key: a, Article: a, Newer: "https://gazette.example/b"}, 0))
	p.must(p.bus.PutMerge(ctx, article.Merge{From: b, Into: a, URL: "https://gazette.example/b", Source: "Harbour Gazette", Kind: article.AliasGUID, Since: day}, 0))
	if got, err := p.client.Article(ctx, b); err != nil || got.GetId() != a {
		t.Errorf("%s leads to %q, error %v", b, got.GetId(), err)
	}
	if _, err := p.client.SplitArticle(ctx, b); err != nil {
		t.Fatal(err)
	}
	h, _, err := p.bus.Head(ctx, b)
	if err != nil || h.URL != "https://gazette.example/b" || h.Source != "Harbour Gazette" || !h.Resolved {
		t.Errorf("the head is %+v, error %v", h, err)
	}
	if own, _, err := p.bus.Alias(ctx, a); err != nil || own.Newer != "" {
		t.Errorf("the newer address is still %q, error %v", own.Newer, err)
	}
	if _, err := p.client.SplitArticle(ctx, a); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("splitting what was never merged: %v", err)
	}
}

func TestATakedownTakesItsOtherAddressesToo(t *testing.T) {
	p := newPort(t)
	ctx, a, b, c := t.Context(), article.Token("a"), article.Token("b"), article.Token("c")
	p.commit(a, "page", closed)
	older := p.commit(c, "older page", opened) // its address became that of the article later
	h, revision, err := p.bus.Head(ctx, c)
	p.must(err)
	h.MergedInto = a
	p.must(p.bus.PutHead(ctx, h, revision))
	p.must(p.bus.PutMerge(ctx, article.Merge{From: c, Into: a, URL: h.URL, Title: h.Title, Since: day}, 0))
	p.merge(b, a, 1)
	read, err := p.archive.PutPage(ctx, b, []byte("what was read there"))
	p.must(err)
	for range 2 {
		if _, err := p.client.TakeDown(ctx, a, "court order"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{a, b, c} {
		h, _, err := p.bus.Head(ctx, id)
		if err != nil || h.Tombstone != "court order" || h.URL != "" {
			t.Errorf("%s is %+v, error %v", id, h, err)
		}
	}
	if p.hasPage(read) || p.hasPage(older) {
		t.Error("a page of another address stayed")
	}
	p.must(p.bus.Merges(ctx, a, func(m article.Merge) error {
		if m.URL != "" || m.Title != "" {
			t.Errorf("a merge still tells %+v", m)
		}
		return nil
	}))
	if _, err := p.bus.Standing(ctx, b); err != nil && !eventbus.IsNotFound(err) {
		t.Error(err)
	}
}
