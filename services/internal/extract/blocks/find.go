package blocks

import (
	_ "embed"
	"fmt"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/trees"
	"golang.org/x/net/html"
)

// Body is what a page says besides its headline.
type Body struct {
	Blocks     []article.Block
	Images     []article.Image
	Standfirst string
	Passages   []Passage // every run of text of the page, kept or not, in order
	Sureness   float32   // 0 to 1: how far from a half the model's answers are, weighted by words; 0 without any
}

// Passage is one run of text of a page with the verdict on it.
type Passage struct {
	Kind   article.BlockKind
	Text   string
	Reason string  // why it is left out, empty where it is kept
	Score  float32 // the model's probability that it is the article's, 0 where a rule decided
	Layout uint64  // digest of the tags and names of its place, without digits: equal on pages of one template
	Linked bool    // more than half of it leads elsewhere
	Node   *html.Node
	Block  int // index of the block it became, -1 where it is left out
}

// bodyValues and standfirstValues are how many values the models are asked with.
const bodyValues, standfirstValues = 226, 184

//go:embed data/body.trees
var bodyTrees []byte

//go:embed data/standfirst.trees
var standfirstTrees []byte

// Finder finds articles' texts. It may be used by many at once.
type Finder struct{ body, standfirst *trees.Forest }

// NewFinder reads the models that come with the program. An error means that they do not fit the program: grow them
// again.
func NewFinder() (*Finder, error) {
	body, err := trees.Parse(bodyTrees)
	if err != nil {
		return nil, fmt.Errorf("reading the body's model: %w", err)
	}
	stand, err := trees.Parse(standfirstTrees)
	if err != nil {
		return nil, fmt.Errorf("reading the standfirst's model: %w", err)
	}
	for _, model := range []struct {
		forest *trees.Forest
		values int
		name   string
	}{{body, bodyValues, "body"}, {stand, standfirstValues, "standfirst"}} {
		if model.forest.Features() != model.values {
			return nil, fmt.Errorf("the %s's model asks for %d values, the program has %d: grow it again", model.name, model.forest.Features(), model.values)
		}
	}
	return &Finder{body, stand}, nil
}

// Ruling is a further judgement on a passage, after the model's: of what is remembered of a site, or of a person. It
// gives the reason to leave a passage out, or empty; keep is whether it stays in, which it may turn around.
type Ruling func(p *Passage) (keep bool, reason string)

// Find reads the article's body out of a page's tree, which it leaves as it is. A page without any gives a Body without
// blocks. The ruling may be nil.
func (f *Finder) Find(doc *html.Node, h Hints, rule Ruling) Body {
	p := Cut(doc)
	c := p.choose(&h, f.body)
	if c == nil {
		for i := range p.segments {
			p.segments[i].reason = ReasonFar
		}
		return Body{Passages: p.passages(rule)}
	}
	c.decide()
	b := Body{Standfirst: c.open(&h, f.standfirst), Sureness: c.sureness()}
	b.Passages = p.passages(rule)
	b.assemble(p, c.figures())
	return b
}

// open gives the standfirst and leaves it out of the body: what a person says it is, else what the model finds, else what
// is named as one.
func (c *choice) open(h *Hints, model *trees.Forest) string {
	text := h.Standfirst
	if text == "" {
		text = c.standText(c.stand(model))
	}
	if text == "" {
		text = h.Named
	}
	c.dropStandfirst(text)
	return text
}

// dropStandfirst leaves out of the body's beginning what the standfirst says already.
func (c *choice) dropStandfirst(standfirst string) {
	if standfirst == "" {
		return
	}
	plain, kept := plainText(standfirst), 0
	for i := range c.segments {
		s := &c.segments[i]
		if s.reason != "" {
			continue
		}
		if plainText(s.text) == plain {
			s.reason = ReasonStand
			return
		}
		if kept++; kept == 3 {
			return
		}
	}
}

// passages gives every segment with its verdict, after the ruling.
func (p *Page) passages(rule Ruling) []Passage {
	all := make([]Passage, len(p.segments))
	for i := range p.segments {
		s := &p.segments[i]
		all[i] = Passage{Kind: s.kind, Text: s.text, Reason: s.reason, Score: s.score, Layout: p.layout(s.elem), Linked: s.linkShare() > .5,
			Node: s.node, Block: -1}
		if s.reason == "" && s.kind != article.Caption && s.kind != article.TableRow && s.notice() {
			all[i].Kind = article.Note
		}
		if rule == nil {
			continue
		}
		keep, why := rule(&all[i])
		switch {
		case keep && s.reason != "":
			s.reason, all[i].Reason = "", ""
		case !keep && why != "":
			s.reason, all[i].Reason = why, why
		}
	}
	return all
}

// layoutLevels is how many elements of a segment's place make its layout.
const layoutLevels = 4

func (p *Page) layout(elem int32) uint64 {
	sum := uint64(0)
	for n := 0; n < layoutLevels && elem >= 0; n, elem = n+1, p.elements[elem].parent {
		sum = mix(sum, p.elements[elem].sig)
	}
	return sum
}

// sureness tells pages apart on which the model is sure of its answers.
func (c *choice) sureness() float32 {
	sum, weight := float32(0), float32(0)
	for i, at := range c.candidates {
		if p := c.scores[i]; p > .05 {
			w := c.segments[at].weight()
			sum += w * abs(2*p-1)
			weight += w
		}
	}
	return ratio(sum, weight)
}

func abs(x float32) float32 { return max(x, -x) }

// assemble makes blocks of the kept passages, with the captions where they stand.
func (b *Body) assemble(p *Page, figures []figure) {
	captions := make(map[string]bool)
	for _, f := range figures {
		if f.image.Stem != "" {
			b.Images = append(b.Images, f.image)
		}
		captions[f.image.Caption] = f.image.Caption != ""
	}
	next := 0
	picture := func(before int32) {
		for ; next < len(figures) && figures[next].before <= before; next++ {
			if text := figures[next].image.Caption; text != "" {
				b.Blocks = append(b.Blocks, article.Block{Kind: article.Caption, Text: text})
			}
		}
	}
	joins := false // the passage before was kept and ends at a single line break
	for i := range b.Passages {
		picture(int32(i))
		s, passage := &p.segments[i], &b.Passages[i]
		if passage.Reason == "" && captions[passage.Text] {
			passage.Reason = ReasonCaption
		}
		last := len(b.Blocks) - 1
		switch {
		case passage.Reason != "":
			joins = false
			continue
		case joins && s.broken && b.Blocks[last].Kind == passage.Kind:
			b.Blocks[last].Text += " " + passage.Text
		case last >= 0 && b.Blocks[last].Text == passage.Text:
			passage.Reason = ReasonTwice
			continue
		default:
			b.Blocks = append(b.Blocks, article.Block{Kind: passage.Kind, Text: passage.Text})
			last++
		}
		passage.Block, joins = last, true
	}
	picture(int32(len(b.Passages)))
}
