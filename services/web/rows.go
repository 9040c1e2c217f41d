package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/show"
)

// row is a paragraph of the old version beside the one of the new version that it became. Either may be missing.
type row struct {
	Left, Right *cell
	Inline      []segment // both sides in one text
	Changed     bool
	Hidden      int  // in place of this many unchanged rows; then the rest is empty
	Quiet       bool // an old paragraph that went and says nothing: it has no place in one text
}

// cell is one paragraph of one version.
type cell struct {
	block    int
	Name     string // "¶3", "headline", "standfirst"
	Anchor   string // id on the page
	Kind     string // paragraph, heading, quotation, list item, table row, caption, note, headline, standfirst
	Segments []segment
	Language string
}

// segment is a sentence with what became of it.
type segment struct {
	Space string // what stands before it in its paragraph
	Runs  []run
	Notes []note
}

// run is a piece of text that stayed, went or came.
type run struct {
	Op   string // "", "del" or "ins"
	Text string
}

// note says in words what happened to a sentence, such as "moved from ¶3", with a place on the page to go to.
type note struct{ Text, Anchor string }

// side is one version taken apart: which sentences stand in which paragraph, and which link each is in.
type side struct {
	units    []*eventv1.Unit
	snapshot *eventv1.Snapshot
	blocks   []int         // ids of the paragraphs in reading order
	in       map[int][]int // paragraph -> its sentences
	link     []int         // sentence -> link, -1 without one
	old      bool
	rowOf    map[int]int // paragraph -> row, filled while rows are made
}

// layout is what rows are made from.
type layout struct {
	revision *eventv1.Revision
	old, new *side
	restored map[int]int32
	ways     show.Ways
}

// rowsOf lays two versions out side by side. Paragraphs are paired by the sentences they share; a paragraph whose
// partner stands out of order gets a row of its own, and its sentences say where they came from. The answer holds
// every paragraph of both versions exactly once. Indices that point nowhere are passed over.
func rowsOf(d *queryv1.DiffResponse) []row {
	l := newLayout(d)
	pairs := inOrder(pair(l))
	var rows []row
	o, n := 0, 0
	position := func(blocks []int, block int) int { return slices.Index(blocks, block) }
	flush := func(oldEnd, newEnd int) {
		for ; o < oldEnd; o++ {
			rows = append(rows, l.place(len(rows), &l.old.blocks[o], nil))
		}
		for ; n < newEnd; n++ {
			rows = append(rows, l.place(len(rows), nil, &l.new.blocks[n]))
		}
	}
	for _, p := range pairs {
		flush(position(l.old.blocks, p.old), position(l.new.blocks, p.new))
		rows = append(rows, l.place(len(rows), &p.old, &p.new))
		o, n = o+1, n+1
	}
	flush(len(l.old.blocks), len(l.new.blocks))
	for i := range rows {
		l.fill(&rows[i])
	}
	return rows
}

func newLayout(d *queryv1.DiffResponse) *layout {
	r := d.GetRevision()
	l := &layout{
		revision: r,
		old:      newSide(r.GetOldUnits(), d.GetFrom().GetSnapshot(), true),
		new:      newSide(r.GetNewUnits(), d.GetTo().GetSnapshot(), false),
		restored: map[int]int32{}, ways: show.WaysOf(r),
	}
	for i, link := range r.GetLinks() {
		l.old.claim(link.GetOld(), i)
		l.new.claim(link.GetNew(), i)
	}
	for _, x := range r.GetRestored() {
		l.restored[int(x.GetNew())] = x.GetVersion()
	}
	return l
}

// The paragraphs outside the body, as units number them.
const (
	titleBlock      = -1
	standfirstBlock = -2
)

