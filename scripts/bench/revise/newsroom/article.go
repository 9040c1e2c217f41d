package newsroom

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Block is a block of text in the form that stet's filters read.
type Block struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Snapshot is an article in the form that stet's filters read.
type Snapshot struct {
	Title      string   `json:"title"`
	Standfirst string   `json:"standfirst,omitempty"`
	Byline     []string `json:"byline,omitempty"`
	Language   string   `json:"language"`
	Modified   string   `json:"modified,omitempty"`
	Blocks     []Block  `json:"blocks"`
}

// role says what a word is in its sentence.
type role int

const (
	plain role = iota
	name
	number
	clock
)

// word is a word with the marks that cling to it.
type word struct {
	text          string
	before, after string
	role          role
	phrase        int  // words of one slot share it
	quoted        bool // stands in quotation marks
}

// sentence is a sentence and where it came from.
type sentence struct {
	words     []word
	from      []int // sentences of the old article that it makes the statement of
	moved     bool
	furniture bool // stands on many pages: equal ones cannot be told apart
	compound  int  // words of the first of two clauses, 0 where there is one
	fixed     string
	facts     []Fact // that were changed in it
}

// paragraph is a block of sentences.
type paragraph struct {
	kind      string
	sentences []sentence
}

// article is an article while it is edited.
type article struct {
	language   *Language
	title      sentence
	standfirst string
	byline     []string
	modified   string
	paragraphs []paragraph
}

// desk invents and edits.
type desk struct {
	*rand.Rand
	l      *Language
	cast   []string
	places []string
	phrase int
}

func newDesk(l *Language, seed uint64) *desk {
	d := &desk{Rand: rand.New(rand.NewPCG(seed, uint64(len(l.things))*1000+uint64(len(l.acts)))), l: l}
	for range 6 {
		d.cast = append(d.cast, d.invent()+" "+d.invent())
		d.places = append(d.places, d.invent())
	}
	return d
}

func (d *desk) pick(entries []string) string { return entries[d.IntN(len(entries))] }

func (d *desk) invent() string { return d.pick(d.l.heads) + d.pick(d.l.tails) }

func (d *desk) chance(p float64) bool { return d.Float64() < p }

// slot fills a slot of a template.
func (d *desk) slot(slot string) (text string, r role) {
	switch slot {
	case "person":
		return d.pick(d.cast), name
	case "place":
		return d.pick(d.places), name
	case "number":
		return fmt.Sprint(2 + d.IntN(1900)), number
	case "year":
		return fmt.Sprint(1890 + d.IntN(130)), number
	case "money":
		return fmt.Sprintf("€%d,%03d", 1+d.IntN(90), d.IntN(1000)), number
	case "clock":
		return fmt.Sprintf("%d:%02d", 10+d.IntN(12), d.IntN(60)), clock
	}
	return d.pick(map[string][]string{"role": d.l.roles, "act": d.l.acts, "which": d.l.which, "thing": d.l.things,
		"where": d.l.wheres, "when": d.l.whens, "clause": d.l.clauses, "counted": d.l.counted}[slot]), plain
}

// sentence invents a sentence.
func (d *desk) sentence() sentence {
	var s sentence
	quoted := false
	for token := range strings.FieldsSeq(d.pick(d.l.templates)) {
		before, rest, slotted := strings.Cut(token, "{")
		text, after, r := token, "", plain
		d.phrase++
		if slotted {
			var slot string
			slot, after, _ = strings.Cut(rest, "}")
			text, r = d.slot(slot)
		} else {
			before = ""
			text = strings.TrimRightFunc(token, unicode.IsPunct)
			after = token[len(text):]
			if text == "" && len(s.words) > 0 {
				s.words[len(s.words)-1].after += token
				continue
			}
		}
		quoted = quoted || strings.Contains(before, d.l.openQuote)
		for n, part := range strings.Fields(text) {
			w := word{text: part, role: r, phrase: d.phrase, quoted: quoted}
			if n == 0 {
				w.before = before
			}
			s.words = append(s.words, w)
		}
		s.words[len(s.words)-1].after = after
		quoted = quoted && !strings.Contains(after, d.l.endQuote)
	}
	return s
}

// longer invents a sentence of two clauses.
func (d *desk) longer() sentence {
	return d.join(d.sentence(), d.sentence())
}

