package blocks

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/trees"
)

// measure counts as scripts/bench/extraction does, for pages of the benchmark kind and for those with a standfirst.
type measure struct {
	sets   [2]sums
	stands standSums
}

// standSums counts pages with a standfirst: those where it was read rightly and where it is among what was asked; and
// pages without one on which something was taken for it.
type standSums struct{ pages, right, asked, invented int }

type sums struct {
	pages, exact      int
	precision, recall float64
}

func (m *measure) add(o measure) {
	for i := range m.sets {
		m.sets[i].pages += o.sets[i].pages
		m.sets[i].exact += o.sets[i].exact
		m.sets[i].precision += o.sets[i].precision
		m.sets[i].recall += o.sets[i].recall
	}
	m.stands.pages += o.stands.pages
	m.stands.right += o.stands.right
	m.stands.asked += o.stands.asked
	m.stands.invented += o.stands.invented
}

func (m *measure) log(t *testing.T, name string) {
	for i, s := range m.sets {
		if s.pages == 0 {
			continue
		}
		n := float64(s.pages)
		p, r := s.precision/n, s.recall/n
		t.Logf("%-16s %s: %3d pages, F1 %.4f P %.4f R %.4f, exact %.3f", name, [...]string{"hosts     ", "publishers"}[i], s.pages, 2*p*r/(p+r), p, r, float64(s.exact)/n)
	}
	s := m.stands
	t.Logf("%-16s standfirst right on %d of %d (%.1f %%), among the asked on %d; on %d pages without one", name, s.right, s.pages,
		100*float64(s.right)/float64(max(s.pages, 1)), s.asked, s.invented)
}

func (s *school) measure(t *testing.T, model, stand *trees.Forest, chosen func(*lesson) bool) measure {
	var stands standSums
	m := s.measureBy(t, chosen, func(p *Page, h *Hints, l *lesson) []string {
		c := p.choose(h, model)
		if c == nil {
			return nil
		}
		c.decide()
		got := c.open(h, stand)
		if l.paper && l.stand == "" && got != "" {
			stands.invented++
			if *verbose && !l.held() {
				t.Logf("%s: invented standfirst %q%s", l.id, got, c.asked(stand))
			}
		}
		if l.paper && l.stand != "" {
			stands.pages++
			if slices.Equal(tokens(got), tokens(l.stand)) {
				stands.right++
			} else if *verbose && !l.held() {
				t.Logf("%s: standfirst %q, got %q%s", l.id, l.stand, got, c.asked(stand))
			}
			for _, at := range c.opening().asked {
				if strings.Contains(plainText(l.stand), plainText(c.segments[at].text)) {
					stands.asked++
					break
				}
			}
		}
		if *verbose && !l.held() {
			c.explain(t, l)
		}
		return tokens(strings.Join(c.joined(), "\n"))
	})
	m.stands = stands
	return m
}

// asked tells what the standfirst's model says of each segment it is asked about, and what else decides.
func (c *choice) asked(model *trees.Forest) string {
	var b strings.Builder
	o := c.opening()
	for i, at := range o.asked {
		r := row{}
		c.standFeatures(&r, o, i)
		s := &c.segments[at]
		e := c.elements[s.elem]
		fmt.Fprintf(&b, "\n    %+3d %.2f body %.2f grade %.0f %s <%s %s> %.110q", at-o.head, model.Probability(r.values), s.score, c.grade(at), s.reason, e.node.Data, dom.Attr(e.node, "class"), s.text)
	}
	return b.String()
}

// explain logs where a choice and the truth differ.
func (c *choice) explain(t *testing.T, l *lesson) {
	want := shingles(tokens(l.truth))
	var b strings.Builder
	for i := range c.segments {
		s := &c.segments[i]
		p, _ := overlap(want, shingles(tokens(s.text)))
		if (s.reason == "") != (p > .5) && len(tokens(s.text)) >= 4 {
			e := c.elements[s.elem]
			fmt.Fprintf(&b, "\n    %-5s %.2f %s <%s %s> %.110q", map[bool]string{true: "extra", false: "lost"}[s.reason == ""], s.score, s.reason, e.node.Data, dom.Attr(e.node, "class"), s.text)
		}
	}
	if b.Len() > 0 {
		t.Logf("%s%s", l.id, b.String())
	}
}

func (s *school) measureBy(t *testing.T, chosen func(*lesson) bool, read func(*Page, *Hints, *lesson) []string) measure {
	var m measure
	for i := range s.lessons {
		l := &s.lessons[i]
		if !chosen(l) {
			continue
		}
		doc, err := dom.Parse(l.html)
		if err != nil {
			t.Fatal(err)
		}
		got := read(Cut(doc), hintsOf(doc), l)
		want := tokens(l.truth)
		set := &m.sets[0]
		if l.paper {
			set = &m.sets[1]
		}
		p, r := overlap(shingles(want), shingles(got))
		set.pages++
		set.precision += p
		set.recall += r
		if slices.Equal(want, got) {
			set.exact++
		} else if *verbose && !l.held() && p+r > 0 && 2*p*r/(p+r) < .9 {
			t.Logf("%s P %.2f R %.2f", l.id, p, r)
		}
	}
	return m
}

// ceiling logs what the best choice among the candidates would give, and on which pages the rules cost something.
func (s *school) ceiling(t *testing.T, chosen func(*lesson) bool) {
	m := s.measureBy(t, chosen, func(p *Page, h *Hints, l *lesson) []string {
		tops := p.weigh()
		if len(tops) == 0 {
			return nil
		}
		v := p.drop(tops[0], h, titleSet(h.Titles)).survey()
		var got []string
		for i, in := range v.label(tokens(l.truth)) {
			if in {
				got = append(got, v.segments[v.candidates[i]].text)
			}
		}
		return tokens(strings.Join(got, "\n"))
	})
	m.log(t, "best choice")
}

var verbose = flag.Bool("poor", false, "name the pages below .9")
