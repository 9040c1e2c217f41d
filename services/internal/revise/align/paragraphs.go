package align

import (
	"cmp"
	"slices"
)

// When two paragraphs are one that was carried elsewhere and rewritten: no sentence of it need be alike enough by
// itself, but several in the same order are, or one is that nothing else is nearly as like.
const (
	paragraphThreshold = .30 // least share of both that their sentences have in common, in order
	singleThreshold    = .36 // the same where only one sentence has a partner
	rivalShare         = .6  // of that, what any other paragraph may have in common with either
	leastInOrder       = .15 // of two sentences in such paragraphs
	mostInParagraph    = 12
	mostFreeUnits      = 200 // on either side; of a text that was replaced as a whole no paragraph was carried elsewhere
)

// paragraph is a paragraph none of whose sentences has a partner yet.
type paragraph struct{ from, to int } // its units, to exclusive

// carried is a pair of paragraphs, and the pairs of their sentences.
type carried struct {
	a, b  paragraph
	share float64
	pairs [][2]int
}

// pairParagraphs links the sentences of free paragraphs that share most.
func (m *matcher) pairParagraphs() {
	as, freeA := m.freeParagraphs(m.a)
	bs, freeB := m.freeParagraphs(m.b)
	if freeA > mostFreeUnits || freeB > mostFreeUnits {
		return
	}
	var list []carried
	for _, a := range as {
		for _, b := range bs {
			if share, pairs := m.inOrder(a, b); len(pairs) > 0 {
				list = append(list, carried{a, b, share, pairs})
			}
		}
	}
	slices.SortFunc(list, func(x, y carried) int {
		return cmp.Or(cmp.Compare(y.share, x.share), x.a.from-y.a.from, x.b.from-y.b.from)
	})
	for n, x := range list {
		if x.share < paragraphThreshold {
			return
		}
		if !m.free(&m.a[x.pairs[0][0]]) || !m.free(&m.b[x.pairs[0][1]]) || (len(x.pairs) == 1 && !single(x, list[n+1:])) {
			continue
		}
		for _, pair := range x.pairs {
			m.link(pair[0], pair[1], false)
			m.a[pair[0]].carried = true
		}
	}
}

// single says whether one pair of sentences is enough to tell a paragraph by, given the pairs that share less.
func single(x carried, others []carried) bool {
	if x.share < singleThreshold {
		return false
	}
	rival := slices.IndexFunc(others, func(y carried) bool { return y.a == x.a || y.b == x.b })
	return rival < 0 || others[rival].share <= rivalShare*x.share
}

// freeParagraphs are the paragraphs of some sentences of which none has a partner, and how many sentences they hold.
func (m *matcher) freeParagraphs(side []unit) (list []paragraph, units int) {
	for from := 0; from < len(side); {
		to, free := from, true
		for to < len(side) && side[to].block == side[from].block {
			free = free && m.free(&side[to])
			to++
		}
		if n := to - from; free && n <= mostInParagraph {
			list = append(list, paragraph{from, to})
			units += n
		}
		from = to
	}
	return list, units
}

// inOrder finds the pairs of two paragraphs' sentences that stand in one order and share most, and what share of both
// they have in common.
func (m *matcher) inOrder(a, b paragraph) (share float64, pairs [][2]int) {
	var best [mostInParagraph + 1][mostInParagraph + 1]float64 // of the sentences from here on
	shared := func(i, j int) float64 {
		if m.alike(i, j) < leastInOrder {
			return 0
		}
		return overlap(m.a[i].features, m.b[j].features)
	}
	rows, columns := a.to-a.from, b.to-b.from
	for i := rows - 1; i >= 0; i-- {
		for j := columns - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1], best[i+1][j+1]+shared(a.from+i, b.from+j))
		}
	}
	sum := 0.0
	for i := a.from; i < a.to; i++ {
		sum += m.a[i].sum
	}
	for j := b.from; j < b.to; j++ {
		sum += m.b[j].sum
	}
	if sum == 0 || 2*best[0][0] < leastInOrder*sum {
		return 0, nil
	}
	for i, j := 0, 0; i < rows && j < columns; {
		switch {
		case best[i][j] == best[i+1][j]:
			i++
		case best[i][j] == best[i][j+1]:
			j++
		default:
			pairs = append(pairs, [2]int{a.from + i, b.from + j})
			i, j = i+1, j+1
		}
	}
	return 2 * best[0][0] / sum, pairs
}