func newSide(units []*eventv1.Unit, snapshot *eventv1.Snapshot, old bool) *side {
	s := &side{units: units, snapshot: snapshot, in: map[int][]int{}, link: make([]int, len(units)), old: old, rowOf: map[int]int{}}
	for i, u := range units {
		s.link[i] = -1
		s.in[int(u.GetBlock())] = append(s.in[int(u.GetBlock())], i)
	}
	for block := range s.in {
		s.blocks = append(s.blocks, block)
	}
	// Paragraphs in which no sentence was found are text all the same.
	for i, block := range snapshot.GetBlocks() {
		if _, has := s.in[i]; !has && block.GetText() != "" {
			s.blocks = append(s.blocks, i)
		}
	}
	// Title (-1) before standfirst (-2) before the body.
	slices.SortFunc(s.blocks, func(a, b int) int {
		if a < 0 && b < 0 {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
	return s
}

func (s *side) claim(units []int32, link int) {
	for _, u := range units {
		if u >= 0 && int(u) < len(s.link) {
			s.link[u] = link
		}
	}
}

func (s *side) block(unit int32) (int, bool) {
	if unit < 0 || int(unit) >= len(s.units) {
		return 0, false
	}
	return int(s.units[unit].GetBlock()), true
}

// text is a paragraph as its version has it, or empty.
func (s *side) text(block int) string {
	switch blocks := s.snapshot.GetBlocks(); {
	case block == titleBlock:
		return s.snapshot.GetTitle()
	case block == standfirstBlock:
		return s.snapshot.GetStandfirst()
	case block >= 0 && block < len(blocks):
		return blocks[block].GetText()
	}
	return ""
}

// pairing says that two paragraphs share so many bytes of text.
type pairing struct{ old, new, weight int }

// pair finds for each paragraph the one on the other side that it shares most with.
func pair(l *layout) []pairing {
	shared := map[[2]int]int{}
	for _, link := range l.revision.GetLinks() {
		for _, o := range link.GetOld() {
			for _, n := range link.GetNew() {
				ob, ok1 := l.old.block(o)
				nb, ok2 := l.new.block(n)
				if ok1 && ok2 && outside(ob) == outside(nb) && (ob >= 0 || ob == nb) {
					shared[[2]int{ob, nb}] += 1 + min(len(l.old.units[o].GetText()), len(l.new.units[n].GetText()))
				}
			}
		}
	}
	l.pairWithoutUnits(shared)
	var all []pairing
	for blocks, weight := range shared {
		all = append(all, pairing{blocks[0], blocks[1], weight})
	}
	slices.SortFunc(all, func(a, b pairing) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.old, b.old), cmp.Compare(a.new, b.new))
	})
	usedOld, usedNew := map[int]bool{}, map[int]bool{}
	return slices.DeleteFunc(all, func(p pairing) bool {
		if usedOld[p.old] || usedNew[p.new] {
			return true
		}
		usedOld[p.old], usedNew[p.new] = true, true
		return false
	})
}

func outside(block int) bool { return block < 0 }

// pairWithoutUnits pairs the headlines and standfirsts, which keep their places whatever they say, and paragraphs
// without sentences whose text is the same.
func (l *layout) pairWithoutUnits(shared map[[2]int]int) {
	byText := map[string]int{}
	for _, b := range l.old.blocks {
		if b < 0 && slices.Contains(l.new.blocks, b) {
			shared[[2]int{b, b}]++
		}
		if len(l.old.in[b]) == 0 {
			byText[l.old.text(b)] = b
		}
	}
	for _, b := range l.new.blocks {
		if o, has := byText[l.new.text(b)]; has && len(l.new.in[b]) == 0 {
			shared[[2]int{o, b}]++
			delete(byText, l.new.text(b))
		}
	}
}

// inOrder keeps the pairs that can stand in one column without crossing: the choice that keeps most text.
func inOrder(pairs []pairing) []pairing {
	place := func(block int) int { // title first, standfirst second
		if block < 0 {
			return block * -1
		}
		return block + 3
	}
	slices.SortFunc(pairs, func(a, b pairing) int { return cmp.Compare(place(a.new), place(b.new)) })
	best := make([]int, len(pairs))
	before := make([]int, len(pairs))
	last := -1
	for i, p := range pairs {
		best[i], before[i] = p.weight, -1
		for j := range i {
			if place(pairs[j].old) < place(p.old) && best[j]+p.weight > best[i] {
				best[i], before[i] = best[j]+p.weight, j
			}
		}
		if last < 0 || best[i] > best[last] {
			last = i
		}
	}
	var kept []pairing
	for i := last; i >= 0; i = before[i] {
		kept = append(kept, pairs[i])
	}
	slices.Reverse(kept)
	return kept
}

// place makes an empty row for a pair of paragraphs and remembers where they stand.
func (l *layout) place(index int, old, new *int) row {
	var r row
	if old != nil {
		l.old.rowOf[*old] = index
		r.Left = l.old.cell(*old)
	}
	if new != nil {
		l.new.rowOf[*new] = index
		r.Right = l.new.cell(*new)
	}
	return r
}

func (s *side) cell(block int) *cell {
	c := &cell{block: block, Name: blockName(block), Anchor: s.anchor(block), Language: s.snapshot.GetLanguage()}
	switch blocks := s.snapshot.GetBlocks(); {
	case block < 0:
		c.Kind = c.Name
	case block < len(blocks) && blocks[block].GetKind() != eventv1.Block_UNSPECIFIED:
		c.Kind = strings.ReplaceAll(strings.ToLower(blocks[block].GetKind().String()), "_", " ")
	default:
		c.Kind = "paragraph"
	}
	return c
}

// hideUnchanged replaces runs of unchanged rows by one that says how many they were.
func hideUnchanged(rows []row) []row {
	var out []row
	for _, r := range rows {
		switch {
		case r.Changed:
			out = append(out, r)
		case len(out) > 0 && out[len(out)-1].Hidden > 0:
			out[len(out)-1].Hidden++
		default:
			out = append(out, row{Hidden: 1})
		}
	}
	return out
}
