package align

import (
	"cmp"
	"slices"
)

// Where the neighbours of two units are partners, less has to speak for them: a sentence told anew seldom leaves its
// place.
const (
	gapThreshold  = .20
	nextThreshold = .24 // beside one pair only, as in a block that moved
	tornThreshold = .75 // far from its place, alone, and out of or into a paragraph that stayed
	loneThreshold = .45 // far from its place, a paragraph of its own
	widestGap     = 6   // units on one side of a gap; in wider ones the place says little
)

// pairGaps links units that stand between the same partners on both sides.
func (m *matcher) pairGaps() {
	chain := m.chain()
	low := [2]int{0, 0} // the titles
	for _, high := range append(chain, [2]int{len(m.a), len(m.b)}) {
		m.pairGap(low, high)
		low = high
	}
}

// pairGap links the best pairs of free units between two partners.
func (m *matcher) pairGap(low, high [2]int) {
	if high[0]-low[0] > widestGap+1 || high[1]-low[1] > widestGap+1 {
		return
	}
	var list []candidate
	for i := low[0] + 1; i < high[0]; i++ {
		for j := low[1] + 1; j < high[1]; j++ {
			if m.free(&m.a[i]) && m.free(&m.b[j]) {
				list = append(list, candidate{i, j, m.alike(i, j)})
			}
		}
	}
	slices.SortFunc(list, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.score, x.score), x.i-y.i, x.j-y.j)
	})
	for _, c := range list {
		if c.score >= gapThreshold && m.free(&m.a[c.i]) && m.free(&m.b[c.j]) {
			m.link(c.i, c.j, false)
		}
	}
}

// pairNext links units that follow, or are followed by, partners: those of a block that moved as a whole.
func (m *matcher) pairNext() {
	try := func(i, j, step int) {
		for i, j = i+step, j+step; i >= 0 && j >= 0 && i < len(m.a) && j < len(m.b); i, j = i+step, j+step {
			if !m.free(&m.a[i]) || !m.free(&m.b[j]) || m.alike(i, j) < nextThreshold {
				return
			}
			m.link(i, j, false)
		}
	}
	for i := range m.a {
		if len(m.a[i].partners) == 1 {
			try(i, m.a[i].partners[0], 1)
			try(i, m.a[i].partners[0], -1)
		}
	}
}

// dropLoneMoves parts pairs that would be told as moved with too little to speak for them: neither equal nor much
// alike, and no neighbour moved along. That a new sentence reuses an old one's names or a quotation is no move.
func (m *matcher) dropLoneMoves() {
	edges, chained := m.heaviest()
	stayed := stayedBlocks(m, edges, chained)
	for e, edge := range edges {
		if chained[e] || m.a[edge.i].carried || m.a[edge.i].anchored || m.b[edge.j].anchored || m.a[edge.i].role != body {
			continue
		}
		if len(m.a[edge.i].partners) == 1 && len(m.b[edge.j].partners) == 1 && !m.accompanied(edge.i, edge.j) &&
			m.dice(edge.i, edge.j) < stayed.least(m, edge) {
			m.a[edge.i].partners, m.b[edge.j].partners = nil, nil
		}
	}
}

// blocks are the paragraphs of either side of which a sentence stayed in its order.
type blocks struct{ a, b map[int]bool }

func stayedBlocks(m *matcher, edges []edge, chained []bool) blocks {
	s := blocks{map[int]bool{}, map[int]bool{}}
	for e, edge := range edges {
		if chained[e] {
			s.a[m.a[edge.i].block], s.b[m.b[edge.j].block] = true, true
		}
	}
	return s
}

// least is how much a pair that moved alone must share. That a paragraph was carried elsewhere and rewritten is told
// sooner than that a sentence left its paragraph, or came into another that stayed.
func (s blocks) least(m *matcher, e edge) float64 {
	if s.a[m.a[e.i].block] || s.b[m.b[e.j].block] {
		return tornThreshold
	}
	return loneThreshold
}

// accompanied says whether a neighbour of one unit is the partner of a neighbour of the other, in the same order.
func (m *matcher) accompanied(i, j int) bool {
	for _, step := range []int{-1, 1} {
		if n := i + step; n > 0 && n < len(m.a) && slices.Contains(m.a[n].partners, j+step) {
			return true
		}
	}
	return false
}

// chain is the heaviest chain of the pairs so far, in order.
func (m *matcher) chain() [][2]int {
	edges, chained := m.heaviest()
	var list [][2]int
	for e, edge := range edges {
		if chained[e] {
			list = append(list, [2]int{edge.i, edge.j})
		}
	}
	return list
}
