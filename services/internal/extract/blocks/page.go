package blocks

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// Page is a page cut into the runs of text between its block-level elements: the article is a choice among them.
type Page struct {
	segments []segment
	elements []element
	known    map[string]nameFacts
	top      int // the element that holds the article, -1 where nothing is good
}

// segment is one run of text.
type segment struct {
	text     string
	kind     article.BlockKind
	node     *html.Node
	elem     int32 // the innermost element that is no inline one
	words    int32
	links    int32
	linked   int32 // bytes inside links
	strong   int32 // bytes in bold
	slanted  int32 // bytes in italics
	runs     int32 // bytes of all
	broken   bool  // begins after a single line break: one paragraph with the segment before it
	pictured bool  // the first text after a picture
	good     bool
	phrases  phrase
	searched bool   // phrases holds what phrasesIn found
	plain    string // plainText of the text, empty until asked for
	reason   string // why it is left out; empty while it is a candidate
	score    float32
}

// weight is a segment's length in words, for scripts without spaces in what would be words.
func (s *segment) weight() float32 {
	return max(float32(s.words), float32(len(s.text))/9)
}

// says is what the text says of its purpose.
func (s *segment) says() phrase {
	if !s.searched {
		s.phrases, s.searched = phrasesIn(s.text), true
	}
	return s.phrases
}

// longPlain is up to how many bytes of a text its letters are compared with others.
const longPlain = 4000

// plainText is the text as it is compared with titles and descriptions, empty for a long one.
func (s *segment) plainText() string {
	if s.plain == "" && len(s.text) < longPlain {
		s.plain = plainText(s.text)
	}
	return s.plain
}

// linkShare is the part of the text that leads elsewhere.
func (s *segment) linkShare() float32 {
	if s.runs == 0 {
		return 0
	}
	return float32(s.linked) / float32(s.runs)
}

// element is one element that is no inline one, with what lies below it.
type element struct {
	node   *html.Node
	parent int32
	depth  int32
	traits trait
	sig    uint64
	own    place // what it is itself
	place  place // of itself and its ancestors
	// Sums over the segments below.
	segments, linkBlocks, goodBlocks int32
	words, nonlink, good             float32
	score                            float32
	first, last                      int32 // segments
	h1                               bool
}

// place says what kinds of elements a segment stands in.
type place uint32

const (
	inNav place = 1 << iota
	inAside
	inFigure
	inFooter
	inHeader
	inArticle
	inMain
	inSection
	inForm
	inList
	inTable
	inQuote
	inDetails
	inHidden
	inHeading
	inCaption
	inButton
	inNoscript
	inStrict
	inH1
	inLabel
	places = iota
)

var placeOf = map[string]place{
	"nav": inNav, "aside": inAside, "figure": inFigure, "figcaption": inFigure | inCaption, "caption": inCaption, "footer": inFooter,
	"header": inHeader, "article": inArticle, "main": inMain, "section": inSection, "form": inForm, "ul": inList,
	"ol": inList, "dl": inList, "li": inList, "table": inTable, "blockquote": inQuote, "details": inDetails,
	"h1": inHeading | inH1, "h2": inHeading, "h3": inHeading, "h4": inHeading, "h5": inHeading, "h6": inHeading,
	"button": inButton, "noscript": inNoscript | inHidden, "label": inLabel,
}

// unread says whether an element is one without text for readers.
func unread(element string) bool {
	switch element {
	case "script", "style", "template", "svg", "iframe", "object", "select", "option", "textarea", "canvas", "audio",
		"video", "input", "math", "map", "embed", "head", "button":
		return true
	}
	return false
}

// inline says whether an element does not end a run of text and says nothing of its place.
func inline(element string) bool {
	switch element {
	case "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
		"ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
		"sup", "time", "tt", "u", "var", "wbr":
		return true
	}
	return false
}

// usualElements and usualSegments are how many most pages have.
const usualElements, usualSegments = 512, 256

