package web

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// noisy is a revision in which a figure changed among a new dash, a line of asterisks that went, a line of dots that
// came, and two sentences that were only joined by another mark.
func noisy() *queryv1.DiffResponse {
	return &queryv1.DiffResponse{
		From: version(1, "Storm - two ferries stop", "It cost 5. It ends.", "* * *", "Rain fell. Then snow."),
		To:   version(2, "Storm – two ferries stop", "It cost 6. It ends.", "Rain fell; then snow.", "…"),
		Revision: &eventv1.Revision{
			OldUnits: []*unit{{Block: -1, Text: "Storm - two ferries stop"}, {Block: 0, Text: "It cost 5."}, {Block: 0, Text: "It ends."}, {Block: 1, Text: "* * *"},
				{Block: 2, Text: "Rain fell."}, {Block: 2, Text: "Then snow."}},
			NewUnits: []*unit{{Block: -1, Text: "Storm – two ferries stop"}, {Block: 0, Text: "It cost 6."}, {Block: 0, Text: "It ends."},
				{Block: 1, Text: "Rain fell; then snow."}, {Block: 2, Text: "…"}},
			Links: []*link{
				{Old: []int32{0}, New: []int32{0}, Kind: eventv1.Link_EDITED, Words: []*word{{Text: "Storm "}, {Op: 1, Text: "-"}, {Op: 2, Text: "–"}, {Text: " two ferries stop"}}},
				{Old: []int32{1}, New: []int32{1}, Kind: eventv1.Link_EDITED, Words: []*word{{Text: "It cost "}, {Op: 1, Text: "5"}, {Op: 2, Text: "6"}, {Text: "."}}},
				{Old: []int32{2}, New: []int32{2}, Words: []*word{{Text: "It ends."}}},
				{Old: []int32{4, 5}, New: []int32{3}, Kind: eventv1.Link_MERGED, Words: []*word{{Text: "Rain fell"}, {Op: 1, Text: ". Then"}, {Op: 2, Text: "; then"}, {Text: " snow."}}},
			},
			Deleted: []int32{3}, Added: []int32{4},
			Changes: []*eventv1.Change{
				{Element: "headline", Kind: "edited", Old: "Storm - two ferries stop", New: "Storm – two ferries stop", Cosmetic: true},
				{Element: "lead", Kind: "edited", Old: "It cost 5.", New: "It cost 6.", Facts: []*eventv1.Fact{{Kind: "number", Old: "5", New: "6"}}},
				{Element: "body", Kind: "merged", Old: "Rain fell. Then snow.", New: "Rain fell; then snow.", Cosmetic: true},
				{Element: "body", Kind: "deleted", Old: "* * *", Cosmetic: true}, {Element: "body", Kind: "added", New: "…", Cosmetic: true}},
			Weight: eventv1.Revision_SUBSTANTIVE, Score: .2, Reasons: []string{"lead: number 5 became 6", "headline: marks only", "body: marks only", "a", "b"},
			Fallback: "more than 9 sentences: compared by paragraphs", VariantOf: 1, Returns: 3,
			Disclosure: &eventv1.Disclosure{Evidence: []string{"no note on the change was added"}},
		},
		Kinds: []string{"body", "headline", "lead"},
	}
}

func TestCosmeticChangesAreHidden(t *testing.T) {
	s := site(t, &fakeQuery{diff: noisy()})
	for name, query := range map[string]string{"": "", "inline": "?view=inline", "shown": "?cosmetic=shown", "changes": "?view=changes"} {
		golden(t, "cosmetic"+name+".html", get(t, s, "/article/"+id+"/diff/1..2"+query).Body.String())
	}
	home := get(t, s, "/").Body.String()
	if strings.Contains(home, "<ins>–</ins>") || !strings.Contains(home, "Storm – two ferries stop") {
		t.Errorf("the list marks a dash in the headline:\n%s", home)
	}
	var feed atomFeed
	if err := xml.Unmarshal(get(t, s, "/atom.xml").Body.Bytes(), &feed); err != nil {
		t.Fatal(err)
	}
	content := feed.Entries[0].Content.Text
	for want, has := range map[string]bool{"<ins>6</ins>": true, "4 changes of marks and spaces only are hidden": true, "<ins>–</ins>": false,
		"headline edited": false, "the 3rd time that it returns": true, "more than 9 sentences": true} {
		if strings.Contains(content, want) != has {
			t.Errorf("%q in the Atom entry: %v, want %v\n%s", want, !has, has, content)
		}
	}
}

