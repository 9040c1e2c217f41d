package newsroom

import "slices"

// Steps are an article and copies of it with one edit each, to see how much each is said to matter.
func Steps(l *Language, seed uint64) []Noise {
	d := newDesk(l, seed)
	a := d.article(8)
	old := d.snapshot(a)
	var list []Noise
	step := func(name string, change func(*article) bool) {
		if c := clone(a); change(c) {
			if new := d.snapshot(c); !same(old, new) {
				list = append(list, Noise{name, old, new})
			}
		}
	}
	body := func(edit func(*sentence) (Fact, bool)) func(*article) bool {
		return func(c *article) bool {
			for i := len(c.paragraphs) - 1; i > 0; i-- {
				if _, done := edit(&c.paragraphs[i].sentences[0]); done {
					return true
				}
			}
			return false
		}
	}
	step("headline told anew", func(c *article) bool { c.title = d.sentence(); return true })
	step("number in the headline", func(c *article) bool { _, done := d.editNumber(&c.title); return done })
	step("lead told anew", func(c *article) bool { d.paraphrase(&c.paragraphs[0].sentences[0], .4); return true })
	step("number in the body", body(d.editNumber))
	step("name in the body", body(d.editName))
	step("quoted words", body(d.editQuote))
	step("words in the body", body(d.editWords))
	step("misspelling in the body", body(d.misspell))
	step("paragraph moved", func(c *article) bool {
		c.paragraphs = append(slices.Delete(slices.Clone(c.paragraphs), 2, 3), c.paragraphs[2])
		return true
	})
	step("paragraph added", func(c *article) bool { c.paragraphs = append(c.paragraphs, d.paragraph()); return true })
	step("paragraph deleted", func(c *article) bool { c.paragraphs = slices.Delete(c.paragraphs, 3, 4); return true })
	step("correction added", func(c *article) bool {
		c.paragraphs = append(c.paragraphs, paragraph{kind: "NOTE", sentences: []sentence{{fixed: l.notice}}})
		return true
	})
	step("byline", func(c *article) bool { c.byline = []string{d.invent() + " " + d.invent()}; return true })
	return list
}

// misspell exchanges two letters inside a long word.
func (d *desk) misspell(s *sentence) (Fact, bool) {
	w := d.oneOf(s, func(w word) bool { return w.role == plain && len([]rune(w.text)) > 5 })
	if w == nil {
		return Fact{}, false
	}
	runes := []rune(w.text)
	at := 1 + d.IntN(len(runes)-3)
	runes[at], runes[at+1] = runes[at+1], runes[at]
	w.text = string(runes)
	return Fact{}, true
}
