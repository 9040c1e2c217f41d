package site

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/blocks"
)

// The layouts of an invented template.
const (
	storyPlace = 100 + iota
	boxPlace
	notePlace
	linePlace
)

func told(place uint64, score float32, text string) blocks.Passage {
	p := blocks.Passage{Kind: article.Paragraph, Text: text, Score: score, Layout: place}
	if blocks.Notice(text) {
		p.Kind = article.Note
	}
	return p
}

// story are three paragraphs that no other article has.
func story(number int) []blocks.Passage {
	var all []blocks.Passage
	for i := range 3 {
		all = append(all, told(storyPlace, .97, fmt.Sprintf("In the town of number %d the council met for the %dth time to speak about the bridge and its piers.", number, i+1)))
	}
	return all
}

// verdict applies a memory's rule as the extractor does.
func verdict(m *Memory, key string, p blocks.Passage) (bool, string) { return m.Rule(key)(&p) }

func TestWhatStandsOnManyArticlesIsFurniture(t *testing.T) {
	m := &Memory{}
	promo := told(boxPlace, .62, "More stories from the coast, every day")
	if kept, _ := verdict(m, "first", promo); !kept {
		t.Fatal("left out at first sight")
	}
	for i := range 3 {
		m = m.Observe(fmt.Sprint("article ", i), append(story(i), promo))
	}
	if kept, why := verdict(m, "another", promo); kept || why != ReasonRepeated {
		t.Errorf("kept %v, reason %q", kept, why)
	}
}

// A correction that ten articles get at once is the news itself.
func TestACorrectionOnTenArticlesSurvives(t *testing.T) {
	for _, note := range []string{
		"Correction: The bridge has four piers, not three, as this newspaper wrote in several articles.",
		"Anmerkung der Redaktion: In einer früheren Fassung war der Name der Brücke falsch.",
		"訂正：橋脚の数は三本ではなく四本でした。",
	} {
		m := &Memory{}
		for round := range 3 {
			for i := range 10 {
				passages := story(i)
				if round > 0 {
					passages = append(passages, told(notePlace, .5, note))
				}
				m = m.Observe(fmt.Sprint("article ", i), passages)
			}
		}
		if kept, why := verdict(m, "article 3", told(notePlace, .5, note)); !kept {
			t.Errorf("%q is left out: %s", note, why)
		}
		old, now := article.Snapshot{Title: "Bridge"}, article.Snapshot{Title: "Bridge"}
		for _, p := range story(3) {
			old.Blocks = append(old.Blocks, article.Block{Kind: p.Kind, Text: p.Text})
		}
		now.Blocks = append(slices.Clone(old.Blocks), article.Block{Kind: article.Note, Text: note})
		if settled, judged := Judge(&old, &now, m, "article 3"); settled.Hash() != now.Hash() {
			t.Errorf("%q is judged away: %v", note, judged)
		}
	}
}

func TestAParagraphOnManyArticlesSurvives(t *testing.T) {
	m := &Memory{}
	background := told(storyPlace, .95, "The war over the river began nine years ago, when the upper town built a dam without asking anybody below it.")
	for i := range 10 {
		m = m.Observe(fmt.Sprint("article ", i), append(story(i), background))
	}
	if kept, why := verdict(m, "another", background); !kept {
		t.Errorf("left out: %s", why)
	}
}

func TestWhatChurnsIsFurniture(t *testing.T) {
	m := &Memory{}
	for reading := range 4 {
		m = m.Observe("one", append(story(1), told(linePlace, .55, fmt.Sprintf("A story of %s for the evening", strings.Repeat("x", reading+3)))))
	}
	if kept, why := verdict(m, "one", told(linePlace, .55, "A story nobody saw before tonight")); kept || why != ReasonChurns {
		t.Errorf("kept %v, reason %q", kept, why)
	}
	if kept, why := verdict(m, "one", told(storyPlace, .6, "The council met for the last time.")); !kept {
		t.Errorf("the story's place is left out: %s", why)
	}
}

// A live page gets longer all day; none of it churns.
func TestALivePageIsKept(t *testing.T) {
	m := &Memory{}
	var all []blocks.Passage
	for entry := range 12 {
		all = append([]blocks.Passage{told(linePlace, .6, fmt.Sprintf("Entry %d: the water rises", entry))}, all...)
		m = m.Observe("live", all)
	}
	if kept, why := verdict(m, "live", told(linePlace, .6, "Entry 13: the water falls")); !kept {
		t.Errorf("left out: %s", why)
	}
}

