package show

import (
	"fmt"
	"strings"

	"github.com/stetnews/stet/proto/stet/event/v1"
)

// Essential is a revision without its cosmetic changes, for every room that shows one: marks, spaces, encoding and the
// like leave the list of changes and the text, where the new wording stands as if it had always stood there. A link
// that holds nothing else has no words left, and a line that came or went with nothing to say has a link with one
// side; whoever shows the revision shows the unit's own text for both. The second answer is how many changes are
// hidden: with none, the revision comes back as it is. It is never changed itself.
func Essential(r *eventv1.Revision) (*eventv1.Revision, int) {
	c := cosmetics{alone: map[string]bool{}, edits: map[sides]bool{}, moves: map[sides]bool{}}
	out := &eventv1.Revision{
		OldUnits: r.GetOldUnits(), NewUnits: r.GetNewUnits(), Restored: r.GetRestored(), Weight: r.GetWeight(), Score: r.GetScore(),
		Disclosure: r.GetDisclosure(), Reasons: r.GetReasons(), Fallback: r.GetFallback(), VariantOf: r.GetVariantOf(), Returns: r.GetReturns(),
	}
	for _, change := range r.GetChanges() {
		if !change.GetCosmetic() {
			out.Changes = append(out.Changes, change)
			continue
		}
		c.learn(change)
	}
	hidden := len(r.GetChanges()) - len(out.Changes)
	if hidden == 0 {
		return r, 0
	}
	for _, link := range r.GetLinks() {
		out.Links = append(out.Links, c.essential(link, r))
	}
	out.Deleted = c.rest(r.GetDeleted(), r.GetOldUnits(), func(i int32) { out.Links = append(out.Links, &eventv1.Link{Old: []int32{i}}) })
	out.Added = c.rest(r.GetAdded(), r.GetNewUnits(), func(j int32) { out.Links = append(out.Links, &eventv1.Link{New: []int32{j}}) })
	return out, hidden
}

// HiddenCosmetic is the line that stands for changes that are not shown.
func HiddenCosmetic(hidden int) string {
	if hidden == 1 {
		return "1 change of marks and spaces only is hidden"
	}
	return fmt.Sprintf("%d changes of marks and spaces only are hidden", hidden)
}

// sides are the texts that a change leads from and to.
type sides struct{ old, new string }

// cosmetics are the texts of the cosmetic changes. Changes do not say which units they tell of, but they hold the
// units' texts, and what is cosmetic follows from the texts alone.
type cosmetics struct {
	alone        map[string]bool
	edits, moves map[sides]bool
}

func (c *cosmetics) learn(change *eventv1.Change) {
	at := sides{change.GetOld(), change.GetNew()}
	switch {
	case change.GetKind() == "moved":
		c.moves[at] = true
	case at.old == "" || at.new == "":
		c.alone[at.old+at.new] = true
	}
	if change.GetKind() != "moved" {
		c.edits[at] = true
	}
}

// essential is a link without what is cosmetic about it.
func (c *cosmetics) essential(link *eventv1.Link, r *eventv1.Revision) *eventv1.Link {
	at := sides{textOf(r.GetOldUnits(), link.GetOld()), textOf(r.GetNewUnits(), link.GetNew())}
	quietMove := link.GetMoved() && c.moves[at]
	quietWords := link.GetKind() != eventv1.Link_SAME && c.edits[at]
	if !quietMove && !quietWords {
		return link
	}
	out := &eventv1.Link{Old: link.GetOld(), New: link.GetNew(), Kind: link.GetKind(), Moved: link.GetMoved() && !quietMove, Words: link.GetWords()}
	if quietWords {
		out.Kind, out.Words = eventv1.Link_SAME, nil
	}
	return out
}

// rest is the units that came or went with something to say; quiet gets the others. Units of one block that stand in
// a row are told as one change, so they are looked up together as far as they go.
func (c *cosmetics) rest(list []int32, units []*eventv1.Unit, quiet func(int32)) (loud []int32) {
	for n := 0; n < len(list); {
		length := c.run(list[n:], units)
		if length == 0 {
			loud = append(loud, list[n])
			n++
			continue
		}
		for _, i := range list[n : n+length] {
			quiet(i)
		}
		n += length
	}
	return loud
}

// run is how many of the units, from the first, make up one cosmetic change; 0 where they do not.
func (c *cosmetics) run(list []int32, units []*eventv1.Unit) int {
	if len(c.alone) == 0 {
		return 0
	}
	for n := range min(len(list), mostTogether) {
		if c.alone[textOf(units, list[:n+1])] {
			return n + 1
		}
	}
	return 0
}

// mostTogether bounds how many units are tried as one cosmetic change: lines that say nothing are short.
const mostTogether = 8

// textOf is the text of some units joined by one space. Indices that point nowhere are passed over.
func textOf(units []*eventv1.Unit, at []int32) string {
	if len(at) == 1 && at[0] >= 0 && int(at[0]) < len(units) {
		return units[at[0]].GetText()
	}
	var texts []string
	for _, i := range at {
		if i >= 0 && int(i) < len(units) {
			texts = append(texts, units[i].GetText())
		}
	}
	return strings.Join(texts, " ")
}
