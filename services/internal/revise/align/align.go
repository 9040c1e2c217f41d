// Package align finds which units of two versions are the same statement, which of them moved, and which words
// changed inside a pair. It knows units and words only; what a change means to a reader is described elsewhere.
//
// Three steps find the pairs: exact anchors, the best one-to-one pairs by the rare words they share, then splits and
// merges by what those pairs leave unexplained. Moves are what stands outside the heaviest chain of pairs in order.
package align

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// Result is an alignment: every unit of either side is in exactly one link, or in Deleted or Added.
type Result struct {
	Links   []article.Link // by their first new unit, then their first old one
	Deleted []int          // indices of old units, ascending
	Added   []int          // indices of new units, ascending
	// Fallback says what was compared more coarsely because of its size, empty for nothing.
	Fallback string
	// Titles are the titles that the texts introduce people with, in lower case, each with the last word of a name;
	// empty where it is not one person's.
	Titles map[string]string
}

// Units aligns two lists of units that each start with their title. It is symmetric: with the sides exchanged every
// link has its sides exchanged and nothing else differs. The stops are the function words of the texts' languages.
func Units(old, new []article.Unit, stops units.Stops) Result {
	if compare(old, new) <= 0 {
		return alignment(old, new, stops)
	}
	// Whatever is decided by order or by chance is decided in one direction only.
	r := alignment(new, old, stops)
	for i := range r.Links {
		mirror(&r.Links[i])
	}
	r.Deleted, r.Added = r.Added, r.Deleted
	slices.SortFunc(r.Links, byPosition)
	return r
}

func alignment(a, b []article.Unit, stops units.Stops) Result {
	m := newMatcher(a, b, stops)
	m.pairRoles()
	m.anchor()
	m.pairResplit()
	m.pairEqualLeftovers()
	r := Result{Titles: m.titles}
	switch {
	case !m.open():
	case len(m.a)+len(m.b) > maxUnits:
		r.Fallback = fmt.Sprintf("more than %d passages: only equal ones are paired", maxUnits)
	default:
		candidates := m.candidates()
		m.pair(candidates)
		m.pairNext()
		m.pairParagraphs()
		m.dropLoneMoves()
		m.pairGaps()
		m.extend(candidates)
	}
	links := m.links()
	inChain := m.heaviestChain()
	for i := range links {
		links[i].Moved = !inChain(links[i])
	}
	r.Links = links
	if m.coarse && r.Fallback == "" {
		r.Fallback = fmt.Sprintf("a sentence of more than %d words: its middle is replaced as a whole", maxWords)
	}
	for i := range m.a {
		if len(m.a[i].partners) == 0 {
			r.Deleted = append(r.Deleted, i)
		}
	}
	for j := range m.b {
		if len(m.b[j].partners) == 0 {
			r.Added = append(r.Added, j)
		}
	}
	return r
}

// compare orders two lists of units; equal lists give 0.
func compare(a, b []article.Unit) int {
	return slices.CompareFunc(a, b, func(x, y article.Unit) int {
		if by := strings.Compare(x.Text, y.Text); by != 0 {
			return by
		}
		return x.Block - y.Block
	})
}

func byPosition(a, b article.Link) int {
	if by := a.New[0] - b.New[0]; by != 0 {
		return by
	}
	return a.Old[0] - b.Old[0]
}

// mirror exchanges the sides of a link. Deleted words stay before the added ones of the same place.
func mirror(link *article.Link) {
	link.Old, link.New = link.New, link.Old
	switch link.Kind {
	case article.Split:
		link.Kind = article.Merged
	case article.Merged:
		link.Kind = article.Split
	}
	for i := range link.Words {
		switch link.Words[i].Op {
		case article.OpDeleted:
			link.Words[i].Op = article.OpAdded
		case article.OpAdded:
			link.Words[i].Op = article.OpDeleted
		}
	}
	for i := 1; i < len(link.Words); i++ {
		if link.Words[i-1].Op == article.OpAdded && link.Words[i].Op == article.OpDeleted {
			link.Words[i-1], link.Words[i] = link.Words[i], link.Words[i-1]
		}
	}
}
