package describe

import (
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// findRestored finds the new units that stood in an earlier version and not in the old one; the newest version that
// had one is named.
func (t *teller) findRestored(earlier []*article.Snapshot) {
	wanted := t.newcomers(earlier)
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
func (t *teller) newcomers(earlier []*article.Snapshot) map[standing][]int {
	if len(earlier) == 0 {
		return nil
	}
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

// variantOf is the newest earlier version whose text is the new one again, 0 for none, and in how many earlier
// versions it stood.
func variantOf(new *article.Snapshot, earlier []*article.Snapshot) (version, times int) {
	if len(earlier) == 0 {
		return 0, 0
	}
	hash := new.Hash()
	for n, s := range earlier {
		if s != nil && len(s.Blocks) == len(new.Blocks) && s.Title == new.Title && s.Hash() == hash {
			version = n + 1
			times++
		}
	}
	return version, times
}

// FlapsFrom is the return of an earlier text from which on it is no news.
const FlapsFrom = 2

// flap makes little of a text that goes to and fro. The first return of an earlier text is told like any other
// change; from the second on it is no news.
func (t *teller) flap(a *Assessment, new *article.Snapshot, earlier []*article.Snapshot) {
	if len(t.r.Changes) == 0 {
		return
	}
	a.VariantOf, a.Returns = variantOf(new, earlier)
	if a.Returns < FlapsFrom {
		return
	}
	t.r.Weight = article.Trivial
	t.r.Score = min(t.r.Score, cosmeticPoints)
}
