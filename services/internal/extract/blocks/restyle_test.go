package blocks

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// restyle makes a copy of a lesson's page whose standfirst is set in another way, as other publishers set theirs, or left
// out, and whose descriptions say something else. It gives nothing where the page has no standfirst of its own.
func restyle(l *lesson, copy int) string {
	doc, err := dom.Parse(l.html)
	if err != nil {
		return ""
	}
	d := disturber{random: rand.New(rand.NewPCG(uint64(digest(l.id)), uint64(1000+copy))), marks: make(map[string]bool)}
	stand, body := placesOf(l, Cut(doc))
	if len(stand) == 0 || len(body) < 3 {
		return ""
	}
	var texts []string
	for _, n := range stand {
		texts = append(texts, dom.Text(n))
	}
	switch d.random.IntN(9) {
	case 0, 8: // none
		detach(stand)
		d.describe(doc, dom.Text(body[0]))
	case 1, 2: // the first paragraph of the text, set apart
		detach(stand)
		d.insert(body[0], d.opened(texts))
		d.describe(doc, texts[0])
	case 3: // points
		if points := sentences(texts); len(points) > 1 && len(points) <= maxPoints {
			at := body[0]
			if d.random.IntN(2) == 0 {
				at = stand[0]
			}
			d.insert(at, d.points(points))
			detach(stand)
		}
		d.describe(doc, "")
	default: // at its place
		d.insert(stand[0], d.opened(texts))
		detach(stand)
		d.describe(doc, texts[0])
	}
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		return ""
	}
	return b.String()
}

// placesOf are the elements of a page that hold the standfirst alone, and those with the paragraphs of the article.
func placesOf(l *lesson, p *Page) (stand, body []*html.Node) {
	told := plainText(l.stand)
	truth := plainText(l.truth)
	for i := range p.segments {
		s := &p.segments[i]
		text := plainText(s.text)
		if len(text) < 20 || dom.Is(s.node, "h1", "body", "article", "main") || dom.Within(s.node, "h1") != nil || p.elements[s.elem].place&inHidden != 0 {
			continue
		}
		switch whole := plainText(dom.Text(s.node)) == text; {
		case strings.Contains(told, text) && whole && len(body) == 0:
			stand = append(stand, s.node)
		case s.node.Data == "p" && whole && strings.Contains(truth, text):
			body = append(body, s.node)
		}
	}
	return stand, body
}

func detach(nodes []*html.Node) {
	for _, n := range nodes {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
}

// sentences cuts texts into their sentences.
func sentences(texts []string) []string {
	var all []string
	for _, text := range texts {
		for part := range strings.SplitSeq(strings.NewReplacer(". ", ".\n", "? ", "?\n", "! ", "!\n").Replace(text), "\n") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}

// standNames are names of elements with standfirsts, of which some say so.
const standNames = "standfirst|article-lead|intro|subheadline|summary|teaser-text|article__sub|lead-text|perex|chapeau|entradilla|content-intro"

// opened sets a standfirst as one element each text, in some way.
func (d *disturber) opened(texts []string) string {
	var b strings.Builder
	class := d.class(standNames)
	form := d.pick(`<p%s>%s</p>|<p%s>%s</p>|<div%s>%s</div>|<div%s><p>%s</p></div>|<h2%s>%s</h2>|<h3%s>%s</h3>|<p%s><strong>%s</strong></p>|<p%s><b>%s</b></p>|<p%s><em>%s</em></p>|<div%s><span>%s</span></div>|<div%s><strong>%s</strong></div>`)
	if class == "" && form == `<p%s>%s</p>` {
		form = `<p%s><strong>%s</strong></p>` // nothing would tell it from the text
	}
	for _, text := range texts {
		fmt.Fprintf(&b, form, class, html.EscapeString(text))
	}
	return b.String()
}

func (d *disturber) points(points []string) string {
	class := d.class("key-points|bullets|summary|highlights|facts")
	form := d.pick(`<li>%s</li>|<li><p>%s</p></li>|<p>%s</p>|<h2>%s</h2>`)
	var b strings.Builder
	for _, point := range points {
		fmt.Fprintf(&b, form, html.EscapeString(point))
	}
	if strings.HasPrefix(form, "<li") {
		return fmt.Sprintf("<ul%s>%s</ul>", class, b.String())
	}
	return fmt.Sprintf("<div%s>%s</div>", class, b.String())
}

func (d *disturber) insert(place *html.Node, markup string) {
	nodes, err := html.ParseFragment(strings.NewReader(markup), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil || place.Parent == nil {
		return
	}
	for _, n := range nodes {
		place.Parent.InsertBefore(n, place)
	}
}

// describe changes what the page tells of itself: as it is, nothing, a text, or its beginning.
func (d *disturber) describe(doc *html.Node, text string) {
	way := d.random.IntN(4)
	if way == 0 {
		return
	}
	if words := strings.Fields(text); way == 3 && len(words) > 8 {
		text = strings.Join(words[:len(words)*2/3], " ") + "…"
	} else if way == 1 {
		text = ""
	}
	for n := range dom.Elements(doc) {
		if n.Data == "script" && strings.Contains(dom.Attr(n, "type"), "ld+json") && n.FirstChild != nil {
			n.FirstChild.Data = ""
		}
		name := strings.ToLower(dom.Attr(n, "name") + dom.Attr(n, "property"))
		if n.Data != "meta" || !strings.HasSuffix(name, "description") {
			continue
		}
		for i := range n.Attr {
			if n.Attr[i].Key == "content" {
				n.Attr[i].Val = text
			}
		}
	}
}
