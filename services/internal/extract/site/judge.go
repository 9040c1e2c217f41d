package site

import (
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/blocks"
)

// Judgement is one block that differs between two readings of an article and is furniture.
type Judgement struct {
	Old    bool // it stands in the old reading, else in the new one
	Text   string
	Reason string
}

// maxCompared bounds the comparison of two readings: blocks of the one times blocks of the other.
const maxCompared = 4 << 20

// Judge looks at the blocks that differ between two readings of an article before the difference becomes a revision. It
// gives the new reading without the differences that are furniture, and what these were. Blocks that are equal in both
// readings are never judged, nor are notices of corrections. The memory may be nil; the key is the article's.
func Judge(old, now *article.Snapshot, m *Memory, key string) (article.Snapshot, []Judgement) {
	settled := *now
	if len(old.Blocks)*len(now.Blocks) > maxCompared {
		return settled, nil
	}
	j := judge{memory: m, key: key}
	settled.Blocks = j.blocks(old.Blocks, j.ordered(old.Blocks, now.Blocks))
	if old.Standfirst != now.Standfirst {
		why, before := j.sign(article.Block{Text: now.Standfirst}), j.sign(article.Block{Text: old.Standfirst})
		if (why != "" || now.Standfirst == "") && (before != "" || old.Standfirst == "") {
			settled.Standfirst = old.Standfirst
			j.add(true, old.Standfirst, before)
			j.add(false, now.Standfirst, why)
		}
	}
	if !slices.Equal(old.Byline, now.Byline) && sameNames(old.Byline, now.Byline) {
		settled.Byline = old.Byline
		j.add(false, strings.Join(now.Byline, ", "), ReasonOrder)
	}
	return settled, j.found
}

// sameNames says whether two bylines name the same people, in whatever order: some sites list them as their links happen
// to stand.
func sameNames(old, now []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(old)), slices.Sorted(slices.Values(now)))
}

// fewItems is how many items a list must have for their order alone to say nothing: two that change places may be meant.
const fewItems = 3

// ordered gives new blocks with the items of each list in the order that they had in the old reading, where that alone is
// another: lists of offers and facts are dealt anew for each visitor.
func (j *judge) ordered(old, now []article.Block) []article.Block {
	before := lists(old)
	fresh := now
	for _, span := range lists(now) {
		list := now[span[0]:span[1]]
		for _, other := range before {
			was := old[other[0]:other[1]]
			if slices.Equal(was, list) {
				break
			}
			if !sameTexts(was, list) {
				continue
			}
			fresh = slices.Concat(fresh[:span[0]], was, fresh[span[1]:])
			j.add(false, list[0].Text, ReasonItems)
			break
		}
	}
	return fresh
}

// lists are the places of lists with more than a few items: where each begins and ends.
func lists(all []article.Block) [][2]int {
	var found [][2]int
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].Kind == article.ListItem {
			to++
		}
		if to-from >= fewItems {
			found = append(found, [2]int{from, to})
		}
		from = max(to, from+1)
	}
	return found
}

func sameTexts(old, now []article.Block) bool {
	if len(old) != len(now) {
		return false
	}
	texts := func(list []article.Block) []string {
		var all []string
		for _, b := range list {
			all = append(all, b.Text)
		}
		slices.Sort(all)
		return all
	}
	return slices.Equal(texts(old), texts(now))
}

type judge struct {
	memory *Memory
	key    string
	found  []Judgement

	timesStay bool // in the run at hand
}

func (j *judge) add(old bool, text, reason string) {
	if text != "" {
		j.found = append(j.found, Judgement{old, text, reason})
	}
}

// sign says why a block is furniture, empty where it is not.
func (j *judge) sign(b article.Block) string {
	if b.Kind == article.Note || b.Text == "" {
		return ""
	}
	switch why := blocks.Sign(b.Text); {
	case j.timesStay && (why == blocks.SignTime || why == blocks.SignCounter):
		return ""
	case why == blocks.SignMore && sentence(b.Text) && !strings.ContainsAny(b.Text, ":：→>"):
		// Sentences begin with "watch" and "besides" in some language or other: let the site say.
	case why != "":
		return why
	}
	if j.memory != nil && j.memory.shared(b.Text, j.key) {
		return ReasonRepeated
	}
	return ""
}

