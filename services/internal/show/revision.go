package show

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stetnews/stet/proto/stet/event/v1"
)

// piece is a statement on its way to the reader.
type piece struct {
	mark     string // inked: what its words do not tell
	text     string // inked
	old, new int    // block before and after
	isOld    bool   // stood in the old article
	isNew    bool   // stands in the new one
	changed  bool
	moved    bool // and neither parted nor joined
}

// Revision prints what changed: the paragraphs in which something did, in reading order with their words marked, and
// one sign for each run of paragraphs in which nothing did. Changes of marks and spaces only are left out unless
// Cosmetic is set.
func (p *Printer) Revision(r *eventv1.Revision) {
	hidden := 0
	if !p.Cosmetic {
		r, hidden = Essential(r)
	}
	p.verdict(r)
	if hidden > 0 {
		p.Aside("%s; --cosmetic shows what they are", HiddenCosmetic(hidden))
	}
	p.changes(r)
	pieces := p.pieces(r)
	if !slices.ContainsFunc(pieces, func(x piece) bool { return x.changed }) {
		if hidden == 0 {
			p.Line("the text is the same")
		}
		return
	}
	quiet := false
	for len(pieces) > 0 {
		n := paragraphLength(pieces)
		if slices.ContainsFunc(pieces[:n], func(x piece) bool { return x.changed }) {
			p.paragraph(pieces[:n])
			quiet = false
		} else if !quiet {
			p.Blank()
			p.Aside("[unchanged]")
			quiet = true
		}
		pieces = pieces[n:]
	}
}

func (p *Printer) paragraph(pieces []piece) {
	var texts []string
	for n, x := range pieces {
		if n > 0 && x.moved && pieces[n-1].moved && x.mark == pieces[n-1].mark { // they moved together
			x.mark = ""
		}
		texts = append(texts, x.mark+x.text)
	}
	p.Blank()
	p.raw(label(pieces[0]) + strings.Join(texts, " ") + "\n")
}

// paragraphLength is how many of the statements, from the first, stand in one paragraph of either article.
func paragraphLength(pieces []piece) int {
	const none = -1 << 31
	oldBlock, newBlock := none, none
	for n, x := range pieces {
		same := x.isNew && x.new == newBlock || x.isOld && x.old == oldBlock && (!x.isNew || newBlock == none)
		if n > 0 && !same {
			return n
		}
		if x.isOld {
			oldBlock = x.old
		}
		if x.isNew {
			newBlock = x.new
		}
	}
	return len(pieces)
}

func label(x piece) string {
	block := x.old
	if x.isNew {
		block = x.new
	}
	switch block {
	case -1:
		return "headline: "
	case -2:
		return "standfirst: "
	}
	return ""
}

// pieces gives the statements of both articles in one reading order: the new article's, and each deleted one where it
// stood among what is left, ahead of what was added there. Indices that point nowhere are passed over: the message may come from anywhere.
func (p *Printer) pieces(r *eventv1.Revision) []piece {
	oldUnits, newUnits, back, ways := r.GetOldUnits(), r.GetNewUnits(), restored(r), WaysOf(r)
	type placed struct {
		old, new int // unit that it is sorted by; -1 where there is none
		piece
	}
	var kept, gone []placed
	for _, link := range r.GetLinks() {
		o, n := first(link.GetOld(), len(oldUnits)), first(link.GetNew(), len(newUnits))
		if n >= 0 && len(link.GetOld()) == 0 { // it came, but says nothing: see Essential
			kept = append(kept, placed{old: -1, new: n, piece: piece{text: p.ink(newUnits[n].GetText()), isNew: true, new: int(newUnits[n].GetBlock())}})
			continue
		}
		if o < 0 || n < 0 {
			continue
		}
		mark := p.mark(link, int(oldUnits[o].GetBlock()), int(newUnits[n].GetBlock()), ways.Of(link), back)
		x := placed{old: o, new: n, piece: piece{mark: mark, text: p.link(link, newUnits), isOld: true, isNew: true,
			old: int(oldUnits[o].GetBlock()), new: int(newUnits[n].GetBlock()),
			changed: link.GetMoved() || link.GetKind() != eventv1.Link_SAME,
			moved:   link.GetMoved() && len(link.GetOld()) == 1 && len(link.GetNew()) == 1}}
		if link.GetMoved() {
			x.old = -1 // where it stood says nothing about where its neighbours stand now
		}
		kept = append(kept, x)
	}
	for _, j := range r.GetAdded() {
		if n := first([]int32{j}, len(newUnits)); n >= 0 {
			mark := ""
			if version := back[j]; version > 0 {
				mark = p.marks([]string{fmt.Sprintf("back from version %d", version)})
			}
			kept = append(kept, placed{old: -1, new: n, piece: piece{mark: mark, text: p.added(newUnits[n].GetText()), isNew: true,
				new: int(newUnits[n].GetBlock()), changed: true}})
		}
	}
	for _, i := range r.GetDeleted() {
		if o := first([]int32{i}, len(oldUnits)); o >= 0 {
			gone = append(gone, placed{old: o, new: -1, piece: piece{text: p.deleted(oldUnits[o].GetText()), isOld: true,
				old: int(oldUnits[o].GetBlock()), changed: true}})
		}
	}
	slices.SortStableFunc(kept, func(a, b placed) int { return cmp.Compare(a.new, b.new) })
	slices.SortStableFunc(gone, func(a, b placed) int { return cmp.Compare(a.old, b.old) })
	var pieces []piece
	last := -1 // old unit that was reached
	for _, x := range kept {
		for len(gone) > 0 && (gone[0].old < x.old || x.old < 0 && gone[0].old == last+1) {
			last = gone[0].old
			pieces = append(pieces, gone[0].piece)
			gone = gone[1:]
		}
		last = max(last, x.old)
		pieces = append(pieces, x.piece)
	}
	for _, x := range gone {
		pieces = append(pieces, x.piece)
	}
	return pieces
}

// first is the first of the indices, -1 where there is none inside the list.
func first(indices []int32, length int) int {
	if len(indices) == 0 || indices[0] < 0 || int(indices[0]) >= length {
		return -1
	}
	return int(indices[0])
}

func (p *Printer) link(link *eventv1.Link, newUnits []*eventv1.Unit) string {
	if len(link.GetWords()) == 0 {
		return p.ink(textOf(newUnits, link.GetNew()))
	}
	var b strings.Builder
	for _, word := range link.GetWords() {
		switch word.GetOp() {
		case eventv1.Word_ADDED:
			b.WriteString(p.added(word.GetText()))
		case eventv1.Word_DELETED:
			b.WriteString(p.deleted(word.GetText()))
		default:
			b.WriteString(p.ink(word.GetText()))
		}
	}
	return b.String()
}

// Weight is a revision's weight as people read it.
func Weight(w eventv1.Revision_Weight) string {
	if w == eventv1.Revision_NONE {
		return "no weight"
	}
	return strings.ToLower(w.String())
}
