package describe

import (
	"strings"
	"unicode/utf8"
)

// mostInName bounds the words and dots of one name.
const mostInName = 10

// names finds names by their capitals: runs of capitalised words that are not only the first word of a sentence. A
// text in which most words are capitalised, as some headlines are, tells no names.
func (r *reader) names() {
	if r.shouting() {
		return
	}
	least := 1
	if r.caseless {
		least = 2 // in German every noun has a capital; scripts without capitals find none
	}
	for n := 0; n < len(r.items); n++ {
		end := r.nameAt(n)
		if end == n {
			continue
		}
		from := n
		for from < end && (!r.items[from].word || r.titles[r.items[from].lower] || r.common(from)) {
			from++
		}
		if end-from >= least && !(end-from == 1 && r.opens(from)) {
			text := slice(r.text, r.items[from:end])
			r.add(nameFact, text, strings.ToLower(possessive(text)), r.items[from].start)
		}
		n = end - 1
	}
}

// possessive takes the ending off a name: Brandt's plan is Brandt's.
func possessive(name string) string {
	for _, ending := range []string{"'s", "’s", "'", "’"} {
		if rest, ok := strings.CutSuffix(name, ending); ok {
			return rest
		}
	}
	return name
}

// nameAt is the end of the run of capitalised words that begins at an item.
func (r *reader) nameAt(n int) int {
	end := n
	for end < len(r.items) && end < n+mostInName {
		x := &r.items[end]
		if end > n && x.text == "." && r.shortened(&r.items[end-1]) && end+1 < len(r.items) && r.items[end+1].capital() {
			end++ // J. K. Marlow
			continue
		}
		if !x.word || x.digit || !x.capital() || r.weekdays[x.lower] || (r.months[x.lower] && x.lower != "may") {
			break
		}
		if end > n && strings.TrimSpace(r.text[r.items[end-1].end():x.start]) != "" {
			break
		}
		end++
	}
	return end
}

// shortened says whether a word is an initial or a title: the dot after it is part of the name.
func (r *reader) shortened(x *item) bool {
	return utf8.RuneCountInString(x.text) == 1 || r.titles[x.lower]
}

// opens says whether an item is the first word of a sentence, or of a quotation.
func (r *reader) opens(n int) bool {
	for n--; n >= 0; n-- {
		if r.items[n].word {
			return false
		}
		if strings.ContainsAny(r.items[n].text, `.!?:"“„«—`) {
			return true
		}
	}
	return true
}

// common says whether a capitalised word is no name, as far as can be seen: most first words of a sentence.
func (r *reader) common(n int) bool {
	lower := r.items[n].lower
	return r.articles[lower] || r.negations[lower] || r.saying[lower] || commonFirst[lower] || r.numerals[lower] != ""
}

var commonFirst = words(`in on at by for from of to with after before but and or so yet if when while as since according
	police officials he she it they we i you his her its their our this that these those there here who what where why
	both each every all some many most more neither either last next one two im am an auf bei mit nach seit vor zu von
	aus und aber er sie es wir dans en sur pour par avec après avant et mais il elle on por para con y pero в на по и но
	а из за у он она они это`)

// shouting says whether most words are capitalised.
func (r *reader) shouting() bool {
	capitals, all := 0, 0
	for n := range r.items {
		if x := &r.items[n]; x.word && !x.digit && len(x.text) > 3 {
			all++
			if x.capital() {
				capitals++
			}
		}
	}
	return all > 3 && capitals*10 > all*7
}
