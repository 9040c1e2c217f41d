package differ

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/identity"
)

func (c *crashing) PutAlias(ctx context.Context, a article.Alias, revision uint64) error {
	return c.die(func() error { return c.Bus.PutAlias(ctx, a, revision) })
}

func (c *crashing) PutMerge(ctx context.Context, m article.Merge, revision uint64) error {
	return c.die(func() error { return c.Bus.PutMerge(ctx, m, revision) })
}

func (c *crashing) ReadAt(ctx context.Context, h article.Head, address string) error {
	return c.die(func() error { return c.Bus.ReadAt(ctx, h, address) })
}

const (
	thePaper  = "https://paper.example"
	storyPage = thePaper + "/news/ferry-fares-brask-rise"
	ampPage   = thePaper + "/amp/news/ferry-fares-brask-rise"
)

// paragraphs is the text of the story about the ferry, or of another story of the same length.
func paragraphs(about string) []article.Block {
	var all []article.Block
	for i := range 8 {
		all = append(all, article.Block{Kind: article.Paragraph, Text: fmt.Sprintf("Of the %s it was said in hour %d that nothing was settled.", about, i)})
	}
	return all
}

// sighted is a reading of an address, so many minutes after the start.
func sighted(address, title, about string, minute int) article.Check {
	return article.Check{
		Article: article.Token(keyOf(address)), Source: "Paper", URL: address, FinalURL: address, Feed: "feed",
		FetchedAt: moment.Add(time.Duration(minute) * time.Minute), Outcome: article.Read, Status: 200, Headline: title,
		Snapshot: &article.Snapshot{
			Title: title, Language: "en", Blocks: paragraphs(about), Quality: article.Quality{Verdict: article.OK},
		},
	}
}

func ferryAt(address string, minute int, canonical ...string) article.Check {
	c := sighted(address, "Ferry fares to Brask rise", "ferry fares", minute)
	c.Snapshot.Names.Canonical = canonical
	return c
}

