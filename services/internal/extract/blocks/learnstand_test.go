package blocks

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/trees"
)

var (
	restyled    = flag.Int("restyled", 12, "copies of each page with its standfirst set in another way")
	styleWeight = flag.Float64("styleweight", .1, "weight of such a copy")
	tickedStand = flag.Float64("tickedstand", 1, "weight of a ticked page, whose text is no standfirst")
)

// studyStands makes the standfirst's examples of the pages whose standfirst is known: each page, its changed copies and
// copies with the standfirst set in another way. The body is judged by the model that has not seen the publisher, as
// it will be on pages of others.
func (s *school) studyStands() {
	for i := range s.lessons {
		l := &s.lessons[i]
		s.standExamples(l, l.html, 1)
		if !l.paper {
			continue
		}
		for copy := range *learnTimes {
			text, _ := disturb(l, copy)
			s.standExamples(l, text, float32(*copyWeight))
		}
		for copy := range *restyled {
			s.standExamples(l, restyle(l, copy), float32(*styleWeight))
		}
	}
	for i := range s.ticked {
		s.standExamples(&s.ticked[i], s.ticked[i].html, float32(*tickedStand))
	}
}

// standExamples are the segments around the headline, with whether they are the standfirst.
func (s *school) standExamples(l *lesson, text string, weight float32) {
	doc, err := dom.Parse(text)
	if err != nil || text == "" {
		return
	}
	c := Cut(doc).choose(hintsOf(doc), s.folds[l.fold()])
	if c == nil {
		return
	}
	c.decide()
	open := c.opening()
	stand := plainText(l.stand)
	var body []int32 // where the truth knows no standfirst, what is in it is none, and of the rest nothing is known
	if !l.paper {
		for i, in := range c.label(tokens(l.truth)) {
			if in {
				body = append(body, c.candidates[i])
			}
		}
	}
	for i, at := range open.asked {
		if c.excluded(open, at) || !l.paper && !slices.Contains(body, at) {
			continue
		}
		r := row{naming: s.standNames == nil}
		c.standFeatures(&r, open, i)
		if s.standNames == nil {
			s.standNames = r.names
		}
		text := plainText(c.segments[at].text)
		in := text != "" && strings.Contains(stand, text) && (len(text) > 20 || text == stand)
		s.stands = append(s.stands, example{lesson: l, values: r.values, in: in, weight: weight})
	}
}

// growStand grows the standfirst's model.
func (s *school) growStand(t *testing.T, chosen func(*lesson) bool) *trees.Forest {
	var d trees.Data
	for _, e := range s.stands {
		if chosen(e.lesson) {
			d.Rows, d.Labels, d.Weights = append(d.Rows, e.values), append(d.Labels, e.in), append(d.Weights, e.weight)
		}
	}
	var all []*trees.Forest
	for seed := range *learnSeeds {
		f, err := trees.Grow(d, trees.Options{Rounds: 120, Leaves: 8, Rate: .08, MinRows: 20, Features: .3, Bagging: .8, L2: 3, Seed: uint64(seed + 1)})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	return trees.Join(all)
}
