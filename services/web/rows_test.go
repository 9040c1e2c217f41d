package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

type (
	unit = eventv1.Unit
	link = eventv1.Link
	word = eventv1.Word
)

func version(n int32, title string, paragraphs ...string) *queryv1.Version {
	s := &eventv1.Snapshot{Title: title, Language: "en", Url: "https://gazette.example/ferries"}
	for _, p := range paragraphs {
		s.Blocks = append(s.Blocks, &eventv1.Block{Kind: eventv1.Block_PARAGRAPH, Text: p})
	}
	return &queryv1.Version{Article: id, Version: n, Source: "Harbour Gazette", Snapshot: s, Time: at(6 + int(n))}
}

// harbour is a revision with an edited headline, a moved, an edited, an added and a deleted sentence.
func harbour() *queryv1.DiffResponse {
	d := &queryv1.DiffResponse{
		From: version(1, "Storm stops two ferries", "It began at dawn. Nobody was hurt.", "The port is shut.", "Trains run."),
		To:   version(2, "Storm stops three ferries", "It began at dawn. Ships wait.", "Trains run.", "The port remains shut."),
		Revision: &eventv1.Revision{
			OldUnits: []*unit{{Block: -1, Text: "Storm stops two ferries"}, {Block: 0, Text: "It began at dawn."}, {Block: 0, Text: "Nobody was hurt."},
				{Block: 1, Text: "The port is shut."}, {Block: 2, Text: "Trains run."}},
			NewUnits: []*unit{{Block: -1, Text: "Storm stops three ferries"}, {Block: 0, Text: "It began at dawn."}, {Block: 0, Text: "Ships wait."},
				{Block: 1, Text: "Trains run."}, {Block: 2, Text: "The port remains shut."}},
			Links: []*link{
				{Old: []int32{0}, New: []int32{0}, Kind: eventv1.Link_EDITED, Words: []*word{{Text: "Storm stops "}, {Op: 1, Text: "two"}, {Op: 2, Text: "three"}, {Text: " ferries"}}},
				{Old: []int32{1}, New: []int32{1}, Words: []*word{{Text: "It began at dawn."}}},
				{Old: []int32{3}, New: []int32{4}, Kind: eventv1.Link_EDITED, Words: []*word{{Text: "The port "}, {Op: 1, Text: "is"}, {Op: 2, Text: "remains"}, {Text: " shut."}}},
				{Old: []int32{4}, New: []int32{3}, Moved: true, Words: []*word{{Text: "Trains run."}}},
			},
			Deleted: []int32{2}, Added: []int32{2}, Restored: []*eventv1.Restored{{New: 2, Version: 1}},
			Changes: []*eventv1.Change{
				{Element: "headline", Kind: "edited", Old: "Storm stops two ferries", New: "Storm stops three ferries", Facts: []*eventv1.Fact{{Kind: "number", Old: "two", New: "three"}}},
				{Element: "body", Kind: "added", New: "Ships wait."}},
			Weight: eventv1.Revision_SUBSTANTIVE, Score: .8, Disclosure: &eventv1.Disclosure{NoteAdded: true, Evidence: []string{"A note says: corrected."}},
		},
		Kinds: []string{"headline", "body"},
	}
	return d
}

// sketch writes rows for people: old | new, with [-gone-] and {+come+}.
func sketch(rows []row) string {
	var b strings.Builder
	side := func(c *cell) string {
		if c == nil {
			return "–"
		}
		return c.Name + " " + sketchSegments(c.Segments)
	}
	for _, r := range rows {
		if r.Hidden > 0 {
			fmt.Fprintf(&b, "… %d\n", r.Hidden)
			continue
		}
		mark := "  "
		if r.Changed {
			mark = "* "
		}
		fmt.Fprintf(&b, "%s%s | %s\n", mark, side(r.Left), side(r.Right))
	}
	return b.String()
}

func sketchSegments(segments []segment) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(s.Space)
		for _, r := range s.Runs {
			switch r.Op {
			case "del":
				b.WriteString("[-" + r.Text + "-]")
			case "ins":
				b.WriteString("{+" + r.Text + "+}")
			default:
				b.WriteString(r.Text)
			}
		}
		for _, n := range s.Notes {
			b.WriteString(" (" + n.Text + ")")
		}
	}
	return b.String()
}