func mustAccount(t *testing.T, d *Differ, checks ...article.Check) {
	t.Helper()
	for _, c := range checks {
		if err := d.account(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

func headOf(t *testing.T, bus *eventbus.Bus, address string) article.Head {
	t.Helper()
	h, _, err := bus.Head(t.Context(), article.Token(keyOf(address)))
	if err != nil {
		t.Fatalf("the head of %s: %v", address, err)
	}
	return h
}

func mergesInto(t *testing.T, bus *eventbus.Bus, id string) []article.Merge {
	t.Helper()
	var all []article.Merge
	if err := bus.Merges(t.Context(), id, func(m article.Merge) error { all = append(all, m); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func versionsOf(t *testing.T, bus *eventbus.Bus, address string) int {
	t.Helper()
	e, _, err := bus.LastRevision(t.Context(), "Paper", article.Token(keyOf(address)))
	if eventbus.IsNotFound(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return e.Version
}

// TestTwinsAreOneArticle reads a story at two addresses, in both orders.
func TestTwinsAreOneArticle(t *testing.T) {
	redirected := ferryAt("https://m.paper.example/news/ferry-fares-brask-rise", 1)
	redirected.FinalURL = storyPage
	byNumber := ferryAt(thePaper+"/news/fares-up-481516", 1)
	for _, c := range []struct {
		name       string
		first, two article.Check
		kind       article.AliasKind
	}{
		{"amp, then the page", ferryAt(ampPage, 0, storyPage), ferryAt(storyPage, 1, storyPage), article.AliasAddress},
		{"the page, then amp", ferryAt(storyPage, 0, storyPage), ferryAt(ampPage, 1, storyPage), article.AliasCanonical},
		{"the page, then a redirect to it", ferryAt(storyPage, 0), redirected, article.AliasRedirect},
		{"the same number under another headline", ferryAt(thePaper+"/news/ferry-fares-brask-rise-481516", 0), byNumber, article.AliasIdentifier},
	} {
		t.Run(c.name, func(t *testing.T) {
			bus := bustest.New(t)
			d := newDiffer(t, bus)
			mustAccount(t, d, c.first, c.two, c.two)
			h := headOf(t, bus, c.two.URL)
			if h.MergedInto != c.first.Article || h.MergedBy != c.kind || h.Version != 0 || !h.Next.IsZero() || versionsOf(t, bus, c.two.URL) != 0 {
				t.Errorf("the second address: merged into %q by %q, version %d, looks again %v", h.MergedInto, h.MergedBy, h.Version, h.Next)
			}
			if versionsOf(t, bus, c.first.URL) != 1 {
				t.Errorf("the first address has %d versions", versionsOf(t, bus, c.first.URL))
			}
			if all := mergesInto(t, bus, c.first.Article); len(all) != 1 || all[0].URL != c.two.URL || all[0].Reason == "" {
				t.Errorf("merges %+v", all)
			}
			if standing, err := bus.Standing(t.Context(), c.two.Article); err != nil || standing.Article != c.first.Article {
				t.Errorf("%s leads to %q, error %v", c.two.URL, standing.Article, err)
			}
		})
	}
}

// TestThePageIsReadWhereItBelongs: an article first seen as a page for small screens is read at its canonical address
// once that is in a feed, and that it moved there is told once.
func TestThePageIsReadWhereItBelongs(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	mustAccount(t, d, ferryAt(ampPage, 0, storyPage), ferryAt(storyPage, 1, storyPage))
	again := ferryAt(storyPage, 2, storyPage)
	again.Article, again.Outcome, again.Readdressed = article.Token(keyOf(ampPage)), article.Moved, true
	mustAccount(t, d, again)
	if h := headOf(t, bus, ampPage); h.URL != storyPage || h.Version != 2 || h.MergedInto != "" || h.Next.IsZero() || h.Pending != "" {
		t.Errorf("it is at %s in version %d, merged into %q, looks again %v, waits for %q", h.URL, h.Version, h.MergedInto, h.Next, h.Pending)
	}
}

// TestWhatOnlyLooksLikeOneStaysApart: a key in common is not enough.
func TestWhatOnlyLooksLikeOneStaysApart(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	column := sighted(thePaper+"/letters/of-this-week-harbour", "Letters from the harbour this week", "gulls", 0)
	next := sighted(thePaper+"/letters/of-next-week-harbour", "Letters from the harbour this week", "mooring fees", 1)
	for _, c := range []*article.Check{&column, &next} {
		c.Snapshot.Names.Canonical = []string{thePaper + "/letters/of-the-week-harbour"}
	}
	queries := []article.Check{sighted(thePaper+"/story?id=1", "Council votes on bins", "bins", 2), sighted(thePaper+"/story?id=2", "Court hears the pilot", "pilot", 3)}
	mustAccount(t, d, append(queries, column, next)...)
	for _, c := range append(queries, column, next) {
		if h := headOf(t, bus, c.URL); h.Version != 1 || h.MergedInto != "" {
			t.Errorf("%s is in version %d, merged into %q", c.URL, h.Version, h.MergedInto)
		}
	}
	if h := headOf(t, bus, next.URL); !strings.Contains(h.Reason, "headlines are alike") {
		t.Errorf("it is not said why it stays apart: %q", h.Reason)
	}
}

// TestAMergeSurvivesACrashAnywhere kills the differ at every call, of the article that is found first and of the one that
// turns out to be it, and lets another take over: one article with one version, and one merge.
func TestAMergeSurvivesACrashAnywhere(t *testing.T) {
	last := 0
	for call := 1; last == 0; call++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, effect %v", call, after), func(t *testing.T) {
				bus := bustest.New(t)
				store := newDiffer(t, bus)
				dying := New(store.Deps)
				bad := &crashing{Bus: bus, left: call, after: after}
				dying.Bus = bad
				checks := []article.Check{ferryAt(ampPage, 0, storyPage), ferryAt(storyPage, 1, storyPage)}
				for _, c := range checks {
					if err := bus.PublishCheck(t.Context(), c); err != nil {
						t.Fatal(err)
					}
				}
				for _, d := range []*Differ{dying, store, store} { // the second time as after a lost acknowledgement
					for _, c := range checks {
						if err := d.account(t.Context(), c); err != nil && d == store {
							t.Fatal(err)
						}
					}
				}
				if bad.left > 0 {
					last = call
				}
				a, b := headOf(t, bus, ampPage), headOf(t, bus, storyPage)
				if a.Version != 1 || a.MergedInto != "" || a.Next.IsZero() || versionsOf(t, bus, ampPage) != 1 {
					t.Errorf("the first is in version %d, merged into %q, looks again %v", a.Version, a.MergedInto, a.Next)
				}
				if b.Version != 0 || b.MergedInto != a.Article || versionsOf(t, bus, storyPage) != 0 {
					t.Errorf("the second is in version %d, merged into %q", b.Version, b.MergedInto)
				}
				if all := mergesInto(t, bus, a.Article); len(all) != 1 || !all[0].Undone.IsZero() {
					t.Errorf("merges %+v", all)
				}
				if waiting, err := bus.CheckScheduled(t.Context(), a.Article); err != nil || !waiting {
					t.Errorf("the article is looked at again: %v, error %v", waiting, err)
				}
			})
		}
	}
	if last < 9 {
		t.Errorf("only %d calls were seen", last)
	}
}

// TestArticlesThatRaceForAKey: whoever is first, one article stands, and the others are it.
func TestArticlesThatRaceForAKey(t *testing.T) {
	for round := range 5 {
		bus := bustest.New(t)
		first := newDiffer(t, bus)
		differs := []*Differ{first, New(first.Deps)}
		mark := fmt.Sprintf("%s/news/ferry-fares-brask-rise", thePaper)
		var checks []article.Check
		for i := range 6 {
			c := ferryAt(fmt.Sprintf("%s?sid=%d", mark, round*10+i), i, mark)
			c.Snapshot.Names.Identifier = "urn:paper:81"
			checks = append(checks, c)
		}
		errs := make(chan error, 2*len(checks))
		for _, c := range checks {
			for _, d := range differs {
				go func() { errs <- d.account(t.Context(), c) }()
			}
		}
		for range 2 * len(checks) {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		roots := map[string]bool{}
		versions := 0
		for _, c := range checks {
			standing, err := bus.Standing(t.Context(), c.Article)
			if err != nil {
				t.Fatalf("%s leads nowhere: %v", c.URL, err)
			}
			roots[standing.Article] = true
			versions += versionsOf(t, bus, c.URL)
		}
		if len(roots) != 1 || versions != 1 {
			t.Errorf("%d articles stand with %d versions, want one with one", len(roots), versions)
		}
	}
}

// TestAWallCollapsesNothing: all addresses of a site lead to one page of consent. No article becomes another, none is
// read at the wall from then on, and before twenty of them it is known what the page is.
func TestAWallCollapsesNothing(t *testing.T) {
	topics := []string{"quay", "granary", "lock", "tide", "school", "orchard", "bridge", "mill", "choir", "tram", "well", "kiln", "weir",
		"pilot", "market", "organ", "signal", "barge", "clinic", "rope", "salt", "slate", "tower", "wharf", "yard"}
	for _, c := range []struct {
		name     string
		redirect bool
	}{{"by redirect", true}, {"in place of the page", false}} {
		t.Run(c.name, func(t *testing.T) {
			bus := bustest.New(t)
			d := newDiffer(t, bus)
			for i, topic := range topics {
				wall := sighted(fmt.Sprintf("%s/news/new-%s-opens-at-noon", thePaper, topic), "Your choices about storing things", "partners", i)
				wall.Headline = "New " + topic + " opens at noon"
				wall.Snapshot.Names = article.Names{Canonical: []string{thePaper + "/consent"}, Identifier: "consent-page"}
				if c.redirect {
					wall.FinalURL = thePaper + "/consent"
				}
				mustAccount(t, d, wall)
				h := headOf(t, bus, wall.URL)
				if h.MergedInto != "" || h.URL != wall.URL {
					t.Fatalf("%s is merged into %q and read at %s", wall.URL, h.MergedInto, h.URL)
				}
				if i >= 20 && c.redirect && (h.Version != 0 || h.Outcome != article.OutcomeBlocked || !strings.Contains(h.Reason, "too many articles")) {
					t.Errorf("article %d has version %d, outcome %s: %s", i+1, h.Version, h.Outcome, h.Reason)
				}
			}
			key, _, err := bus.Alias(t.Context(), article.Token(thePaper+"/consent"))
			if err != nil || key.Article != "" || key.Quarantined.IsZero() || key.Quarantined.After(moment.Add(20*time.Minute)) {
				t.Errorf("the key is %+v, error %v", key, err)
			}
			if all := mergesInto(t, bus, ""); len(all) > 0 {
				t.Errorf("merges %+v", all)
			}
		})
	}
}

// TestExistingArticlesAreNotWalledIn: the redirect of everything to one page, after the articles had their versions.
func TestExistingArticlesAreNotWalledIn(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	for i := range 12 {
		address := fmt.Sprintf("%s/news/new-mill-number-%d-opens", thePaper, i)
		own := sighted(address, "New mill opens", fmt.Sprintf("mill with the long name %d", i), i)
		mustAccount(t, d, own)
		for minute := 100; minute < 104; minute++ {
			wall := sighted(address, "Your choices about storing things", "partners", minute+10*i)
			wall.FinalURL, wall.Outcome, wall.Headline = thePaper+"/consent", article.Moved, ""
			mustAccount(t, d, wall)
		}
		h := headOf(t, bus, address)
		if h.MergedInto != "" {
			t.Fatalf("article %d is merged into %q", i, h.MergedInto)
		}
		if i >= 6 && (h.Version != 1 || h.URL != address || !strings.Contains(h.Reason, "too many articles")) {
			t.Errorf("article %d is in version %d at %s: %s", i, h.Version, h.URL, h.Reason)
		}
	}
}

// TestTheHomePageInsteadOfAnErrorMeansGone, and only at the second look.
func TestTheHomePageInsteadOfAnErrorMeansGone(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	mustAccount(t, d, ferryAt(storyPage, 0))
	for minute, want := range []article.State{article.Live, article.Gone} {
		home := sighted(storyPage, "The Paper", "many things", minute+1)
		home.FinalURL, home.Outcome = thePaper+"/", article.Moved
		mustAccount(t, d, home)
		if h := headOf(t, bus, storyPage); h.State != want || h.URL != storyPage {
			t.Errorf("after look %d it is %s at %s", minute+1, h.State, h.URL)
		}
	}
}

// TestAnAddressThatBecomesAnothersEndsTheLooks: two articles with versions, and the older address begins to lead to the
// newer one.
func TestAnAddressThatBecomesAnothersEndsTheLooks(t *testing.T) {
	const newer = thePaper + "/news/brask-ferry-a-tenth-dearer"
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	mustAccount(t, d, ferryAt(storyPage, 0), ferryAt(newer, 1))
	for minute := 2; minute < 4; minute++ {
		moved := ferryAt(storyPage, minute)
		moved.FinalURL, moved.Outcome = newer, article.Moved
		mustAccount(t, d, moved, moved)
	}
	old, h := headOf(t, bus, storyPage), headOf(t, bus, newer)
	if old.MergedInto != h.Article || old.Version != 2 || !old.Next.IsZero() || versionsOf(t, bus, storyPage) != 2 {
		t.Errorf("the older: merged into %q, version %d, looks again %v", old.MergedInto, old.Version, old.Next)
	}
	if h.MergedInto != "" || h.Version != 1 || h.Next.IsZero() {
		t.Errorf("the newer: merged into %q, version %d, looks again %v", h.MergedInto, h.Version, h.Next)
	}
	if all := mergesInto(t, bus, h.Article); len(all) != 1 || all[0].From != old.Article {
		t.Errorf("merges %+v", all)
	}
}

// TestANewAddressThatAFeedNames is believed if the text agrees, and else becomes an article of its own.
func TestANewAddressThatAFeedNames(t *testing.T) {
	const newer = thePaper + "/news/brask-ferry-a-tenth-dearer"
	for _, c := range []struct {
		name  string
		about string
		same  bool
	}{{"the same text", "ferry fares", true}, {"another", "pilot who ran aground and of all that he told the court about rope", false}} {
		t.Run(c.name, func(t *testing.T) {
			bus := bustest.New(t)
			d := newDiffer(t, bus)
			mustAccount(t, d, ferryAt(storyPage, 0))
			there := sighted(newer, "Brask ferry a tenth dearer", c.about, 1)
			if !c.same {
				there.Snapshot.Title = "Court hears the pilot"
				there.Snapshot.Blocks = paragraphs(c.about)
				for i := range there.Snapshot.Blocks {
					there.Snapshot.Blocks[i].Text = strings.NewReplacer("said", "written", "hour", "chapter", "nothing", "everything", "settled", "disputed").Replace(there.Snapshot.Blocks[i].Text)
				}
				old := ferryAt(storyPage, 0).Snapshot
				if !slices.Contains(extract.Against(old, there.Snapshot), extract.ReasonOtherArticle) {
					t.Fatal("the texts of this test are too alike")
				}
			}
			there.Article, there.Outcome, there.Readdressed = article.Token(keyOf(storyPage)), article.Moved, true
			mustAccount(t, d, there, there)
			h := headOf(t, bus, storyPage)
			waiting, err := bus.CheckScheduled(t.Context(), article.Token(keyOf(newer)))
			if err != nil {
				t.Fatal(err)
			}
			undone := slices.ContainsFunc(mergesInto(t, bus, h.Article), func(m article.Merge) bool { return !m.Undone.IsZero() })
			if c.same && (h.URL != newer || h.Version != 2 || waiting || undone) {
				t.Errorf("it is at %s in version %d; another waits: %t, told apart: %t", h.URL, h.Version, waiting, undone)
			}
			if !c.same && (h.URL != storyPage || h.Version != 1 || !waiting || !undone) {
				t.Errorf("it is at %s in version %d; the other waits: %t, told apart: %t", h.URL, h.Version, waiting, undone)
			}
		})
	}
}

// TestAGonePageIsLookedForAtItsNewerAddress: the look that makes sure goes where the feed says that the article is now.
func TestAGonePageIsLookedForAtItsNewerAddress(t *testing.T) {
	const newer = thePaper + "/news/brask-ferry-a-tenth-dearer"
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	mustAccount(t, d, ferryAt(storyPage, 0))
	own, revision, err := bus.Alias(t.Context(), article.Token(keyOf(storyPage)))
	if err != nil {
		t.Fatal(err)
	}
	own.Newer = newer
	if err := bus.PutAlias(t.Context(), own, revision); err != nil {
		t.Fatal(err)
	}
	missing := ferryAt(storyPage, 1)
	missing.Outcome, missing.Status, missing.Snapshot = article.OutcomeGone, 404, nil
	recorded := &recording{Bus: bus}
	d.Bus = recorded
	mustAccount(t, d, missing)
	if recorded.address != newer {
		t.Errorf("the next look goes to %q", recorded.address)
	}
}

// recording remembers where an article is looked for.
type recording struct {
	*eventbus.Bus
	address string
}

func (r *recording) ReadAt(ctx context.Context, h article.Head, address string) error {
	r.address = address
	return r.Bus.ReadAt(ctx, h, address)
}

// TestWhatWasTakenDownDoesNotComeBackByAnotherAddress: no version, no merge with words in it, no page.
func TestWhatWasTakenDownDoesNotComeBackByAnotherAddress(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	mustAccount(t, d, ferryAt(storyPage, 0, storyPage))
	if _, err := bus.Erase(t.Context(), eventbus.Takedown{Article: article.Token(keyOf(storyPage)), Reason: "court order", At: moment}); err != nil {
		t.Fatal(err)
	}
	own, _, err := bus.Alias(t.Context(), article.Token(keyOf(storyPage)))
	if err != nil || own.Value != "" || own.Sketch.Title != "" || own.Article == "" {
		t.Errorf("the alias still tells %+v, error %v", own, err)
	}
	other := ferryAt(ampPage, 1, storyPage)
	mustAccount(t, d, other)
	h := headOf(t, bus, ampPage)
	if h.Tombstone != "court order" || h.URL != "" || h.Title != "" || versionsOf(t, bus, ampPage) != 0 || len(mergesInto(t, bus, "")) > 0 {
		t.Errorf("the other address left %+v", h)
	}
}

// TestAnArticleOlderThanTheAliasesKeepsItsAddress: a head without aliases, as an earlier stet left it.
func TestAnArticleOlderThanTheAliasesKeepsItsAddress(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	first := ferryAt(storyPage, 0)
	h := article.Head{Article: first.Article, Source: "Paper", URL: storyPage, Resolved: true}
	if err := bus.PutHead(t.Context(), h, 0); err != nil {
		t.Fatal(err)
	}
	mustAccount(t, d, first, ferryAt(ampPage, 1, storyPage))
	if a := headOf(t, bus, ampPage); a.MergedInto != first.Article {
		t.Errorf("the page for small screens is merged into %q", a.MergedInto)
	}
	if key, _, err := bus.Alias(t.Context(), identity.ByGUID("feed", "x").Key); !eventbus.IsNotFound(err) {
		t.Errorf("an alias nobody made: %+v, %v", key, err)
	}
}