// Cut cuts a page's tree into segments.
func Cut(doc *html.Node) *Page {
	p := &Page{known: make(map[string]nameFacts, 256), elements: make([]element, 0, usualElements), segments: make([]segment, 0, usualSegments), top: -1}
	w := walker{page: p, elem: -1}
	for n := range doc.ChildNodes() {
		w.node(n, 0)
	}
	w.flush(false)
	return p
}

// walker goes through a tree and gathers text.
type walker struct {
	page                                  *Page
	line                                  []byte
	elem                                  int32
	anchors, bold, slant                  int // how many such elements are open
	owner                                 *html.Node
	owned                                 int32
	links, linked, strong, slanted, total int32
	broken, picture                       bool
	kind                                  article.BlockKind
}

func (w *walker) node(n *html.Node, kind article.BlockKind) {
	switch {
	case n.Type == html.TextNode:
		w.text(n, kind)
	case n.Type != html.ElementNode:
		if n.Type == html.DocumentNode {
			w.children(n, kind)
		}
	case n.Data == "img" || n.Data == "picture" || n.Data == "video" || n.Data == "iframe":
		w.picture = true
		if n.Data == "picture" {
			return
		}
	case unread(n.Data) && n.Namespace == "" || n.Namespace != "":
	case n.Data == "br":
		w.flush(true)
	case inline(n.Data):
		w.inline(n, kind)
	default:
		w.block(n, kind)
	}
}

func (w *walker) children(n *html.Node, kind article.BlockKind) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c, kind)
	}
}

func (w *walker) inline(n *html.Node, kind article.BlockKind) {
	counter := &w.slant
	switch n.Data {
	case "a":
		counter = &w.anchors
		w.links++
	case "b", "strong":
		counter = &w.bold
	case "em", "i", "cite":
	default:
		counter = new(int)
	}
	if len(n.Attr) > 0 && n.Data != "a" && invisible(n) || w.owner != nil && n.Data == "span" && card(n) {
		return
	}
	*counter++
	w.children(n, kind)
	*counter--
}

// cardNodes is up to how many nodes of an inline element are looked at, as many may be nested.
const cardNodes = 100

// card says whether an inline element is a card of what is named in the line before it: a picture first, then links to
// other stories. It opens under the pointer and is no part of the sentence.
func card(n *html.Node) bool {
	pictured, links, seen := false, 0, 0
	for inner := range n.Descendants() {
		seen++
		switch {
		case seen > cardNodes, !pictured && inner.Type == html.TextNode && strings.TrimSpace(inner.Data) != "":
			return false
		case inner.Data == "img" && inner.Type == html.ElementNode:
			pictured = true
		case inner.Data == "a" && inner.Type == html.ElementNode:
			links++
		}
		if pictured && links > 1 {
			return true
		}
	}
	return false
}

// invisible says whether an inline element is declared so; a block is kept, with the fact.
func invisible(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "style" && hides(a.Val) {
			return true
		}
	}
	return false
}

