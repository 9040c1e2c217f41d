package blocks

import (
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/extract/trees"
)

const (
	// standfirstAt is from which probability on a segment is the standfirst.
	standfirstAt = .5
	// beforeHeadline and afterHeadline are how many segments around the headline are asked.
	beforeHeadline, afterHeadline = 4, 30
	// maxStandfirst is how many words a standfirst may have, and maxPoints how many segments.
	maxStandfirst, maxPoints = 130, 6
)

// headline is the segment with the headline, -1 where none is found: an h1 with its words, else an h1 by the article's
// text, else another heading with its words.
func (c *choice) headline() int32 {
	head := int32(-1)
	for i := range c.segments {
		s := &c.segments[i]
		place := c.elements[s.elem].place
		if place&inHeading == 0 || place&(inHidden|inStrict) != 0 || len(s.text) > 4*longTitle {
			continue
		}
		titled := c.titles[s.plainText()]
		if place&inH1 != 0 && titled {
			return int32(i)
		}
		if head < 0 && (titled || place&inH1 != 0 && c.related(c.wide, s.elem)) {
			head = int32(i)
		}
	}
	return head
}

// longTitle is how many bytes a long headline has.
const longTitle = 300

// opening is the beginning of an article.
type opening struct {
	head  int32   // the headline, -1 where it is not known
	asked []int32 // among which the standfirst is looked for: those around the headline and the first of the text
}

func (c *choice) opening() opening {
	head := c.headline()
	first, second := int32(-1), int32(-1) // segments that read like the story: one line of furniture may
	for _, at := range c.candidates {
		if s := &c.segments[at]; s.good && c.holds(c.top, s.elem) {
			if first >= 0 {
				second = at
				break
			}
			first, second = at, at
		}
	}
	var found []int32
	for i := range c.segments {
		at := int32(i)
		near := head >= 0 && at > head-beforeHeadline && at < head+afterHeadline || first >= 0 && at > first-8 && at <= second+1
		s := &c.segments[at]
		if near && s.weight() >= 3 && s.weight() <= maxStandfirst && at != head && c.elements[s.elem].place&(inHidden|inStrict) == 0 &&
			s.linkShare() < .5 && at <= max(second+1, head+6) {
			found = append(found, at)
		}
	}
	return opening{head, found}
}

// standFeatures writes the values that the standfirst's model is asked with.
func (c *choice) standFeatures(r *row, o opening, index int) {
	at := o.asked[index]
	s := &c.segments[at]
	e := &c.elements[s.elem]
	c.textFeatures(r, s)
	c.hintFeatures(r, s)
	r.put("index", float32(min(index, 5)))
	r.put("left", float32(min(len(o.asked)-index-1, 5)))
	drop := c.drops[at]
	r.is("dropped", drop != "")
	r.is("dropped repeated", drop == ReasonRepeated)
	r.is("dropped named", drop == ReasonNamed)
	r.is("dropped place", drop == ReasonPlace)
	r.is("dropped figure", drop == ReasonFigure)
	r.is("in top", c.holds(c.top, s.elem))
	r.is("in wide", c.holds(c.wide, s.elem))
	for i := range places {
		r.part("in ", placeNames[i], oneIf(e.place>>i&1 == 1))
	}
	for _, tag := range []string{"p", "div", "li", "h2", "h3", "h4", "span"} {
		r.is("tag "+tag, e.node.Data == tag)
	}
	own, above := e.traits, trait(0)
	if e.parent >= 0 {
		own |= c.elements[e.parent].traits
		for up, n := c.elements[e.parent].parent, 0; up >= 0 && n < 2; up, n = c.elements[up].parent, n+1 {
			above |= c.elements[up].traits
		}
	}
	for i := range traits {
		r.part("named ", traitNames[i], oneIf(own>>i&1 == 1))
		r.part("above ", traitNames[i], oneIf(above>>i&1 == 1))
	}
	r.is("self standfirst", e.traits&standfirst != 0)
	share, twice := float32(0), float32(0)
	if g := c.groups[e.sig]; g != nil {
		share, twice = ratio(g.good, c.goodTotal), bucket(g.count)
	}
	r.put("signature good", share)
	r.put("signature count", twice)
	good, kin := float32(0), float32(0)
	if e.parent >= 0 {
		good, kin = ratio(c.goodWithin(e.parent, c.top), c.elements[c.top].good), bucket(c.elements[e.parent].goodBlocks)
	}
	r.put("parent good", good)
	r.put("parent blocks", kin)
	from := float32(-9) // the headline is not known
	if o.head >= 0 {
		from = float32(max(min(at-o.head, 12), -4))
	}
	r.put("after headline", from)
	next, like := float32(9), false
	for ahead := int32(1); ahead <= 8 && int(at+ahead) < len(c.segments); ahead++ {
		if n := &c.segments[at+ahead]; n.good && c.holds(c.top, n.elem) {
			next = float32(ahead)
			like = c.elements[n.elem].sig == e.sig && c.elements[n.elem].parent == e.parent
			break
		}
	}
	r.put("before good", next)
	r.is("set as the next good", like)
	best := float32(0)
	for i, other := range o.asked {
		if i != index {
			best = max(best, c.grade(other))
		}
	}
	r.put("description of another", best)
}

