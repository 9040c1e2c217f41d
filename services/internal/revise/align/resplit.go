package align

import "slices"

// pairResplit links units whose words are the same on both sides and only parted in another way, between two anchors:
// a full stop was put in or left out, or two paragraphs without one were joined.
func (m *matcher) pairResplit() {
	for n := 1; n < len(m.anchors); n++ {
		low, high := m.anchors[n-1], m.anchors[n]
		m.resplit(m.between(m.a, low[0], high[0]), m.between(m.b, low[1], high[1]))
	}
}

// between are the free units between two positions, none where there are too many.
func (m *matcher) between(side []unit, low, high int) (list []int) {
	for i := low + 1; i < high && len(list) <= mostTogether; i++ {
		if m.free(&side[i]) {
			list = append(list, i)
		}
	}
	return list
}

func (m *matcher) resplit(olds, news []int) {
	if len(olds) == 0 || len(news) == 0 || len(olds) > mostTogether || len(news) > mostTogether {
		return
	}
	a, b := m.allTokens(m.a, olds), m.allTokens(m.b, news)
	if len(a) == 0 || !slices.Equal(a, b) {
		return
	}
	// Both run over the same words; units that overlap there belong together.
	i, j, endOld, endNew := 0, 0, len(m.a[olds[0]].tokens), len(m.b[news[0]].tokens)
	for {
		m.link(olds[i], news[j], true)
		switch {
		case endOld <= endNew && i+1 < len(olds):
			if endOld == endNew && j+1 < len(news) {
				j++
				endNew += len(m.b[news[j]].tokens)
			}
			i++
			endOld += len(m.a[olds[i]].tokens)
		case j+1 < len(news):
			j++
			endNew += len(m.b[news[j]].tokens)
		case i+1 < len(olds):
			i++
			endOld += len(m.a[olds[i]].tokens)
		default:
			return
		}
	}
}

func (m *matcher) allTokens(side []unit, list []int) (tokens []int32) {
	for _, i := range list {
		tokens = append(tokens, side[i].tokens...)
	}
	return tokens
}
