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
	lexicon  *lexicon
	persons  persons
	stops    units.Stops
	cosmetic []bool    // by change
	verdicts []verdict // by change
}

// Assessment is what is known of a revision beside what stands in it.
type Assessment struct {
	Cosmetic  []bool   // by change: marks, spaces, encoding, case or the line with the time of the update only
	Reasons   []string // of the weight and the score, the weightiest first
	VariantOf int      // the newest earlier version whose text is back as a whole, 0 for none
	Returns   int      // in how many earlier versions it stood: from 2 on the text goes to and fro
}

// Revision fills in what an aligned revision means: Restored, Changes, Weight, Score and Disclosure. The earlier
// snapshots are the versions before old, oldest first; the titles are those that the alignment found.
func Revision(r *article.Revision, titles map[string]string, old, new *article.Snapshot, earlier []*article.Snapshot) Assessment {
	t := &teller{r: r, old: old, new: new, persons: titles, leadOld: leadOf(old), leadNew: leadOf(new), restored: map[int]bool{},
		lexicon: lexiconOf(new.Language, old.Language), stops: units.StopsOf(old.Language, new.Language)}
	t.findRestored(earlier)
	t.tellLinks()
	t.tellAlone(r.Deleted, r.OldUnits, deleted, newAlone(r.NewUnits))
	t.tellAlone(r.Added, r.NewUnits, added, newAlone(r.OldUnits))
	t.tellByline()
	t.tellImages()
	for i := range r.Changes {
		t.verdicts = append(t.verdicts, t.judge(&r.Changes[i], t.cosmetic[i]))
	}
	a := Assessment{Cosmetic: t.cosmetic, Reasons: t.weigh()}
	t.flap(&a, new, earlier)
	t.disclose()
	return a
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
	var run []int // links that moved together
	for i := range t.r.Links {
		link := &t.r.Links[i]
		if len(run) > 0 && !t.moveGoesOn(run, i) {
			t.tellMove(run)
			run = run[:0]
		}
		if link.Moved {
			run = append(run, i)
		}
		if link.Kind == article.Same {
			continue
		}
		t.tellMove(run) // an edit stands between two moves
		run = run[:0]
		t.tellEdit(link)
	}
	t.tellMove(run)
}

// moveGoesOn says whether a link moved together with those before it, as one element.
func (t *teller) moveGoesOn(run []int, i int) bool {
	last, link := &t.r.Links[run[len(run)-1]], &t.r.Links[i]
	return link.Moved && t.follows(last, link) && t.elementOfLink(last) == t.elementOfLink(link)
}

func (t *teller) elementOfLink(link *article.Link) string {
	return t.elementOf(t.r.NewUnits[link.New[0]], t.new)
}

// tellMove tells that some links moved, if there are any.
func (t *teller) tellMove(run []int) {
	if len(run) == 0 {
		return
	}
	var olds, news []int
	for _, i := range run {
		olds, news = append(olds, t.r.Links[i].Old...), append(news, t.r.Links[i].New...)
	}
	t.tell(article.Change{Element: t.elementOfLink(&t.r.Links[run[0]]), Kind: moved,
		Old: join(t.r.OldUnits, olds), New: join(t.r.NewUnits, news)})
}

func (t *teller) tellEdit(link *article.Link) {
	oldText, newText := join(t.r.OldUnits, link.Old), join(t.r.NewUnits, link.New)
	change := article.Change{Element: t.elementOfLink(link), Kind: t.kindOf(link, oldText, newText), Old: oldText, New: newText}
	if !Cosmetic(&change) {
		change.Facts = t.lexicon.factsOf(oldText, newText, t.persons)
	}
	if change.Element == body && slices.ContainsFunc(change.Facts, func(f article.Fact) bool { return f.Kind == quoteFact }) {
		change.Element = quotation
	}
	t.tell(change)
}

// tell adds a change. One with facts is not cosmetic; of the others it is found out here.
func (t *teller) tell(change article.Change) {
	t.r.Changes = append(t.r.Changes, change)
	t.cosmetic = append(t.cosmetic, len(change.Facts) == 0 && Cosmetic(&change))
}

// follows says whether two links stand one after the other on both sides.
func (t *teller) follows(a, b *article.Link) bool {
	return a.Old[len(a.Old)-1]+1 == b.Old[0] && a.New[len(a.New)-1]+1 == b.New[0]
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
func (t *teller) tellAlone(list []int, of []article.Unit, kind string, other *alone) {
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
		if !Cosmetic(&change) {
			change.Facts = t.factsAlone(change.Old+change.New, other, kind == added)
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
