package describe

import (
	"fmt"
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
		{"They won 3-2 in 1998-2004.", "They won 3–2 in 1998–2004.", true},
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
	tests := []struct{ language, old, new, want string }{ // kind: old > new
		{"en", "12 dead, 3 hurt", "15 dead, 3 hurt", "number: 12 > 15"},
		{"en", "5 or 5", "5", "number: 5 > "},
		{"en", "none", "about €5m", "number:  > €5m; negation: none > "},
		{"en", "3 and 4", "4 and 3", ""},
		{"en", "It cost €1,200.", "It cost €1200.", ""},
		{"en", "It cost 12.5 euros.", "It cost 125 euros.", "number: 12.5 euros > 125 euros"},
		{"en", "Twelve boats sank.", "12 boats sank.", ""},
		{"en", "It cost 5 million.", "It cost 5 billion.", "number: 5 million > 5 billion"},
		{"en", "at 9:00.", "at 9:30.", "time: 9:00 > 9:30"},
		{"en", "at 9 a.m. sharp", "at 9 p.m. sharp", "time: 9 a.m. > 9 p.m."},
		{"en", "It opened on Monday.", "It opened on Tuesday.", "date: Monday > Tuesday"},
		{"en", "It opened on 3 March 2026.", "It opened on March 4, 2026.", "date: 3 March 2026 > March 4, 2026"},
		{"en", "It hurt Dr. J. K. Marlow badly.", "It hurt Dr. J. L. Marlow badly.", "name: J. K. Marlow > J. L. Marlow"},
		{"zh", "周一关闭。", "周二关闭。", "date: 周一 > 周二"},
		{"en", "They won 3-2 there.", "They won 3–2 here.", ""},
		{"en", "They won 3-2 there.", "They won 3–1 there.", "number: 3-2 > 3–1"},
		{"en", "They may march.", "They will march.", ""},
		{"en", "The quay was sold to Anna Brandt.", "The quay was sold to Anna Brant.", "name: Anna Brandt > Anna Brant"},
		{"en", "The quay was sold to Mayor Anna Brandt.", "The quay was sold to Brandt.", ""},
		{"en", "Boats sank off Hale.", "Ships sank off Hale.", ""},
		{"en", "Brandt's plan failed in Hale.", "Brandt’s plan failed in Orrin.", "name: Hale > Orrin"},
		{"fr", "« Oui »", "« Non »", "quote: Oui > Non"},
		{"de", "„Ja doch“", "„Ja doch“, sagte er", "speaker:  > er"},
		{"en", "“12”", "\"12\"", ""},
		{"en", "“We ran,” said Petra Lund.", "“We ran,” said Olga Renn.", "name: Petra Lund > Olga Renn; speaker: Petra Lund > Olga Renn"},
		{"en", "“We ran,” Petra Lund said.", "“We ran for it,” Petra Lund said.", "quote: We ran, > We ran for it,"},
		{"en", "The bridge is shut.", "The bridge is shut, according to Olga Renn.", "name:  > Olga Renn; source:  > Olga Renn"},
		{"en", "He took the lamp.", "He allegedly took the lamp.", "hedge:  > allegedly"},
		{"en", "He did take it.", "He did not take it.", "negation:  > not"},
		{"de", "Am 3. Oktober sprach sie.", "Am 1. Dezember sprach sie.", "date: 3. Oktober > 1. Dezember"},
		{"de", "Rund 1.200 Pendler.", "Rund 1.500 Pendler.", "number: 1.200 > 1.500"},
		{"ru", "Он якобы взял лампу.", "Он взял лампу.", "hedge: якобы > "},
		{"zh", "他涉嫌偷灯。", "他偷灯。", "hedge: 涉嫌 > "},
		{"ar", "مات ١٢ شخصا", "مات 12 شخصا", ""},
		{"en", "It hurt Arne Dahl. He left.", "It hurt. Dahl left.", ""},
		{"en", "It hurt Arne Dahl. He left.", "It hurt Olga Dahl. He left.", "name: Arne Dahl > Olga Dahl"},
		{"en", "“Keep quiet,” said foreman Tuva Lien.", "Foreman Tuva Lien said the crew had been told to “keep quiet”.", ""},
		{"en", "Olga Renn was told to “go”.", "Per Lind told us to “go”.", "name: Olga Renn > Per Lind; speaker:  > Per Lind"},
		{"en", "Fire Destroys Old Grain Store", "Blaze Destroys Old Grain Store", ""},
	}
	for _, test := range tests {
		var list []string
		for _, f := range lexiconOf(test.language).factsOf(test.old, test.new, nil) {
			list = append(list, fmt.Sprintf("%s: %s > %s", f.Kind, f.Old, f.New))
		}
		if got := strings.Join(list, "; "); got != test.want {
			t.Errorf("%q to %q: got %q, want %q", test.old, test.new, got, test.want)
		}
	}
	if got := lexiconOf("en").factsOf(strings.Repeat("1 ", 500), strings.Repeat("2 ", 500), nil); len(got) != mostFacts {
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

// TestMeant holds that a name is not gone where the text gives the title that the article introduces its bearer with.
func TestMeant(t *testing.T) {
	known := persons{"director": "mork", "nurse": ""} // of two nurses
	for _, test := range []struct{ old, new, want string }{
		{"It hurt Helga Mork.", "It hurt the director.", ""},
		{"It hurt Ida Falk.", "It hurt the nurse.", "name: Ida Falk > "}, // which of the two?
		{"It hurt the director Helga Mork.", "It hurt the director Olga Renn.", "name: Helga Mork > Olga Renn"},
	} {
		var list []string
		for _, f := range lexiconOf("en").factsOf(test.old, test.new, known) {
			list = append(list, fmt.Sprintf("%s: %s > %s", f.Kind, f.Old, f.New))
		}
		if got := strings.Join(list, "; "); got != test.want {
			t.Errorf("%q to %q: got %q, want %q", test.old, test.new, got, test.want)
		}
	}
}

func TestStands(t *testing.T) {
	for _, test := range []struct {
		phrase, text string
		want         bool
	}{
		{"12", "in 2012, 12 boats", true}, {"12", "in 2012", false}, {"anna", "annabel and hanna", false}, {"anna", "hanna, anna", true},
		{"", "x", false}, {"橋", "木橋閉鎖", true}, {"12", "12", true}, {"\xff", "a\xff", true},
	} {
		if got := stands(test.phrase, test.text); got != test.want {
			t.Errorf("%q in %q: got %v", test.phrase, test.text, got)
		}
	}
}
