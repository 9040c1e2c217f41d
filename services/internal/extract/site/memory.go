// Package site remembers what a publisher's pages have in common, so that what repeats across its articles, or changes
// from reading to reading while the article stands still, can be told from the article. A memory is a value: it comes in
// with a reading and goes out with the next. It holds digests only, never text.
package site

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/extract/blocks"
)

// The bounds of a memory: together at most 40 KB as bytes (MarshalBinary), typically 10.
const (
	// MaxPlaces is how many kinds of places are known: templates have 20 to 100.
	MaxPlaces = 384 // 14 bytes each
	// MaxTexts is how many texts are known.
	MaxTexts = 768 // 15 bytes each
	// MaxArticles is of how many articles the newest reading is known: those that are looked at often.
	MaxArticles = 22
	// MaxPassages is how many passages of a reading are known.
	MaxPassages = 120 // 8 bytes each
	// halfLife is after how many readings all counts are halved: a changed template is learned anew within days.
	halfLife = 600
)

// Memory is what is known of a site. The zero value knows nothing. Memories are not changed by reading them.
type Memory struct {
	readings uint32
	places   map[uint32]place
	texts    map[uint32]text
	articles []past // oldest first
}

// place is what is known of the passages of one kind in one place of the template.
type place struct {
	pairs, churned, kept, left uint16
	last                       uint32 // the reading that saw it last
}

// textArticles is how many articles with a text are told apart: enough to call it repeated.
const textArticles = 3

// text is on which articles a text was seen, by short digests, 0 where none.
type text struct {
	articles [textArticles]uint16
	last     uint32
	sure     bool // the model was sure of it somewhere: it is a text that articles share
}

// past is the newest reading of an article.
type past struct {
	article  uint32
	passages []passage
}

type passage struct {
	place uint32 // as placeOf gives it; the lowest bit says whether it was kept
	text  uint32
}

func (p passage) kept() bool { return p.place&1 == 1 }

// clone copies a memory, so that one who reads it meanwhile is not disturbed.
func (m *Memory) clone() *Memory {
	fresh := &Memory{readings: m.readings, places: maps.Clone(m.places), texts: maps.Clone(m.texts), articles: slices.Clone(m.articles)}
	if fresh.places == nil {
		fresh.places = make(map[uint32]place)
	}
	if fresh.texts == nil {
		fresh.texts = make(map[uint32]text)
	}
	return fresh
}

// placeOf is a passage's place in the template with its kind of text: a line of the story and a link to another one may
// stand in elements of the same names. The upper 24 bits are the template's, the lowest is free.
func placeOf(p *blocks.Passage) uint32 {
	kind := uint32(p.Kind&7) << 5
	switch n := len(p.Text); {
	case n < 25:
	case n < 90:
		kind |= 1 << 3
	default:
		kind |= 2 << 3
	}
	if blocks.Sign(p.Text) != "" {
		kind |= 4
	}
	if p.Linked {
		kind |= 2
	}
	return short(p.Layout)&^0xff | kind
}

// layoutOf is the place in the template alone, whatever kind of text stands there: boxes say something short today and
// something long tomorrow. No kind of text has these bits.
func layoutOf(place uint32) uint32 { return place | 0xfe }

func digest(text string) uint32 { return short(blocks.Digest(text)) }

// shape is a digest by which a text is known again on another article. The digits of a line count for nothing, as
// counters and prices move; those of a sentence do: of a paragraph that stands under ten stories, an edited figure is an
// edit.
func shape(text string) uint32 {
	if sentence(text) {
		return digest(text)
	}
	return short(blocks.Shape(text))
}

// sentence says whether a text ends as sentences do.
func sentence(text string) bool {
	end, _ := utf8.DecodeLastRuneInString(strings.TrimRight(text, " )]\"'’”»›」』）"))
	return strings.ContainsRune(".!?…。！？．؟۔।", end)
}

// short spreads a digest, whose last letters move few bits, over 32 bits.
func short(sum uint64) uint32 {
	sum ^= sum >> 33
	sum *= 0xff51afd7ed558ccd
	sum ^= sum >> 33
	return uint32(sum)
}

// name is an article's short digest, never 0.
func name(id string) uint32 { return digest(id) | 1 }

// Observe gives the memory after one more reading of an article, a key of any kind. The order in which readings of
// different articles are observed hardly matters, so workers that collide read the newer memory and observe again.
func (m *Memory) Observe(key string, passages []blocks.Passage) *Memory {
	fresh := m.clone()
	fresh.readings++
	seen := notable(passages)
	id := name(key)
	at := slices.IndexFunc(fresh.articles, func(p past) bool { return p.article == id })
	if at >= 0 {
		fresh.churn(fresh.articles[at].passages, seen)
		fresh.articles = slices.Delete(fresh.articles, at, at+1)
	}
	for _, p := range seen {
		known := fresh.places[p.place&^1]
		if p.kept() {
			known.kept = more(known.kept)
		} else {
			known.left = more(known.left)
		}
		known.last = fresh.readings
		fresh.places[p.place&^1] = known
	}
	for i := range passages {
		if worth(&passages[i]) {
			fresh.note(&passages[i], uint16(id>>8)|1)
		}
	}
	fresh.articles = append(fresh.articles, past{id, seen})
	fresh.bound()
	return fresh
}

func more(n uint16) uint16 { return min(n+1, 1<<15) }

// worthAt is from which probability on a passage that was left out is remembered. It is low: of a box that says something
// else each day, most is left out for good, and that something stood there tells that what came in once is no text.
const worthAt = .005

