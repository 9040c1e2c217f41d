package blocks

import (
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/trees"
)

const (
	// keptAt is from which probability on a block belongs to the article.
	keptAt = .50
	// sentenceAt is the same for what looks like a line of the article in the midst of it.
	sentenceAt = .20
	// kinAt is the same for what reads like the story, set as the line of the article before or after it: a first
	// paragraph looks much like a standfirst to the model.
	kinAt = .02
	// alikeAt is the same for one that stands in another element.
	alikeAt = .07
	// tailAt is the same for a short line behind the text that speaks of what is around it.
	tailAt = .85
	// linkedAt is the same for a line that is nearly all link: in the midst of a text it mostly leads to another story.
	linkedAt = .85
	// itemAt is the same for an item or row without links, in a list or table among the article's paragraphs.
	itemAt = .02
	// sureAt is what at least one good block must reach for a container to be the article's beyond doubt.
	sureAt = .6
)

// choice is a frame with the probability of each of its candidates.
type choice struct {
	*survey
	scores []float32
	mass   float32 // words that are likely the article's
	best   float32 // probability of the likeliest good block
}

// choose finds the container that holds the article and asks the model about its candidates. It gives nil where no
// segment of the page reads like a story.
func (p *Page) choose(h *Hints, model *trees.Forest) *choice {
	containers := p.weigh()
	titles := titleSet(h.Titles)
	var best *choice
	for i, top := range containers {
		first := p.elements[containers[0]].score
		if i > 0 && p.elements[top].score < .3*first && best.best > sureAt {
			continue
		}
		c := p.drop(top, h, titles).survey().ask(model)
		if best == nil || c.mass > 1.2*best.mass {
			best = c
		}
	}
	return best
}

// askedAtOnce is how many candidates are asked about in one go: their values fill 60 KB.
const askedAtOnce = 64

func (v *survey) ask(model *trees.Forest) *choice {
	c := &choice{survey: v, scores: make([]float32, len(v.candidates))}
	r := row{values: make([]float32, 0, min(askedAtOnce, len(v.candidates))*model.Features())}
	asked := 0
	for i := range v.candidates {
		v.features(&r, i)
		if i+1-asked == askedAtOnce || i+1 == len(v.candidates) {
			model.Probabilities(r.values, c.scores[asked:i+1])
			r.values, asked = r.values[:0], i+1
		}
	}
	for i, at := range v.candidates {
		s, score := &v.segments[at], c.scores[i]
		if score > keptAt {
			c.mass += score * min(s.weight(), 100)
		}
		if s.good {
			c.best = max(c.best, score)
		}
	}
	return c
}

// decide writes a reason or a score on every segment of the page.
func (c *choice) decide() {
	for i := range c.segments {
		c.segments[i].reason = c.drops[i]
	}
	limit := float32(keptAt)
	if c.best < sureAt {
		limit = min(keptAt, .6*c.best)
	}
	for i, at := range c.candidates {
		if c.segments[at].score = c.scores[i]; !c.stays(i, limit) {
			c.segments[at].reason = ReasonModel
		}
	}
	for i := range c.candidates { // each may stand by one that was kept for the same reason
		c.keepKin(i, -1)
	}
	for i := range slices.Backward(c.candidates) {
		c.keepKin(i, 1)
	}
	c.fellows()
	c.notices()
	c.twice()
}

// stays says whether a candidate is kept by its own score.
func (c *choice) stays(i int, limit float32) bool {
	s := &c.segments[c.candidates[i]]
	sure := s.score > limit && (s.linkShare() < .8 || s.score > linkedAt) && (s.score > tailAt || !c.afterword(i))
	return sure || s.score > sentenceAt && (c.likely(s) || c.heads(i, limit)) || s.score > itemAt && c.listed(s)
}

// fellowAt is from which probability on a heading or list item is kept where its fellows are.
const fellowAt = .04

