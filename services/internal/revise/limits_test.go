package revise

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

// TestLimits holds that texts made to be expensive get an answer that keeps the promises, and that where a cap was hit
// the revision says so, and only there. What grows with the square of the length would not end.
func TestLimits(t *testing.T) {
	numbered := func(times int, form string) *article.Snapshot {
		var list []string
		for n := range times {
			list = append(list, fmt.Sprintf(form, n, n*7%1000, n%13))
		}
		return page("Long", list...)
	}
	equal := func(times int) *article.Snapshot {
		var list []string
		for range times {
			list = append(list, "Yes.")
		}
		return page("Long", list...)
	}
	one := func(text string, times int) *article.Snapshot { return page("Long", strings.Repeat(text, times)) }
	fresh := func(word string) *article.Snapshot { // a headline of many words, no two alike
		var b strings.Builder
		for n := range 600_000 {
			fmt.Fprintf(&b, "%s%d ", word, n)
		}
		return page(b.String())
	}
	for _, test := range []struct {
		name     string
		old, new *article.Snapshot
		fallback string // part of what is said, empty for nothing
	}{
		{"5,000 paragraphs and 5,000 others", numbered(5000, "Boat %d left pier %d at %d in the rain."), numbered(5000, "Tram %d passed depot %d with %d guests aboard."), ""},
		{"more paragraphs than are paired by likeness", numbered(mostSentences+1, "Boat %d of %d and %d."), numbered(mostSentences+1, "Tram %d of %d and %d."), "by paragraphs; more than 60000 passages: only equal ones are paired"},
		{"more sentences than are compared", one("So it goes on. ", mostSentences+1), one("So it goes on. ", mostSentences+2), "compared by paragraphs"},
		{"one sentence of a megabyte", one("word and other 12 ", 60_000), one("word und other 13 ", 60_000), ""},
		{"a headline of 600,000 words, all others", fresh("a"), fresh("b"), "its middle is replaced as a whole"},
		{"a megabyte without a space", one("x", 1_000_000), one("x", 1_000_001), ""},
		{"a megabyte of Han without a mark", one("橋閉", 160_000), one("閉橋人", 110_000), ""},
		{"20,000 equal lines", equal(20_000), equal(15_000), ""},
		{"right to left", one("أغلق الجسر اليوم. ", 9000), one("أغلق الجسر أمس. ", 9000), ""},
		{"control characters", one("\x00\x1b[2J\u202e\u0085 a. ", 9000), one("\x00\x1b[3J\u202d\u0085 b. ", 9000), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, a := Assess(test.old, test.new, nil)
			if err := partition(&r); err != nil {
				t.Error(err)
			}
			if made := Apply(test.old, &r); len(made) != len(r.NewUnits) {
				t.Errorf("applied: %d units, want %d", len(made), len(r.NewUnits))
			}
			if said := r.Fallback; said != a.Fallback || (said == "") != (test.fallback == "") || !strings.Contains(said, test.fallback) {
				t.Errorf("it says %q, want %q", said, test.fallback)
			}
		})
	}
}
