package align

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/article"
)

// edge is a pair of linked units. Its weight is one and the number of letters that both share, so that units of a
// mark or two count as well.
type edge struct {
	i, j, weight int
}

// heaviestChain finds the pairs that stand in one order on both sides and share the most; it returns whether a link
// has a pair among them. What stands outside has moved.
func (m *matcher) heaviestChain() func(article.Link) bool {
	edges, inChain := m.heaviest()
	chained := make([]bool, len(m.a))
	for e, edge := range edges {
		chained[edge.i] = chained[edge.i] || inChain[e]
	}
	return func(link article.Link) bool {
		return slices.ContainsFunc(link.Old, func(i int) bool { return chained[i] })
	}
}

// heaviest lists the pairs by old then new unit, and says which of them are in the heaviest chain.
func (m *matcher) heaviest() (edges []edge, chained []bool) {
	edges = m.edges()
	best := make([]int, len(edges))   // weight of the heaviest chain that ends in an edge
	before := make([]int, len(edges)) // the edge before it in that chain
	tree := newPrefixMax(len(m.b))
	last := -1
	for e, x := range edges {
		before[e] = tree.upTo(x.j)
		best[e] = x.weight
		if before[e] >= 0 {
			best[e] += best[before[e]]
		}
		tree.put(x.j, e, best)
		if last < 0 || best[e] > best[last] {
			last = e
		}
	}
	chained = make([]bool, len(edges))
	for e := last; e >= 0; e = before[e] {
		chained[e] = true
	}
	return edges, chained
}

func (m *matcher) edges() []edge {
	times := make([]int, len(m.words))
	var list []edge
	for i := range m.a {
		for _, token := range m.a[i].tokens {
			times[token]++
		}
		for _, j := range m.a[i].partners {
			list = append(list, edge{i, j, 1 + m.letters(times, j)})
		}
		for _, token := range m.a[i].tokens {
			times[token] = 0
		}
	}
	slices.SortFunc(list, func(x, y edge) int { return cmp.Or(x.i-y.i, x.j-y.j) })
	return list
}

// letters counts the letters of a unit's words that are among some given ones.
func (m *matcher) letters(times []int, j int) (letters int) {
	taken := m.b[j].tokens
	for _, token := range taken {
		if times[token] > 0 {
			letters += utf8.RuneCountInString(m.words[token])
		}
		times[token]-- // balanced below
	}
	for _, token := range taken {
		times[token]++
	}
	return letters
}

// prefixMax answers which edge ends the heaviest chain at or before a position (a Fenwick tree).
type prefixMax struct {
	edge []int // by node: an edge, -1 for none
	best []int // its chain's weight
}

func newPrefixMax(size int) *prefixMax {
	t := &prefixMax{edge: make([]int, size+1), best: make([]int, size+1)}
	for i := range t.edge {
		t.edge[i] = -1
	}
	return t
}

func (t *prefixMax) upTo(position int) int {
	found, best := -1, 0
	for at := position + 1; at > 0; at -= at & -at {
		if t.edge[at] >= 0 && t.best[at] > best {
			found, best = t.edge[at], t.best[at]
		}
	}
	return found
}

func (t *prefixMax) put(position, edge int, best []int) {
	for at := position + 1; at < len(t.edge); at += at & -at {
		if best[edge] > t.best[at] {
			t.edge[at], t.best[at] = edge, best[edge]
		}
	}
}
