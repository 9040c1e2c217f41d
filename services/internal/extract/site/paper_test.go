package site

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/blocks"
)

// paper is a publisher whose articles are read again and again, as the scraper and the differ do it together.
type paper struct {
	memory   *Memory
	versions map[string]article.Snapshot
}

func newPaper() *paper { return &paper{memory: &Memory{}, versions: map[string]article.Snapshot{}} }

// look reads an article. It says whether a revision came of it, and gives the text of the newest version.
func (p *paper) look(key string, page []blocks.Passage) (revised bool, text string) {
	page = slices.Clone(page)
	rule := p.memory.Rule(key)
	now := article.Snapshot{Title: key}
	for i := range page {
		if keep, why := rule(&page[i]); !keep {
			page[i].Reason = why
			continue
		}
		now.Blocks = append(now.Blocks, article.Block{Kind: page[i].Kind, Text: page[i].Text})
	}
	p.memory = p.memory.Observe(key, page)
	old, met := p.versions[key]
	if !met {
		p.versions[key] = now
		return false, now.Body()
	}
	settled, _ := Judge(&old, &now, p.memory, key)
	if settled.Hash() == old.Hash() {
		return false, old.Body()
	}
	p.versions[key] = settled
	return true, settled.Body()
}

// looks reads ten articles with a page each, and fails where the number of those that were revised is another.
func (p *paper) looks(t *testing.T, what string, want int, page func(i int) []blocks.Passage) {
	t.Helper()
	got := 0
	for i := range 10 {
		if revised, _ := p.look(fmt.Sprint("article ", i), page(i)); revised {
			got++
		}
	}
	if got != want {
		t.Errorf("%s: %d of 10 articles were revised, want %d", what, got, want)
	}
}

// with puts passages into the middle of a story.
func with(i int, more ...blocks.Passage) []blocks.Passage {
	return slices.Insert(story(i), 2, more...)
}

// What an editor does to many articles at once is an edit of each of them, however alike.
func TestEditsOfManyArticlesAtOnce(t *testing.T) {
	for _, c := range []struct {
		name       string
		score      float32
		place      uint64
		before, to string
	}{
		{"a correction", .5, notePlace, "", "Correction: The bridge has four piers, not three."},
		{"a background gets another figure", .95, storyPlace,
			"The war over the river began nine years ago and has cost 1,200 people of the upper town their homes.",
			"The war over the river began nine years ago and has cost 1,450 people of the upper town their homes."},
		{"the same, and the model is in doubt", .6, storyPlace,
			"The war over the river began nine years ago and has cost 1,200 people of the upper town their homes.",
			"The war over the river began nine years ago and has cost 1,450 people of the upper town their homes."},
		{"a short sentence with a figure", .9, storyPlace, "The flood took 14 lives.", "The flood took 15 lives."},
		{"an agency's paragraph comes", .9, storyPlace, "", "Ferries to the islands will not sail before Friday noon, the harbour office of Ulverport said."},
		{"an agency's paragraph goes", .9, storyPlace, "Ferries to the islands will not sail before Friday noon, the harbour office of Ulverport said.", ""},
		{"an agency's paragraph is another one", .9, storyPlace,
			"Ferries to the islands will not sail before Friday noon, the harbour office of Ulverport said.",
			"All ferries sail again since the early morning, and the queue at the quay is gone, the harbour office said."},
		{"a short paragraph comes", .85, storyPlace, "", "Nobody was hurt."},
		{"a subheading comes", .8, linePlace, "", "What the council knew"},
		{"a sentence that begins as promotions do", .85, storyPlace, "", "Watch the tower long enough and it seems to lean."},
		{"an edition line in a place of its own", .8, linePlace, "The desk marked this as edition 2 of the story.", "The desk marked this as edition 3 of the story."},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPaper()
			page := func(text string) func(int) []blocks.Passage {
				return func(i int) []blocks.Passage {
					if text == "" {
						return story(i)
					}
					return with(i, told(c.place, c.score, text))
				}
			}
			for range 3 {
				p.looks(t, "before", 0, page(c.before))
			}
			p.looks(t, "the edit", 10, page(c.to))
			p.looks(t, "afterwards", 0, page(c.to))
			p.looks(t, "the edit taken back", 10, page(c.before))
		})
	}
}

// A line that says the edition changes in its place on every article whenever one is edited: it never counts as churning
// where the model takes it for the article's.
func TestALineThatChangesWithEveryEditIsSeen(t *testing.T) {
	p := newPaper()
	for edition := range 8 {
		want := 10
		if edition == 0 {
			want = 0
		}
		p.looks(t, fmt.Sprint("edition ", edition), want, func(i int) []blocks.Passage {
			return with(i, told(linePlace, .8, fmt.Sprintf("The desk marked this as edition %d of the story.", edition)))
		})
	}
}

func TestAShortArticleRewrittenByHalfAtEveryReading(t *testing.T) {
	p := newPaper()
	for reading := range 8 {
		page := []blocks.Passage{
			told(storyPlace, .9, "The bridge of Ulverport stays closed."), told(storyPlace, .75, "The council meets tonight."),
			told(storyPlace, .9, fmt.Sprintf("By noon %d people stood at the barrier.", 20+reading)), told(storyPlace, .72, fmt.Sprint("Their number grows, said witness ", reading, ".")),
		}
		if revised, text := p.look("short", page); revised != (reading > 0) {
			t.Errorf("reading %d: revised %v, the text is %q", reading, revised, text)
		}
	}
}