// worth says whether a passage is remembered: what is kept, or might be.
func worth(p *blocks.Passage) bool {
	switch p.Reason {
	case blocks.ReasonModel:
		return p.Score > worthAt
	case "", ReasonRepeated, ReasonChurns, ReasonLeft, ReasonBefore:
		return true
	}
	return false
}

// notable are the passages of a reading that are remembered. Where there are too many, those that were kept go first, then
// those that would have been kept but for the site.
func notable(passages []blocks.Passage) []passage {
	var kept, doubted, left []passage
	for i := range passages {
		p := &passages[i]
		one := passage{place: placeOf(p), text: digest(p.Text)}
		switch {
		case p.Reason == "":
			one.place |= 1
			kept = append(kept, one)
		case worth(p) && p.Reason != blocks.ReasonModel:
			doubted = append(doubted, one)
		case worth(p) || p.Reason == blocks.ReasonFigure:
			left = append(left, one)
		}
	}
	all := slices.Concat(kept, doubted, left)
	return all[:min(len(all), MaxPassages)]
}

// churn compares two readings of an article. Where most of the kept text stands still, a place all of whose texts, or
// half of them, were exchanged for others has churned; what was only added or taken away has not. The place of most of
// the kept text never churns: a site that says when a page was not changed is read only when it was, and a short article
// may well have half of its paragraphs edited.
func (m *Memory) churn(before, now []passage) {
	m.churnBy(before, now, func(place uint32) uint32 { return place &^ 1 })
	m.churnBy(before, now, func(place uint32) uint32 { return layoutOf(place) &^ 1 })
}

// churnBy does so for places as at names them.
func (m *Memory) churnBy(before, now []passage, at func(place uint32) uint32) {
	old, fresh := byPlace(before, at), byPlace(now, at)
	kept, still := 0, 0
	keptAt := make(map[uint32]int)
	for _, p := range before {
		if p.kept() {
			kept++
			keptAt[at(p.place)]++
			if slices.Contains(fresh[at(p.place)], p.text) {
				still++
			}
		}
	}
	if kept > 0 && still*2 < kept {
		return // the article itself was written anew: nothing can be said of the rest
	}
	for place, texts := range old {
		others, ok := fresh[place]
		if !ok {
			continue
		}
		gone, came := missing(texts, others), missing(others, texts)
		known := m.places[place]
		known.pairs = more(known.pairs)
		if came > 0 && gone*2 >= len(texts) && keptAt[place]*2 < kept {
			known.churned = more(known.churned)
		}
		known.last = m.readings
		m.places[place] = known
	}
}

func byPlace(all []passage, at func(place uint32) uint32) map[uint32][]uint32 {
	places := make(map[uint32][]uint32)
	for _, p := range all {
		places[at(p.place)] = append(places[at(p.place)], p.text)
	}
	return places
}

// missing is how many of some texts are not among others.
func missing(texts, others []uint32) int {
	count := 0
	for _, t := range texts {
		if !slices.Contains(others, t) {
			count++
		}
	}
	return count
}

// note remembers that an article has a text.
func (m *Memory) note(p *blocks.Passage, article uint16) {
	at := shape(p.Text)
	known := m.texts[at]
	known.last = m.readings
	known.sure = known.sure || p.Reason == "" && certain(p)
	for i, other := range known.articles {
		if other == article {
			break
		}
		if other == 0 {
			known.articles[i] = article
			break
		}
	}
	m.texts[at] = known
}

// bound forgets the oldest, and halves all counts from time to time.
func (m *Memory) bound() {
	if m.readings%halfLife == 0 {
		for at, p := range m.places {
			p.pairs, p.churned, p.kept, p.left = p.pairs/2, p.churned/2, p.kept/2, p.left/2
			if p.kept+p.left+p.pairs == 0 {
				delete(m.places, at)
				continue
			}
			m.places[at] = p
		}
		maps.DeleteFunc(m.texts, func(_ uint32, t text) bool { return m.readings-t.last > halfLife })
	}
	forget(m.places, MaxPlaces, func(p place) uint32 { return p.last })
	forget(m.texts, MaxTexts, func(t text) uint32 { return t.last })
	if extra := len(m.articles) - MaxArticles; extra > 0 {
		m.articles = slices.Delete(m.articles, 0, extra)
	}
}

// forget deletes what was not seen for longest, down to three quarters, so that it need not be done at every reading.
func forget[V any](all map[uint32]V, limit int, last func(V) uint32) {
	if len(all) <= limit {
		return
	}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b uint32) int {
		if la, lb := last(all[a]), last(all[b]); la != lb {
			return int(int64(la) - int64(lb))
		}
		return int(int64(a) - int64(b))
	})
	for _, key := range keys[:len(keys)-limit*3/4] {
		delete(all, key)
	}
}

// stands says whether a text stood on an article's page at its newest reading, though it was no part of the article.
func (m *Memory) stands(text, key string) bool {
	id, wanted := name(key), digest(text)
	for _, past := range m.articles {
		if past.article == id {
			return slices.ContainsFunc(past.passages, func(p passage) bool { return p.text == wanted && !p.kept() })
		}
	}
	return false
}

// repeated is on how many articles besides one a text was seen, up to textArticles, and whether the model was sure of it
// on any.
func (m *Memory) repeated(text string, key string) (count int, sure bool) {
	known, own := m.texts[shape(text)], uint16(name(key)>>8)|1
	for _, other := range known.articles {
		if other != 0 && other != own {
			count++
		}
	}
	return count, known.sure
}