func TestRows(t *testing.T) {
	for _, test := range []struct {
		name string
		d    *queryv1.DiffResponse
		want string
	}{
		{"every kind", harbour(), `* headline Storm stops [-two-] ferries | headline Storm stops {+three+} ferries
* ¶1 It began at dawn. [-Nobody was hurt.-] | ¶1 It began at dawn. {+Ships wait.+} (restored from version 1)
* – | ¶2 Trains run. (← moved up from ¶3)
* ¶2 The port [-is-] shut. | ¶3 The port {+remains+} shut.
* ¶3 Trains run. (→ moved up to ¶2) | –
`},
		{"nothing", &queryv1.DiffResponse{}, ""},
		{"first version", &queryv1.DiffResponse{To: version(1, "T", "One."), Revision: &eventv1.Revision{
			NewUnits: []*unit{{Block: -1, Text: "T"}, {Block: 0, Text: "One."}}, Added: []int32{0, 1}}},
			"* – | headline {+T+}\n* – | ¶1 {+One.+}\n"},
		{"split over two paragraphs", &queryv1.DiffResponse{From: version(1, "", "He came and she went."), To: version(2, "", "He came.", "She went."),
			Revision: &eventv1.Revision{
				OldUnits: []*unit{{Block: 0, Text: "He came and she went."}},
				NewUnits: []*unit{{Block: 0, Text: "He came."}, {Block: 1, Text: "She went."}},
				Links: []*link{{Old: []int32{0}, New: []int32{0, 1}, Kind: eventv1.Link_SPLIT,
					Words: []*word{{Text: "He came"}, {Op: 1, Text: " and she"}, {Op: 2, Text: ". She"}, {Text: " went."}}}},
			}},
			"* – | ¶1 He came{+.+} (← from ¶1)\n* ¶1 He came[- and she-] went. (→ now in ¶1) (split into 2) | ¶2 {+She+} went.\n"},
		{"merged in one paragraph", &queryv1.DiffResponse{From: version(1, "", "He came.  She went."), To: version(2, "", "He came and she went."),
			Revision: &eventv1.Revision{
				OldUnits: []*unit{{Block: 0, Text: "He came."}, {Block: 0, Text: "She went."}},
				NewUnits: []*unit{{Block: 0, Text: "He came and she went."}},
				Links: []*link{{Old: []int32{0, 1}, New: []int32{0}, Kind: eventv1.Link_MERGED,
					Words: []*word{{Text: "He came"}, {Op: 1, Text: ". She"}, {Op: 2, Text: " and she"}, {Text: " went."}}}},
			}},
			"* ¶1 He came[-.-]  [-She-] went. | ¶1 He came{+ and she+} went. (merged from 2)\n"},
		{"indices that point nowhere", &queryv1.DiffResponse{From: version(1, "", "A."), To: version(2, "", "B."),
			Revision: &eventv1.Revision{
				OldUnits: []*unit{{Block: 7, Text: "A."}}, NewUnits: []*unit{{Block: -9, Text: "B."}},
				Links: []*link{{Old: []int32{5, -1, 0}, New: []int32{99}}, nil}, Deleted: []int32{-4}, Added: []int32{8},
				Restored: []*eventv1.Restored{{New: -3}},
			}}, "any"},
		{"paragraph without sentences", &queryv1.DiffResponse{From: version(1, "", "A."), To: version(2, "", "A."), Revision: &eventv1.Revision{}},
			"  ¶1 A. | ¶1 A.\n"},
		{"words that say something else", &queryv1.DiffResponse{From: version(1, "", "A."), To: version(2, "", "B."), Revision: &eventv1.Revision{
			OldUnits: []*unit{{Text: "A."}}, NewUnits: []*unit{{Text: "B."}},
			Links: []*link{{Old: []int32{0}, New: []int32{0}, Words: []*word{{Text: "C"}}}}}},
			"  ¶1 A. | ¶1 B.\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := sketch(rowsOf(test.d))
			if test.want != "any" && got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestInline(t *testing.T) {
	var got strings.Builder
	for _, r := range rowsOf(harbour()) {
		got.WriteString(sketchSegments(r.Inline) + "\n")
	}
	want := `Storm stops [-two-]{+three+} ferries
It began at dawn. [-Nobody was hurt.-] {+Ships wait.+} (restored from version 1)
Trains run. (← moved up from ¶3)
The port [-is-]{+remains+} shut.
Trains run. (→ moved up to ¶2)
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestHideUnchanged(t *testing.T) {
	got := sketch(hideUnchanged([]row{{}, {}, {Changed: true}, {}}))
	if want := "… 2\n* – | –\n… 1\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestWithin(t *testing.T) {
	for _, test := range [][3]string{
		{"", "a b", "a b"},
		{"added", "a b", "added:a added:b"},
		{"added", `"a b" c*`, `added:"a b" added:c*`},
		{"removed", "a OR (b NOT -c)", "removed:a OR (removed:b NOT -removed:c)"},
		{"title", `source:"x y" z score>0.5`, `source:"x y" title:z score>0.5`},
	} {
		if got := within(test[0], test[1]); got != test[2] {
			t.Errorf("%q in %q: %q, want %q", test[1], test[0], got, test[2])
		}
	}
}

func TestWords(t *testing.T) {
	for text, want := range map[string]int{"": 0, "one two": 2, "it’s well-known": 2, "山火事です": 5, "3.5 km": 3, "a\nb": 2} {
		if got := words(text); got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
}

func FuzzRowsHoldEveryParagraphOnce(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 0, 0, 1, 1}, "He came. She went.")
	f.Add([]byte{9, 9, 9, 9, 9, 9}, "")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		if len(data) > 64 || len(text) > 200 {
			t.Skip("larger inputs only take longer")
		}
		next := func(limit int) int32 {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return int32(b)%int32(limit) - 2
		}
		r := &eventv1.Revision{}
		d := &queryv1.DiffResponse{From: version(1, text, text, "", "x"), To: version(2, "t", "x", text), Revision: r}
		for range 4 {
			r.OldUnits = append(r.OldUnits, &unit{Block: next(7), Text: text})
			r.NewUnits = append(r.NewUnits, &unit{Block: next(7), Text: text + "!"})
			r.Links = append(r.Links, &link{Old: []int32{next(8), next(8)}, New: []int32{next(8)}, Kind: eventv1.Link_Kind(next(8)), Moved: next(4) > 0,
				Words: []*word{{Op: eventv1.Word_Op(next(6)), Text: text}, {Op: 2, Text: "!"}}})
		}
		seen := map[string]bool{}
		for _, row := range rowsOf(d) {
			for _, c := range []*cell{row.Left, row.Right} {
				if c != nil {
					if seen[c.Anchor] {
						t.Errorf("%s twice", c.Anchor)
					}
					seen[c.Anchor] = true
				}
			}
		}
		for _, anchor := range []string{"old-p1", "p1"} {
			if text != "" && !seen[anchor] {
				t.Errorf("%s is missing", anchor)
			}
		}
	})
}
