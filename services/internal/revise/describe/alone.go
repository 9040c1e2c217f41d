package describe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/article"
)

// mostAlone bounds the bytes of sentences that came or went whose facts are told, on one side together: of a text that
// was replaced as a whole every figure is another one.
const mostAlone = 24_000

// alone tells the facts of sentences that came or went as a whole.
type alone struct {
	other string // the other version's text
	left  int    // bytes that may still be searched
}

func newAlone(other []article.Unit) *alone {
	size := 0
	for _, u := range other {
		size += len(u.Text) + 1
	}
	if size > mostOther {
		return &alone{}
	}
	var b strings.Builder
	b.Grow(size)
	for _, u := range other {
		b.WriteString(u.Text)
		b.WriteByte('\n')
	}
	text := strings.TrimSpace(b.String())
	if text == "" { // in a first version everything came
		return &alone{}
	}
	return &alone{other: strings.ToLower(text), left: mostAlone}
}

// mostOther bounds the other version's text, which is searched for every fact.
const mostOther = 400_000

// factsAlone are the facts of a text that only one version has, as far as the other version does not tell them
// anywhere: who is named in a new sentence and was named all along has not come. What qualifies a statement (hedges,
// negations) is no fact of a statement that is new itself, nor is the speaker of a new quotation where he is named.
func (t *teller) factsAlone(text string, a *alone, came bool) []article.Fact {
	if len(text) > a.left {
		a.left = 0
		return nil
	}
	a.left -= len(text)
	old, new := "", text
	if !came {
		old, new = text, ""
	}
	var facts []article.Fact
	named := map[string]bool{}
	for _, f := range t.lexicon.factsOf(old, new, nil) {
		said := f.Old + f.New
		if f.Kind == hedgeFact || f.Kind == negationFact || stands(strings.ToLower(said), a.other) {
			continue
		}
		if f.Kind == nameFact {
			named[strings.ToLower(said)] = true
		}
		if (f.Kind == speakerFact || f.Kind == sourceFact) && holdsName(strings.ToLower(said), named) {
			continue
		}
		facts = append(facts, f)
	}
	return facts
}

// holdsName says whether a speaker is told as a name already.
func holdsName(speaker string, named map[string]bool) bool {
	for name := range named {
		if strings.Contains(speaker, name) {
			return true
		}
	}
	return false
}

// stands says whether a phrase stands in a text, whole words of it. In scripts that write words without spaces it
// may stand anywhere.
func stands(phrase, text string) bool {
	return phrase != "" && standsAt(phrase, text, func(int) bool { return true })
}

// standsAt says whether a phrase stands in a text at a place that fits.
func standsAt(phrase, text string, fits func(at int) bool) bool {
	first, _ := utf8.DecodeRuneInString(phrase)
	last, _ := utf8.DecodeLastRuneInString(phrase)
	for from := 0; ; {
		at := strings.Index(text[from:], phrase)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(phrase):])
		if !sameWord(before, first) && !sameWord(last, after) && fits(at) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		from = at + size
	}
}

// sameWord says whether two neighbours belong to one word or number.
func sameWord(a, b rune) bool {
	letter := func(r rune) bool {
		return unicode.IsDigit(r) || unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
	}
	return letter(a) && letter(b)
}