// join makes one sentence of two.
func (d *desk) join(a, b sentence) sentence {
	s := sentence{compound: len(a.words), from: slices.Concat(a.from, b.from), moved: a.moved && b.moved,
		facts: slices.Concat(a.facts, b.facts)}
	s.words = slices.Concat(a.words, []word{{text: d.l.and, phrase: -1}}, b.words)
	return s
}

// article invents an article of some paragraphs.
func (d *desk) article(paragraphs int) *article {
	a := &article{language: d.l, title: d.sentence(), byline: []string{d.pick(d.cast)}, modified: "2026-03-02T10:00:00Z"}
	if d.chance(.5) {
		a.standfirst = d.render(d.sentence())
	}
	for range paragraphs {
		a.paragraphs = append(a.paragraphs, d.paragraph())
	}
	return a
}

func (d *desk) paragraph() paragraph {
	p := paragraph{kind: "PARAGRAPH"}
	for range 1 + d.IntN(3) {
		if d.chance(.2) {
			p.sentences = append(p.sentences, d.longer())
		} else {
			p.sentences = append(p.sentences, d.sentence())
		}
	}
	return p
}

// lines inserts a list whose lines are nearly alike, and furniture that is repeated.
func (d *desk) lines(a *article) {
	at := d.IntN(len(a.paragraphs) + 1)
	var table []paragraph
	first, second := d.invent(), d.invent()
	label := d.pick(d.l.things)
	for n := range 4 + d.IntN(5) {
		text := fmt.Sprintf("%s %d: %s %d:%02d %s %d:%02d", label, n+1, first, 10+d.IntN(9), d.IntN(60), second, 10+d.IntN(9), d.IntN(60))
		var s sentence
		for token := range strings.FieldsSeq(text) {
			d.phrase++
			w := word{text: token, phrase: d.phrase}
			if strings.Contains(token, ":") && utf8.RuneCountInString(token) > 2 {
				w.role = clock
			}
			s.words = append(s.words, w)
		}
		s.fixed = " " // no mark at the end
		table = append(table, paragraph{kind: "LIST_ITEM", sentences: []sentence{s}})
	}
	a.paragraphs = slices.Insert(a.paragraphs, at, table...)
	for range 2 + d.IntN(3) {
		a.paragraphs = slices.Insert(a.paragraphs, d.IntN(len(a.paragraphs)+1), d.furniture())
	}
}

func (d *desk) furniture() paragraph {
	return paragraph{kind: "PARAGRAPH", sentences: []sentence{{furniture: true, fixed: d.pick(d.l.furniture)}}}
}

// render is a sentence as text.
func (d *desk) render(s sentence) string {
	if len(s.words) == 0 {
		return s.fixed
	}
	space := d.l.space
	if s.fixed != "" {
		space = " "
	}
	var b strings.Builder
	for n, w := range s.words {
		if n > 0 {
			b.WriteString(space)
		}
		b.WriteString(w.before + w.text + w.after)
	}
	text := b.String()
	for at, char := range text {
		if unicode.IsLetter(char) || unicode.IsDigit(char) {
			text = text[:at] + string(unicode.ToUpper(char)) + text[at+utf8.RuneLen(char):]
			break
		}
	}
	if s.fixed != "" {
		return text
	}
	return text + d.l.stop
}

// snapshot is the article as it is published.
func (d *desk) snapshot(a *article) *Snapshot {
	title := strings.TrimSuffix(d.render(a.title), d.l.stop)
	s := &Snapshot{Title: title, Standfirst: a.standfirst, Byline: a.byline, Language: a.language.Tag, Modified: a.modified}
	for _, p := range a.paragraphs {
		var texts []string
		for _, sentence := range p.sentences {
			texts = append(texts, d.render(sentence))
		}
		s.Blocks = append(s.Blocks, Block{Kind: p.kind, Text: strings.Join(texts, d.l.space)})
	}
	return s
}

// clone copies an article so that edits do not reach the original; every sentence comes from its own place.
func clone(a *article) *article {
	c := *a
	c.title.words = slices.Clone(a.title.words)
	c.byline = slices.Clone(a.byline)
	c.paragraphs = slices.Clone(a.paragraphs)
	id := 0
	for i := range c.paragraphs {
		c.paragraphs[i].sentences = slices.Clone(c.paragraphs[i].sentences)
		for j := range c.paragraphs[i].sentences {
			s := &c.paragraphs[i].sentences[j]
			s.words = slices.Clone(s.words)
			s.from = []int{id}
			id++
		}
	}
	return &c
}
