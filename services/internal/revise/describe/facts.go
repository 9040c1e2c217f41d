package describe

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// The kinds of facts.
const (
	numberFact = "number"
	timeFact   = "time"
	quoteFact  = "quote"
)

// mostFacts bounds the facts told of one change: a rewritten table is not a list of numbers.
const mostFacts = 40

var clock = regexp.MustCompile(`^\d{1,2}[:.]\d{2}([:.]\d{2})?$`)

// factsOf are the facts that differ between two texts: numbers and times, then quoted words.
func factsOf(old, new string) []article.Fact {
	if key(old) == key(new) {
		return nil
	}
	var facts []article.Fact
	gone, come := difference(numbers(old), numbers(new))
	for n := range max(len(gone), len(come)) {
		fact := article.Fact{Kind: numberFact, Old: at(gone, n), New: at(come, n)}
		if isClock(fact.Old) && isClock(fact.New) {
			fact.Kind = timeFact
		}
		facts = append(facts, fact)
	}
	gone, come = difference(quotes(old), quotes(new))
	for n := range max(len(gone), len(come)) {
		facts = append(facts, article.Fact{Kind: quoteFact, Old: at(gone, n), New: at(come, n)})
	}
	return facts[:min(len(facts), mostFacts)]
}

func isClock(text string) bool {
	return text == "" || (strings.Contains(text, ":") && clock.MatchString(text))
}

func at(list []string, n int) string {
	if n < len(list) {
		return list[n]
	}
	return ""
}

// numbers are the words of a text that hold a digit, with currency, sign and percent.
func numbers(text string) []string {
	var list []string
	for _, word := range units.Words(text) {
		if strings.ContainsFunc(word, unicode.IsDigit) && !strings.Contains(word, "://") {
			list = append(list, word)
		}
	}
	return list
}

// quotationMarks are the pairs that enclose spoken words; single ones are too often apostrophes.
var quotationMarks = regexp.MustCompile(`"([^"]+)"|“([^“”]+)”|„([^„“”]+)[“”]|«\s*([^«»]+?)\s*»|「([^「」]+)」`)

// quotes are the quoted passages of a text, without their marks.
func quotes(text string) []string {
	var list []string
	for _, groups := range quotationMarks.FindAllStringSubmatch(text, 200) {
		for _, words := range groups[1:] {
			if len(words) > 1 && len(words) <= 4000 {
				list = append(list, strings.TrimSpace(words))
			}
		}
	}
	return list
}

// difference is what only one of two lists holds, as often as it does. Texts that differ in marks and case alone are
// the same.
func difference(old, new []string) (gone, come []string) {
	times := map[string]int{}
	for _, text := range new {
		times[factKey(text)]++
	}
	for _, text := range old {
		if times[factKey(text)]--; times[factKey(text)] < 0 {
			gone = append(gone, text)
		}
	}
	slices.Reverse(new)
	for _, text := range new {
		if times[factKey(text)]--; times[factKey(text)] >= 0 {
			come = append(come, text)
		}
	}
	slices.Reverse(come)
	return gone, come
}

// factKey keeps the marks that give a number its meaning.
func factKey(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Sc, r) || strings.ContainsRune("%‰°+-−.:/", r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimRight(text, ".,;:!?- "))
}