func hides(style string) bool {
	if len(style) < 11 || !strings.ContainsAny(style, "dDvV") {
		return false
	}
	style = strings.ReplaceAll(strings.ToLower(style), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

func (w *walker) block(n *html.Node, kind article.BlockKind) {
	breaking := dom.Breaking(n)
	if breaking {
		w.flush(false)
	}
	outer := w.elem
	w.elem = w.page.enter(n, outer)
	if n.Data == "table" && tabular(n) {
		w.table(n)
	} else {
		w.children(n, kindOf(n, kind))
	}
	if breaking {
		w.flush(false)
	}
	w.elem = outer
}

// enter notes an element below another.
func (p *Page) enter(n *html.Node, parent int32) int32 {
	e := element{node: n, parent: parent, first: -1}
	e.traits, e.sig = p.namesOf(n)
	e.own = placeOf[n.Data]
	e.place = e.own
	if parent >= 0 {
		up := &p.elements[parent]
		e.depth = up.depth + 1
		e.place |= up.place
	}
	if invisible(n) {
		e.place |= inHidden
	}
	p.elements = append(p.elements, e)
	if n.Data == "h1" {
		for at := int32(len(p.elements) - 1); at >= 0 && !p.elements[at].h1; at = p.elements[at].parent {
			p.elements[at].h1 = true
		}
	}
	return int32(len(p.elements) - 1)
}

func (w *walker) text(n *html.Node, kind article.BlockKind) {
	blank := strings.TrimSpace(n.Data) == ""
	if !blank {
		if w.owner == nil {
			w.owner, w.owned, w.kind = n.Parent, w.elem, kind
		}
		size := int32(len(n.Data))
		w.total += size
		if w.anchors > 0 {
			w.linked += size
		}
		if w.bold > 0 {
			w.strong += size
		}
		if w.slant > 0 {
			w.slanted += size
		}
	}
	w.line = append(w.line, n.Data...)
}

// flush ends a segment, at a line break or at the edge of a block.
func (w *walker) flush(atBreak bool) {
	text := ""
	if w.owner != nil { // otherwise there is nothing but space
		text = dom.Fold(string(w.line))
	}
	w.line = w.line[:0]
	if text != "" && strings.Trim(text, "*•·|_—–-=~ ") != "" {
		w.page.segments = append(w.page.segments, segment{text: text, kind: kindAt(w.kind), node: w.owner, elem: w.owned,
			words: countWords(text), links: w.links, linked: w.linked, strong: w.strong, slanted: w.slanted, runs: w.total,
			broken: w.broken, pictured: w.picture})
		w.picture = false
		w.broken = atBreak
	} else {
		w.broken = false // a second break ends the paragraph
	}
	if !atBreak {
		w.broken = false
	}
	w.owner, w.links, w.linked, w.strong, w.slanted, w.total = nil, 0, 0, 0, 0, 0
}

func kindAt(kind article.BlockKind) article.BlockKind {
	if kind == article.BlockUnspecified {
		return article.Paragraph
	}
	return kind
}

// table makes a segment of each row, cells parted by a bar. Empty cells stay, so that columns keep their places.
func (w *walker) table(table *html.Node) {
	for n := range dom.Elements(table) {
		switch n.Data {
		case "caption":
			w.whole(n, article.Caption, dom.Text(n))
		case "tr":
			var row []string
			for child := range n.ChildNodes() {
				if dom.Is(child, "td", "th") {
					row = append(row, dom.Text(child))
				}
			}
			if strings.Join(row, "") != "" {
				w.whole(n, article.TableRow, strings.Join(row, " | "))
			}
		}
	}
}

func (w *walker) whole(n *html.Node, kind article.BlockKind, text string) {
	if text == "" {
		return
	}
	s := segment{text: text, kind: kind, node: n, words: countWords(text), runs: int32(len(text))}
	for inner := range dom.Elements(n) {
		if inner.Data == "a" {
			s.links++
			s.linked += int32(dom.Length(inner))
		}
	}
	s.linked = min(s.linked, s.runs)
	s.elem = w.page.enter(n, w.elem)
	w.page.segments = append(w.page.segments, s)
}

// inWord says of the bytes of ASCII which are letters and digits.
var inWord = func() (is [utf8.RuneSelf]bool) {
	for c := range is {
		is[c] = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
	}
	return is
}()

// countWords counts runs of letters and digits.
func countWords(text string) int32 {
	count, inside := int32(0), false
	for i := 0; i < len(text); {
		var letter bool
		if c := text[i]; c < utf8.RuneSelf {
			letter = inWord[c]
			i++
		} else {
			r, size := utf8.DecodeRuneInString(text[i:])
			letter = unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
			i += size
		}
		if letter && !inside {
			count++
		}
		inside = letter
	}
	return count
}
