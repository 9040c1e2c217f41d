// Package mutate changes news pages for measurements: what stands around an article, as it changes from look to look, and
// the article itself, as editors do. What it puts in is invented. Equal seeds give equal pages.
package mutate

import (
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Tree is a parsed page with its places: where the article's paragraphs are, and what surely does not belong to it.
type Tree struct {
	doc     *html.Node
	body    *html.Node
	h1      *html.Node
	inside  []*html.Node // leaf elements whose text is the article's, in order
	known   map[string]int
	article string     // the true text, spaces folded
	random  *rand.Rand // differs from reading to reading
	steady  *rand.Rand // does not
	number  int        // of the reading
}

// Plant parses a page and finds the places of its article, whose true text is given; nil where it has no body. The tree
// is a pattern: copies of it are changed.
func Plant(page, article string) *Tree {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	t := &Tree{doc: doc, known: Shingles(Words(article)), article: strings.Join(strings.Fields(article), " ")}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.Data == "body" && t.body == nil:
			t.body = n
		case n.Data == "h1" && (t.h1 == nil || len(text(n)) > len(text(t.h1))):
			t.h1 = n
		}
	}
	if t.body == nil {
		return nil
	}
	counts := make(map[string]int)
	var found []*html.Node
	for n := range t.body.Descendants() {
		if leaf(n) {
			counts[text(n)]++
			if t.share(n) > .8 {
				found = append(found, n)
			}
		}
	}
	for _, n := range found {
		if counts[text(n)] == 1 && !repeated(counts, text(n)) {
			t.inside = append(t.inside, n)
		}
	}
	return t
}

// Mutate gives the page as it is at one reading, and how many of the mutations it had a place for. Equal seeds and
// readings change it alike.
func (t *Tree) Mutate(seed uint64, reading int, all ...Mutation) (page string, done int) {
	fresh := t.copy(seed, reading)
	for _, m := range all {
		if m.apply(fresh) {
			done++
		}
	}
	return fresh.render(), done
}

// Plain is the page as it is, written anew.
func (t *Tree) Plain() string { return t.render() }

// Passages are the texts of a page's elements that hold nothing but text and inline elements, in order.
func Passages(page string) []string {
	t := Plant(page, "")
	if t == nil {
		return nil
	}
	var all []string
	for n := range t.body.Descendants() {
		if leaf(n) {
			all = append(all, text(n))
		}
	}
	return all
}

// repeated says whether a text is a part of another passage: a summary for sharing, or a copy that is cut short.
func repeated(passages map[string]int, part string) bool {
	for passage := range passages {
		if len(passage) > len(part) && strings.Contains(passage, part) {
			return true
		}
	}
	return false
}

// copy is a tree that may be changed. Equal seeds and readings change it alike.
func (t *Tree) copy(seed uint64, reading int) *Tree {
	places := make(map[*html.Node]*html.Node, len(t.inside)+2)
	for _, n := range append([]*html.Node{t.body, t.h1}, t.inside...) {
		places[n] = nil
	}
	fresh := &Tree{doc: clone(t.doc, places), known: t.known, article: t.article, number: reading,
		random: rand.New(rand.NewPCG(seed, uint64(reading))), steady: rand.New(rand.NewPCG(seed, 1<<40))}
	fresh.body = places[t.body]
	if t.h1 != nil {
		fresh.h1 = places[t.h1]
	}
	for _, n := range t.inside {
		fresh.inside = append(fresh.inside, places[n])
	}
	return fresh
}

// clone copies a tree and notes the copies of the places asked for.
func clone(n *html.Node, places map[*html.Node]*html.Node) *html.Node {
	fresh := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Namespace: n.Namespace, Attr: slices.Clone(n.Attr)}
	if _, ok := places[n]; ok {
		places[n] = fresh
	}
	for child := range n.ChildNodes() {
		fresh.AppendChild(clone(child, places))
	}
	return fresh
}