// A live page shows the ten newest entries, each under its time. Every new entry is seen, and so is its time.
func TestALivePageThatForgetsItsOldestEntries(t *testing.T) {
	p := newPaper()
	for newest := 10; newest < 22; newest++ {
		var page []blocks.Passage
		for entry := newest; entry > newest-10; entry-- {
			page = append(page, told(linePlace, .75, fmt.Sprintf("14:%02d", entry)),
				told(storyPlace, .9, fmt.Sprintf("The water stands %d centimetres below the upper edge of the wall by now, and rises.", 90-entry)))
		}
		revised, text := p.look("live", page)
		if revised != (newest > 10) {
			t.Errorf("entry %d: revised %v", newest, revised)
		}
		want := article.Snapshot{}
		for _, passage := range page {
			want.Blocks = append(want.Blocks, article.Block{Kind: passage.Kind, Text: passage.Text})
		}
		if text != want.Body() {
			t.Errorf("entry %d: the text is %q", newest, text)
		}
	}
}

// What an author stands for at the end of each of her articles neither comes nor goes.
func TestAnAuthorsStandingSentence(t *testing.T) {
	for _, score := range []float32{.3, .55, .75, .95} {
		p := newPaper()
		for range 4 {
			p.looks(t, fmt.Sprint("score ", score), 0, func(i int) []blocks.Passage {
				return append(story(i), told(linePlace, score, "Ida Moor writes from the islands every week."))
			})
		}
		if _, text := p.look("article 3", with(3, told(storyPlace, .9, "Nobody was hurt."))); text == "" {
			t.Error("no text")
		}
	}
}

// A box of which the model is not sure, that all articles get on one day, is furniture once three of them have it, and
// the boxes that take its place are too.
func TestABoxOnAllArticles(t *testing.T) {
	p := newPaper()
	for range 3 {
		p.looks(t, "before", 0, story)
	}
	box := func(text string) func(int) []blocks.Passage {
		return func(i int) []blocks.Passage { return with(i, told(boxPlace, .55, text)) }
	}
	p.looks(t, "the day of the box", textArticles-1, box("The harbour in pictures, all week long"))
	p.looks(t, "the day after", 0, box("The harbour in pictures, all week long"))
	for _, what := range []string{"town", "quay", "church", "market"} {
		p.looks(t, "another box", 0, box("The "+what+" in pictures, all week long"))
		p.looks(t, "the same", 0, box("The "+what+" in pictures, all week long"))
	}
}

// Promotions that go round are furniture from the first round on.
func TestPromotionsThatGoRound(t *testing.T) {
	p := newPaper()
	pool := []string{"Ten stories before breakfast", "The weekend in brief", "Letters from the coast", "What the gulls saw"}
	revisions := 0
	for reading := range 30 {
		for i := range 10 {
			page := with(i, told(boxPlace, .5, pool[(reading+i)%len(pool)]))
			if revised, _ := p.look(fmt.Sprint("article ", i), page); revised && reading > 3 {
				revisions++
			}
		}
	}
	if revisions > 0 {
		t.Errorf("%d revisions of 260 readings once the site was known", revisions)
	}
}

// A box of one article alone, which says something long, something short or an offer in turn, churns whatever it says.
func TestABoxOfManyKindsOfText(t *testing.T) {
	p := newPaper()
	pool := []string{"Ten stories before breakfast", "Join 40,000 readers of our weekly letter on politics.", "The weekend in brief",
		"Our editors' picks, chosen by hand every evening for whoever has been at sea all day and has missed what the town was talking about"}
	revisions := 0
	for reading := range 24 {
		if revised, _ := p.look("alone", with(1, told(boxPlace, .5, pool[reading%len(pool)]))); revised && reading > 3 {
			revisions++
		}
	}
	if revisions > 0 {
		t.Errorf("%d revisions of 20 readings once the place was known", revisions)
	}
}

// Which picture belongs to the article is decided anew at every reading. A caption that stays on the page is not deleted;
// one that leaves it is.
func TestACaptionThatStaysOnThePage(t *testing.T) {
	caption := article.Block{Kind: article.Caption, Text: "The bridge before the flood"}
	for _, onPage := range []bool{true, false} {
		page := story(1)
		if onPage {
			left := told(boxPlace, 0, caption.Text)
			left.Kind, left.Reason = article.Caption, blocks.ReasonFigure
			page = append(page, left)
		}
		m := (&Memory{}).Observe("one", page)
		var now article.Snapshot
		for _, p := range story(1) {
			now.Blocks = append(now.Blocks, article.Block{Kind: p.Kind, Text: p.Text})
		}
		old := article.Snapshot{Blocks: append([]article.Block{caption}, now.Blocks...)}
		settled, judged := Judge(&old, &now, m, "one")
		if (settled.Hash() == old.Hash()) != onPage || len(judged) > 0 != onPage {
			t.Errorf("on the page %v: settled %v, judged %v", onPage, settled.Blocks, judged)
		}
	}
}

// What a site's places are known for outlives the halving of its counts, and a page of many lines does not push its
// article out of the memory.
func TestWhatIsKnownOfABoxStays(t *testing.T) {
	p := newPaper()
	page := func(reading int) []blocks.Passage {
		page := with(1, told(boxPlace, .5, fmt.Sprintf("A line that nobody has seen before: %x", reading*7919)))
		for line := range MaxPassages {
			left := told(uint64(1000+line), .1, fmt.Sprint("Line ", line))
			left.Reason = blocks.ReasonModel
			page = append([]blocks.Passage{left}, page...)
		}
		return page
	}
	p.memory.readings = halfLife - 30
	for reading := range 40 {
		if revised, _ := p.look("one", page(reading)); revised && reading > 3 {
			t.Fatalf("reading %d is a revision", reading)
		}
	}
}