func TestADecisionStaysUnlessTheModelIsSure(t *testing.T) {
	m := (&Memory{}).Observe("one", append(story(1), told(linePlace, .5, "It was a quiet day")))
	weak := told(linePlace, .3, "It was a quiet day")
	weak.Reason = blocks.ReasonModel
	if kept, _ := verdict(m, "one", weak); !kept {
		t.Error("what was kept before is left out at a slightly lower score")
	}
	weak.Score = .1
	if kept, _ := verdict(m, "one", weak); kept {
		t.Error("what was kept before is kept at any score")
	}
}

func TestMemoryIsBoundedAndDecays(t *testing.T) {
	m := &Memory{}
	promo := told(boxPlace, .62, "More stories from the coast, every day")
	for i := range 3 {
		m = m.Observe(fmt.Sprint("old ", i), append(story(i), promo))
	}
	for i := range 1500 {
		passages := story(i)
		for j := range 200 - min(i, 197) {
			passages = append(passages, told(uint64(i*200+j), .5, fmt.Sprintf("line %d of %d", i, j)))
		}
		m = m.Observe(fmt.Sprint("article ", i), passages)
		if i == 20 || i%500 == 0 || i == 1499 {
			stored, _ := m.MarshalBinary()
			if len(stored) > 40<<10 {
				t.Fatalf("%d bytes after %d readings", len(stored), i)
			}
		}
	}
	if kept, _ := verdict(m, "new", promo); !kept {
		t.Error("what was not seen for 1500 readings is still furniture")
	}
}

func TestStoredMemoryIsTheSame(t *testing.T) {
	m := &Memory{}
	for i := range 5 {
		m = m.Observe(fmt.Sprint("article ", i%3), append(story(i), told(boxPlace, .6, "More from the coast")))
	}
	stored, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(stored)
	if err != nil {
		t.Fatal(err)
	}
	if twice, _ := again.MarshalBinary(); !bytes.Equal(stored, twice) {
		t.Error("a memory read and written is another")
	}
}

// Reading a memory and observing leave it as it is: workers share it.
func TestObserveLeavesTheMemory(t *testing.T) {
	m := (&Memory{}).Observe("one", story(1))
	before, _ := m.MarshalBinary()
	m.Observe("one", story(2))
	m.Rule("one")
	if after, _ := m.MarshalBinary(); !bytes.Equal(before, after) {
		t.Error("the memory changed")
	}
}

func FuzzParse(f *testing.F) {
	stored, _ := (&Memory{}).Observe("one", story(1)).MarshalBinary()
	f.Add(stored)
	f.Add(stored[:len(stored)-3])
	f.Add([]byte{form, 1, 0, 0, 0, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		m = m.Observe("one", story(1))
		if stored, _ := m.MarshalBinary(); len(stored) > 40<<10 {
			t.Fatalf("%d bytes", len(stored))
		}
	})
}

func TestJudge(t *testing.T) {
	paragraph := func(texts ...string) (all []article.Block) {
		for _, text := range texts {
			all = append(all, article.Block{Kind: article.Paragraph, Text: text})
		}
		return all
	}
	const one, two = "The council met on Monday to speak about the bridge.", "It will meet again in the spring, the mayor said."
	for name, c := range map[string]struct {
		old, now []article.Block
		changed  bool
		judged   int
	}{
		"nothing":             {paragraph(one, two), paragraph(one, two), false, 0},
		"read more exchanged": {paragraph(one, "Read more: A tortoise is lost", two), paragraph(one, "Read more: Bakers argue", two), false, 2},
		"read more added":     {paragraph(one, two), paragraph(one, "Read also: Bakers argue", two), false, 1},
		"minutes":             {paragraph("3 minutes ago", one, two), paragraph("41 minutes ago", one, two), false, 2},
		"counter":             {paragraph(one, two, "312"), paragraph(one, two, "318"), false, 2},
		"offer":               {paragraph(one, "Sign up for our letter and get your news at seven.", two), paragraph(one, two), false, 1},
		"edit":                {paragraph(one, two), paragraph(one, "It will meet again in autumn, the mayor said."), true, 0},
		"edit and furniture":  {paragraph(one, "Read more: A tortoise is lost", two), paragraph(one, "Read more: Bakers argue", "Never again, the mayor said."), true, 2},
		"short line added":    {paragraph(one, two), paragraph(one, two, "Nobody was hurt."), true, 0},
		"deleted":             {paragraph(one, two), paragraph(one), true, 0},
		"correction":          {paragraph(one), append(paragraph(one), article.Block{Kind: article.Note, Text: "Correction: It met on Tuesday."}), true, 0},
		"number":              {paragraph("There are 12 houses.", two), paragraph("There are 13 houses.", two), true, 0},
	} {
		old, now := article.Snapshot{Blocks: c.old}, article.Snapshot{Blocks: c.now}
		settled, judged := Judge(&old, &now, nil, "one")
		if (settled.Hash() != old.Hash()) != c.changed || len(judged) != c.judged {
			t.Errorf("%s: changed %v, judged %v", name, settled.Hash() != old.Hash(), judged)
		}
	}
}

