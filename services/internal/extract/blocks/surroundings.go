package blocks

func (v *survey) placeFeatures(r *row, at int, s *segment) {
	before := v.goodBefore[at]
	after := v.goodTotal - before
	if s.good && v.holds(v.top, s.elem) {
		after -= s.weight()
	}
	r.put("good before", min(before, 300))
	r.put("good after", min(after, 300))
	r.put("good share before", ratio(before, v.goodTotal))
	r.put("from first good", clamp(at-v.firstGood, 8))
	r.put("from last good", clamp(at-v.lastGood, 8))
	r.put("to good before", v.nearestGood(at, -1))
	r.put("to good after", v.nearestGood(at, 1))
	r.put("drops before", bucket(v.dropsBefore[at]))
	r.put("links before", bucket(v.linksBefore[at]))
	after2, links2 := int32(0), int32(0)
	if at+1 < len(v.candidates) {
		after2, links2 = v.dropsBefore[at+1], v.linksBefore[at+1]
	}
	r.put("drops after", bucket(after2))
	r.put("links after", bucket(links2))
}

func clamp(n, limit int) float32 { return float32(min(max(n, -limit), limit)) }

// nearestGood is how many candidates away the next good one is in a direction.
func (v *survey) nearestGood(at, step int) float32 {
	for n := 1; n <= 6; n++ {
		i := at + n*step
		if i < 0 || i >= len(v.candidates) {
			return 7
		}
		if s := &v.segments[v.candidates[i]]; s.good && v.holds(v.top, s.elem) {
			return float32(n)
		}
	}
	return 7
}

var placeNames = [...]string{"nav", "aside", "figure", "footer", "header", "article", "main", "section", "form", "list", "table", "quote", "details", "hidden", "heading", "caption", "button", "noscript", "strict", "h1", "label"}

func (v *survey) elementFeatures(r *row, at int, s *segment) {
	e := &v.elements[s.elem]
	for i := range places {
		r.part("in ", placeNames[i], oneIf(e.place>>i&1 == 1))
	}
	for _, tag := range []string{"p", "div", "li", "h2", "h3", "h4", "td", "span", "section"} {
		r.part("tag ", tag, oneIf(e.node.Data == tag))
	}
	for i := range traits {
		r.part("named ", traitNames[i], oneIf(v.traitsOf[at]>>i&1 == 1))
	}
	for i := range traits {
		r.part("above ", traitNames[i], oneIf(v.traitsAbove[at]>>i&1 == 1))
	}
	levels, common := v.climb(v.top, s.elem)
	r.put("climb", float32(levels))
	depth := int32(0)
	if common >= 0 {
		depth = e.depth - v.elements[common].depth
	}
	r.put("descent", float32(min(depth, 8)))
	r.is("in wide", v.holds(v.wide, s.elem))
	r.put("wide share", ratio(v.elements[v.top].good, v.elements[v.wide].good))
	above := s.elem
	for _, name := range []string{"own ", "parent ", "grandparent ", "great-grandparent "} {
		above = v.levelFeatures(r, name, above)
	}
}

var traitNames = [...]string{"body", "headline", "standfirst", "author", "date", "caption", "related", "letter", "advert", "sharing", "comment", "navigation", "footer", "header", "sidebar", "consent", "tags", "card", "widget", "biography", "quote", "correction", "live", "wall", "player", "legal", "unseen", "overlay", "link", "fact", "shop"}

// levelFeatures tells what an element and one above hold, compared with the container.
func (v *survey) levelFeatures(r *row, name string, at int32) int32 {
	if at < 0 {
		for _, part := range []string{"good share", "good density", "link blocks", "blocks"} {
			r.part(name, part, -1)
		}
		return at
	}
	e := &v.elements[at]
	r.part(name, "good share", ratio(v.goodWithin(at, v.top), v.elements[v.top].good))
	r.part(name, "good density", ratio(e.good, e.nonlink))
	r.part(name, "link blocks", ratio(float32(e.linkBlocks), float32(e.segments)))
	r.part(name, "blocks", bucket(e.segments))
	return e.parent
}

func (v *survey) groupFeatures(r *row, at int, s *segment) {
	for i, key := range []uint64{v.signature[at], mix(v.signatureTwo[at], 1)} {
		g := v.groups[key]
		name := [...]string{"signature ", "double signature "}[i]
		r.part(name, "count", bucket(g.count))
		r.part(name, "words", log2(g.words/float32(g.count)))
		r.part(name, "links", g.links/float32(g.count))
		r.part(name, "good", ratio(g.good, v.goodTotal))
		r.part(name, "density", ratio(g.good, g.words))
		r.part(name, "pictured", g.pictured/float32(g.count))
		r.part(name, "ends", g.ends/float32(g.count))
	}
	r.put("tag good", ratio(v.tags[v.elements[s.elem].node.Data], v.goodTotal))
	r.put("siblings", bucket(v.twins(s.elem)))
}

// twins is how many siblings of a segment's card have its signature: a row of cards.
func (v *survey) twins(elem int32) int32 {
	at := v.elements[elem].parent
	for n := 0; n < 2 && at >= 0; n++ {
		e := &v.elements[at]
		if e.linkBlocks > 0 && e.good < 150 && e.parent >= 0 {
			count := int32(0)
			for sibling := e.node.Parent.FirstChild; sibling != nil && count < 8; sibling = sibling.NextSibling {
				if sibling.Data == e.node.Data {
					count++
				}
			}
			return count
		}
		at = e.parent
	}
	return 0
}

func (v *survey) neighbour(r *row, at, other int) {
	name := map[int]string{-2: "before last ", -1: "before ", 1: "after ", 2: "after next "}[other-at]
	if other < 0 || other >= len(v.candidates) {
		for _, part := range []string{"words", "links", "ends", "same signature", "same parent", "heading", "furniture"} {
			r.part(name, part, -1)
		}
		return
	}
	s, o := &v.segments[v.candidates[at]], &v.segments[v.candidates[other]]
	const furniture = saysMore | saysSignUp | saysCopyright | saysPhoto | saysComment | saysConsent | saysShare | saysTags | saysAd | saysAbout | saysContact | saysTranslated | saysView
	r.part(name, "words", log2(o.weight()))
	r.part(name, "links", o.linkShare())
	r.part(name, "ends", oneIf(endsSentence(o.text)))
	r.part(name, "same signature", oneIf(v.signature[at] == v.signature[other]))
	r.part(name, "same parent", oneIf(v.elements[s.elem].parent == v.elements[o.elem].parent))
	r.part(name, "heading", oneIf(v.elements[o.elem].place&inHeading != 0))
	r.part(name, "furniture", oneIf(v.phrasesOf[other]&furniture != 0))
}
