package searchtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// corpus is a few documents in several scripts; their letters are the ids' articles.
func corpus() []search.Document {
	return []search.Document{
		{Article: "a", Version: 1, Source: "The Harbour Gazette", Language: "en-GB", Time: day(1), Kinds: []string{"first"},
			Title: "Council's plan for the café on Pier 9", Body: "Costs rose by 3,000 to 1.5 million. The quick brown fox.",
			Added: "The mayor said\nnothing at all", Weight: 0, Score: 0},
		{Article: "a", Version: 2, Source: "The Harbour Gazette", Language: "en-GB", Time: day(2), Kinds: []string{"headline", "body"},
			Title: "Council’s new plan", Body: "The brown quick fox. State-of-the-art COVID-19 tests.", Removed: "quick brown fox",
			Weight: 3, Score: 0.9},
		{Article: "b", Version: 1, Source: "Østkysten", Language: "nb", Time: day(3), Kinds: []string{"first"},
			Title: "Straße nach Łódź", Body: "Ёлка и йод. Øre, soft\u00adhyphen, ＡＢＣ１２.", Weight: 0, Score: 0.5},
		{Article: "c", Version: 1, Source: "Tōkyō Tayori", Language: "ja", Time: day(4), Kinds: []string{"first", "moved"},
			Title: "東京都に行く", Body: "インターネットの話。서울에서 만나요. ภาษาไทยง่าย", Weight: 1, Score: 0.1},
		{Article: "d", Version: 1, Source: "Sawt al-Marfa", Language: "ar", Time: day(5).Add(time.Nanosecond), Kinds: []string{"first"},
			Title: "مُحَمَّد في المرفأ", Body: "كتـــاب", Added: "brown", Removed: "fox jumps", Weight: 2, Score: 0.75},
	}
}

func testQueries(t *testing.T, b *bench) {
	documents := corpus()
	b.put(documents...)
	for query, want := range map[string]string{
		// Words and folding.
		"plan": "a/1 a/2", "PLAN": "a/1 a/2", "plans": "", "cafe": "a/1", "café": "a/1", "CAFÉ": "a/1",
		"council's": "a/1 a/2", "council’s": "a/1 a/2", "3,000": "a/1", "1.5": "a/1", "strasse": "b/1", "lodz": "b/1",
		"Елка": "b/1", "йод": "b/1", "иод": "", "ore": "b/1", "softhyphen": "b/1", "abc12": "b/1",
		"محمد": "d/1", "كتاب": "d/1", "COVID-19": "a/2", "art-the": "",
		// Scripts without spaces.
		"東京": "c/1", "東京都": "c/1", "京都": "c/1", "都": "c/1", "く": "c/1", "東都": "", "ネット": "c/1", "서울": "c/1",
		"ภาษา": "c/1", "ไทย": "c/1", "ยง่": "c/1", "ไทยภาษา": "", `"東京都に行く"`: "c/1", "行く東京": "",
		// Phrases.
		`"quick brown fox"`: "a/1 a/2", `"brown quick fox"`: "a/2", `body:"quick brown"`: "a/1", `"fox quick"`: "",
		`"plan costs"`: "", `"said nothing"`: "", `"brown fox jumps"`: "", `"pier 9 costs"`: "", "brown-quick": "a/2",
		`"quick bro"`: "", `"quick bro"*`: "a/1 a/2",
		// Prefixes.
		"counc*": "a/1 a/2", "co*": "a/1 a/2", "title:co*": "a/1 a/2", "title:cos*": "", "京*": "c/1", "мар*": "",
		// Operators.
		"quick plan": "a/1 a/2", "quick AND café": "a/1", "café OR йод": "a/1 b/1", "plan NOT café": "a/2", "plan -café": "a/2",
		"NOT plan": "b/1 c/1 d/1", "-plan -йод": "c/1 d/1", "plan (café OR covid)": "a/1 a/2", "NOT (plan OR йод)": "c/1 d/1",
		"café OR NOT plan": "a/1 b/1 c/1 d/1", "NOT NOT plan": "a/1 a/2", "йод café OR plan covid": "a/2",
		"and": "", "or": "", "not": "", "plan & -- !": "a/1 a/2",
		// Fields.
		"title:quick": "", "body:quick": "a/1 a/2", "added:mayor": "a/1", "removed:fox": "a/2 d/1", "added:fox": "",
		"added:brown removed:fox": "d/1", `source:"the harbour gazette"`: "a/1 a/2", "source:gazette": "", "source:ostkysten": "b/1",
		"source:nobody": "", "kind:first": "a/1 b/1 c/1 d/1", "kind:moved": "c/1", "kind:FIRST -kind:moved": "a/1 b/1 d/1",
		"kind:fir": "", "article:a": "a/1 a/2", "article:aa": "", "lang:en": "a/1 a/2", "lang:en-gb": "a/1 a/2", "lang:en-us": "",
		"lang:e": "", "NOT lang:ja": "a/1 a/2 b/1 d/1", "first": "", "gazette": "",
		// Times and numbers.
		"after:2026-03-03": "b/1 c/1 d/1", "before:2026-03-03": "a/1 a/2", "after:2026-03-02T12:00:00Z before:2026-03-04T12:00:00Z": "a/2 b/1",
		"after:2026-03-05T12:00:00Z": "d/1", "after:2026-03-05T12:00:00.000000001Z": "d/1", "before:2026-03-05T12:00:00.000000001Z": "a/1 a/2 b/1 c/1",
		"after:2026-03-05T12:00:00.000000002Z": "", "after:2026": "a/1 a/2 b/1 c/1 d/1", "before:2026": "", "after:2026-04": "",
		"after:0001-02": "a/1 a/2 b/1 c/1 d/1", "before:9999": "a/1 a/2 b/1 c/1 d/1", "NOT after:2026-03-02": "a/1", "plan after:2026-03-02": "a/2",
		"café OR after:2026-03-05": "a/1 d/1", "NOT (plan before:2026-03-02)": "a/2 b/1 c/1 d/1", "after:2026-03-02T13:00:00+01:00": "a/2 b/1 c/1 d/1",
		"score>0.5": "a/2 d/1", "score>=0.5": "a/2 b/1 d/1", "score<0.1": "a/1", "score<=0.1": "a/1 c/1", "NOT score>0.5": "a/1 b/1 c/1",
		"weight:minor": "d/1", "weight>=minor": "a/2 d/1", "weight<trivial": "a/1 b/1", "plan score>0.5": "a/2", "йод OR score>0.8": "a/2 b/1",
		"(plan OR score>0.7) -(lang:ar weight:minor)": "a/1 a/2",
		// What an index's own language would make of a text.
		`"plan NEAR council"`: "", "NEAR": "", "plan NEAR/2": "", "title^plan": "", "{title}": "", "+plan": "a/1 a/2", "plan;": "a/1 a/2",
		"'plan'": "a/1 a/2", `"plan'); drop table version; --"`: "", "\ue000all": "a/1", "\ue000none": "", "\ue001": "", "[plan]": "a/1 a/2", `\plan`: "a/1 a/2", "plan\x00": "a/1 a/2",
		"meta\x00all": "", "%plan%": "a/1 a/2", "?": "", "rowid": "", "fts": "",
	} {
		if q, err := search.Parse(query); err != nil || q == nil {
			if query == "?" || query == "\ue001" {
				continue
			}
			t.Errorf("Parse(%q) = %v, %v", query, q, err)
			continue
		}
		b.finds(query, strings.Fields(want))
		q, _ := search.Parse(query)
		var matched []string
		for i := range documents {
			if search.Match(q, &documents[i]) {
				matched = append(matched, documents[i].ID())
			}
		}
		if !slices.Equal(matched, strings.Fields(want)) {
			t.Errorf("Match(%s) finds %v, want %v", query, matched, want)
		}
	}
	b.finds(strings.Repeat("(plan OR ", 60)+"café"+strings.Repeat(")", 60), []string{"a/1", "a/2"})
	b.finds(strings.Repeat("NOT ", 60)+"café", []string{"a/1"})
	b.finds(strings.Repeat("(NOT café OR ", 30)+"café"+strings.Repeat(")", 30), []string{"a/1", "a/2", "b/1", "c/1", "d/1"})
	b.finds(strings.TrimSuffix(strings.Repeat("plan OR ", 190), " OR "), []string{"a/1", "a/2"})
	b.finds(strings.Repeat("(score>0.1 OR ", 60)+"café"+strings.Repeat(")", 60), []string{"a/1", "a/2", "b/1", "d/1"})
}

