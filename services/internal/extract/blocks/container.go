package blocks

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// weigh finds the segments that read like a story, sums up what lies below every element, and gives the containers that
// may hold the article, best first.
func (p *Page) weigh() []int32 {
	p.inherit()
	nonlink := p.total()
	for _, least := range []float32{9, 4, 2} { // a page with one line of news has no long sentence
		p.goodSegments(nonlink, least)
		p.sums()
		if found := p.containers(); len(found) > 0 {
			return found
		}
	}
	return nil
}

// strictNames are the traits of elements that are never the article, unless they hold its headline or most of the text.
const strictNames = commented | navigation

// inherit hands what makes an element strict down to what it holds.
func (p *Page) inherit() {
	whole := p.total()
	p.sums()
	headed := slices.ContainsFunc(p.elements, func(e element) bool { return e.node.Data == "h1" && e.place&inHidden == 0 })
	told := p.stories()
	for i := range p.elements {
		e := &p.elements[i]
		if e.traits&strictNames != 0 && e.traits&named == 0 && !e.h1 && e.nonlink < .7*whole {
			e.place |= inStrict
		}
		p.hide(i, whole, headed, told)
		if e.parent >= 0 {
			e.place |= p.elements[e.parent].place & (inStrict | inHidden)
		}
	}
}

// shownAt is what of a page's words an element with the headline must hold to be taken for shown though it is declared
// hidden: a page may wait for its scripts before it shows itself.
const shownAt = .25

// walledTimes is how many times the story's words that a page shows a hidden element must hold to be taken for shown: a
// wall hides the article behind its first lines. A copy for other screens is not longer than what is shown.
const walledTimes = 2

// hide says anew whether an element is hidden: declared so itself, and no page that waits to be shown. One with a
// headline that is shown does not wait.
func (p *Page) hide(i int, whole float32, headed bool, told stories) {
	e := &p.elements[i]
	if e.place&inHidden == 0 {
		return
	}
	waits := !headed && e.h1 && e.nonlink > shownAt*whole || told.hidden[int32(i)] > max(walledTimes*told.shown, leastWalled) && p.continues(e)
	if own := invisible(e.node) && !waits; !own && placeOf[e.node.Data]&inHidden == 0 {
		e.place &^= inHidden
	}
}

// leastWalled is how many words of a story a hidden element must hold at least to be taken for shown.
const leastWalled = 50

// stories are the words of what reads like a story: those shown, and those in each element that is declared hidden.
type stories struct {
	shown  float32
	hidden map[int32]float32
}

// continues says whether a hidden element stands beside lines of a story that are shown, as what a wall hides does: a
// dialog stands apart, or is named as one.
func (p *Page) continues(e *element) bool {
	if e.parent < 0 || e.traits&dropped != 0 || p.elements[e.parent].first < 0 {
		return false
	}
	up := &p.elements[e.parent]
	return up.node.Data != "body" && slices.ContainsFunc(p.segments[up.first:up.last+1], func(s segment) bool {
		return s.tells() && p.elements[s.elem].place&inHidden == 0
	})
}

// tells says whether a segment reads like a line of a story, wherever it stands.
func (s *segment) tells() bool {
	w := s.weight()
	return (w >= 18 || w >= 9 && endsSentence(s.text)) && s.linkShare() < .35
}

func (p *Page) stories() stories {
	told := stories{hidden: make(map[int32]float32)}
	for i := range p.segments {
		s := &p.segments[i]
		if !s.tells() {
			continue
		}
		w := s.weight()
		place := p.elements[s.elem].place
		if place&inHidden == 0 {
			told.shown += w
		} else if place&inNoscript == 0 {
			for at := s.elem; at >= 0 && p.elements[at].place&inHidden != 0; at = p.elements[at].parent {
				told.hidden[at] += w
			}
		}
	}
	return told
}

// total is how many words outside links stand on the page.
func (p *Page) total() float32 {
	total := float32(0)
	for i := range p.segments {
		s := &p.segments[i]
		total += s.weight() * (1 - s.linkShare())
	}
	return total
}

// goodSegments marks what reads like a story: long enough, not linked, ended like a sentence if short.
func (p *Page) goodSegments(whole, least float32) {
	for i := range p.segments {
		s := &p.segments[i]
		e := &p.elements[s.elem]
		w := s.weight()
		s.good = s.linkShare() < .35 && (w >= 18 || w >= least && endsSentence(s.text)) && e.place&(inHeading|inStrict) == 0 &&
			!p.aside(s.elem, whole)
	}
}