// fellows keeps the headings above lines of the article that are set as another kept one, and the items without links of
// lists of which half is kept: a reader would take all of them or none.
func (c *choice) fellows() {
	headings := make(map[uint64]bool)
	type list struct{ kept, all int }
	lists := make(map[int32]list)
	for i, at := range c.candidates {
		s := &c.segments[at]
		e := &c.elements[s.elem]
		if e.place&inHeading != 0 && s.reason == "" {
			headings[c.signatureTwo[i]] = true
		}
		if e.node.Data == "li" {
			l := lists[e.parent]
			if l.all++; s.reason == "" {
				l.kept++
			}
			lists[e.parent] = l
		}
	}
	for i, at := range c.candidates {
		s := &c.segments[at]
		e := &c.elements[s.elem]
		if s.reason != ReasonModel || s.score < fellowAt || s.linked > 0 || s.says()&(saysMore|saysSignUp|saysShare|saysTags) != 0 {
			continue
		}
		l := lists[e.parent]
		if e.place&inHeading != 0 && headings[c.signatureTwo[i]] && c.above(i) || e.node.Data == "li" && l.kept*2 >= l.all {
			s.reason = ""
		}
	}
}

// above says whether the candidate after one is kept and stands in the same element.
func (c *choice) above(i int) bool {
	if i+1 == len(c.candidates) {
		return false
	}
	s, next := &c.segments[c.candidates[i]], &c.segments[c.candidates[i+1]]
	return next.reason == "" && c.beside(s.elem, next.elem)
}

// beside says whether a heading stands in the element of the line after it, alone in a box of its own at most.
func (c *choice) beside(heading, next int32) bool {
	up, other := c.elements[heading].parent, c.elements[next].parent
	if up == other || up < 0 || other < 0 || c.elements[up].segments > 1 {
		return up == other
	}
	above := c.elements[up].parent
	return above == other || above == c.elements[other].parent
}

// noticeNear is how many segments before and after the article's text a notice of a correction may stand.
const noticeNear = 8

// notices keeps the notices of corrections and the notes of editors that stand in or by the article, also where a rule
// on their place or name left them out: from the headline, or a little before the text, to a little behind it and to the end of
// the element that holds it.
func (c *choice) notices() {
	first, last := len(c.segments), -1
	for i := range c.segments {
		if c.segments[i].reason == "" {
			first, last = min(first, i), i
		}
	}
	if last < 0 {
		return
	}
	first -= noticeNear
	if head := int(c.headline()); head >= 0 {
		first = min(first, max(head, first-afterHeadline))
	}
	for i := max(first, 0); i < len(c.segments); i++ {
		s := &c.segments[i]
		if i >= last+noticeNear && !c.holds(c.top, s.elem) {
			continue
		}
		const never = inHidden | inStrict | inNav | inFooter | inH1
		if s.reason != "" && s.reason != ReasonLinks && s.words >= 4 && c.elements[s.elem].place&never == 0 && s.notice() {
			s.reason = ""
		}
	}
}

// afterword says whether a candidate is a short line behind the text that tells of the author, the translation or whom
// to write to.
func (c *choice) afterword(i int) bool {
	s := &c.segments[c.candidates[i]]
	return i >= c.lastGood && s.words < asideWords && s.says()&(saysView|saysTranslated|saysContact|saysAbout|saysLife) != 0
}

// saysFurniture are the phrases of lines around a text: with one of them a short line needs the model's full word.
const saysFurniture = saysMore | saysSignUp | saysCopyright | saysPhoto | saysByline | saysComment | saysConsent | saysShare | saysTags | saysAd | saysAgency |
	saysAbout | saysContact | saysTranslated | saysView | saysLife

// asideWords is how long a line around a text is at the most; in longer ones the same phrases tell a story.
const asideWords = 40

// likely says whether a segment looks like a line in the midst of the article, set as its paragraphs are.
func (c *choice) likely(s *segment) bool {
	if !c.holds(c.top, s.elem) || s.words < asideWords && s.says()&saysFurniture != 0 {
		return false
	}
	e := &c.elements[s.elem]
	among := e.parent >= 0 && c.elements[e.parent].goodBlocks >= 2 || ratio(c.tags[e.node.Data], c.goodTotal) > .3
	return endsSentence(s.text) && s.linkShare() < .3 && s.weight() >= 8 && among ||
		e.node.Data == "p" && s.linked == 0 && s.words >= 3 && e.parent >= 0 && c.elements[e.parent].goodBlocks >= 2
}

// kinNear is how many lines that are left out, and headings, may stand between two that are set alike.
const kinNear = 3

func (c *choice) passed(i int) bool {
	s := &c.segments[c.candidates[i]]
	return s.reason != "" || c.elements[s.elem].place&inHeading != 0
}

