package differ

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/rebaseline"
)

// edition is an extractor of a made-up version: the first reads what stands before "//" of a page, the later ones all,
// and tell which they are.
type edition int

func (e edition) Identity(string, string) article.Extractor {
	return article.Extractor{Name: "made-up", Version: fmt.Sprint(int(e))}
}

func (e edition) Read(p rebaseline.Page, _ []byte) (article.Snapshot, error) {
	text, more, _ := strings.Cut(string(p.Body), " // ")
	blocks := []article.Block{{Kind: article.Paragraph, Text: text}}
	if e > 1 && more != "" {
		blocks = append(blocks, article.Block{Kind: article.Paragraph, Text: more})
	}
	return article.Snapshot{Title: "Ferry talks", Blocks: blocks, Extractor: e.Identity("", ""), Quality: article.Quality{Verdict: article.OK}}, nil
}

// upgrade is a differ of the first edition that is to be of another.
type upgrade struct {
	*testing.T
	bus   *eventbus.Bus
	store *archive.Archive
	d     *Differ
}

func newUpgrade(t *testing.T) *upgrade {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	d.Extractor = edition(1)
	return &upgrade{t, bus, d.Archive.(*archive.Archive), d}
}

// page is a check of a page that a scraper of some edition read, archived as scrapers do.
func (u *upgrade) page(e edition, text string, minute int) article.Check {
	u.Helper()
	c := read("x", "", minute)
	s, err := e.Read(rebaseline.Page{Body: []byte(text)}, nil)
	if err != nil {
		u.Fatal(err)
	}
	c.Snapshot = &s
	if c.Page, err = u.store.PutPage(u.Context(), c.Article, []byte(text)); err != nil {
		u.Fatal(err)
	}
	return c
}

func (u *upgrade) account(c article.Check) article.Head {
	u.Helper()
	if err := u.d.account(u.Context(), c); err != nil {
		u.Fatal(err)
	}
	h, _, err := u.bus.Head(u.Context(), "x")
	if err != nil {
		u.Fatal(err)
	}
	return h
}

func (u *upgrade) want(texts ...string) {
	u.Helper()
	if got := history(u.T, u.bus, "x"); !equal(got, texts) {
		u.Errorf("the versions are %q, want %q", got, texts)
	}
}

const (
	upper  = "The talks about the ferry resume on Monday at noon in the old granary of Ulverport."
	lower  = "The upper town has not said yet whether it will send anybody to them at all."
	edited = "The upper town has said by now that it will send three of its people to them."
)

func TestAnUpgradeIsNoRevision(t *testing.T) {
	u := newUpgrade(t)
	u.account(u.page(1, upper+" // "+lower, 0))
	u.d.Extractor = edition(2)
	h := u.account(u.page(2, upper+" // "+lower, 1))
	if h.Version != 1 || h.Baseline == "" || h.Extractor != "made-up/2" {
		t.Errorf("version %d, baseline %q, extractor %q", h.Version, h.Baseline, h.Extractor)
	}
	u.account(u.page(2, upper+" // "+lower, 2))
	u.want(upper + " [first]")
	// What the first edition did not see is compared now, against what stood there.
	h = u.account(u.page(2, upper+" // "+edited, 3))
	u.want(upper+" [first]", upper+"\n\n"+edited+" [body]")
	if h.Baseline != "" || h.Extractor != "made-up/2" {
		t.Errorf("after a version of its own the baseline is %q, by %q", h.Baseline, h.Extractor)
	}
}

// TestAnEditThatComesWithAnUpgrade must be found, and nothing else of what the new extractor sees.
func TestAnEditThatComesWithAnUpgrade(t *testing.T) {
	u := newUpgrade(t)
	first := u.account(u.page(1, upper+" // "+lower, 0))
	u.d.Extractor = edition(2)
	u.account(u.page(2, upper+" // "+edited, 1))
	u.want(upper+" [first]", upper+"\n\n"+edited+" [body]")
	e, _, err := u.bus.LastRevision(t.Context(), "Gazette", "x")
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Revision.OldUnits) != 3 || e.Revision.OldUnits[2].Text != lower || e.Baseline == "" || e.Baseline == first.Hash {
		t.Errorf("the revision starts from %+v, baseline %q", e.Revision.OldUnits, e.Baseline)
	}
	if old, err := u.store.Version(t.Context(), "x", 1, e.Baseline); err != nil || !strings.HasSuffix(old.Body(), lower) {
		t.Errorf("the text it starts from is %q, error %v", old.Body(), err)
	}
}

// TestScrapersAndDiffersOfSeveralEditions lets an old scraper work for a new differ, and a new one for an old differ.
func TestScrapersAndDiffersOfSeveralEditions(t *testing.T) {
	u := newUpgrade(t)
	same := upper + " // " + lower
	u.account(u.page(1, same, 0))
	minute := 0
	for _, pair := range [][2]edition{{2, 1}, {1, 2}, {2, 2}, {1, 2}, {1, 1}, {3, 2}, {2, 3}, {3, 3}, {1, 1}} {
		minute++
		u.d.Extractor = pair[0]
		u.account(u.page(pair[1], same, minute))
	}
	u.want(upper + " [first]")
	u.d.Extractor = edition(2)
	u.account(u.page(3, upper+" // "+edited, 20))
	u.want(upper+" [first]", upper+"\n\n"+edited+" [body]")
}

