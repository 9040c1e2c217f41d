package blocks

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// survey is what the features of a frame's segments share.
type survey struct {
	*frame
	candidates   []int32
	goodBefore   []float32 // by candidate: good words of the container before it
	goodTotal    float32
	firstGood    int
	lastGood     int
	groups       map[uint64]*group // by signature, by signature with parent's, by tag
	tags         map[string]float32
	told         map[string]telling // the words of the headline and the descriptions
	titleWords   int                // how many of them are the headline's
	descWords    int                // and the descriptions'
	descriptions []string
	authors      []string
	body         string
	texts        map[string]int32
	dropsBefore  []int32 // dropped segments between this candidate and the one before
	linksBefore  []int32
	traitsOf     []trait // by candidate: of its element and the parent
	traitsAbove  []trait
	signature    []uint64
	signatureTwo []uint64
	phrasesOf    []phrase
}

// group is what the segments of one signature have in common.
type group struct {
	count              int32
	words, links, good float32
	pictured, ends     float32 // how many stand behind a picture, and end as sentences do
}

// maxAsked is how many bytes of candidates are judged: several times what a snapshot holds.
const maxAsked = 1 << 20

func (f *frame) survey() *survey {
	v := &survey{frame: f, groups: make(map[uint64]*group), tags: make(map[string]float32), texts: make(map[string]int32), firstGood: -1}
	v.tell()
	for _, description := range f.hints.Descriptions {
		v.descriptions = append(v.descriptions, plainText(description))
	}
	for _, author := range f.hints.Authors {
		if plain := plainText(author); len(plain) >= 4 {
			v.authors = append(v.authors, plain)
		}
	}
	v.body = plainText(f.hints.Body)
	drops, links, size := int32(0), int32(0), 0
	for i := range f.segments {
		s := &f.segments[i]
		if f.drops[i] == "" {
			if size += len(s.text); size > maxAsked {
				f.drops[i] = ReasonLong
			}
		}
		v.texts[s.text]++
		if f.drops[i] != "" {
			drops++
			if s.linkShare() > .5 {
				links++
			}
			continue
		}
		v.take(int32(i), drops, links)
		drops, links = 0, 0
	}
	return v
}

// take adds a candidate to the sums.
func (v *survey) take(i, drops, links int32) {
	s := &v.segments[i]
	v.goodBefore = append(v.goodBefore, v.goodTotal)
	good := float32(0)
	if s.good && v.holds(v.top, s.elem) {
		good = s.weight()
		if v.goodTotal += good; v.firstGood < 0 {
			v.firstGood = len(v.candidates)
		}
		v.lastGood = len(v.candidates)
	}
	v.candidates = append(v.candidates, i)
	v.dropsBefore = append(v.dropsBefore, drops)
	v.linksBefore = append(v.linksBefore, links)
	e := &v.elements[s.elem]
	own, above, one, two := e.traits, trait(0), e.sig, e.sig
	if e.parent >= 0 {
		up := &v.elements[e.parent]
		own |= up.traits
		two = mix(e.sig, up.sig)
		for at, n := e.parent, 0; at >= 0 && n < 5 && at != v.top; at, n = v.elements[at].parent, n+1 {
			above |= v.elements[at].traits
		}
	}
	v.traitsOf, v.traitsAbove = append(v.traitsOf, own), append(v.traitsAbove, above)
	v.signature, v.signatureTwo = append(v.signature, one), append(v.signatureTwo, two)
	v.phrasesOf = append(v.phrasesOf, s.says())
	ends := endsSentence(s.text)
	for _, key := range []uint64{one, mix(two, 1)} {
		g := v.groups[key]
		if g == nil {
			g = &group{}
			v.groups[key] = g
		}
		g.count++
		g.words += s.weight()
		g.links += s.linkShare()
		g.good += good
		g.pictured += oneIf(s.pictured)
		g.ends += oneIf(ends)
	}
	v.tags[e.node.Data] += good
}

// telling is in what a word is told: in the headline, the descriptions or both.
type telling uint8

const (
	inTitle telling = 1 << iota
	inDescription
)

func (v *survey) tell() {
	v.told = make(map[string]telling)
	for word := range strings.FieldsFuncSeq(strings.ToLower(strings.Join(v.hints.Titles, " ")), notWord) {
		v.told[word] = inTitle
	}
	v.titleWords = len(v.told)
	for word := range strings.FieldsFuncSeq(strings.ToLower(strings.Join(v.hints.Descriptions, " ")), notWord) {
		if v.told[word]&inDescription == 0 {
			v.told[word] |= inDescription
			v.descWords++
		}
	}
}

// retold counts a text's words, and those that the headline and the descriptions have too.
func (v *survey) retold(text string) (words, title, desc float32) {
	var room [64]byte
	word := room[:0]
	count := func() {
		if len(word) == 0 {
			return
		}
		words++
		in := v.told[string(word)]
		title += float32(in & inTitle)
		desc += float32(in / inDescription)
		word = word[:0]
	}
	for _, r := range text {
		if r < utf8.RuneSelf {
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
		} else {
			r = unicode.ToLower(r)
		}
		if notWord(r) {
			count()
		} else {
			word = utf8.AppendRune(word, r)
		}
	}
	count()
	return words, title, desc
}

func notWord(r rune) bool {
	if r < utf8.RuneSelf {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}
