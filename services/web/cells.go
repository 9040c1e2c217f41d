package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stetnews/stet/proto/stet/event/v1"
)

func blockName(block int) string {
	switch block {
	case titleBlock:
		return "headline"
	case standfirstBlock:
		return "standfirst"
	}
	return "¶" + strconv.Itoa(block+1)
}

// anchor is the id of a paragraph on the page: p7 for the seventh of the new version, old-p7 for one of the old.
func (s *side) anchor(block int) string {
	name := blockName(block)
	if block >= 0 {
		name = "p" + strconv.Itoa(block+1)
	}
	if s.old {
		return "old-" + name
	}
	return name
}

// fill writes the sentences into a row whose place is known.
func (l *layout) fill(r *row) {
	if r.Left != nil {
		r.Left.Segments = l.segments(l.old, r.Left.block)
	}
	if r.Right != nil {
		r.Right.Segments = l.segments(l.new, r.Right.block)
	}
	switch {
	case r.Left == nil:
		r.Changed = !l.silent(l.new, r.Right.block)
		for i, u := range l.new.in[r.Right.block] {
			r.Inline = append(r.Inline, l.alone(u, r.Right.Segments[i]))
		}
		if len(r.Inline) == 0 {
			r.Inline = r.Right.Segments
		}
	case r.Right == nil:
		r.Quiet = l.silent(l.old, r.Left.block)
		for _, s := range r.Left.Segments {
			r.Inline = append(r.Inline, elsewhere(s))
		}
		r.Changed = !r.Quiet
	default:
		r.Inline = l.inline(r.Left, r.Right)
		r.Changed = marked(r.Left.Segments) || marked(r.Right.Segments) || r.Left.Kind != r.Right.Kind
	}
}

// silent says whether all sentences of a paragraph came or went without saying anything, so that they are not marked.
func (l *layout) silent(s *side, block int) bool {
	for _, u := range s.in[block] {
		link := l.linkOf(s, u)
		if link == nil || (len(link.GetOld()) > 0 && len(link.GetNew()) > 0) {
			return false
		}
	}
	return len(s.in[block]) > 0
}

func marked(segments []segment) bool {
	for _, s := range segments {
		if len(s.Notes) > 0 {
			return true
		}
		for _, r := range s.Runs {
			if r.Op != "" {
				return true
			}
		}
	}
	return false
}

// segments gives a paragraph's sentences with their fates, and what stands between them as the version has it.
func (l *layout) segments(s *side, block int) []segment {
	text, units := s.text(block), s.in[block]
	if len(units) == 0 {
		return []segment{{Runs: []run{{Text: text}}}}
	}
	var out []segment
	rest := text
	for i, u := range units {
		seg := segment{Runs: l.runs(s, u), Notes: l.notes(s, u)}
		if before, after, found := strings.Cut(rest, s.units[u].GetText()); found {
			seg.Space, rest = before, after
		} else if i > 0 {
			seg.Space = " "
		}
		out = append(out, seg)
	}
	return out
}

// runs gives one sentence with the words marked that went (old side) or came (new side).
func (l *layout) runs(s *side, unit int) []run {
	link, own := l.linkOf(s, unit), "ins"
	if s.old {
		own = "del"
	}
	text := s.units[unit].GetText()
	if link == nil {
		return []run{{own, text}}
	}
	members := link.GetNew()
	if s.old {
		members = link.GetOld()
	}
	// The words of a side are its sentences joined by one space: this one begins after those before it.
	start := 0
	for _, m := range members {
		if int(m) == unit {
			break
		}
		if _, ok := s.block(m); ok {
			start += len(s.units[m].GetText()) + 1
		}
	}
	runs := slice(wordsOf(link, own), start, start+len(text))
	if joined(runs) != text {
		return []run{{Text: text}} // the words say something else than the sentence: show what the page said
	}
	return runs
}

// wordsOf gives the words of a link that stand on the side whose own mark is given.
func wordsOf(link *eventv1.Link, own string) []run {
	var out []run
	for _, w := range link.GetWords() {
		switch op := opName(w.GetOp()); op {
		case "", own:
			out = append(out, run{op, w.GetText()})
		}
	}
	return out
}

func opName(op eventv1.Word_Op) string {
	switch op {
	case eventv1.Word_DELETED:
		return "del"
	case eventv1.Word_ADDED:
		return "ins"
	}
	return ""
}

// slice cuts the bytes from start to end out of runs.
func slice(runs []run, start, end int) []run {
	var out []run
	position := 0
	for _, r := range runs {
		from, to := max(start-position, 0), min(end-position, len(r.Text))
		if from < to {
			out = append(out, run{r.Op, r.Text[from:to]})
		}
		position += len(r.Text)
	}
	return out
}

func joined(runs []run) string {
	var b strings.Builder
	for _, r := range runs {
		b.WriteString(r.Text)
	}
	return b.String()
}

func (l *layout) linkOf(s *side, unit int) *eventv1.Link {
	if i := s.link[unit]; i >= 0 {
		return l.revision.GetLinks()[i]
	}
	return nil
}

// notes says where a sentence came from or went to, whether it was split or merged, and what it was restored from.
func (l *layout) notes(s *side, unit int) []note {
	var notes []note
	if link := l.linkOf(s, unit); link != nil {
		notes = l.whereabouts(s, unit, link)
		switch {
		case link.GetKind() == eventv1.Link_SPLIT && s.old:
			notes = append(notes, note{Text: fmt.Sprintf("split into %d", len(link.GetNew()))})
		case link.GetKind() == eventv1.Link_MERGED && !s.old:
			notes = append(notes, note{Text: fmt.Sprintf("merged from %d", len(link.GetOld()))})
		}
	}
	if version, has := l.restored[unit]; has && !s.old {
		notes = append(notes, note{Text: fmt.Sprintf("restored from version %d", version)})
	}
	return notes
}