func TestAPageThatTheArchiveLost(t *testing.T) {
	u := newUpgrade(t)
	first := u.page(1, upper+" // "+lower, 0)
	u.account(first)
	if err := u.store.DeletePage(t.Context(), first.Page); err != nil {
		t.Fatal(err)
	}
	u.d.Extractor = edition(2)
	h := u.account(u.page(2, upper+" // "+edited, 1))
	u.want(upper + " [first]")
	if !strings.Contains(h.Reason, "taken as it is") || h.Extractor != "made-up/2" {
		t.Errorf("the reason is %q, the extractor %q", h.Reason, h.Extractor)
	}
	u.account(u.page(2, upper+" // "+lower, 2))
	u.want(upper+" [first]", upper+"\n\n"+lower+" [body]")
}

// A broken page must not become what readings are compared with because there is nothing better.
func TestABrokenPageIsNoBaseline(t *testing.T) {
	u := newUpgrade(t)
	long := strings.Repeat(upper+" ", 8)
	first := u.page(1, long, 0)
	u.account(first)
	if err := u.store.DeletePage(t.Context(), first.Page); err != nil {
		t.Fatal(err)
	}
	u.d.Extractor = edition(2)
	if h := u.account(u.page(2, "The talks.", 1)); h.Outcome != article.OutcomeBlocked || h.Extractor != "made-up/1" {
		t.Errorf("a text that lost most of itself: %s by %q (%s)", h.Outcome, h.Extractor, h.Reason)
	}
	u.account(u.page(2, long, 2))
	if got := history(t, u.bus, "x"); len(got) != 1 {
		t.Errorf("%d versions", len(got))
	}
}

func TestABaselineThatTheArchiveLostIsMadeAgain(t *testing.T) {
	u := newUpgrade(t)
	page := u.page(1, upper+" // "+lower, 0)
	u.account(page)
	u.d.Extractor = edition(2)
	h := u.account(u.page(2, upper+" // "+lower, 1))
	if err := u.store.DeleteArticle(t.Context(), "x"); err != nil {
		t.Fatal(err)
	}
	u.page(1, upper+" // "+lower, 0) // the page alone is there again
	if _, err := u.store.Version(t.Context(), "x", 1, h.Baseline); !errors.Is(err, archive.ErrNotFound) {
		t.Fatal(err)
	}
	u.account(u.page(2, upper+" // "+edited, 2))
	u.want(upper+" [first]", upper+"\n\n"+edited+" [body]")
}

// A head that is older than the member finds the page in the stream.
func TestAHeadThatDoesNotNameItsPage(t *testing.T) {
	u := newUpgrade(t)
	u.account(u.page(1, upper+" // "+lower, 0))
	h, revision, err := u.bus.Head(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	h.Page, h.Extractor = "", ""
	if err := u.bus.PutHead(t.Context(), h, revision); err != nil {
		t.Fatal(err)
	}
	u.d.Extractor = edition(2)
	if h := u.account(u.page(2, upper+" // "+lower, 1)); h.Version != 1 || h.Extractor != "made-up/2" || h.Page == "" {
		t.Errorf("version %d by %q, page %q", h.Version, h.Extractor, h.Page)
	}
}

// The page that goes is told with the text as it is read today.
func TestAPageThatGoesAfterAnUpgrade(t *testing.T) {
	u := newUpgrade(t)
	u.account(u.page(1, upper+" // "+lower, 0))
	u.d.Extractor = edition(2)
	u.account(u.page(2, upper+" // "+lower, 1))
	u.account(gone("x", 2))
	u.account(gone("x", 3))
	both := upper + "\n\n" + lower
	u.want(upper+" [first]", both+" [gone]")
	u.d.Extractor = edition(1)
	u.account(u.page(1, upper+" // "+lower, 4))
	h := u.account(u.page(1, upper+" // "+lower, 5))
	u.want(upper+" [first]", both+" [gone]", upper+" [restored]")
	if h.Page == "" || h.State != article.Live {
		t.Errorf("page %q, %s", h.Page, h.State)
	}
}

// dyingStore is an archive whose process dies at the nth text it is to keep.
type dyingStore struct {
	versions
	left  int
	after bool
}

func (s *dyingStore) PutVersion(ctx context.Context, id string, version int, text *article.Snapshot) error {
	s.left--
	if s.left > 0 {
		return s.versions.PutVersion(ctx, id, version, text)
	}
	if s.left == 0 && s.after {
		_ = s.versions.PutVersion(ctx, id, version, text) // its effect stands, its answer is lost
	}
	return errCrash
}

// TestACrashInTheMidstOfAnUpgrade kills the differ at every call of the commit and at every write to the archive, while
// an upgrade comes together with an edit.
func TestACrashInTheMidstOfAnUpgrade(t *testing.T) {
	for call := 1; call <= 13; call++ {
		for _, after := range []bool{false, true} {
			for _, where := range []string{"bus", "archive"} {
				if where == "archive" && call > 4 {
					continue
				}
				t.Run(fmt.Sprintf("%s, call %d, effect %v", where, call, after), func(t *testing.T) {
					u := newUpgrade(t)
					u.account(u.page(1, upper+" // "+lower, 0))
					for i, text := range []string{upper + " // " + lower, upper + " // " + edited, upper + " // " + edited, upper + " // " + lower} {
						if err := u.bus.PublishCheck(t.Context(), u.page(2, text, i+1)); err != nil {
							t.Fatal(err)
						}
					}
					u.d.Extractor = edition(2)
					dying := New(u.d.Deps)
					if where == "bus" {
						dying.Bus = &crashing{Bus: u.bus, left: call, after: after}
					} else {
						dying.Archive = &dyingStore{u.store, call, after}
					}
					drain(t, u.bus, dying)
					drain(t, u.bus, u.d)
					u.want(upper+" [first]", upper+"\n\n"+edited+" [body]", upper+"\n\n"+lower+" [body]")
				})
			}
		}
	}
}
