package describe

import (
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

func TestIsNote(t *testing.T) {
	for text, want := range map[string]bool{
		"Correction: the mayor's name is Brandt.":                             true,
		"Clarification (3 May 2026): the quay is public.":                     true,
		"Editor’s note: the interview was shortened.":                         true,
		"This article was amended on 3 May 2026.":                             true,
		"[An earlier version of this story named the wrong quay.]":            true,
		"Korrektur: Das Fest ist am Sonntag.":                                 true,
		"In einer früheren Version stand ein falscher Name.":                  true,
		"Rectificatif : le vote a lieu jeudi.":                                true,
		"Fe de errores: la cifra es 15.":                                      true,
		"Corrections officers met the mayor on Monday.":                       false,
		"The article was a good one.":                                         false,
		"The story was updated by her grandson for the stage.":                false,
		"Prices saw a correction: they fell by a tenth.":                      false,
		"This article was written with the help of a reader who was amended.": false,
	} {
		if got := isNote(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestCosmetic(t *testing.T) {
	tests := []struct {
		old, new string
		want     bool
	}{
		{"He said: “No”.", "He said, \"No\"!", true},
		{"A – B", "A — B", true},
		{"LONDON: the vote", "London – the vote", true},
		{"fiancé", "fianc\u00e9\u200b", true},
		{"Tom &amp; Ida", "Tom & Ida", true},
		{"3 hours ago", "4 hours ago", true},
		{"Updated: 3 May 2026, 10:30", "Updated: 3 May 2026, 11:00", true},
		{"He left.", "He left?", false},
		{"at $5", "at €5", false},
		{"12.5", "125", false},
		{"-5 degrees", "5 degrees", false},
		{"5%", "5", false},
		{"resign", "re-sign", false},
		{"", "Updated at noon", true},
		{"", "More to come.", false},
	}
	for _, test := range tests {
		c := article.Change{Element: body, Kind: between(test.old, test.new), Old: test.old, New: test.new}
		if got := Cosmetic(&c); got != test.want {
			t.Errorf("%q to %q: got %v", test.old, test.new, got)
		}
	}
}

func TestFactsOf(t *testing.T) {
	tests := []struct {
		old, new string
		want     []article.Fact
	}{
		{"12 dead, 3 hurt", "15 dead, 3 hurt", []article.Fact{{Kind: "number", Old: "12", New: "15"}}},
		{"5 or 5", "5", []article.Fact{{Kind: "number", Old: "5"}}},
		{"none", "about €5m", []article.Fact{{Kind: "number", New: "€5m"}}},
		{"3 and 4", "4 and 3", nil},
		{"at 9:00.", "at 9:30.", []article.Fact{{Kind: "time", Old: "9:00", New: "9:30"}}},
		{"« Oui »", "« Non »", []article.Fact{{Kind: "quote", Old: "Oui", New: "Non"}}},
		{"„Ja doch“", "„Ja doch“, sagte er", nil},
		{"“12”", "\"12\"", nil},
	}
	for _, test := range tests {
		if got := factsOf(test.old, test.new); !slices.Equal(got, test.want) {
			t.Errorf("%q to %q: got %v, want %v", test.old, test.new, got, test.want)
		}
	}
	if got := factsOf(strings.Repeat("1 ", 500), strings.Repeat("2 ", 500)); len(got) != mostFacts {
		t.Errorf("%d facts", len(got))
	}
}

func TestSimilar(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"harbour", "habour"}: true, {"harbour", "harbuor"}: true, {"harbour", "harbors"}: false, {"dead", "deaf"}: false, {"harbour", "airport"}: false,
	} {
		if got := similar([]rune(pair[0]), []rune(pair[1])); got != want {
			t.Errorf("%v: got %v", pair, got)
		}
	}
}