// keepKin keeps a candidate that is a sentence where another one, before or after it, is kept, reads like the story and
// is set alike: in the same parent and tag, or in the layout of the article's paragraphs.
func (c *choice) keepKin(i, step int) {
	other := i + step
	for n := 0; n < kinNear && other >= 0 && other < len(c.candidates) && c.passed(other); n++ {
		other += step
	}
	if other < 0 || other >= len(c.candidates) {
		return
	}
	s, o := &c.segments[c.candidates[i]], &c.segments[c.candidates[other]]
	if s.reason != ReasonModel || s.score <= kinAt || o.reason != "" || !o.good ||
		!s.good && s.words < 3 && s.weight() < 4 || s.linkShare() > .3 || s.strong*2 > s.runs || s.slanted*2 > s.runs || s.says()&saysFurniture != 0 || !endsSentence(s.text) {
		return
	}
	if a, b := &c.elements[o.elem], &c.elements[s.elem]; a.parent == b.parent && a.node.Data == b.node.Data || s.score > alikeAt && c.alike(i, other) {
		s.reason = ""
	}
}

// alikeShare is what of the article's good words stands in the layout of its paragraphs.
const alikeShare = .3

// alike says whether two candidates have the same layout, and it is that of the article's paragraphs: the tag and class
// of the element or, where it has no class, also those of the one above. A body may be parted by advertisements.
func (c *choice) alike(a, b int) bool {
	key := c.signature[a]
	if dom.Attr(c.elements[c.segments[c.candidates[a]].elem].node, "class") == "" {
		if c.signatureTwo[a] != c.signatureTwo[b] {
			return false
		}
		key = mix(c.signatureTwo[a], 1)
	}
	g := c.groups[key]
	return c.signature[a] == c.signature[b] && g != nil && g.good > alikeShare*c.goodTotal
}

// heads says whether a candidate is a heading without links above a line of the article.
func (c *choice) heads(i int, limit float32) bool {
	s := &c.segments[c.candidates[i]]
	if i+1 == len(c.candidates) || s.linked > 0 || c.elements[s.elem].place&inHeading == 0 || s.says()&(saysMore|saysSignUp|saysShare) != 0 {
		return false
	}
	next := &c.segments[c.candidates[i+1]]
	return c.scores[i+1] > limit && c.beside(s.elem, next.elem)
}

// listed says whether a segment is an item of a list, or a row of a table, that stands without links among good paragraphs.
func (c *choice) listed(s *segment) bool {
	e := &c.elements[s.elem]
	for ; e.node.Data == "p" || e.node.Data == "div"; e = &c.elements[e.parent] {
		if e.parent < 0 {
			return false
		}
	}
	if e.node.Data != "li" && s.kind != article.TableRow || s.linked > 0 || s.says()&saysFurniture != 0 || s.words < 2 || e.parent < 0 || !c.holds(c.top, s.elem) {
		return false
	}
	list := &c.elements[e.parent]
	return list.linkBlocks == 0 && list.traits&(dropped|standfirst|tagged) == 0 && list.parent >= 0 && c.elements[list.parent].goodBlocks-list.goodBlocks >= 2
}

// twice leaves out what stood in the text before: a run of two long blocks or more, marked up again for other screens.
// One alone may well be said twice, as the question in an interview.
func (c *choice) twice() {
	first := make(map[string]int)
	var kept []int32
	for i := range c.segments {
		if s := &c.segments[i]; s.reason == "" && len(s.text) >= 40 {
			kept = append(kept, int32(i))
		}
	}
	original := func(n int) int { // where the text of a kept segment stood first, by order
		if at, ok := first[c.segments[kept[n]].text]; ok {
			return at
		}
		return -9
	}
	for n := 0; n < len(kept); n++ {
		was := original(n)
		if was >= 0 && n+1 < len(kept) && original(n+1) == was+1 {
			for ; n < len(kept) && original(n) == was; n, was = n+1, was+1 {
				c.segments[kept[n]].reason = ReasonTwice
			}
			n--
			continue
		}
		if was < 0 {
			first[c.segments[kept[n]].text] = n
		}
	}
}

// joined is the text of kept segments, those parted by single line breaks as one.
func (p *Page) joined() []string {
	var texts []string
	for i := range p.segments {
		s := &p.segments[i]
		if s.reason != "" {
			continue
		}
		if s.broken && i > 0 && p.segments[i-1].reason == "" && len(texts) > 0 {
			texts[len(texts)-1] = strings.Join([]string{texts[len(texts)-1], s.text}, " ")
			continue
		}
		texts = append(texts, s.text)
	}
	return texts
}
