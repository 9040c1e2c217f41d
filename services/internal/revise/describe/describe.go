// Package describe tells an alignment to a reader: which element of the article changed and how, which facts did,
// what came back from an earlier version, how much it weighs, and what evidence there is that the publisher said so.
package describe

import (
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// The names of elements.
const (
	headline   = "headline"
	standfirst = "standfirst"
	byline     = "byline"
	lead       = "lead"
	body       = "body"
	quotation  = "quotation"
	caption    = "caption"
	note       = "note"
	image      = "image"
)

// The names of what happened to them.
const (
	edited   = "edited"
	added    = "added"
	deleted  = "deleted"
	moved    = "moved"
	split    = "split"
	merged   = "merged"
	restored = "restored"
)

// teller holds one description while it grows.
type teller struct {
	r        *article.Revision
	old, new *article.Snapshot
	leadOld  int // index of the block that is the lead, or none
	leadNew  int
	restored map[int]bool // new units
}

// Revision fills in what an aligned revision means: Restored, Changes, Weight, Score and Disclosure. The earlier
// snapshots are the versions before old, oldest first.
func Revision(r *article.Revision, old, new *article.Snapshot, earlier []*article.Snapshot) {
	t := &teller{r: r, old: old, new: new, leadOld: leadOf(old), leadNew: leadOf(new), restored: map[int]bool{}}
	t.findRestored(earlier)
	t.tellLinks()
	t.tellAlone(r.Deleted, r.OldUnits, deleted)
	t.tellAlone(r.Added, r.NewUnits, added)
	t.tellByline()
	t.tellImages()
	weigh(r)
	t.disclose()
}

// none is the index of no block at all.
const none = -3

// leadOf is the index of the paragraph that a snapshot's text opens with, none where it opens with something else.
func leadOf(s *article.Snapshot) int {
	for i, block := range s.Blocks {
		switch {
		case strings.TrimSpace(block.Text) == "":
		case block.Kind == article.Heading || block.Kind == article.Caption || block.Kind == article.Note:
		case block.Kind == article.Paragraph || block.Kind == article.BlockUnspecified:
			return i
		default:
			return none
		}
	}
	return none
}

// elementOf names what a unit is on its page.
func (t *teller) elementOf(u article.Unit, s *article.Snapshot) string {
	switch u.Block {
	case article.TitleBlock:
		return headline
	case article.StandfirstBlock:
		return standfirst
	}
	kind := s.Blocks[u.Block].Kind
	first := (s == t.new && u.Block == t.leadNew) || (s == t.old && u.Block == t.leadOld)
	switch {
	case kind == article.Note || isNote(u.Text):
		return note
	case kind == article.Caption:
		return caption
	case kind == article.Quotation:
		return quotation
	case first:
		return lead
	}
	return body
}

// tellLinks tells what happened to the units that stayed. Neighbours that moved together are one change.
func (t *teller) tellLinks() {
	lastMoved := -1
	for i := range t.r.Links {
		link := &t.r.Links[i]
		element := t.elementOf(t.r.NewUnits[link.New[0]], t.new)
		oldText, newText := join(t.r.OldUnits, link.Old), join(t.r.NewUnits, link.New)
		if link.Moved {
			if lastMoved >= 0 && lastMoved == i-1 && t.follows(&t.r.Links[i-1], link) {
				t.extendMove(element, oldText, newText)
			} else {
				t.tell(article.Change{Element: element, Kind: moved, Old: oldText, New: newText})
			}
			lastMoved = i
		}
		if link.Kind == article.Same {
			continue
		}
		change := article.Change{Element: element, Kind: t.kindOf(link, oldText, newText), Old: oldText, New: newText}
		change.Facts = factsOf(oldText, newText)
		if element == body && slices.ContainsFunc(change.Facts, func(f article.Fact) bool { return f.Kind == quoteFact }) {
			change.Element = quotation
		}
		t.tell(change)
		if link.Moved {
			lastMoved = -1 // its edit stands between two moves
		}
	}
}

func (t *teller) tell(change article.Change) { t.r.Changes = append(t.r.Changes, change) }

// follows says whether two links stand one after the other on both sides.
func (t *teller) follows(a, b *article.Link) bool {
	return a.Old[len(a.Old)-1]+1 == b.Old[0] && a.New[len(a.New)-1]+1 == b.New[0]
}

// extendMove adds a unit to the newest change, which is a move, unless it is another element's.
func (t *teller) extendMove(element, oldText, newText string) {
	last := &t.r.Changes[len(t.r.Changes)-1]
	if last.Element != element {
		t.tell(article.Change{Element: element, Kind: moved, Old: oldText, New: newText})
		return
	}
	last.Old += " " + oldText
	last.New += " " + newText
}

func (t *teller) kindOf(link *article.Link, oldText, newText string) string {
	switch {
	case slices.ContainsFunc(link.New, func(j int) bool { return t.restored[j] }):
		return restored
	case link.Kind == article.Split:
		return split
	case link.Kind == article.Merged:
		return merged
	case oldText == "":
		return added
	case newText == "":
		return deleted
	}
	return edited
}

// tellAlone tells of units without a partner. Neighbours in one block are one change.
func (t *teller) tellAlone(list []int, of []article.Unit, kind string) {
	s := t.new
	if kind == deleted {
		s = t.old
	}
	for n := 0; n < len(list); {
		first := list[n]
		change := article.Change{Element: t.elementOf(of[first], s), Kind: kind}
		back := kind == added && t.restored[first]
		end := n + 1
		for end < len(list) && list[end] == list[end-1]+1 && of[list[end]].Block == of[first].Block &&
			(kind == added && t.restored[list[end]]) == back && t.elementOf(of[list[end]], s) == change.Element {
			end++
		}
		if back {
			change.Kind = restored
		}
		if text := join(of, list[n:end]); kind == deleted {
			change.Old = text
		} else {
			change.New = text
		}
		t.tell(change)
		n = end
	}
}

func (t *teller) tellByline() {
	old, new := strings.Join(t.old.Byline, ", "), strings.Join(t.new.Byline, ", ")
	if old == new {
		return
	}
	t.tell(article.Change{Element: byline, Kind: between(old, new), Old: old, New: new})
}

// tellImages tells which pictures came and went.
func (t *teller) tellImages() {
	stems := func(s *article.Snapshot) []string {
		var list []string
		for _, picture := range s.Images {
			if picture.Stem != "" && !slices.Contains(list, picture.Stem) && len(list) < 200 {
				list = append(list, picture.Stem)
			}
		}
		return list
	}
	olds, news := stems(t.old), stems(t.new)
	for _, stem := range olds {
		if !slices.Contains(news, stem) {
			t.tell(article.Change{Element: image, Kind: deleted, Old: stem})
		}
	}
	for _, stem := range news {
		if !slices.Contains(olds, stem) {
			t.tell(article.Change{Element: image, Kind: added, New: stem})
		}
	}
}

func between(old, new string) string {
	switch {
	case old == "":
		return added
	case new == "":
		return deleted
	}
	return edited
}

func join(list []article.Unit, at []int) string {
	texts := make([]string, len(at))
	for n, i := range at {
		texts[n] = list[i].Text
	}
	return strings.Join(texts, " ")
}

// findRestored finds the new units that stood in an earlier version and not in the old one; the newest version that
// had one is named.
func (t *teller) findRestored(earlier []*article.Snapshot) {
	wanted := t.newcomers()
	if len(wanted) == 0 {
		return
	}
	found := map[int]int{}
	for n := len(earlier) - 1; n >= 0 && len(wanted) > 0; n-- {
		if earlier[n] == nil {
			continue
		}
		for _, u := range units.Sentences(earlier[n]) {
			for _, j := range wanted[place(u)] {
				found[j] = n + 1
			}
			delete(wanted, place(u))
		}
	}
	for j := range t.r.NewUnits {
		if version, ok := found[j]; ok {
			t.restored[j] = true
			t.r.Restored = append(t.r.Restored, article.Restored{New: j, Version: version})
		}
	}
}

// standing is what a unit is looked up by: its text, and whether it is the title.
type standing struct {
	title bool
	key   string
}

func place(u article.Unit) standing { return standing{u.Block == article.TitleBlock, key(u.Text)} }

// newcomers are the new units whose text, marks and case aside, does not stand in the old version.
func (t *teller) newcomers() map[standing][]int {
	var fresh []int
	fresh = append(fresh, t.r.Added...)
	for _, link := range t.r.Links {
		if link.Kind != article.Same {
			fresh = append(fresh, link.New...)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	stood := map[standing]bool{}
	for _, u := range t.r.OldUnits {
		stood[place(u)] = true
	}
	wanted := map[standing][]int{}
	for _, j := range fresh {
		at := place(t.r.NewUnits[j])
		if at.key != "" && !stood[at] {
			wanted[at] = append(wanted[at], j)
		}
	}
	return wanted
}
