package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/newssite"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// idAt is the article that an address stands for before anything is known of it.
func idAt(t *testing.T, base, path string) string {
	t.Helper()
	u, err := urls.Parse(path, base)
	if err != nil {
		t.Fatal(err)
	}
	return article.Token(u.Canonical)
}

// tale is a story that shares no sentence with those of other numbers.
func tale(number int) newssite.Story {
	s := newssite.Story{
		ID: fmt.Sprintf("tale-%d", number), Section: "News", Byline: "Ida Moor",
		Title:      fmt.Sprintf("%s to be mended before winter", []string{"Granary roof", "Harbour crane", "Old signal box", "Orchard wall"}[number%4]),
		Standfirst: fmt.Sprintf("The council has found %d thousand for it.", 3*number+7),
	}
	for i := range 5 {
		s.Paragraphs = append(s.Paragraphs, fmt.Sprintf("In part %d of report %d the surveyor says that the timber has gone soft in %d places, and "+
			"that the masons of Tarn can begin in week %d if the money is there.", i+1, number, number+i+2, 2*number+i+20))
	}
	return s
}

// lead waits until an id leads to an article.
func (p *process) lead(ctx context.Context, id, to string) *queryv1.Article {
	p.t.Helper()
	var a *queryv1.Article
	eventually(ctx, p.t, id+" leads to "+to, func() bool {
		var err error
		a, err = p.client.Article(ctx, id)
		return err == nil && a.GetId() == to
	})
	return a
}

// pollNow has a feed polled again, as pausing and resuming it does.
func (p *process) pollNow(ctx context.Context, address string) {
	p.t.Helper()
	feeds, err := p.client.Feeds(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range feeds {
		if f.GetUrl() != address {
			continue
		}
		for _, paused := range []bool{true, false} {
			if _, err := p.client.UpdateFeed(ctx, &queryv1.UpdateFeedRequest{Id: f.GetId(), Paused: &paused}); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// TestOneArticleAtManyAddresses: a story that moves with its headline, one that is first seen as a page for small screens,
// stories of one script, and a site that asks for consent.
func TestOneArticleAtManyAddresses(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	press := newPress(t, 2)
	base, name := press.addresses[0].URL, press.addresses[0].Name
	moving, small, first, second := tale(0), tale(1), tale(2), tale(3)
	moving.Path, small.Path, small.FeedPath = "/news/granary-roof-mended", "/news/harbour-crane-mended-winter", "/amp/news/harbour-crane-mended-winter"
	first.Path, second.Path = "/story?id=1", "/story?id=2"
	for _, s := range []newssite.Story{moving, small, first, second} {
		s.Publisher = name
		press.Publish(s)
	}
	walled := press.addresses[1]
	var behind []string
	for i := range 8 {
		id, address := press.write(t, 1, i)
		if err := press.Fail(id, newssite.ConsentWall); err != nil {
			t.Fatal(err)
		}
		behind = append(behind, address)
	}
	stet := start(ctx, t, t.TempDir(), press.addresses[0].FeedURL, walled.FeedURL)
	whole := func(h history, n int) bool {
		count := 0
		for address, events := range h {
			if strings.HasPrefix(address, base) {
				count += len(events)
			}
		}
		return count >= n
	}
	stet.watch(ctx, func(h history) bool { return whole(h, 4) })

	// The headline changes and the address with it; the feed's id stays.
	const moved = "/news/roof-of-the-granary-costs-more"
	if err := press.Edit(moving.ID, func(s *newssite.Story) { s.Title = "Roof of the granary to cost more" }); err != nil {
		t.Fatal(err)
	}
	if err := press.Move(moving.ID, moved); err != nil {
		t.Fatal(err)
	}
	// The feed leads to the page itself from now on, under another id.
	if err := press.Edit(small.ID, func(s *newssite.Story) { s.FeedPath, s.EntryID = "", "entry-of-the-crane" }); err != nil {
		t.Fatal(err)
	}
	stet.pollNow(ctx, press.addresses[0].FeedURL)
	a := stet.lead(ctx, idAt(t, base, moved), idAt(t, base, moving.Path))
	eventually(ctx, t, "the article is read at its new address", func() bool {
		if a = stet.lead(ctx, a.GetId(), a.GetId()); strings.HasSuffix(a.GetUrl(), moved) {
			return true
		}
		stet.checkNow(ctx, a.GetId())
		return false
	})
	if len(a.GetMerged()) != 1 || a.GetMerged()[0].GetKind() != string(article.AliasGUID) {
		t.Errorf("the article that moved is told to be %v", a.GetMerged())
	}
	crane := stet.lead(ctx, idAt(t, base, small.Path), idAt(t, base, small.FeedPath))
	if len(crane.GetMerged()) != 1 || crane.GetVersions() == 0 {
		t.Errorf("the page for small screens and the page are %v", crane)
	}
	for _, path := range []string{first.Path, second.Path} {
		if own := stet.lead(ctx, idAt(t, base, path), idAt(t, base, path)); own.GetVersions() != 1 || len(own.GetMerged()) > 0 {
			t.Errorf("%s is %v", path, own)
		}
	}
	for _, address := range behind {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		id := idAt(t, walled.URL, u.Path)
		var own *queryv1.Article
		eventually(ctx, t, address+" was looked at", func() bool {
			own, err = stet.client.Article(ctx, id)
			return err == nil && own.GetLastChecked() != nil
		})
		if own.GetId() != id || own.GetMergedInto() != "" || own.GetUrl() != address {
			t.Errorf("behind the wall %s became %v", address, own)
		}
	}
	count := 0
	for m, err := range stet.client.EachMerge(ctx, "", false) {
		if err != nil {
			t.Fatal(err)
		}
		if count++; strings.HasPrefix(m.GetUrl(), walled.URL) {
			t.Errorf("behind the wall articles were merged: %v", m)
		}
	}
	if count != 2 {
		t.Errorf("%d merges, want those of the crane and the granary", count)
	}

	// On the pages: the other address leads to the article, and the article tells of it.
	page, _ := stet.page(ctx, "/article/"+idAt(t, base, small.Path))
	if !strings.Contains(page, "other address") || !strings.Contains(page, small.Path) {
		t.Error("the article's page does not tell its other address")
	}

	// Split, the page is an article of its own and stays one.
	if _, err := stet.client.SplitArticle(ctx, idAt(t, base, small.Path)); err != nil {
		t.Fatal(err)
	}
	eventually(ctx, t, "the page is read by itself", func() bool {
		own, err := stet.client.Article(ctx, idAt(t, base, small.Path))
		return err == nil && own.GetId() == idAt(t, base, small.Path) && own.GetVersions() == 1
	})
	stet.interrupt()
}
