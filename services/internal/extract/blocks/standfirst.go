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

// opening are the segments among which the standfirst is looked for: those around the headline and the first of the
// article's text.
func (c *choice) opening() []int32 {
	head, body := int32(-1), int32(-1)
	for i := range c.segments {
		s := &c.segments[i]
		if c.drops[i] == ReasonHeadline && head < 0 && (c.titles[plainText(s.text)] || c.related(c.wide, s.elem)) {
			head = int32(i)
		}
		if c.drops[i] == ReasonHeadline && c.titles[plainText(s.text)] {
			head = int32(i)
			break
		}
	}
	for _, at := range c.candidates {
		if s := &c.segments[at]; s.good && c.holds(c.top, s.elem) {
			body = at
			break
		}
	}
	var found []int32
	for i := range c.segments {
		at := int32(i)
		near := head >= 0 && at > head-beforeHeadline && at < head+afterHeadline || body >= 0 && at > body-8 && at <= body+1
		s := &c.segments[at]
		if near && s.weight() >= 3 && s.weight() <= maxStandfirst && at != head && c.elements[s.elem].place&(inHidden|inStrict) == 0 &&
			s.linkShare() < .5 && at <= max(body+1, head+6) {
			found = append(found, at)
		}
	}
	return found
}

// standFeatures writes the values that the standfirst's model is asked with.
func (c *choice) standFeatures(r *row, at int32, index, count int) {
	s := &c.segments[at]
	e := &c.elements[s.elem]
	c.textFeatures(r, s)
	c.hintFeatures(r, s)
	r.put("index", float32(min(index, 5)))
	r.put("left", float32(min(count-index-1, 5)))
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
	headline := float32(9)
	for back := int32(1); back <= 8 && at-back >= 0; back++ {
		if c.drops[at-back] == ReasonHeadline {
			headline = float32(back)
			break
		}
	}
	r.put("after headline", min(headline, 9))
	next := float32(9)
	for ahead := int32(1); ahead <= 8 && int(at+ahead) < len(c.segments); ahead++ {
		if o := &c.segments[at+ahead]; o.good && c.holds(c.top, o.elem) {
			next = float32(ahead)
			break
		}
	}
	r.put("before good", next)
}

// stand finds the standfirst's segments, in order.
func (c *choice) stand(model *trees.Forest) []int32 {
	open := c.opening()
	r := row{}
	var found []int32
	for i, at := range open {
		r.values = r.values[:0]
		c.standFeatures(&r, at, i, len(open))
		if model.Probability(r.values) > standfirstAt && len(found) < maxPoints {
			found = append(found, at)
		}
	}
	if told := c.told(open); told != nil && !c.describes(found) {
		return told
	}
	return found
}

// told are segments in a row near the headline, set in another way than the article's paragraphs, that say together
// what the page tells networks of itself.
func (c *choice) told(open []int32) []int32 {
	for i, at := range open {
		if c.segments[at].weight() < 3 || !c.apart(&c.segments[at]) {
			continue
		}
		joined := ""
		for n := i; n < len(open) && n < i+maxPoints && open[n] == at+int32(n-i); n++ {
			joined += c.segments[open[n]].plainText()
			if len(joined) >= 30 && slices.Contains(c.descriptions, joined) {
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
	for _, at := range found {
		for _, description := range c.descriptions {
			if likeness(c.segments[at].plainText(), description) > 0 {
				return true
			}
		}
	}
	return false
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