// grade says how much a segment is what the page tells of itself.
func (c *choice) grade(at int32) float32 {
	best := float32(0)
	for _, description := range c.descriptions {
		best = max(best, likeness(c.segments[at].plainText(), description))
	}
	return best
}

// stand finds the standfirst's segments, in order.
func (c *choice) stand(model *trees.Forest) []int32 {
	o := c.opening()
	r := row{values: make([]float32, 0, len(o.asked)*model.Features())}
	for i := range o.asked {
		c.standFeatures(&r, o, i)
	}
	scores := make([]float32, len(o.asked))
	model.Probabilities(r.values, scores)
	var found []int32
	for i, at := range o.asked {
		if scores[i] > standfirstAt && len(found) < maxPoints && !c.ofBody(at) {
			found = append(found, at)
		}
	}
	if told := c.told(o.asked); told != nil && !c.describes(found) {
		found = told
	} else {
		found = c.whole(o.asked, found)
	}
	if !c.short(found) {
		return nil
	}
	return found
}

// short says whether segments have less than half the words of the rest of the article.
func (c *choice) short(found []int32) bool {
	own, rest := float32(0), float32(0)
	for i := range c.segments {
		s := &c.segments[i]
		switch {
		case slices.Contains(found, int32(i)):
			own += s.weight()
		case s.reason == "":
			rest += s.weight()
		}
	}
	return own < .5*rest
}

// bodyAt is from which probability of being the article's text on a segment set as its paragraphs are is no standfirst,
// and toldAt the same for one that says what the page tells of itself.
const bodyAt, toldAt = .9, .97

// ofBody says whether a segment is one of the article's paragraphs beyond doubt.
func (c *choice) ofBody(at int32) bool {
	s := &c.segments[at]
	return (s.score > toldAt || s.score > bodyAt && c.grade(at) < 3) && !c.apart(s)
}

// whole adds to a standfirst the other lines of its paragraph and the other points of its list.
func (c *choice) whole(open, found []int32) []int32 {
	if len(found) == 0 {
		return nil
	}
	var all []int32
	for _, at := range open {
		if slices.ContainsFunc(found, func(part int32) bool { return c.together(part, at) }) && len(all) < maxPoints {
			all = append(all, at)
		}
	}
	return all
}

func (c *choice) together(part, other int32) bool {
	a, b := c.segments[part].elem, c.segments[other].elem
	return a == b && !c.ofBody(other) || c.elements[a].node.Data == "li" && c.elements[b].node.Data == "li" && c.elements[a].parent == c.elements[b].parent
}

// told are segments in a row near the headline, unlike the article's paragraphs if it is one alone, that say together
// what the page tells networks of itself.
func (c *choice) told(open []int32) []int32 {
	for i, at := range open {
		if c.segments[at].weight() < 3 {
			continue
		}
		joined := ""
		for n := i; n < len(open) && n < i+maxPoints && open[n] == at+int32(n-i); n++ {
			joined += c.segments[open[n]].plainText()
			if len(joined) >= 30 && slices.Contains(c.descriptions, joined) && (n > i || c.apart(&c.segments[at]) || c.segments[at].score < keptAt) {
				return open[i : n+1]
			}
		}
	}
	return nil
}

// apart says whether a segment is set in another way than the article's paragraphs.
func (c *choice) apart(s *segment) bool {
	e := &c.elements[s.elem]
	g := c.groups[e.sig]
	return e.place&inHeading != 0 || e.traits&standfirst != 0 || g == nil || ratio(g.good, c.goodTotal) < .15 || s.strong*2 > s.runs
}

// describes says whether segments hold a part of what the page tells of itself.
func (c *choice) describes(found []int32) bool {
	return slices.ContainsFunc(found, func(at int32) bool { return c.grade(at) > 0 })
}

// standText joins the standfirst's segments and marks them as such.
func (c *choice) standText(found []int32) string {
	var texts []string
	for _, at := range found {
		text := c.segments[at].text
		c.segments[at].reason = ReasonStand
		if len(texts) == 0 || texts[len(texts)-1] != text {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}