// A site that says when nothing changed is read only when something did: of its short articles, half the paragraphs may be
// new at every reading.
func TestAnArticleThatIsEditedAtEveryReadingIsKept(t *testing.T) {
	m := &Memory{}
	for reading := range 8 {
		all := append(story(1), told(storyPlace, .6, "The mayor would not speak to us."))
		all[0].Text = "The bridge was closed after " + strings.Repeat("much ", reading+1) + "talk."
		all[1].Text = "It had stood open for " + strings.Repeat("very ", reading+1) + "long."
		m = m.Observe("one", all)
	}
	if kept, why := verdict(m, "one", told(storyPlace, .6, "The bridge was closed once more.")); !kept {
		t.Errorf("left out: %s", why)
	}
}

func TestTheOrderOfAuthorsIsNoEdit(t *testing.T) {
	snapshot := func(names ...string) *article.Snapshot { return &article.Snapshot{Byline: names} }
	for _, c := range []struct {
		old, now, want *article.Snapshot
		judged         int
	}{
		{snapshot("Ada Moor", "Bo Kern"), snapshot("Bo Kern", "Ada Moor"), snapshot("Ada Moor", "Bo Kern"), 1},
		{snapshot("Ada Moor", "Bo Kern"), snapshot("Bo Kern"), snapshot("Bo Kern"), 0},
		{snapshot("Ada Moor"), snapshot("Ada Moor", "Ada Moor"), snapshot("Ada Moor", "Ada Moor"), 0},
		{snapshot("Ada Moor"), snapshot("Bo Kern"), snapshot("Bo Kern"), 0},
		{snapshot(), snapshot("Bo Kern"), snapshot("Bo Kern"), 0},
	} {
		settled, judged := Judge(c.old, c.now, nil, "one")
		if !slices.Equal(settled.Byline, c.want.Byline) || len(judged) != c.judged {
			t.Errorf("%q to %q gives %q and %v", c.old.Byline, c.now.Byline, settled.Byline, judged)
		}
	}
}

// The items of a list that are dealt anew are no edit; an item more, another text or two that change places are.
func TestTheOrderOfItemsIsNoEdit(t *testing.T) {
	reading := func(items ...string) *article.Snapshot {
		s := &article.Snapshot{Blocks: []article.Block{{Kind: article.Paragraph, Text: "The council met on Monday to speak about the bridge."}}}
		for _, item := range items {
			s.Blocks = append(s.Blocks, article.Block{Kind: article.ListItem, Text: item})
		}
		return s
	}
	for _, c := range []struct {
		name     string
		old, now *article.Snapshot
		settled  bool
	}{
		{"dealt anew", reading("Buses run", "The road is open", "Boats wait", "Trams stop"), reading("Trams stop", "Buses run", "Boats wait", "The road is open"), true},
		{"an item more", reading("Buses run", "The road is open", "Boats wait"), reading("Boats wait", "Buses run", "The road is open", "Trams stop"), false},
		{"another text", reading("Buses run", "The road is open", "Boats wait"), reading("Boats wait", "Buses run", "The road is shut"), false},
		{"two alone", reading("Buses run", "The road is open"), reading("The road is open", "Buses run"), false},
	} {
		settled, found := Judge(c.old, c.now, nil, "bridge")
		if got := slices.Equal(settled.Blocks, c.old.Blocks); got != c.settled {
			t.Errorf("%s: settled %v, judged %v", c.name, got, found)
		}
		if told := len(found) == 1 && found[0].Reason == ReasonItems; told != c.settled {
			t.Errorf("%s: judged %v", c.name, found)
		}
	}
}
