// Package revise works out what changed between two versions of an article, as a careful sub-editor would say it:
// which sentences are the same, edited, moved, split, merged, added, deleted or restored, which words changed inside
// them, what that means to a reader, how much it weighs and whether the publisher said so.
//
// It is pure: no network, no store, no clock and no state between calls. Inner rooms hold the steps: units (cutting),
// align (pairing) and describe (telling).
package revise

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/align"
	"github.com/stetnews/stet/services/internal/revise/describe"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// mostSentences bounds the sentences of one version. A longer one is compared by blocks, as is its partner: about
// twice what 5,000 paragraphs hold.
const mostSentences = 30_000

// Diff is the revision that leads from an old snapshot to a new one. An empty or nil old snapshot is what stands
// before the first version. The earlier snapshots are all versions before old, oldest first, so that the first of
// them is version 1; with none, nothing is found restored. Neither argument is changed. The same arguments give the
// same revision, and with old and new exchanged the links are the same with their sides exchanged.
func Diff(old, new *article.Snapshot, earlier []*article.Snapshot) article.Revision {
	r, _ := Assess(old, new, earlier)
	return r
}

// Assessment is what is known of a revision beside what stands in it.
type Assessment struct {
	describe.Assessment
	Fallback string // what was compared more coarsely than usual because of its size, empty for nothing
}

// Assess is Diff, and tells what weighed how much, what is cosmetic, whether an earlier version is back as a whole,
// and whether the versions were too large to be compared by sentences.
func Assess(old, new *article.Snapshot, earlier []*article.Snapshot) (article.Revision, Assessment) {
	if old == nil {
		old = &article.Snapshot{}
	}
	if new == nil {
		new = &article.Snapshot{}
	}
	var r article.Revision
	fallback := ""
	r.OldUnits, r.NewUnits, fallback = unitsOf(old, new)
	aligned := align.Units(r.OldUnits, r.NewUnits, units.StopsOf(old.Language, new.Language))
	r.Links, r.Deleted, r.Added = aligned.Links, aligned.Deleted, aligned.Added
	if aligned.Fallback != "" {
		fallback = strings.TrimPrefix(fallback+"; "+aligned.Fallback, "; ")
	}
	a := Assessment{Assessment: describe.Revision(&r, aligned.Titles, old, new, earlier), Fallback: fallback}
	r.Reasons, r.Fallback, r.VariantOf, r.Returns = a.Reasons, a.Fallback, a.VariantOf, a.Returns
	for i := range r.Changes {
		r.Changes[i].Cosmetic = a.Cosmetic[i]
	}
	return r, a
}

// unitsOf cuts both snapshots to the same grain.
func unitsOf(old, new *article.Snapshot) (olds, news []article.Unit, fallback string) {
	olds, news = units.Sentences(old), units.Sentences(new)
	if len(olds) > mostSentences || len(news) > mostSentences {
		return units.Blocks(old), units.Blocks(new), fmt.Sprintf("more than %d sentences: compared by paragraphs", mostSentences)
	}
	return olds, news, ""
}

// Flapping is the kind of a revision that brings a text back for the second time or more: the article goes to and fro
// between texts, and lists tell it once.
const Flapping = "flapping"

// Kinds names the elements that a revision changed (headline, body, note and so on) and Flapping where that is what it
// is, sorted, each once.
func Kinds(r *article.Revision) []string {
	var kinds []string
	if r.Returns >= describe.FlapsFrom {
		kinds = append(kinds, Flapping)
	}
	for _, change := range r.Changes {
		kinds = append(kinds, change.Element)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Cosmetic says whether a change touches only spaces, marks, quotation marks, encoding, case, or the line that says
// when the page was updated.
func Cosmetic(c *article.Change) bool { return describe.Cosmetic(c) }

// Apply makes the new units of a revision from the old snapshot and the revision's links and additions: nil where
// the revision does not belong to the snapshot or contradicts itself.
func Apply(old *article.Snapshot, r *article.Revision) []article.Unit {
	if old == nil {
		old = &article.Snapshot{}
	}
	olds := units.Sentences(old)
	if !slices.Equal(olds, r.OldUnits) {
		olds = units.Blocks(old)
	}
	if !slices.Equal(olds, r.OldUnits) {
		return nil
	}
	made := make([]article.Unit, len(r.NewUnits))
	for _, j := range r.Added {
		made[j] = r.NewUnits[j]
	}
	for i := range r.Links {
		text, fits := retell(&r.Links[i], olds)
		if !fits || !place(text, r.Links[i].New, r.NewUnits, made) {
			return nil
		}
	}
	return made
}

// retell makes the new text of a link from its old units and its words.
func retell(link *article.Link, olds []article.Unit) (text string, fits bool) {
	texts := make([]string, len(link.Old))
	for n, i := range link.Old {
		texts[n] = olds[i].Text
	}
	rest := strings.Join(texts, " ")
	var made strings.Builder
	for _, word := range link.Words {
		if word.Op != article.OpAdded {
			if rest, fits = strings.CutPrefix(rest, word.Text); !fits {
				return "", false
			}
		}
		if word.Op != article.OpDeleted {
			made.WriteString(word.Text)
		}
	}
	return made.String(), rest == ""
}

// place cuts a link's new text into its units; the announced units say only where to cut and the block.
func place(text string, at []int, announced, made []article.Unit) bool {
	for n, j := range at {
		if n > 0 {
			rest, spaced := strings.CutPrefix(text, " ")
			if !spaced {
				return false
			}
			text = rest
		}
		length := len(announced[j].Text)
		if length > len(text) {
			return false
		}
		made[j] = article.Unit{Block: announced[j].Block, Text: text[:length]}
		text = text[length:]
	}
	return text == ""
}