func testRelevance(t *testing.T, b *bench) {
	title, often, once := sample("title", 1), sample("often", 2), sample("once", 3)
	title.Title = "Lighthouse"
	often.Body = "The lighthouse, the old lighthouse, a lighthouse."
	once.Body = "A lighthouse stands beyond the town, past many other things that one may name in a long sentence about it."
	b.put(title, often, once, sample("none", 4))
	got := b.all(search.Text{Text: "lighthouse"}, search.Relevance)
	if want := []string{"title/1", "often/2", "once/3"}; !slices.Equal(got, want) {
		t.Errorf("by relevance: %v, want %v", got, want)
	}
	result := b.search(search.Request{Query: search.Text{Text: "lighthouse"}, Order: search.Relevance, Limit: 2})
	b.put(search.Document{Article: "late", Version: 1, Time: day(9), Title: "Lighthouse"})
	rest := b.search(search.Request{Query: search.Text{Text: "lighthouse"}, Order: search.Relevance, Limit: 2, Cursor: result.Next})
	if got := append(hitIDs(result), hitIDs(rest)...); !slices.Equal(got, []string{"title/1", "often/2", "once/3"}) || rest.Next != "" {
		t.Errorf("pages by relevance: %v, then %q", got, rest.Next)
	}
}

func testHighlight(t *testing.T, b *bench) {
	d := sample("a", 1)
	d.Title, d.Body, d.Removed = "Crane falls", strings.Repeat("Calm words pass by here. ", 40)+"A crane fell today.", "no match"
	b.put(d)
	q := search.And{search.Text{Text: "CRÂNE"}, search.Not{Of: search.Text{Text: "calmly"}}}
	hit := b.search(search.Request{Query: q, Highlight: true}).Hits[0]
	if len(hit.Excerpts) != 2 || hit.Body != "" {
		t.Fatalf("excerpts %+v with body %q", hit.Excerpts, hit.Body)
	}
	for i, want := range []search.Excerpt{
		{Field: "title", Pieces: []search.Piece{{Text: "Crane", Match: true}, {Text: " falls"}}},
		{Field: "body", Pieces: []search.Piece{{}, {Text: "crane", Match: true}, {Text: " fell today."}}},
	} {
		got := hit.Excerpts[i]
		if got.Field != want.Field || !slices.Equal(got.Pieces[i:], want.Pieces[i:]) {
			t.Errorf("excerpt %d is %+v, want %+v", i, got, want)
		}
	}
}
