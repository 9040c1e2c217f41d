package blocks

import (
	"slices"

	"github.com/stetnews/stet/services/internal/extract/trees"
)

const (
	// standfirstAt is from which probability on a segment is the standfirst, and loneAt from which on the likeliest one is
	// where none reaches that: most articles have one.
	standfirstAt, loneAt = .55, .20
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
	head  int32     // the headline, -1 where it is not known
	asked []int32   // among which the standfirst is looked for: those around the headline and the first of the text
	told  []float32 // by asked: how much each is what the page tells of itself
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
	o := opening{head: head, asked: found}
	for _, at := range found {
		o.told = append(o.told, c.grade(at))
	}
	return o
}

// stand finds the standfirst's segments, in order.
func (c *choice) stand(model *trees.Forest) []int32 {
	o := c.opening()
	r := row{values: make([]float32, 0, len(o.asked)*model.Features())}
	var open []int32
	for i, at := range o.asked {
		if !c.excluded(o, at) {
			open = append(open, at)
			c.standFeatures(&r, o, i)
		}
	}
	scores := make([]float32, len(open))
	model.Probabilities(r.values, scores)
	var found []int32
	best, likeliest := int32(-1), float32(loneAt)
	for i, at := range open {
		if scores[i] > likeliest && !c.plain(at) {
			best, likeliest = at, scores[i]
		}
		if scores[i] > standfirstAt && len(found) < maxPoints {
			found = append(found, at)
		}
	}
	if len(found) == 0 && best >= 0 {
		found = []int32{best}
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

// plain says whether a segment is set as the line after it that reads like the story: the first paragraph of a page
// without a standfirst.
func (c *choice) plain(at int32) bool {
	s := &c.segments[at]
	for next := at + 1; int(next) < len(c.segments); next++ {
		if n := &c.segments[next]; n.good && n.reason == "" {
			e, f := &c.elements[s.elem], &c.elements[n.elem]
			return e.sig == f.sig && e.parent == f.parent && (s.boldShare() > .9) == (n.boldShare() > .9)
		}
	}
	return false
}

// excluded says whether a segment is no standfirst whatever the model says: one of the article's paragraphs beyond doubt,
// a notice of a correction, below where they begin, or an entry.
func (c *choice) excluded(o opening, at int32) bool {
	return c.ofBody(at) || c.segments[at].notice() || c.behind(o, at) || c.entry(at)
}

// entry says whether a segment is one of several texts set alike below headings of their own, as those of a live page.
func (c *choice) entry(at int32) bool {
	e := &c.elements[c.segments[at].elem]
	if e.parent < 0 || at == 0 || c.elements[c.segments[at-1].elem].place&inHeading == 0 || c.elements[c.segments[at-1].elem].parent != e.parent {
		return false
	}
	up := &c.elements[e.parent]
	for next := at + 1; int(next) < len(c.segments); next++ {
		f := &c.elements[c.segments[next].elem]
		if f.sig == e.sig && f.parent >= 0 && f.parent != e.parent && c.elements[f.parent].sig == up.sig && c.elements[f.parent].parent == up.parent {
			return true
		}
	}
	return false
}

// behind says whether the article's text has begun before a segment: a standfirst stands above it.
func (c *choice) behind(o opening, at int32) bool {
	for i := max(o.head, 0); i < at; i++ {
		s := &c.segments[i]
		if s.reason == "" && s.good && s.score > bodyAt && !c.apart(s) {
			return true
		}
	}
	return false
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
	return a == b && !c.ofBody(other) || c.elements[a].node.Data == "li" && c.elements[b].node.Data == "li" && c.elements[a].parent == c.elements[b].parent ||
		c.alikeLines(part, other)
}

// alikeLines says whether two segments and all between them are set alike, and not as the article's paragraphs are: in
// another way, or in an element that holds nothing else.
func (c *choice) alikeLines(part, other int32) bool {
	first := &c.elements[c.segments[part].elem]
	if first.parent < 0 {
		return false
	}
	const furniture = saysMore | saysSignUp | saysCopyright | saysPhoto | saysComment | saysConsent | saysTime | saysShare | saysTags | saysAd
	above := &c.elements[first.parent]
	alone := above.segments <= maxPoints
	for at := min(part, other); at <= max(part, other); at++ {
		s := &c.segments[at]
		e := &c.elements[s.elem]
		if e.sig != first.sig || e.parent != first.parent || !alone && !c.apart(s) || s.words < 15 && s.says()&furniture != 0 {
			return false
		}
	}
	return true
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