// whereabouts says where a sentence stands in the other version, unless that is beside it.
func (l *layout) whereabouts(s *side, unit int, link *eventv1.Link) []note {
	other, members := l.new, link.GetNew()
	if !s.old {
		other, members = l.old, link.GetOld()
	}
	own := int(s.units[unit].GetBlock())
	var notes []note
	seen := map[int]bool{own: other.rowOf[own] == s.rowOf[own] && !link.GetMoved()}
	for _, m := range members {
		block, ok := other.block(m)
		if !ok || seen[block] {
			continue
		}
		seen[block] = true
		beside := other.rowOf[block] == s.rowOf[own]
		if beside && !link.GetMoved() {
			continue
		}
		notes = append(notes, note{Text: journey(s.old, link.GetMoved(), beside, l.ways.Of(link), blockName(block)), Anchor: other.anchor(block)})
	}
	return notes
}

func journey(old, moved, beside bool, way, where string) string {
	if way != "" {
		way += " "
	}
	switch {
	case beside && old:
		return "moved " + way + "within the paragraph"
	case beside:
		return "moved " + way + "from elsewhere in the paragraph"
	case moved && old:
		return "→ moved " + way + "to " + where
	case moved:
		return "← moved " + way + "from " + where
	case old:
		return "→ now in " + where
	}
	return "← from " + where
}

// inline gives both sides of a row as one text: what went stands before what came in its place.
func (l *layout) inline(left, right *cell) []segment {
	if len(l.old.in[left.block]) == 0 || len(l.new.in[right.block]) == 0 {
		if joined(flat(left.Segments)) == joined(flat(right.Segments)) {
			return right.Segments
		}
		return append(append([]segment{}, left.Segments...), right.Segments...)
	}
	var out []segment
	olds := l.old.in[left.block]
	next := 0
	shown := map[int]bool{}       // links whose words stand there already
	partner := func(i int) bool { // whether a sentence of the old side has its partner in this row
		link := l.old.link[olds[i]]
		return link >= 0 && l.meets(link, right.block)
	}
	leave := func(end int) { // shows the sentences of the old side that have none, and say something
		for ; next < end; next++ {
			if link := l.linkOf(l.old, olds[next]); !partner(next) && (link == nil || len(link.GetNew()) > 0) {
				out = append(out, spaced(elsewhere(left.Segments[next]), len(out)))
			}
		}
	}
	until := func(stop func(i int) bool) int {
		at := next
		for at < len(olds) && !stop(at) {
			at++
		}
		return at
	}
	for i, u := range l.new.in[right.block] {
		link := l.new.link[u]
		if link < 0 || !l.comes(link, left.block) {
			leave(until(partner))
			out = append(out, spaced(l.alone(u, right.Segments[i]), len(out)))
			continue
		}
		if at := until(func(i int) bool { return l.old.link[olds[i]] == link }); at < len(olds) {
			leave(at + 1)
		}
		switch {
		case len(l.revision.GetLinks()[link].GetWords()) == 0: // nothing in it is marked: each sentence for itself
			out = append(out, spaced(right.Segments[i], len(out)))
		case !shown[link]:
			shown[link] = true
			out = append(out, spaced(l.whole(link, right.Segments[i]), len(out)))
		}
	}
	leave(len(olds))
	return out
}

// alone is a new sentence away from its old place as one text shows it: with the words that it lost on its way, if it
// is all that became of them.
func (l *layout) alone(unit int, s segment) segment {
	if link := l.linkOf(l.new, unit); link != nil && len(link.GetOld()) > 0 && len(link.GetNew()) == 1 {
		return l.whole(l.new.link[unit], s)
	}
	return s
}

// elsewhere is a sentence of the old side as one text shows it: where it stands whole at another place, its beginning
// and its note will do.
func elsewhere(s segment) segment {
	if len(s.Notes) > 0 {
		s.Runs = []run{{Text: cut(joined(s.Runs), keptAtAnEdge)}}
	}
	return s
}

// whole is a link with all its words, those that went and those that came, and the notes of its new side.
func (l *layout) whole(link int, s segment) segment {
	words := l.revision.GetLinks()[link].GetWords()
	if len(words) == 0 {
		return s
	}
	var runs []run
	for _, w := range words {
		runs = append(runs, run{opName(w.GetOp()), w.GetText()})
	}
	return segment{Space: s.Space, Runs: runs, Notes: s.Notes}
}

// spaced makes sure that a sentence which is not the first stands apart from the one before it.
func spaced(s segment, index int) segment {
	if index > 0 && s.Space == "" {
		s.Space = " "
	}
	return s
}

func flat(segments []segment) []run {
	var out []run
	for _, s := range segments {
		out = append(out, s.Runs...)
	}
	return out
}

// meets says whether a link has a sentence in a paragraph of the new version.
func (l *layout) meets(link, block int) bool {
	return stands(l.new, l.revision.GetLinks()[link].GetNew(), block)
}

// comes says whether a link has a sentence in a paragraph of the old version.
func (l *layout) comes(link, block int) bool {
	return stands(l.old, l.revision.GetLinks()[link].GetOld(), block)
}

func stands(s *side, units []int32, block int) bool {
	for _, u := range units {
		if b, ok := s.block(u); ok && b == block {
			return true
		}
	}
	return false
}
