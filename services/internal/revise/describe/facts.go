package describe

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/article"
)

// Bounds: a rewritten table is not a list of facts, and a sentence of a megabyte is none.
const (
	mostFacts    = 40
	longestFacts = 20_000 // bytes of a text that is searched for facts
)

// kindsOfFacts are the kinds in the order in which they are told.
var kindsOfFacts = []string{numberFact, dateFact, timeFact, nameFact, quoteFact, speakerFact, sourceFact, hedgeFact, negationFact}

// factsOf are the facts that differ between two texts, with what each text says. The persons may be nil.
func (l *lexicon) factsOf(old, new string, known persons) []article.Fact {
	if len(old) > longestFacts || len(new) > longestFacts {
		return nil
	}
	before, after := l.mentions(old), l.mentions(new)
	var facts []article.Fact
	for _, kind := range kindsOfFacts {
		gone, come := difference(kind, before, after)
		if kind == nameFact {
			gone, come = unlessShortened(gone, come)
			if len(gone) == 0 || len(come) == 0 { // where one name stands for another, both are told
				gone, come = known.unlessMeant(gone, new, after), known.unlessMeant(come, old, before)
			}
		}
		if kind == speakerFact && (len(gone) == 0 || len(come) == 0) { // the attribution is worded in another way
			gone, come = unlessNamed(gone, new), unlessNamed(come, old)
		}
		if kind == sourceFact { // who is still named is still a source, in another construction
			gone, come = unlessNamed(gone, new), unlessNamed(come, old)
		}
		for n := range max(len(gone), len(come)) {
			facts = append(facts, article.Fact{Kind: kind, Old: at(gone, n), New: at(come, n)})
		}
	}
	return facts[:min(len(facts), mostFacts)]
}

func at(list []mention, n int) string {
	if n < len(list) {
		return list[n].text
	}
	return ""
}

// difference is what only one of two lists holds of a kind, as often as it does.
func difference(kind string, before, after []mention) (gone, come []mention) {
	times := map[string]int{}
	for _, m := range after {
		if m.kind == kind {
			times[m.key]++
		}
	}
	for _, m := range before {
		if m.kind == kind {
			if times[m.key]--; times[m.key] < 0 {
				gone = append(gone, m)
			}
		}
	}
	for n := len(after) - 1; n >= 0; n-- {
		if m := after[n]; m.kind == kind {
			if times[m.key]--; times[m.key] >= 0 {
				come = append(come, m)
			}
		}
	}
	slices.Reverse(come)
	return gone, come
}

// unlessShortened leaves out names that one text gives in full and the other by a part: "Anna Brandt", then "Brandt".
func unlessShortened(gone, come []mention) (g, c []mention) {
	taken := make([]bool, len(come))
	for _, old := range gone {
		n := slices.IndexFunc(come, func(new mention) bool { return partOf(old.key, new.key) || partOf(new.key, old.key) })
		if n >= 0 && !taken[n] {
			taken[n] = true
			continue
		}
		g = append(g, old)
	}
	for n, new := range come {
		if !taken[n] {
			c = append(c, new)
		}
	}
	return g, c
}

func unlessNamed(list []mention, in string) []mention {
	in = strings.ToLower(in)
	return slices.DeleteFunc(list, func(m mention) bool { return strings.Contains(in, m.key) })
}

// partOf says whether a name is the end of a longer one.
func partOf(part, whole string) bool {
	return utf8.RuneCountInString(part) > 1 && strings.HasSuffix(whole, " "+part)
}
