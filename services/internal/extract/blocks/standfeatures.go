package blocks

import (
	"strings"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

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
		r.part("tag ", tag, oneIf(e.node.Data == tag))
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
	stand, points := c.saysStandfirst(s)
	r.put("says standfirst", stand)
	r.put("says points", points)
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
	best, text := float32(0), float32(0)
	for i, other := range o.asked {
		if i == index {
			continue
		}
		if c.ofBody(other) {
			text = max(text, o.told[i])
		} else {
			best = max(best, o.told[i])
		}
	}
	r.put("description of another", best)
	r.put("description of the text", text)
	c.bodyFeatures(r, at)
	c.runFeatures(r, o, index)
}

// standWords are words in the names that newsrooms give to the element of the standfirst, and pointWords those for one in
// points. They are more than the body's model is asked about.
var (
	standWords = tokenSet("abstract anleser anons bajada blurb chapeau chapo copete dek deck description detailsummary entradilla epigraph epigrafe excerpt gravata headnote " +
		"ingress intro introduction introtext kort lead leadin leadtext lede lid linhafina manchet nutgraf ondertitel opening ozet perex podtytul preamble resume resumen " +
		"resumo ringkasan sommaire sommario sottotitolo spot standfirst strapline streszczenie subdeck subheadline subhead subheading subline subtit subtitle subtitulo " +
		"sumario summary synopsis teaser teasertext underrubrik untertitel vorspann zajawka zusammenfassung")
	pointWords = tokenSet("bulletpoints bullets bullet highlights keypoints keyfacts facts points takeaways tldr kurzfassung glance brief")
)

func tokenSet(words string) map[string]bool {
	all := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// saysStandfirst gives 2 where a segment's own element is named by one of the words, 1 where the one above is: first for
// standfirsts, then for points.
func (c *choice) saysStandfirst(s *segment) (stand, points float32) {
	e := &c.elements[s.elem]
	named := []*html.Node{nil, e.node}
	if s.node != e.node {
		named = append(named, s.node)
	}
	if e.parent >= 0 {
		named[0] = c.elements[e.parent].node
	}
	for i, n := range named {
		if n == nil || n.Type != html.ElementNode {
			continue
		}
		share := float32(min(i+1, 2))
		for _, token := range dom.Tokens(n) {
			token = strings.ReplaceAll(token, "-", "")
			if standWords[token] {
				stand = share
			}
			if pointWords[token] {
				points = share
			}
		}
	}
	return stand, points
}

// bodyFeatures say what the body's model made of the page.
func (c *choice) bodyFeatures(r *row, at int32) {
	s := &c.segments[at]
	r.put("body score", s.score)
	r.is("left out by the model", s.reason == ReasonModel)
	r.is("kept", s.reason == "")
	before := 0
	for i := 0; i < int(at) && before < 5; i++ {
		if c.segments[i].reason == "" {
			before++
		}
	}
	r.put("kept before", float32(before))
	r.is("apart", c.apart(s))
}

// runFeatures say how a segment stands among neighbours that are set as it is: the lines or points of one standfirst, or
// the paragraphs of the text.
func (c *choice) runFeatures(r *row, o opening, index int) {
	from, to := c.run(o, index)
	words, score, bold, best := float32(0), float32(0), float32(0), float32(0)
	joined := ""
	for i := from; i < to; i++ {
		s := &c.segments[o.asked[i]]
		words += s.weight()
		score += s.score
		bold += s.boldShare()
		best = max(best, o.told[i])
		if len(joined) < longPlain {
			joined += s.plainText()
		}
	}
	count := float32(to - from)
	for _, description := range c.descriptions {
		best = max(best, likeness(joined, description))
	}
	r.put("run", min(count, 8))
	r.put("run before", float32(min(index-from, 4)))
	r.put("run words", min(words, 200))
	r.put("run score", score/count)
	r.put("run bold", bold/count)
	r.put("run grade", best)
	gap, nextBold, nextScore := float32(9), float32(-1), float32(-1)
	for n := 0; n < 8 && int(o.asked[to-1])+1+n < len(c.segments); n++ {
		if s := &c.segments[int(o.asked[to-1])+1+n]; s.reason == "" && s.good {
			gap, nextBold, nextScore = float32(n), s.boldShare(), s.score
			break
		}
	}
	r.put("gap to the text", gap)
	r.put("bold of the text", nextBold)
	r.put("score of the text", nextScore)
}

// boldShare is the part of the text that is set in bold.
func (s *segment) boldShare() float32 { return ratio(float32(s.strong), float32(s.runs)) }

// run is the part of the asked segments around one that follow each other and are set alike.
func (c *choice) run(o opening, index int) (from, to int) {
	alike := func(a, b int) bool {
		x, y := &c.segments[o.asked[a]], &c.segments[o.asked[b]]
		e, f := &c.elements[x.elem], &c.elements[y.elem]
		return o.asked[b]-o.asked[a] == 1 && (x.elem == y.elem || e.sig == f.sig && e.parent == f.parent) && (x.boldShare() > .9) == (y.boldShare() > .9)
	}
	from, to = index, index+1
	for from > 0 && alike(from-1, from) {
		from--
	}
	for to < len(o.asked) && alike(to-1, to) {
		to++
	}
	return from, to
}

// grade says how much a segment is what the page tells of itself.
func (c *choice) grade(at int32) float32 {
	best := float32(0)
	for _, description := range c.descriptions {
		best = max(best, likeness(c.segments[at].plainText(), description))
	}
	return best
}
