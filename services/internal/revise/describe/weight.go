package describe

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// What a change adds to the score. The score of a revision is 1 - (1-p1)(1-p2)…: every further change and every
// further fact raises it, none lowers it, and it stays below 1. A change's points are put together in the same way
// from its wording and its facts.
const (
	cosmeticPoints = .004
	spellingPoints = .01
	wordingPoints  = .02 // any words of the text
	movePoints     = .04
	linePoints     = .03 // a line too short to state anything comes or goes
	statedPoints   = .10 // a statement comes or goes
	lengthPoints   = .12 // more for a long one
	notePoints     = .35
	bylinePoints   = .08
	imagePoints    = .03
)

// rewordingPoints is what a wholly new wording adds, by element.
var rewordingPoints = map[string]float64{headline: .30, standfirst: .18, lead: .18, quotation: .12, body: .12, caption: .06}

// factPoints is what a changed fact adds in the body; elementFactor multiplies it elsewhere.
var factPoints = map[string]float64{numberFact: .18, nameFact: .15, quoteFact: .18, speakerFact: .18, negationFact: .18,
	hedgeFact: .14, sourceFact: .12, dateFact: .10, timeFact: .08}

var elementFactor = map[string]float64{headline: 2, standfirst: 1.4, lead: 1.4, caption: .6}

// An edit without changed facts is substantive from these shares of changed content words on, and not for fewer
// words than a copy editor changes.
const (
	rewritten     = .6
	rewrittenLead = .4
	fewestAnew    = 6
)

// A line states something from this number of content words on, or if it tells a fact: “I am sorry” is a statement.
const leastStated = 4

// verdict is how much a change weighs, and why.
type verdict struct {
	weight article.Weight
	points float64
	reason string
}

// plus puts two shares of a score together.
func plus(a, b float64) float64 { return 1 - (1-a)*(1-b) }

// judge weighs one change.
func (t *teller) judge(c *article.Change, cosmetic bool) verdict {
	if cosmetic {
		return verdict{article.Trivial, cosmeticPoints, c.Element + ": marks, spaces or case only"}
	}
	reason := c.Element + " " + c.Kind
	switch {
	case c.Element == image:
		return verdict{article.Minor, imagePoints, reason}
	case c.Element == byline:
		return verdict{article.Minor, bylinePoints, reason}
	case c.Kind == moved && c.Element == lead:
		return verdict{article.Minor, 2 * movePoints, reason}
	case c.Kind == moved:
		return verdict{article.Minor, movePoints, reason}
	case c.Element == note:
		return verdict{article.Substantive, notePoints, reason}
	case c.Old == "" || c.New == "":
		return t.judgeLine(c, reason)
	}
	return t.judgeEdit(c)
}

// judgeLine weighs a text that came or went.
func (t *teller) judgeLine(c *article.Change, reason string) verdict {
	text := c.Old + c.New
	stated := 0
	for _, token := range units.Tokens(text) {
		if !t.stops.Has(token) {
			stated++
		}
	}
	if c.Element == headline {
		return verdict{article.Substantive, rewordingPoints[headline], reason}
	}
	if (stated < leastStated && len(c.Facts) == 0 && !strings.ContainsAny(text, "0123456789")) || c.Element == caption {
		return verdict{article.Minor, linePoints, reason}
	}
	if len(c.Facts) > 0 {
		reason += ": " + sentenceOf(c.Facts)
	}
	points := statedPoints + lengthPoints*(1-math.Exp(-float64(len(text))/600))
	if c.Element == lead || c.Element == standfirst {
		points = plus(points, statedPoints)
	}
	return verdict{article.Substantive, points, reason}
}

// judgeEdit weighs an edit, a split or a merge.
func (t *teller) judgeEdit(c *article.Change) verdict {
	x := t.extent(c.Old, c.New)
	if x.misspelt && !slices.ContainsFunc(c.Facts, func(f article.Fact) bool { return f.Kind != quoteFact }) {
		points := spellingPoints
		if c.Element == headline {
			points *= 4
		}
		return verdict{article.Minor, points, c.Element + ": the spelling of one word"}
	}
	v := verdict{weight: article.Minor, reason: c.Element + " reworded"}
	v.points = plus(wordingPoints, x.share*rewordingPoints[c.Element])
	limit := rewritten
	if c.Element == lead || c.Element == standfirst {
		limit = rewrittenLead
	}
	switch {
	case x.words == 0 && len(c.Facts) == 0:
		v.reason = fmt.Sprintf("%s %s, in the same words", c.Element, c.Kind)
	case c.Element == headline && x.words > 0, x.share >= limit && x.words >= fewestAnew:
		v.weight = article.Substantive
	}
	if len(c.Facts) > 0 {
		v.weight, v.reason = article.Substantive, c.Element+": "+sentenceOf(c.Facts)
	}
	factor := cmp.Or(elementFactor[c.Element], 1)
	for _, fact := range c.Facts {
		v.points = plus(v.points, factPoints[fact.Kind]*factor)
	}
	return v
}

// sentenceOf tells the first of some facts.
func sentenceOf(facts []article.Fact) string {
	f := facts[0]
	text := fmt.Sprintf("%s %q became %q", f.Kind, short(f.Old), short(f.New))
	switch {
	case f.Old == "":
		text = fmt.Sprintf("%s %q came", f.Kind, short(f.New))
	case f.New == "":
		text = fmt.Sprintf("%s %q went", f.Kind, short(f.Old))
	}
	if more := len(facts) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// weigh sets the weight of a revision, that of its weightiest change, and its score; it gives the reasons, the
// weightiest first.
func (t *teller) weigh() (reasons []string) {
	left := 1.0
	for _, v := range t.verdicts {
		t.r.Weight = max(t.r.Weight, v.weight)
		left *= 1 - v.points
	}
	t.r.Score = 1 - left
	if len(t.verdicts) == 0 {
		t.r.Score = 0
	}
	sorted := slices.Clone(t.verdicts)
	slices.SortStableFunc(sorted, func(a, b verdict) int { return cmp.Compare(b.points, a.points) })
	for _, v := range sorted {
		if len(reasons) < mostReasons && !slices.Contains(reasons, v.reason) {
			reasons = append(reasons, v.reason)
		}
	}
	return reasons
}

// mostReasons bounds the reasons that are listed: the first ones decide.
const mostReasons = 12

// extent is how far two texts differ in their content words.
type extent struct {
	words    int     // on both sides that only one text holds
	share    float64 // of all
	misspelt bool    // all that changed is the spelling of one word
}

func (t *teller) extent(old, new string) extent {
	a, b := units.Tokens(units.Repair(old)), units.Tokens(units.Repair(new))
	times := map[string]int{}
	for _, token := range b {
		times[token]++
	}
	var gone, come []string
	for _, token := range a {
		if times[token]--; times[token] < 0 {
			gone = append(gone, token)
		}
	}
	for _, token := range b {
		if times[token]--; times[token] >= 0 {
			come = append(come, token)
		}
	}
	x := extent{misspelt: len(gone) == 1 && len(come) == 1 && similar([]rune(gone[0]), []rune(come[0]))}
	content := func(list []string) (count int) {
		for _, token := range list {
			if !t.stops.Has(token) {
				count++
			}
		}
		return count
	}
	x.words = content(gone) + content(come)
	if all := content(a) + content(b); all > 0 {
		x.share = float64(x.words) / float64(all)
	}
	return x
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
