package newsroom

import (
	"fmt"
	"slices"
)

// Sentence is a sentence as it is published.
type Sentence struct {
	Text      string
	Block     int
	Furniture bool // of several equal ones no truth can tell which became which
}

// Case is an article's old and new version, and what is known of them. Edges and indices count the sentences of the
// blocks in reading order; title and standfirst are not among them.
type Case struct {
	Name         string
	Old, New     *Snapshot
	Earlier      []*Snapshot
	OldSentences []Sentence
	NewSentences []Sentence
	Edges        [][2]int     // old and new sentence that are the same statement
	Moved        map[int]bool // new sentences that were carried elsewhere
	Restored     []int        // new sentences that stood in Earlier and not in Old
	Facts        []Fact       // facts that changed inside a sentence
	Notice       bool         // a correction was added
}

// edits that touch one sentence, in the order in which an easy case draws them.
func (d *desk) simpleEdits() []func(*sentence) (Fact, bool) {
	return []func(*sentence) (Fact, bool){d.editWords, d.editNumber, d.editClock, d.editName, d.editQuote, d.editHedge,
		d.editSource, d.rotate, d.editWords}
}

// Easy is a case in which a share of the sentences is edited lightly, others come and go, and a block may move.
func Easy(l *Language, seed uint64, share float64, moves bool) *Case {
	d := newDesk(l, seed)
	old := d.article(6 + d.IntN(12))
	if d.chance(.3) {
		d.lines(old)
	}
	new := clone(old)
	c := &Case{Name: fmt.Sprintf("easy %s %d", l.Tag, seed)}
	simple := d.simpleEdits()
	d.eachSentence(new, func(s *sentence) {
		if s.furniture || !d.chance(share) {
			return
		}
		for range 4 {
			if fact, done := simple[d.IntN(len(simple))](s); done {
				if fact.Kind != "" {
					s.facts = append(s.facts, fact)
				}
				return
			}
		}
	})
	d.rearrange(new, share/4, 0)
	if moves {
		d.move(new)
	}
	if d.chance(.3) {
		c.Notice = true
		new.paragraphs = append(new.paragraphs, paragraph{kind: "NOTE", sentences: []sentence{{fixed: l.notice}}})
	}
	return d.finish(c, old, new)
}

// Hard is a case in which half of the sentences are told anew with a share of their words, among distractors, lines
// that are nearly alike and furniture.
func Hard(l *Language, seed uint64, keep float64) *Case {
	d := newDesk(l, seed)
	old := d.article(8 + d.IntN(12))
	d.lines(old)
	new := clone(old)
	c := &Case{Name: fmt.Sprintf("hard %.2f %s %d", keep, l.Tag, seed)}
	d.eachSentence(new, func(s *sentence) {
		switch {
		case s.furniture:
		case s.fixed != "": // a line of the list
			if d.chance(.3) {
				d.editClock(s)
			}
		case d.chance(.5):
			d.paraphrase(s, keep)
		}
	})
	d.rearrange(new, .12, .5)
	if d.chance(.5) {
		d.move(new)
	}
	return d.finish(c, old, new)
}

// Restored is a case in which some sentences of the first version come back that the second had lost.
func Restored(l *Language, seed uint64) *Case {
	d := newDesk(l, seed)
	first := d.article(6 + d.IntN(6))
	second := clone(first)
	gone := map[int]bool{}
	for range 1 + d.IntN(2) {
		gone[d.IntN(len(second.paragraphs)-1)+1] = true
	}
	var kept []paragraph
	for i, p := range second.paragraphs {
		if !gone[i] {
			kept = append(kept, p)
		}
	}
	second.paragraphs = kept
	third := clone(second)
	for i, p := range first.paragraphs {
		if gone[i] {
			p.sentences = slices.Clone(p.sentences)
			for j := range p.sentences {
				p.sentences[j].from = nil
			}
			third.paragraphs = slices.Insert(third.paragraphs, min(i, len(third.paragraphs)), p)
		}
	}
	c := &Case{Name: fmt.Sprintf("restored %s %d", l.Tag, seed), Earlier: []*Snapshot{d.snapshot(first)}}
	c = d.finish(c, second, third)
	linked := map[int]bool{}
	for _, edge := range c.Edges {
		linked[edge[1]] = true
	}
	for j := range c.NewSentences {
		if !linked[j] {
			c.Restored = append(c.Restored, j)
		}
	}
	return c
}