// aside says whether an element stands in something beside the article that does not hold half of the page.
func (p *Page) aside(elem int32, whole float32) bool {
	const beside = inNav | inAside | inFigure | inFooter | inHidden
	if p.elements[elem].place&beside == 0 {
		return false
	}
	for at := elem; at >= 0; at = p.elements[at].parent {
		e := &p.elements[at]
		own := e.own
		if e.parent < 0 || e.place&inHidden != 0 && p.elements[e.parent].place&inHidden == 0 {
			own |= e.place & inHidden
		}
		if own&beside != 0 && e.nonlink < .5*whole {
			return true
		}
	}
	return false
}

// sums adds the segments up into the elements that hold them. It may be called again.
func (p *Page) sums() {
	for i := range p.elements {
		e := &p.elements[i]
		e.segments, e.linkBlocks, e.goodBlocks, e.words, e.nonlink, e.good, e.score, e.first, e.last = 0, 0, 0, 0, 0, 0, 0, -1, -1
	}
	for i := range p.segments {
		s := &p.segments[i]
		e := &p.elements[s.elem]
		w := s.weight()
		e.segments++
		e.words += w
		e.nonlink += w * (1 - s.linkShare())
		if s.linkShare() > .5 {
			e.linkBlocks++
		}
		if s.good {
			e.goodBlocks++
			e.good += w
		}
		if e.first < 0 {
			e.first = int32(i)
		}
		e.last = int32(i)
	}
	for i := len(p.elements) - 1; i > 0; i-- { // children come after their parents
		e := &p.elements[i]
		if e.parent < 0 {
			continue
		}
		up := &p.elements[e.parent]
		up.segments += e.segments
		up.words += e.words
		up.nonlink += e.nonlink
		up.linkBlocks += e.linkBlocks
		up.goodBlocks += e.goodBlocks
		up.good += e.good
		if e.first >= 0 && (up.first < 0 || e.first < up.first) {
			up.first = e.first
		}
		up.last = max(up.last, e.last)
	}
}

const (
	// decay is what of a segment's vote reaches the next element up.
	decay = .55
	// maxVote bounds the vote of one segment, in words.
	maxVote = 120
	// maxContainers is how many containers are tried.
	maxContainers = 3
)

// containers are the unrelated elements with the most votes of good segments.
func (p *Page) containers() []int32 {
	for i := range p.segments {
		s := &p.segments[i]
		if !s.good {
			continue
		}
		vote := min(s.weight(), maxVote)
		at := s.elem
		if p.elements[at].node.Data == "p" && p.elements[at].parent >= 0 {
			at = p.elements[at].parent
		}
		for ; at >= 0 && vote > .05; at, vote = p.elements[at].parent, vote*decay {
			p.elements[at].score += vote
		}
	}
	order := make([]int32, 0, 64)
	for i := range p.elements {
		if p.elements[i].score > 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		switch sa, sb := p.elements[a].score, p.elements[b].score; {
		case sa > sb:
			return -1
		case sa < sb:
			return 1
		}
		return 0
	})
	var chosen []int32
	for _, at := range order {
		if len(chosen) == maxContainers || p.elements[at].score < .15*p.elements[order[0]].score {
			break
		}
		if !slices.ContainsFunc(chosen, func(other int32) bool { return p.holds(at, other) || p.holds(other, at) }) {
			chosen = append(chosen, at)
		}
	}
	return chosen
}

// holds says whether an element is another or above it.
func (p *Page) holds(upper, lower int32) bool {
	for ; lower >= upper; lower = p.elements[lower].parent {
		if lower == upper {
			return true
		}
	}
	return false
}

// widened is the ancestor of a container that gains most: good words count for it, other words and links against.
func (p *Page) widened(top int32) int32 {
	best, most := top, float32(-1e9)
	for at := top; at >= 0; at = p.elements[at].parent {
		e := &p.elements[at]
		if e.node.Data == "body" || e.node.Data == "html" {
			break
		}
		if gain := 1.5*e.good - .5*e.nonlink - .5*float32(e.linkBlocks); gain > most {
			best, most = at, gain
		}
	}
	return best
}

// climb is how many levels above the container the nearest element is that holds both it and another one.
func (p *Page) climb(top, elem int32) (levels int32, common int32) {
	at := top
	for at >= 0 && !p.holds(at, elem) {
		at = p.elements[at].parent
		levels++
	}
	return levels, at
}

// endsSentence says whether a text ends as a sentence does, quotation marks and brackets aside.
func endsSentence(text string) bool {
	text = strings.TrimRight(text, `"'”’»“‘)]}」』）】›*`)
	if text == "" {
		return false
	}
	switch r, _ := utf8.DecodeLastRuneInString(text); r {
	case '.', '!', '?', '…', '。', '！', '？', '؟', '۔', '।', '॥', '։', '።', '။', '៕', '．', '︒', ';':
		return true
	}
	return false
}
