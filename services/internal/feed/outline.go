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

var errDepth = errors.New("the feed nests its elements too deeply to be read")

type kind int

const (
	kindOther kind = iota
	kindFeed
	kindSitemap
	kindIndex
	kindHTML
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
}

// outline is what a first pass over a document found: enough to cut it at any item.
type outline struct {
	kind  kind
	text  []byte // from the root element on
	about string // rdf:about of the channel
	items []span
	// head is where the first item starts, whole or not, or else the end of the text.
	head int
	// open names the elements that enclose the first item, the outermost first.
	open []string
	// broken says that the document ends, or stops being XML, before its root element is closed.
	broken bool
}

// sketch finds the root element and the items. Its only errors are those that forbid any reading.
func sketch(text []byte) (outline, error) {
	text = xmlStart.ReplaceAll(text, nil)
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
	item    int // depth of the item that is being read, 0 outside
	started int // where it starts
	about   string
	rooted  int // where the root element starts, -1 before
	sawPage bool
}

func walk(text []byte) (outline, error) {
	w := &walker{decoder: newDecoder(text), rooted: -1}
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
			w.end(token)
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
	switch {
	case w.item > 0:
	case name == "item" || name == "entry" || name == "url" && w.kind == kindSitemap:
		w.item, w.started, w.about = len(w.stack), from, aboutOf(tag)
		if w.head < 0 {
			w.head = from
		}
		if len(w.items) == 0 {
			w.open = append([]string(nil), w.stack[:len(w.stack)-1]...)
		}
	case name == "channel":
		w.outline.about = aboutOf(tag)
	}
}

// end closes the elements up to the one that the tag names. A tag that closes nothing is passed over.
func (w *walker) end(tag xml.EndElement) {
	name := qualified(tag.Name)
	for depth := len(w.stack); depth > 0; depth-- {
		if w.stack[depth-1] != name {
			continue
		}
		w.stack = w.stack[:depth-1]
		if w.item >= depth {
			if w.item == depth {
				w.items = append(w.items, span{w.started, int(w.decoder.InputOffset()), w.about})
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
	}
	return kindOther
}

func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

func aboutOf(tag xml.StartElement) string {
	for _, attribute := range tag.Attr {
		if strings.EqualFold(attribute.Name.Local, "about") {
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
	for {
		from := decoder.InputOffset()
		token, err := decoder.RawToken()
		if err != nil {
			return closeTags(out, stack), errors.Is(err, io.EOF)
		}
		switch token := token.(type) {
		case xml.StartElement:
			stack = append(stack, qualified(token.Name))
		case xml.EndElement:
			depth := len(stack) - 1
			for depth >= 0 && stack[depth] != qualified(token.Name) {
				depth--
			}
			if depth < 0 {
				continue
			}
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