// rearrange deletes, inserts, parts and joins. A share of what is inserted distracts.
func (d *desk) rearrange(a *article, share, distracting float64) {
	var all []sentence
	d.eachSentence(a, func(s *sentence) { all = append(all, *s) })
	for i := range a.paragraphs {
		p := &a.paragraphs[i]
		if p.kind != "PARAGRAPH" || p.sentences[0].furniture {
			continue
		}
		var list []sentence
		for _, s := range p.sentences {
			switch {
			case d.chance(share):
				continue // deleted
			case s.compound > 0 && d.chance(2*share):
				list = append(list, d.cut(s)...)
			case len(list) > 0 && s.compound == 0 && list[len(list)-1].compound == 0 && d.chance(share):
				list[len(list)-1] = d.join(list[len(list)-1], s)
			default:
				list = append(list, s)
			}
			if d.chance(share) {
				fresh := d.sentence()
				if of := all[d.IntN(len(all))]; d.chance(distracting) && len(of.words) > 0 && of.fixed == "" {
					fresh = d.distractor(of)
				}
				list = append(list, fresh)
			}
		}
		p.sentences = list
	}
	a.paragraphs = slices.DeleteFunc(a.paragraphs, func(p paragraph) bool { return len(p.sentences) == 0 })
	if d.chance(share) {
		a.paragraphs = slices.Insert(a.paragraphs, d.IntN(len(a.paragraphs)+1), d.paragraph())
	}
}

// move carries a block past others that weigh more, so that no other telling of the same move is shorter.
func (d *desk) move(a *article) {
	if len(a.paragraphs) < 5 {
		return
	}
	for range 20 {
		from, to := d.IntN(len(a.paragraphs)), d.IntN(len(a.paragraphs))
		p := a.paragraphs[from]
		if p.kind != "PARAGRAPH" || p.sentences[0].furniture || from == to {
			continue
		}
		passed := 0
		for i := min(from, to); i <= max(from, to); i++ {
			if i != from {
				passed += d.weight(a.paragraphs[i])
			}
		}
		if passed < 2*d.weight(p) {
			continue
		}
		p.sentences = slices.Clone(p.sentences)
		for i := range p.sentences {
			p.sentences[i].moved = len(p.sentences[i].from) > 0
		}
		a.paragraphs = slices.Delete(a.paragraphs, from, from+1)
		a.paragraphs = slices.Insert(a.paragraphs, to, p)
		return
	}
}

func (d *desk) weight(p paragraph) (letters int) {
	for _, s := range p.sentences {
		if len(s.from) > 0 && !s.furniture {
			letters += len(d.render(s))
		}
	}
	return letters
}

func (d *desk) eachSentence(a *article, do func(*sentence)) {
	for i := range a.paragraphs {
		for j := range a.paragraphs[i].sentences {
			do(&a.paragraphs[i].sentences[j])
		}
	}
}

// finish publishes both versions and gathers what is known.
func (d *desk) finish(c *Case, old, new *article) *Case {
	c.Old, c.New, c.Moved = d.snapshot(old), d.snapshot(new), map[int]bool{}
	c.OldSentences, c.NewSentences = d.sentences(old), d.sentences(new)
	j := 0
	d.eachSentence(new, func(s *sentence) {
		for _, i := range s.from {
			c.Edges = append(c.Edges, [2]int{i, j})
		}
		if s.moved {
			c.Moved[j] = true
		}
		c.Facts = append(c.Facts, s.facts...)
		j++
	})
	return c
}

func (d *desk) sentences(a *article) []Sentence {
	var list []Sentence
	for i, p := range a.paragraphs {
		for _, s := range p.sentences {
			list = append(list, Sentence{Text: d.render(s), Block: i, Furniture: s.furniture})
		}
	}
	return list
}

// Sized is an article of some paragraphs of which some are edited, others go and others come, for measuring time.
func Sized(l *Language, seed uint64, paragraphs, edits int) *Case {
	d := newDesk(l, seed)
	old := d.article(paragraphs)
	new := clone(old)
	for range edits {
		at := d.IntN(len(new.paragraphs))
		switch d.IntN(6) {
		case 0:
			new.paragraphs = slices.Delete(new.paragraphs, at, at+1)
		case 1:
			new.paragraphs = slices.Insert(new.paragraphs, at, d.paragraph())
		default:
			d.editWords(&new.paragraphs[at].sentences[0])
		}
	}
	return d.finish(&Case{Name: "sized"}, old, new)
}
