package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
)

// maxDepth bounds nesting. Feeds nest about ten deep, with XHTML content forty; the parser recurses and a stack that
// overflows cannot be caught.
const maxDepth = 500

// maxAttributes bounds those of one element; the root of a feed with many namespaces has some thirty.
const maxAttributes = 1000

var (
	errDepth   = errors.New("the feed nests its elements too deeply to be read")
	errCrowded = errors.New("an element of the feed has too many attributes to be read")
)

type kind int

const (
	kindOther kind = iota
	kindFeed
	kindSitemap
	kindIndex
	kindHTML
	kindCDF
)

var (
	feedRoot  = regexp.MustCompile(`(?i)<\?xml\s|<(?:[a-z][\w.-]*:)?(?:rss|feed|rdf|urlset|sitemapindex)[\s>]`)
	pageStart = regexp.MustCompile(`(?i)<!doctype\s+html|<(?:html|head|body|title|script|meta|div)[\s>]`)
	xmlStart  = regexp.MustCompile(`(?is)^\s*<\?xml\b.*?\?>`)
)

// span is an item in a text, from its start tag to behind its end tag.
type span struct {
	from, to int
	about    string // its rdf:about
	id       string // the content of its <id>, as it is written
	link     string // the content of its <link> where there is no attribute that says it
	base64   bool   // its title is written in base64, which Atom 0.3 allowed
}

// outline is what a first pass over a document found: enough to cut it at any item.
type outline struct {
	kind  kind
	text  []byte // from the root element on
	about string // rdf:about of the channel
	// base64 says that the feed's own title is written in base64.
	base64 bool
	items  []span
	// head is where the first item starts, whole or not, or else the end of the text.
	head int
	// open names the elements that enclose the first item, the outermost first.
	open []string
	// broken says that the document ends, or stops being XML, before its root element is closed.
	broken bool
}

// sketch finds the root element and the items. Its only errors are those that forbid any reading.
func sketch(text []byte) (outline, error) {
	text = atomic(xmlStart.ReplaceAll(text, nil))
	found, err := walk(text)
	if err != nil || found.kind != kindOther {
		return found, err
	}
	page, start := pageStart.FindIndex(text), feedRoot.FindIndex(text)
	if page != nil && (start == nil || page[0] < start[0]) {
		return outline{kind: kindHTML}, nil
	}
	if start == nil || start[0] == 0 {
		return found, nil
	}
	// Some junk stands before the feed: a warning of the site's software, a stray line.
	return walk(xmlStart.ReplaceAll(text[start[0]:], nil))
}

// walker reads a document's tags with the same lexer as the parser, so that both see the same elements.
type walker struct {
	outline
	decoder *xml.Decoder
	stack   []string
	opened  map[string]int // how often each name stands in the stack
	item    int            // depth of the item that is being read, 0 outside
	now     span           // that item, so far
	field   *string        // of that item, whose content is being read; nil outside
	content int            // where that content starts
	rooted  int            // where the root element starts, -1 before
	sawPage bool
}

func walk(text []byte) (outline, error) {
	if crowded(text) {
		return outline{}, errCrowded
	}
	w := &walker{decoder: newDecoder(text), rooted: -1, opened: map[string]int{}}
	w.text = text
	w.head = -1
	for {
		from := int(w.decoder.InputOffset())
		token, err := w.decoder.RawToken()
		if err != nil {
			w.broken = !errors.Is(err, io.EOF) || len(w.stack) > 0
			break
		}
		switch token := token.(type) {
		case xml.Directive:
			w.sawPage = w.sawPage || w.rooted < 0 && pageStart.Match([]byte("<!"+string(token)+">"))
		case xml.StartElement:
			w.start(token, from)
			if len(w.stack) > maxDepth {
				return outline{}, errDepth
			}
		case xml.EndElement:
			w.end(token, from)
		}
		if len(w.items) > MaxItems {
			break // what follows is left out
		}
		if w.rooted >= 0 && (len(w.stack) == 0 || w.kind == kindOther || w.kind == kindHTML) {
			break
		}
	}
	if w.sawPage && w.kind == kindOther {
		return outline{kind: kindHTML}, nil
	}
	return w.cut(text), nil
}

// crowded says whether a tag may have more attributes than are read: the parser keeps them all at once.
func crowded(text []byte) bool {
	const short = maxAttributes * len(`a=b `)
	for {
		start := bytes.IndexByte(text, '<')
		if start < 0 {
			return false
		}
		text = text[start+1:]
		end := bytes.IndexByte(text, '>')
		if end < 0 {
			end = len(text)
		}
		tag := text[:end]
		if len(tag) > short && bytes.Count(tag, []byte(`="`))+bytes.Count(tag, []byte(`='`)) > maxAttributes {
			return true
		}
		text = text[end:]
	}
}

func newDecoder(text []byte) *xml.Decoder {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.Strict = false
	decoder.Entity = xml.HTMLEntity
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return decoder
}

// cut makes the outline's places count from the root element.
func (w *walker) cut(text []byte) outline {
	if w.rooted < 0 {
		return outline{}
	}
	if w.head < 0 {
		w.head = len(text)
	}
	w.head -= w.rooted
	w.text = text[w.rooted:]
	for i := range w.items {
		w.items[i].from -= w.rooted
		w.items[i].to -= w.rooted
	}
	return w.outline
}