// share is the part of an element's runs of words that the article has, 0 for fewer than six words.
func (t *Tree) share(n *html.Node) float64 {
	own := Words(text(n))
	if len(own) < 6 {
		return 0
	}
	shared, total := 0, 0
	for run, count := range Shingles(own) {
		total += count
		if t.known[run] > 0 {
			shared += count
		}
	}
	if total == 0 {
		return 0
	}
	return float64(shared) / float64(total)
}

// outside says whether an element holds no four words of the article, and not its headline.
func (t *Tree) outside(n *html.Node) bool {
	for up := n; up != nil; up = up.Parent {
		if up == t.h1 {
			return false
		}
	}
	if own := text(n); len(own) >= 12 && strings.Contains(t.article, own) {
		return false // in scripts without spaces a sentence has few words
	}
	for run := range Shingles(Words(text(n))) {
		if strings.Count(run, " ") == 3 && t.known[run] > 0 {
			return false
		}
	}
	return true
}

var inline = map[string]bool{
	"a": true, "abbr": true, "b": true, "br": true, "cite": true, "code": true, "em": true, "i": true, "mark": true,
	"q": true, "s": true, "small": true, "span": true, "strong": true, "sub": true, "sup": true, "time": true, "u": true,
}

var unread = map[string]bool{
	"script": true, "style": true, "noscript": true, "template": true, "svg": true, "iframe": true, "select": true,
	"textarea": true, "head": true,
}

// leaf says whether an element holds a passage: inline elements and text, and nothing else.
func leaf(n *html.Node) bool {
	if n.Type != html.ElementNode || inline[n.Data] || unread[n.Data] || n.FirstChild == nil {
		return false
	}
	for inner := range n.Descendants() {
		if inner.Type == html.ElementNode && !inline[inner.Data] {
			return false
		}
	}
	for up := n.Parent; up != nil; up = up.Parent {
		if unread[up.Data] {
			return false
		}
	}
	return true
}

func text(n *html.Node) string {
	var b strings.Builder
	var gather func(*html.Node)
	gather = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		if n.Type == html.ElementNode && unread[n.Data] {
			return
		}
		for child := range n.ChildNodes() {
			gather(child)
		}
	}
	gather(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (t *Tree) render() string {
	var b strings.Builder
	if err := html.Render(&b, t.doc); err != nil {
		return "" // a tree that was parsed can be written to memory
	}
	return b.String()
}

// fragment makes nodes of markup.
func fragment(markup string) []*html.Node {
	nodes, err := html.ParseFragment(strings.NewReader(markup), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		return nil
	}
	return nodes
}

func insertAfter(place *html.Node, markup string) bool {
	if place == nil || place.Parent == nil {
		return false
	}
	for _, n := range slices.Backward(fragment(markup)) {
		place.Parent.InsertBefore(n, place.NextSibling)
	}
	return true
}

func insertBefore(place *html.Node, markup string) bool {
	if place == nil || place.Parent == nil {
		return false
	}
	for _, n := range fragment(markup) {
		place.Parent.InsertBefore(n, place)
	}
	return true
}

// middle is a paragraph in the midst of the article, the same for every seed of a page.
func (t *Tree) middle() *html.Node {
	var paragraphs []*html.Node
	for _, n := range t.inside {
		if n.Data == "p" {
			paragraphs = append(paragraphs, n)
		}
	}
	if len(paragraphs) < 3 {
		return nil
	}
	return paragraphs[len(paragraphs)/2]
}

// last is the article's last paragraph.
func (t *Tree) last() *html.Node {
	if len(t.inside) == 0 {
		return nil
	}
	return t.inside[len(t.inside)-1]
}

// section is the element that holds most of the article's paragraphs directly.
func (t *Tree) section() *html.Node {
	held := make(map[*html.Node]int)
	var best *html.Node
	for _, n := range t.inside {
		if held[n.Parent]++; best == nil || held[n.Parent] > held[best] {
			best = n.Parent
		}
	}
	return best
}
