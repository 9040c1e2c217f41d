package describe

import (
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// What a change adds to the score. The score of a revision is 1 - (1-p1)(1-p2)…: every further change raises it, none
// lowers it, and it stays below 1.
const (
	cosmeticPoints = .004
	wordingPoints  = .03 // few words of the text, or a picture's line
	rewritePoints  = .15 // many words
	movePoints     = .05
	sentencePoints = .15 // a sentence added, deleted or restored
	factPoints     = .20 // a number, a time, quoted words
	leadPoints     = .20
	headlinePoints = .35
	notePoints     = .35
	bylinePoints   = .10
	imagePoints    = .05
)

// rewritten is the share of changed letters from which on an edit is more than wording.
const rewritten = .3

// weigh sets the weight of a revision, that of its weightiest change, and its score.
func weigh(r *article.Revision) {
	left := 1.0
	for i := range r.Changes {
		weight, points := weightOf(&r.Changes[i])
		r.Weight = max(r.Weight, weight)
		left *= 1 - points
	}
	r.Score = 1 - left
	if len(r.Changes) == 0 {
		r.Score = 0
	}
}

// weightOf judges one change.
func weightOf(c *article.Change) (article.Weight, float64) {
	if Cosmetic(c) {
		return article.Trivial, cosmeticPoints
	}
	switch c.Element {
	case image:
		return article.Minor, imagePoints
	case byline:
		return article.Minor, bylinePoints
	case note:
		if c.Kind != moved {
			return article.Substantive, notePoints
		}
	}
	switch c.Kind {
	case moved:
		return article.Minor, movePoints
	case added, deleted, restored:
		return article.Substantive, max(sentencePoints, elementPoints(c.Element))
	}
	return weightOfEdit(c)
}

// weightOfEdit judges an edit, split or merge.
func weightOfEdit(c *article.Change) (article.Weight, float64) {
	if len(c.Facts) > 0 {
		return article.Substantive, max(factPoints, elementPoints(c.Element))
	}
	changed, misspelt := extent(c.Old, c.New)
	switch {
	case misspelt:
		return article.Minor, wordingPoints
	case c.Element == headline:
		return article.Substantive, headlinePoints
	case changed > rewritten:
		return article.Substantive, max(rewritePoints, elementPoints(c.Element))
	}
	return article.Minor, wordingPoints + changed*rewritePoints/2
}

func elementPoints(element string) float64 {
	switch element {
	case headline:
		return headlinePoints
	case lead, standfirst:
		return leadPoints
	case quotation:
		return factPoints
	}
	return 0
}

// extent is the share of letters in words that only one text holds, and whether all that changed is the spelling of
// one word.
func extent(old, new string) (changed float64, misspelt bool) {
	gone, come := difference(units.Tokens(old), units.Tokens(new))
	letters := 0
	for _, word := range append(append([]string(nil), gone...), come...) {
		letters += len(word)
	}
	whole := len(strings.Join(units.Tokens(old), "")) + len(strings.Join(units.Tokens(new), ""))
	if whole > 0 {
		changed = float64(letters) / float64(whole)
	}
	return changed, len(gone) == 1 && len(come) == 1 && similar([]rune(gone[0]), []rune(come[0]))
}

// similar says whether two words of five letters and more differ in one letter put in, left out, taken for another,
// or in two neighbours exchanged.
func similar(a, b []rune) bool {
	if len(a) < 5 || len(b) < 5 || len(a) > 60 || len(b) > 60 {
		return false
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 2 && len(b) == 2 {
		return a[0] == b[1] && a[1] == b[0]
	}
	return len(a) <= 1 && len(b) <= 1
}
