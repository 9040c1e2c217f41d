package align

import (
	"cmp"
	"slices"

	"github.com/stetnews/stet/services/internal/article"
)

// When a further unit belongs to a pair: a sentence that was split or merged.
const (
	leastUnexplained = 3   // shared features that no partner explains
	unexplainedShare = .25 // of either unit's sum, beside a unit that is in the link
	distantShare     = .4  // elsewhere: the parts of a split seldom part
	leastPartnered   = 8   // shared features where both have partners already: a speaker who changed places is no split
	mostTogether     = 8   // units on one side of a link
)

// pair links the best candidates one to one.
func (m *matcher) pair(candidates []candidate) {
	var sorted []candidate
	for _, c := range candidates {
		if c.score >= threshold {
			sorted = append(sorted, c)
		}
	}
	slices.SortFunc(sorted, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.score, x.score), x.i-y.i, x.j-y.j)
	})
	for _, c := range sorted {
		if len(m.a[c.i].partners) == 0 && len(m.b[c.j].partners) == 0 {
			m.link(c.i, c.j, false)
		}
	}
}

// extend adds the units that share with a paired one what its partner does not explain.
func (m *matcher) extend(candidates []candidate) {
	explained := &marks{at: make([]int, m.shared)}
	var sorted []candidate
	for _, c := range candidates {
		if slices.Contains(m.a[c.i].partners, c.j) || len(m.a[c.i].partners)+len(m.b[c.j].partners) == 0 {
			continue
		}
		if share, enough := m.unexplained(c.i, c.j, explained); enough {
			sorted = append(sorted, candidate{c.i, c.j, share})
		}
	}
	slices.SortFunc(sorted, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.score, x.score), x.i-y.i, x.j-y.j)
	})
	for _, c := range sorted {
		if _, enough := m.unexplained(c.i, c.j, explained); enough && m.together(c.i, c.j) {
			m.link(c.i, c.j, false)
		}
	}
}

// marks is a set of features that empties in one step.
type marks struct {
	at    []int
	round int
}

// unexplained is the share of the smaller unit that both hold and no present partner of either does.
func (m *matcher) unexplained(i, j int, explained *marks) (share float64, enough bool) {
	explained.round++
	mark := func(u *unit) {
		for _, f := range u.features {
			explained.at[f.id] = explained.round
		}
	}
	for _, partner := range m.a[i].partners {
		mark(&m.b[partner])
	}
	for _, partner := range m.b[j].partners {
		mark(&m.a[partner])
	}
	x, y := m.a[i].features, m.b[j].features
	count, weight := 0, 0.0
	for p, q := 0, 0; p < len(x) && q < len(y); {
		switch {
		case x[p].id < y[q].id:
			p++
		case x[p].id > y[q].id:
			q++
		default:
			if explained.at[x[p].id] != explained.round {
				count++
				weight += min(x[p].weight, y[q].weight)
			}
			p++
			q++
		}
	}
	share = weight / min(m.a[i].sum, m.b[j].sum)
	fewest, least := leastUnexplained, unexplainedShare
	if len(m.a[i].partners) > 0 && len(m.b[j].partners) > 0 {
		fewest = leastPartnered
	}
	if !m.beside(i, j) {
		least = distantShare
	}
	return share, count >= fewest && share >= least
}

// beside says whether one of a pair stands next to a partner of the other.
func (m *matcher) beside(i, j int) bool {
	next := func(partners []int, at int) bool {
		return slices.ContainsFunc(partners, func(p int) bool { return p-at >= -1 && p-at <= 1 })
	}
	return next(m.a[i].partners, j) || next(m.b[j].partners, i)
}

// together says whether a pair may join the links it touches: a link claims each of its old units for each of its new
// ones, so every such pair must share something.
func (m *matcher) together(i, j int) bool {
	olds, news := m.component(i, j)
	if len(olds) > mostTogether || len(news) > mostTogether {
		return false
	}
	for _, old := range olds {
		for _, new := range news {
			least := leastShare * min(m.a[old].sum, m.b[new].sum)
			if overlap(m.a[old].features, m.b[new].features) < least {
				return false
			}
		}
	}
	return true
}

// component is what hangs together with a pair, on both sides ascending. Links are small: see mostTogether.
func (m *matcher) component(i, j int) (olds, news []int) {
	olds, news = []int{i}, []int{j}
	for x, y := 0, 0; x < len(olds) || y < len(news); {
		if x < len(olds) {
			for _, partner := range m.a[olds[x]].partners {
				if !slices.Contains(news, partner) {
					news = append(news, partner)
				}
			}
			x++
			continue
		}
		for _, partner := range m.b[news[y]].partners {
			if !slices.Contains(olds, partner) {
				olds = append(olds, partner)
			}
		}
		y++
	}
	slices.Sort(olds)
	slices.Sort(news)
	return olds, news
}

// links are the links found, with their words, by position.
func (m *matcher) links() []article.Link {
	done := make([]bool, len(m.a))
	var list []article.Link
	for i := range m.a {
		if done[i] || len(m.a[i].partners) == 0 {
			continue
		}
		link := article.Link{Kind: article.Edited}
		link.Old, link.New = m.component(i, m.a[i].partners[0])
		for _, old := range link.Old {
			done[old] = true
		}
		old, new := m.text(m.a, link.Old), m.text(m.b, link.New)
		switch {
		case len(link.Old) < len(link.New):
			link.Kind = article.Split
		case len(link.Old) > len(link.New):
			link.Kind = article.Merged
		case len(link.Old) == 1 && old == new:
			link.Kind = article.Same
		}
		link.Words = m.wordsOf(old, new)
		list = append(list, link)
	}
	slices.SortFunc(list, byPosition)
	return list
}
