package newsroom

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fact is a fact that an edit changed.
type Fact struct{ Kind, Old, New string }

// fact edits give the fact that they changed; ok is false where the sentence has nothing of the kind.

func (d *desk) editNumber(s *sentence) (Fact, bool) {
	w := d.oneOf(s, func(w word) bool { return w.role == number })
	if w == nil {
		return Fact{}, false
	}
	old := w.text
	for w.text == old {
		w.text, _ = d.slot("number")
		if strings.HasPrefix(old, "€") {
			w.text, _ = d.slot("money")
		}
	}
	return Fact{"number", old, w.text}, true
}

func (d *desk) editClock(s *sentence) (Fact, bool) {
	w := d.oneOf(s, func(w word) bool { return w.role == clock })
	if w == nil {
		return Fact{}, false
	}
	old := w.text
	for w.text == old {
		w.text, _ = d.slot("clock")
	}
	return Fact{"time", old, w.text}, true
}

func (d *desk) editName(s *sentence) (Fact, bool) {
	w := d.oneOf(s, func(w word) bool { return w.role == name })
	if w == nil {
		return Fact{}, false
	}
	old := w.text
	for w.text == old {
		w.text = d.invent()
	}
	return Fact{"name", old, w.text}, true
}

// editQuote takes a word out of a quotation, or puts another in its place.
func (d *desk) editQuote(s *sentence) (Fact, bool) {
	w := d.oneOf(s, func(w word) bool { return w.quoted && w.before == "" && w.after == "" })
	if w == nil {
		return Fact{}, false
	}
	at := slices.IndexFunc(s.words, func(x word) bool { return x == *w })
	from, to := at, at
	for from > 0 && s.words[from].before == "" && s.words[from-1].quoted {
		from--
	}
	for to < len(s.words) && s.words[to].quoted && (to == at || s.words[to].before == "") {
		to++
	}
	old := d.text(s.words[from:to])
	if d.chance(.5) {
		s.words = slices.Delete(s.words, at, at+1)
		s.compound = 0
		to--
	} else {
		s.words[at].text = d.other(s.words[at])
	}
	return Fact{"quote", old, d.text(s.words[from:to])}, true
}

func (d *desk) text(words []word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, w.text)
	}
	return strings.Join(texts, d.l.space)
}

// editHedge puts in a word of doubt.
func (d *desk) editHedge(s *sentence) (Fact, bool) {
	if d.l.hedge == "" || len(s.words) < 6 || s.words[2].quoted || s.words[3].quoted || s.compound > 0 || s.fixed != "" {
		return Fact{}, false
	}
	s.words = slices.Insert(s.words, 3, word{text: d.l.hedge, phrase: s.words[2].phrase})
	return Fact{"hedge", "", d.l.hedge}, true
}

// editSource names somebody who is said to have said it.
func (d *desk) editSource(s *sentence) (Fact, bool) {
	if d.l.source == "" || s.compound > 0 || s.fixed != "" || len(s.words) == 0 || strings.Contains(d.render(*s), d.l.source) {
		return Fact{}, false
	}
	person := d.invent() + " " + d.invent()
	s.words[len(s.words)-1].after += d.l.comma
	for _, text := range strings.Fields(d.l.source + " " + person) {
		s.words = append(s.words, word{text: text, phrase: -2})
	}
	return Fact{"source", "", person}, true
}

// editWords replaces some words that are neither names nor numbers nor quoted.
func (d *desk) editWords(s *sentence) (Fact, bool) {
	done := false
	for range 1 + d.IntN(3) {
		if w := d.oneOf(s, func(w word) bool { return w.role == plain && !w.quoted && w.phrase >= 0 }); w != nil {
			w.text = d.other(*w)
			done = true
		}
	}
	return Fact{}, done
}

// rotate puts the last phrase first.
func (d *desk) rotate(s *sentence) (Fact, bool) {
	last := len(s.words) - 1
	from := last
	for from > 0 && s.words[from-1].phrase == s.words[last].phrase {
		from--
	}
	if from <= 0 || s.compound > 0 || s.fixed != "" || slices.ContainsFunc(s.words, func(w word) bool { return w.before+w.after != "" }) {
		return Fact{}, false
	}
	s.words = slices.Concat(s.words[from:], s.words[:from])
	return Fact{}, true
}

func (d *desk) oneOf(s *sentence, fits func(word) bool) *word {
	var found []int
	for i, w := range s.words {
		if fits(w) {
			found = append(found, i)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return &s.words[found[d.IntN(len(found))]]
}

// other is a word to stand in a word's place.
func (d *desk) other(w word) string {
	switch w.role {
	case name:
		return d.invent()
	case number:
		return strconv.Itoa(2 + d.IntN(1900))
	case clock:
		return fmt.Sprintf("%d:%02d", 10+d.IntN(12), d.IntN(60))
	}
	for {
		entries := [][]string{d.l.things, d.l.acts, d.l.which, d.l.whens, d.l.roles, d.l.wheres, d.l.clauses}[d.IntN(7)]
		if text := d.pick(strings.Fields(d.pick(entries))); text != w.text {
			return text
		}
	}
}

// paraphrase keeps a word with some probability; the others are replaced, left out, or get company.
func (d *desk) paraphrase(s *sentence, keep float64) {
	words := make([]word, 0, len(s.words))
	first := s.compound
	for n, w := range s.words {
		if n == s.compound {
			first = len(words)
		}
		if d.chance(keep) || (w.text == d.l.and && w.phrase == -1) {
			words = append(words, w)
			continue
		}
		switch d.IntN(5) {
		case 0:
			if w.before+w.after == "" && len(words) > 0 {
				continue
			}
		case 1:
			words = append(words, word{text: d.other(word{}), phrase: w.phrase, quoted: w.quoted && w.before == ""})
		}
		w.text = d.other(w)
		words = append(words, w)
	}
	s.words = words
	if s.compound > 0 {
		s.compound = first
	}
}

// distractor invents a sentence with another's names and numbers: it tells something else of the same people.
func (d *desk) distractor(of sentence) sentence {
	var s sentence
	pool := map[role][]string{}
	for _, w := range of.words {
		if w.role != plain {
			pool[w.role] = append(pool[w.role], w.text)
		}
	}
	for range 4 { // one that has room for them
		s = d.sentence()
		if slices.ContainsFunc(s.words, func(w word) bool { return len(pool[w.role]) > 0 }) {
			break
		}
	}
	for i, w := range s.words {
		if texts := pool[w.role]; w.role != plain && len(texts) > 0 {
			s.words[i].text, pool[w.role] = texts[0], texts[1:]
		}
	}
	return s
}

// cut parts a sentence of two clauses.
func (d *desk) cut(s sentence) []sentence {
	at := s.compound
	first := sentence{words: slices.Clone(s.words[:at]), from: s.from, moved: s.moved, facts: s.facts}
	second := sentence{words: slices.Clone(s.words[at+1:]), from: s.from, moved: s.moved}
	return []sentence{first, second}
}
