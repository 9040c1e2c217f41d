package mutate

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Mutation changes a page in one way; the two readings of a case are the same mutation with two seeds. It says whether
// the page has a place for it. What it inserts stands on both readings, and only its words differ.
type Mutation struct {
	Name  string
	apply func(t *Tree) bool
}

// Furniture are the changes around an article that are no edit of it.
func Furniture() []Mutation {
	return []Mutation{
		{"nothing (written anew)", func(*Tree) bool { return true }},
		{"scripts and tokens", (*Tree).scripts},
		{"class names", (*Tree).classNames},
		{"links outside swapped", (*Tree).swapLinks},
		{"lists outside reordered", (*Tree).reorder},
		{"counters outside", (*Tree).counters},
		{"comment count after the headline", (*Tree).commentCount},
		{"N minutes ago, div", (*Tree).agoDiv},
		{"N minutes ago, bare p", (*Tree).agoBare},
		{"advertisements around", (*Tree).adsAround},
		{"advertisement in the text", (*Tree).adInText},
		{"cookie banner", (*Tree).cookieNamed},
		{"cookie banner, no telling name", (*Tree).cookieBare},
		{"read-more line in the text", (*Tree).readMore},
		{"related list in the text", (*Tree).related},
		{"newsletter box in the text", (*Tree).newsletter},
		{"most read after the text", (*Tree).mostRead},
		{"teasers with summaries after the text", (*Tree).teasers},
		{"a reader's comment", (*Tree).readerComment},
		{"all around the page at once", (*Tree).everything},
	}
}

// pick chooses a text, another one at the next reading.
func (t *Tree) pick(from []string) string { return from[(t.steady.IntN(len(from))+t.number)%len(from)] }

func (t *Tree) scripts() bool {
	markup := fmt.Sprintf(`<script>var token="%x", seen=%d;</script><input type="hidden" name="csrf" value="%x">`,
		t.random.Uint64(), t.random.IntN(9999), t.random.Uint64())
	for _, n := range fragment(markup) {
		t.body.AppendChild(n)
	}
	return true
}

func (t *Tree) classNames() bool {
	suffix := fmt.Sprintf("__%x", t.random.Uint32())
	for n := range t.body.Descendants() {
		for i, a := range n.Attr {
			if a.Key == "class" && a.Val != "" {
				n.Attr[i].Val = strings.Join(strings.Fields(a.Val), suffix+" ") + suffix
			}
		}
	}
	return true
}

func (t *Tree) swapLinks() bool {
	changed := false
	for n := range t.body.Descendants() {
		if n.Type != html.ElementNode || n.Data != "a" || len(Words(text(n))) < 3 || !t.outside(n) || within(n, t.inside) || !ownLine(n) {
			continue
		}
		for inner := range n.Descendants() {
			if inner.Type == html.TextNode && len(Words(inner.Data)) >= 3 {
				inner.Data = t.headline()
				changed = true
			}
		}
	}
	return changed
}

// ownLine says whether a link is its line: one inside a sentence is a part of that, whatever the truth says of it.
func ownLine(link *html.Node) bool {
	up := link.Parent
	for up != nil && inline[up.Data] {
		up = up.Parent
	}
	return up != nil && (!leaf(up) || 10*len(text(link)) >= 8*len(text(up)))
}

func within(n *html.Node, holders []*html.Node) bool {
	for up := n; up != nil; up = up.Parent {
		for _, h := range holders {
			if up == h {
				return true
			}
		}
	}
	return false
}

func (t *Tree) reorder() bool {
	changed := false
	for n := range t.body.Descendants() {
		if !(n.Type == html.ElementNode && (n.Data == "ul" || n.Data == "ol")) || !t.outside(n) || !strings.Contains(text(n), " ") {
			continue
		}
		var items []*html.Node
		for child := range n.ChildNodes() {
			if child.Data == "li" {
				items = append(items, child)
			}
		}
		if len(items) < 3 {
			continue
		}
		t.random.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
		for _, item := range items {
			n.RemoveChild(item)
			n.AppendChild(item)
		}
		changed = true
	}
	return changed
}

func (t *Tree) counters() bool {
	changed := false
	for n := range t.body.Descendants() {
		if !leaf(n) || len(Words(text(n))) > 6 || !strings.ContainsFunc(text(n), unicode.IsDigit) || !t.outside(n) || n == t.h1 || authored(n) {
			continue
		}
		for inner := range n.Descendants() {
			if inner.Type == html.TextNode && strings.ContainsFunc(inner.Data, unicode.IsDigit) {
				inner.Data = strings.Map(func(r rune) rune {
					if r >= '0' && r <= '9' {
						return rune('0' + t.random.IntN(10))
					}
					return r
				}, inner.Data)
				changed = true
			}
		}
	}
	return changed
}

