package align

import (
	"cmp"
	"slices"
	"strings"

	"znkr.io/diff"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// fastDiff is the number of units or words on one side above which the quick anchors of the diff library have to do:
// its default heuristics took 16 s on two texts of 200,000 words of one vocabulary.
const fastDiff = 8_000

// role says what a unit may be paired with.
type role int

const (
	body  role = iota
	alone      // a title or a standfirst that has its like on the other side
)

// unit is an article's unit as it is compared.
type unit struct {
	text     string
	block    int
	tokens   []int32 // interned
	key      int32   // equal for units that differ in marks and case only
	role     role
	anchored bool
	carried  bool // with its paragraph
	partners []int
	features []feature // of units without an anchor, by id
	sum      float64
}

// matcher holds one alignment while it grows.
type matcher struct {
	a, b    []unit
	words   []string // of the interned tokens
	stops   units.Stops
	stop    []bool   // by token
	anchors [][2]int // pairs in order on both sides, by position
	shared  int      // number of features
	aliases map[int32]int32
	titles  map[string]string
	coarse  bool // a link was too long for a word diff
}

func newMatcher(a, b []article.Unit, stops units.Stops) *matcher {
	m := &matcher{stops: stops}
	ids, keys := map[string]int32{}, map[string]int32{}
	m.a, m.b = m.side(a, ids, keys), m.side(b, ids, keys)
	m.stop = make([]bool, len(m.words))
	for i, word := range m.words {
		m.stop[i] = stops.Has(word)
	}
	m.findAliases(a, b)
	return m
}

func (m *matcher) side(list []article.Unit, ids, keys map[string]int32) []unit {
	side := make([]unit, len(list))
	var key strings.Builder
	for i, u := range list {
		key.Reset()
		tokens := units.Tokens(units.Repair(u.Text))
		side[i] = unit{text: u.Text, block: u.Block, tokens: make([]int32, len(tokens))}
		for t, token := range tokens {
			id, known := ids[token]
			if !known {
				id = int32(len(m.words))
				ids[token] = id
				m.words = append(m.words, token)
			}
			side[i].tokens[t] = id
			key.WriteString(token)
			key.WriteByte(' ')
		}
		if len(tokens) == 0 {
			key.WriteByte(0) // marks only: they are all there is to compare
			key.WriteString(u.Text)
		}
		id, known := keys[key.String()]
		if !known {
			id = int32(len(keys))
			keys[key.String()] = id
		}
		side[i].key = id
		if u.Block == article.StandfirstBlock {
			side[i].role = alone
		}
	}
	return side
}

// pairRoles pairs title with title, and standfirst with standfirst where both versions have one.
func (m *matcher) pairRoles() {
	if len(m.a) == 0 || len(m.b) == 0 {
		return
	}
	m.a[0].role, m.b[0].role = alone, alone
	m.link(0, 0, true)
	both := len(m.a) > 1 && len(m.b) > 1 && m.a[1].role == alone && m.b[1].role == alone
	if both {
		m.link(1, 1, true)
		return
	}
	for _, side := range [][]unit{m.a, m.b} {
		if len(side) > 1 {
			side[1].role = body
		}
	}
}

func (m *matcher) link(i, j int, anchored bool) {
	m.a[i].partners = append(m.a[i].partners, j)
	m.b[j].partners = append(m.b[j].partners, i)
	if anchored {
		m.a[i].anchored, m.b[j].anchored = true, true
	}
}

// anchor links the longest common sequence of equal units.
func (m *matcher) anchor() {
	keys := func(side []unit) (keys []int32, at []int) {
		for i := range side {
			if side[i].role == body {
				keys, at = append(keys, side[i].key), append(at, i)
			}
		}
		return keys, at
	}
	a, atA := keys(m.a)
	b, atB := keys(m.b)
	m.anchors = append(m.anchors, [2]int{-1, -1})
	for _, edit := range edits(a, b) {
		if edit.Op == diff.Match {
			i, j := atA[edit.PosX], atB[edit.PosY]
			m.link(i, j, true)
			m.anchors = append(m.anchors, [2]int{i, j})
		}
	}
	m.anchors = append(m.anchors, [2]int{len(m.a), len(m.b)})
}

// edits is the diff of two lists of interned things, at a cost that large lists can bear.
func edits(a, b []int32) []diff.Edit[int32] {
	switch {
	case len(a) > fastDiff || len(b) > fastDiff:
		return diff.Edits(a, b, diff.Fast())
	case len(a)*len(b) <= 1<<16:
		return diff.Edits(a, b, diff.Minimal())
	}
	return diff.Edits(a, b)
}

// nearest bounds the search for the nearest of equal units; more of them are taken in order.
const nearest = 64

// pairEqualLeftovers links equal units that the common sequence left over, the nearest first.
func (m *matcher) pairEqualLeftovers() {
	positions := map[int32][]int{}
	for j := range m.b {
		if m.free(&m.b[j]) {
			positions[m.b[j].key] = append(positions[m.b[j].key], j)
		}
	}
	olds := map[int32][]int{}
	var keys []int32
	for i := range m.a {
		key := m.a[i].key
		if m.free(&m.a[i]) && len(positions[key]) > 0 {
			if len(olds[key]) == 0 {
				keys = append(keys, key)
			}
			olds[key] = append(olds[key], i)
		}
	}
	for _, key := range keys {
		m.pairNearest(olds[key], positions[key])
	}
}

func (m *matcher) free(u *unit) bool { return u.role == body && len(u.partners) == 0 }

func (m *matcher) pairNearest(as, bs []int) {
	if len(as) > nearest || len(bs) > nearest {
		for k := range min(len(as), len(bs)) {
			m.link(as[k], bs[k], true)
		}
		return
	}
	type pair struct{ i, j, distance int }
	var pairs []pair
	for _, i := range as {
		for _, j := range bs {
			distance := i - j
			if distance < 0 {
				distance = -distance
			}
			pairs = append(pairs, pair{i, j, distance})
		}
	}
	slices.SortFunc(pairs, func(x, y pair) int {
		return cmp.Or(x.distance-y.distance, x.i-y.i, x.j-y.j)
	})
	for _, p := range pairs {
		if len(m.a[p.i].partners) == 0 && len(m.b[p.j].partners) == 0 {
			m.link(p.i, p.j, true)
		}
	}
}

// open says whether both sides have units left to pair.
func (m *matcher) open() bool {
	free := func(u unit) bool { return u.role == body && len(u.partners) == 0 }
	return slices.ContainsFunc(m.a, free) && slices.ContainsFunc(m.b, free)
}

// maxUnits bounds the search by shared words: more units on both sides together are paired only where they are
// equal. Five thousand paragraphs against five thousand others are about 30,000.
const maxUnits = 60_000