// blocks goes through the runs that differ.
func (j *judge) blocks(old, now []article.Block) []article.Block {
	var settled []article.Block
	o, n := 0, 0
	for _, pair := range append(common(old, now), [2]int{len(old), len(now)}) {
		settled = append(settled, j.run(old[o:pair[0]], now[n:pair[1]])...)
		if pair[0] < len(old) && pair[1] < len(now) {
			settled = append(settled, now[pair[1]])
		}
		o, n = pair[0]+1, pair[1]+1
	}
	return settled
}

// run settles one run of old blocks that became one of new blocks. Times and counters are furniture where nothing else
// changes beside them; beside an edit they may be a live page's, and stay.
func (j *judge) run(old, now []article.Block) []article.Block {
	if len(old)+len(now) == 0 {
		return nil
	}
	before, after := real(old, j.signBefore), real(now, j.sign)
	if len(before) == len(old) && len(after) == len(now) {
		return now
	}
	if !slices.Equal(before, after) {
		j.timesStay = true
		defer func() { j.timesStay = false }()
		before, after = real(old, j.signBefore), real(now, j.sign)
	}
	for _, b := range old {
		if why := j.signBefore(b); why != "" {
			j.add(true, b.Text, why)
		}
	}
	for _, b := range now {
		if why := j.sign(b); why != "" {
			j.add(false, b.Text, why)
		}
	}
	if slices.Equal(before, after) {
		return old
	}
	return after
}

// signBefore is sign for a block of the reading before. Which picture belongs to the article is decided anew at every
// reading: that a caption is not among its own any more is no news while the page shows it.
func (j *judge) signBefore(b article.Block) string {
	if b.Kind == article.Caption && j.memory != nil && j.memory.stands(b.Text, j.key) {
		return ReasonStands
	}
	return j.sign(b)
}

func real(all []article.Block, sign func(article.Block) string) []article.Block {
	var kept []article.Block
	for _, b := range all {
		if sign(b) == "" {
			kept = append(kept, b)
		}
	}
	return kept
}

// common is a longest sequence of blocks that both readings have, as pairs of indices.
func common(old, now []article.Block) [][2]int {
	var pairs [][2]int
	start := 0
	for start < len(old) && start < len(now) && old[start] == now[start] {
		pairs = append(pairs, [2]int{start, start})
		start++
	}
	endOld, endNow := len(old), len(now)
	for endOld > start && endNow > start && old[endOld-1] == now[endNow-1] {
		endOld--
		endNow--
	}
	for _, p := range longest(old[start:endOld], now[start:endNow]) {
		pairs = append(pairs, [2]int{p[0] + start, p[1] + start})
	}
	for i := 0; endOld+i < len(old); i++ {
		pairs = append(pairs, [2]int{endOld + i, endNow + i})
	}
	return pairs
}

func longest(old, now []article.Block) [][2]int {
	if len(old) == 0 || len(now) == 0 {
		return nil
	}
	width := len(now) + 1
	lengths := make([]int32, (len(old)+1)*width)
	for i := len(old) - 1; i >= 0; i-- {
		for k := len(now) - 1; k >= 0; k-- {
			at := i*width + k
			if old[i] == now[k] {
				lengths[at] = lengths[at+width+1] + 1
			} else {
				lengths[at] = max(lengths[at+width], lengths[at+1])
			}
		}
	}
	var pairs [][2]int
	for i, k := 0, 0; i < len(old) && k < len(now); {
		at := i*width + k
		switch {
		case old[i] == now[k]:
			pairs = append(pairs, [2]int{i, k})
			i++
			k++
		case lengths[at+width] >= lengths[at+1]:
			i++
		default:
			k++
		}
	}
	return pairs
}