func (w *walker) start(tag xml.StartElement, from int) {
	name := strings.ToLower(tag.Name.Local)
	if w.rooted < 0 {
		w.rooted, w.kind = from, kindOf(name)
	}
	w.stack = append(w.stack, qualified(tag.Name))
	w.opened[qualified(tag.Name)]++
	switch {
	case w.item > 0:
		w.child(name, tag)
	case name == "item" || name == "entry" || name == "url" && w.kind == kindSitemap:
		w.item, w.now = len(w.stack), span{from: from, about: attributeOf(tag, "about")}
		if w.head < 0 {
			w.head = from
		}
		if len(w.items) == 0 {
			w.open = append([]string(nil), w.stack[:len(w.stack)-1]...)
		}
	case name == "channel":
		w.about = attributeOf(tag, "about")
	case name == "title" && len(w.stack) == 2:
		w.base64 = strings.EqualFold(attributeOf(tag, "mode"), "base64")
	}
}

// child notes what the parser leaves out of a child of an item, or changes.
func (w *walker) child(name string, tag xml.StartElement) {
	rel := attributeOf(tag, "rel")
	switch {
	case len(w.stack) != w.item+1:
	case name == "id" && w.now.id == "":
		w.field, w.content = &w.now.id, int(w.decoder.InputOffset())
	case name == "link" && w.now.link == "" && attributeOf(tag, "href") == "" && (rel == "" || rel == "alternate"):
		w.field, w.content = &w.now.link, int(w.decoder.InputOffset())
	case name == "title":
		w.now.base64 = strings.EqualFold(attributeOf(tag, "mode"), "base64")
	}
}

// end closes the elements up to the one that the tag, which starts at from, names. A tag that closes nothing is passed
// over.
func (w *walker) end(tag xml.EndElement, from int) {
	name := qualified(tag.Name)
	if w.opened[name] == 0 {
		return
	}
	for depth := len(w.stack); depth > 0; depth-- {
		w.opened[w.stack[depth-1]]--
		if w.stack[depth-1] != name {
			continue
		}
		w.stack = w.stack[:depth-1]
		if depth <= w.item+1 && w.field != nil {
			if depth == w.item+1 {
				*w.field = string(w.text[w.content:from])
			}
			w.field = nil
		}
		if w.item >= depth {
			if w.item == depth {
				w.now.to = int(w.decoder.InputOffset())
				w.items = append(w.items, w.now)
			}
			w.item = 0
		}
		return
	}
}

func kindOf(root string) kind {
	switch root {
	case "rss", "feed", "rdf":
		return kindFeed
	case "urlset":
		return kindSitemap
	case "sitemapindex":
		return kindIndex
	case "html":
		return kindHTML
	case "channel":
		return kindCDF
	}
	return kindOther
}

func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

func attributeOf(tag xml.StartElement, name string) string {
	for _, attribute := range tag.Attr {
		if strings.EqualFold(attribute.Name.Local, name) {
			return strings.TrimSpace(attribute.Value)
		}
	}
	return ""
}

// first is the document with its first n items only, closed properly.
func (o outline) first(n int) []byte {
	return o.closed(append([]byte(nil), o.text[:o.items[n-1].to]...))
}

// intact is the document with those items whose tags can be read to the end, brought into balance, and which those are.
func (o outline) intact() (text []byte, kept []span) {
	if len(o.items) == 0 {
		return nil, nil
	}
	text = append(text, o.text[:o.items[0].from]...)
	for _, item := range o.items {
		if piece, whole := balanced(o.text[item.from:item.to]); whole {
			text = append(text, piece...)
			kept = append(kept, item)
		}
	}
	return o.closed(text), kept
}

func (o outline) closed(text []byte) []byte { return closeTags(text, o.open) }

// balanced is a piece of XML with every element closed by its own tag: missing end tags are added, those that close
// nothing are left out. Where the piece stops being XML it is cut, and not whole.
func balanced(piece []byte) (out []byte, whole bool) {
	decoder := newDecoder(piece)
	var stack []string
	opened := map[string]int{} // how often each name stands in the stack
	for {
		from := decoder.InputOffset()
		token, err := decoder.RawToken()
		if err != nil {
			return closeTags(out, stack), errors.Is(err, io.EOF)
		}
		switch token := token.(type) {
		case xml.StartElement:
			stack = append(stack, qualified(token.Name))
			opened[qualified(token.Name)]++
		case xml.EndElement:
			name := qualified(token.Name)
			if opened[name] == 0 {
				continue // without a look through the stack, which could be made to cost minutes
			}
			depth := len(stack) - 1
			for ; stack[depth] != name; depth-- {
				opened[stack[depth]]--
			}
			opened[name]--
			out = closeTags(out, stack[depth+1:])
			stack = stack[:depth]
		}
		out = append(out, piece[from:decoder.InputOffset()]...)
	}
}

func closeTags(text []byte, open []string) []byte {
	for i := len(open) - 1; i >= 0; i-- {
		text = append(text, "</"+open[i]+">"...)
	}
	return text
}
