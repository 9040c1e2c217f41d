package align

import (
	"strings"
	"unicode/utf8"

	"znkr.io/diff"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// maxWords bounds the words compared on one side of a link; the middle of longer ones is replaced as a whole.
const maxWords = 1 << 20

// text is the text of some units of a side, joined by one space.
func (m *matcher) text(side []unit, list []int) string {
	if len(list) == 1 {
		return side[list[0]].text
	}
	texts := make([]string, len(list))
	for n, i := range list {
		texts[n] = side[i].text
	}
	return strings.Join(texts, " ")
}

// wordsOf compares two texts word by word.
func (m *matcher) wordsOf(old, new string) []article.Word {
	if old == new {
		if old == "" {
			return nil
		}
		return []article.Word{{Op: article.OpSame, Text: old}}
	}
	runs := m.withoutIslands(m.runsOf(units.Words(old), units.Words(new)), old)
	list := make([]article.Word, 0, 2*len(runs))
	for _, r := range runs {
		if r.same {
			list = append(list, article.Word{Op: article.OpSame, Text: old[:r.old]})
		} else {
			if r.old > 0 {
				list = append(list, article.Word{Op: article.OpDeleted, Text: old[:r.old]})
			}
			if r.new > 0 {
				list = append(list, article.Word{Op: article.OpAdded, Text: new[:r.new]})
			}
		}
		old, new = old[r.old:], new[r.new:]
	}
	return list
}

// run is a stretch of both texts, kept or replaced, with its length on either side in bytes.
type run struct {
	same     bool
	old, new int
}

// builder gathers runs, joining neighbours of one kind.
type builder struct{ runs []run }

func (b *builder) add(r run) {
	if r.old == 0 && r.new == 0 {
		return
	}
	if last := len(b.runs) - 1; last >= 0 && b.runs[last].same == r.same {
		b.runs[last].old += r.old
		b.runs[last].new += r.new
		return
	}
	b.runs = append(b.runs, r)
}

func (b *builder) keep(words []string) {
	b.add(run{true, length(words), length(words)})
}

func (b *builder) replace(old, new []string) {
	b.add(run{false, length(old), length(new)})
}

func length(words []string) (bytes int) {
	for _, word := range words {
		bytes += len(word)
	}
	return bytes
}

// runsOf are the runs that two lists of words consist of, kept and replaced in turn.
func (m *matcher) runsOf(a, b []string) []run {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var list builder
	list.keep(a[:head])
	middleA, middleB := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(middleA) > maxWords || len(middleB) > maxWords {
		m.coarse = true
		list.replace(middleA, middleB)
	} else {
		list.compare(middleA, middleB)
	}
	list.keep(a[len(a)-tail:])
	return list.runs
}

func (b *builder) compare(old, new []string) {
	ids := map[string]int32{}
	script := edits(intern(ids, old), intern(ids, new))
	from, to := 0, 0 // the script from here to there is of one kind
	i, j := 0, 0
	flush := func() {
		n, k := i, j
		for _, edit := range script[from:to] {
			if edit.Op != diff.Insert {
				i++
			}
			if edit.Op != diff.Delete {
				j++
			}
		}
		b.add(run{from < to && script[from].Op == diff.Match, length(old[n:i]), length(new[k:j])})
		from = to
	}
	for ; to < len(script); to++ {
		if (script[to].Op == diff.Match) != (script[from].Op == diff.Match) {
			flush()
		}
	}
	flush()
}

func intern(ids map[string]int32, words []string) []int32 {
	list := make([]int32, len(words))
	for i, word := range words {
		id, known := ids[word]
		if !known {
			id = int32(len(ids))
			ids[word] = id
		}
		list[i] = id
	}
	return list
}

// withoutIslands joins the changes around what a reader would not take for kept text: function words and marks left
// standing between two changes. What is kept at either end stays.
func (m *matcher) withoutIslands(runs []run, old string) []run {
	var list builder
	for i, r := range runs {
		inner := i > 0 && i < len(runs)-1
		r.same = r.same && (!inner || m.stands(old[:r.old]))
		list.add(r)
		old = old[r.old:]
	}
	return list.runs
}

// stands says whether a kept run says something: a content word of four letters (one in a script without spaces), or
// two words with a content word among them.
func (m *matcher) stands(text string) bool {
	tokens := units.Tokens(text)
	for _, token := range tokens {
		if !m.stops.Has(token) && (len(tokens) > 1 || utf8.RuneCountInString(token) >= 4) {
			return true
		}
	}
	return false
}