func TestFlappingArticlesAreListedOnce(t *testing.T) {
	f := &fakeQuery{diff: harbour(), flapping: []int32{9, 8, 7, 6}}
	s := site(t, f)
	for path, want := range map[string]string{
		"/":                                   `4 revisions are not listed, in which an article only went to and fro between texts it had before. <a href="/?flapping=1">`,
		"/?kind=body":                         `<a href="/?flapping=1&amp;kind=body">`,
		"/source/A":                           `<a href="/source/A?flapping=1&amp;source=A">`,
		"/search?q=ferries":                   `<a href="/search?flapping=1&amp;q=ferries">`,
		"/article/" + id:                      `versions 6 to 8: the article went to and fro between texts it had before. <a href="/article/` + id + `?flapping=1#versions">`,
		"/article/" + id + "?flapping=1":      `aria-label="Compare from version 7"`,
		"/?flapping=1":                        `<input type="hidden" name="flapping" value="1">`,
		"/search?q=ferries&flapping=1":        "1 version found",
		"/article/" + id + "?page=x&flapping": "versions 6 to 8",
	} {
		if page := get(t, s, path).Body.String(); !strings.Contains(page, want) {
			t.Errorf("%s has no %q:\n%s", path, want, page)
		}
	}
	for path, wants := range map[string][]string{
		"/?flapping=1":                 {""},
		"/?kind=flapping":              {"kind:flapping"},
		"/search?q=ferries&flapping=1": {"ferries"},
		"/search?q=a)+OR+(b":           {"a) OR (b"}, // in brackets it would mean something
		"/atom.xml":                    {"NOT kind:flapping"},
		"/search/atom.xml?q=ferries":   {"(ferries) NOT kind:flapping"},
		"/source/A/atom.xml":           {`(source:"A") NOT kind:flapping`},
		"/article/" + id + "/atom.xml": {`(article:"` + id + `") NOT kind:flapping`},
		"/search?q=ferry&in=removed":   {"(removed:ferry) NOT kind:flapping", "(removed:ferry) kind:flapping"},
	} {
		f.asked = nil
		get(t, s, path)
		if !slices.Equal(f.asked, wants) {
			t.Errorf("%s asked %q, want %q", path, f.asked, wants)
		}
	}
	f.flapping = nil
	if page := get(t, s, "/").Body.String(); strings.Contains(page, "to and fro") {
		t.Errorf("nothing is left out, and the page says so:\n%s", page)
	}
}

func TestQuoteFact(t *testing.T) {
	for want, f := range map[string]*eventv1.Fact{
		"quotation shortened by 3 words": {Kind: "quote", Old: "we ran for the stairs", New: "we ran"},
		"quotation longer by 1 word":     {Kind: "quote", Old: "we ran", New: "we all ran"},
		"quotation reworded":             {Kind: "quote", Old: "we ran", New: "we walked"},
		"":                               {Kind: "quote", New: "we ran"},
	} {
		if got := quoteFact(f); got != want {
			t.Errorf("%v: got %q, want %q", f, got, want)
		}
	}
}

func TestListOfChanges(t *testing.T) {
	long := strings.Repeat("word after word ", 20)
	r := &eventv1.Revision{
		Links: []*link{{Old: []int32{0}, New: []int32{0}, Kind: eventv1.Link_EDITED, Words: []*word{{Text: long}, {Op: 1, Text: "two"}, {Op: 2, Text: "three"}, {Text: " " + long}, {Op: 2, Text: "end"}}}},
		Changes: []*eventv1.Change{
			{Element: "body", Kind: "edited", Old: long + "two " + long, New: long + "three " + long + "end"},
			{Element: "body", Kind: "moved", Old: "It ends.", New: "It ends."},
			{Element: "byline", Kind: "edited", Old: "Ann", New: "Bo"}},
	}
	for range mostChanges {
		r.Changes = append(r.Changes, &eventv1.Change{Element: "image", Kind: "added", New: "a.jpg"})
	}
	list, further, more := changesOf(r)
	if len(list) != firstChanges || len(list)+len(further) != mostChanges || more != 3 {
		t.Errorf("%d changes, %d folded and %d more", len(list), len(further), more)
	}
	for i, want := range []string{"… word after word word after word word after word [-two-]{+three+} word after word word after word word after word… word after word word after word word after word {+end+}", "It ends.", "[-Ann-] → {+Bo+}", "{+a.jpg+}"} {
		if got := sketchSegments([]segment{{Runs: list[i].Runs}}); got != want {
			t.Errorf("change %d: got %q, want %q", i, got, want)
		}
	}
}