// authored says whether digits may be a heading's or a table's of the article, which the truth is not sure to hold.
func authored(n *html.Node) bool {
	for up := n; up != nil; up = up.Parent {
		switch up.Data {
		case "h2", "h3", "h4", "table", "figure", "figcaption":
			return true
		}
	}
	return false
}

func (t *Tree) commentCount() bool {
	return insertAfter(t.h1, fmt.Sprintf(`<div class="meta-tools"><a href="#talk">%d comments</a></div>`, 3+t.random.IntN(900)))
}

func (t *Tree) agoDiv() bool {
	return insertAfter(t.h1, fmt.Sprintf(`<div class="article-date">Updated %d minutes ago</div>`, 2+t.random.IntN(57)))
}

func (t *Tree) agoBare() bool {
	return insertAfter(t.h1, fmt.Sprintf(`<p>%d hours ago</p>`, 2+t.random.IntN(20)))
}

func (t *Tree) adsAround() bool {
	t.body.InsertBefore(fragment(`<div class="top-slot"><span>Advertising</span> ` + t.pick(offers) + `</div>`)[0], t.body.FirstChild)
	t.body.AppendChild(fragment(`<div class="bottom-slot"><p>` + t.pick(offers) + `</p></div>`)[0])
	return true
}

func (t *Tree) adInText() bool {
	return insertAfter(t.middle(), `<div class="slot-`+t.pick([]string{"a", "b", "c"})+`"><div>`+t.pick(offers)+`</div></div>`)
}

func (t *Tree) cookieNamed() bool {
	t.body.AppendChild(fragment(`<div id="cookie-consent" class="cookie-layer"><h2>Your privacy</h2><p>` + t.pick(cookies) + `</p><button>Fine</button></div>`)[0])
	return true
}

func (t *Tree) cookieBare() bool {
	t.body.AppendChild(fragment(`<div class="x7f"><div class="q2"><p>` + t.pick(cookies) + `</p></div></div>`)[0])
	return true
}

func (t *Tree) readMore() bool {
	lead := t.pick([]string{"Read on: ", "More on this: ", "See also: ", "Don't miss: "})
	return insertAfter(t.middle(), `<p><a href="/story/`+fmt.Sprint(t.random.IntN(9999))+`">`+lead+t.headline()+`</a></p>`)
}

func (t *Tree) related() bool {
	return insertAfter(t.middle(), `<ul class="box">`+t.items(4)+`</ul>`)
}

func (t *Tree) items(count int) string {
	var b strings.Builder
	for range count {
		fmt.Fprintf(&b, `<li><a href="/n/%d">%s</a></li>`, t.random.IntN(99999), t.headline())
	}
	return b.String()
}

func (t *Tree) newsletter() bool {
	return insertAfter(t.middle(), `<div class="letter-box"><h4>`+t.pick(letters)+`</h4><p>`+t.pick(pitches)+`</p></div>`)
}

func (t *Tree) mostRead() bool {
	return insertAfter(t.section(), `<div class="popular"><h3>Everybody is reading</h3><ol>`+t.items(6)+`</ol></div>`)
}

func (t *Tree) teasers() bool {
	var b strings.Builder
	for range 3 {
		fmt.Fprintf(&b, `<div class="tile"><h3><a href="/t/%d">%s</a></h3><p>%s</p></div>`, t.random.IntN(99999), t.headline(), t.pick(summaries))
	}
	return insertAfter(t.section(), `<div class="grid">`+b.String()+`</div>`)
}

func (t *Tree) readerComment() bool {
	return insertAfter(t.section(), `<section id="talk" class="reader-comments"><h3>Talk</h3><ul><li><b>`+t.pick(readers)+`</b><p>`+
		t.pick(opinions)+`</p></li><li><b>`+t.pick(readers)+`</b><p>`+t.pick(opinions)+`</p></li></ul></section>`)
}

func (t *Tree) everything() bool {
	t.scripts()
	t.swapLinks()
	t.reorder()
	t.adsAround()
	t.cookieNamed()
	t.mostRead()
	t.readerComment()
	return true
}

// headline invents one: three parts of eight each.
func (t *Tree) headline() string {
	return t.pick(who) + " " + t.pick(does) + " " + t.pick(what)
}
