package feed

import (
	"bytes"
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// The bounds of what the parser is given of one item, or of all that stands outside items. They are far above what
// feeds hold and low enough for the parser, which takes up to a hundred times the memory.
const (
	maxPiece      = 512 << 10 // bytes
	maxField      = 128 << 10 // bytes of text of one child
	maxElements   = 3000
	maxTag        = 16 << 10 // bytes of a start tag
	maxAttributes = 60
	maxValue      = 4 << 10 // bytes of an attribute
	maxBase       = 500     // bytes of an xml:base, which the parser takes apart for every address below it
)

// trimmer writes pieces of a document as well-formed XML: every element closed by its own tag, nothing that XML forbids,
// no comments and no declarations, and nothing beyond the bounds. What it is given in several pieces is one text to it.
type trimmer struct {
	out      []byte
	stack    [][]byte
	opened   map[string]int // how often each name stands in the stack
	field    int            // bytes of text in the child that is being written
	elements int
	skip     int  // how many elements are open of those that are left out
	clipped  bool // something was left out
	mended   bool // a child of the item had no end tag
	// hints is where to note what the parser leaves out or changes.
	hints *hint
	head  bool // the text is what stands outside items
	own   *entities
	watch *string // of the hints, whose content is being read
}

// reset makes the trimmer ready for an item, or for what stands outside items. The document's own entities stay.
func (t *trimmer) reset(hints *hint, head bool) {
	if t.opened == nil || len(t.opened) > 100 {
		t.opened = map[string]int{}
	}
	clear(t.opened)
	*t = trimmer{out: t.out[:0], stack: t.stack[:0], opened: t.opened, hints: hints, head: head, own: t.own}
}

// add writes a piece.
func (t *trimmer) add(piece []byte) {
	l := lexer{text: piece}
	for {
		next, more := l.next()
		if !more {
			return
		}
		switch next.kind {
		case tokenText:
			t.text(next.inner, false)
		case tokenCDATA:
			t.text(next.inner, true)
		case tokenStart:
			t.start(next)
		case tokenEnd:
			t.end(next.name)
		}
	}
}

// close ends all that is open.
func (t *trimmer) close() []byte {
	t.closeTo(0)
	return t.out
}

func (t *trimmer) start(tag token) {
	if !properName(tag.name) {
		return
	}
	for len(t.stack) > 1 && excludes(t.stack[len(t.stack)-1], tag.name) {
		t.closeTo(len(t.stack) - 1) // its end tag is missing
		t.mended = true
	}
	if len(t.stack) == 1 || len(t.stack) == 2 && t.head { // the children of a channel
		t.field = 0
	}
	t.elements++
	empty := tag.closed || isVoid(tag.name) && len(t.stack) > 0
	if t.elements > maxElements || len(t.out)+min(len(tag.inner), maxTag) > maxPiece || t.skip > 0 {
		t.clipped = true
		if !empty {
			t.skip++
			t.push(tag.name)
		}
		return
	}
	t.note(tag)
	t.out = appendTag(t.out, tag, empty, t.own)
	if !empty {
		t.push(tag.name)
	}
}

func (t *trimmer) push(name []byte) {
	t.stack = append(t.stack, name)
	t.opened[string(name)]++
}

func (t *trimmer) end(name []byte) {
	if t.opened[string(name)] == 0 {
		return
	}
	for depth := len(t.stack); depth > 0; depth-- {
		if bytes.Equal(t.stack[depth-1], name) {
			t.mended = t.mended || depth == 1 && len(t.stack) > 1
			t.closeTo(depth - 1)
			return
		}
	}
}

func (t *trimmer) closeTo(depth int) {
	for len(t.stack) > depth {
		name := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.opened[string(name)]--
		if len(t.stack) == 1 {
			t.watch = nil
		}
		if t.skip > 0 {
			t.skip--
			continue
		}
		t.out = append(t.out, "</"...)
		t.out = append(t.out, name...)
		t.out = append(t.out, '>')
	}
}

func (t *trimmer) text(inner []byte, verbatim bool) {
	left := min(maxField-t.field, maxPiece-len(t.out))
	if t.skip > 0 || left <= 0 {
		t.clipped = t.clipped || len(bytes.TrimSpace(inner)) > 0
		return
	}
	if len(inner) > left {
		t.clipped = true
		inner = clipText(inner, left)
	}
	t.field += len(inner)
	from := len(t.out)
	if verbatim {
		t.out = append(t.out, "<![CDATA["...)
	}
	t.out = appendText(t.out, inner, verbatim, t.own)
	if verbatim {
		t.out = append(t.out, "]]>"...)
	}
	if t.watch != nil {
		*t.watch += string(t.out[from:])
	}
}

// clipText cuts a text so that neither a character nor a reference is cut in two.
func clipText(text []byte, size int) []byte {
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	const longest = 40 // of the references that have a meaning
	start := max(0, size-longest)
	if at := bytes.LastIndexByte(text[start:size], '&'); at >= 0 && bytes.IndexByte(text[start+at:size], ';') < 0 {
		size = start + at
	}
	return text[:size]
}

// note remembers what the parser leaves out of a child of an item, or changes.
func (t *trimmer) note(tag token) {
	name := local(tag.name)
	switch {
	case t.head && len(t.stack) <= 1 && string(name) == "channel", !t.head && len(t.stack) == 0:
		t.hints.about = valueIn(tag.inner, "about")
	case len(t.stack) != 1 || tag.closed:
	case bytes.EqualFold(name, []byte("title")):
		t.hints.base64 = t.hints.base64 || strings.EqualFold(valueIn(tag.inner, "mode"), "base64")
	case t.head:
	case string(name) == "id" && t.hints.id == "":
		t.watch = &t.hints.id
	case string(name) == "created":
		t.hints.created = ""
		t.watch = &t.hints.created
	case string(name) == "link" && t.hints.link == "" && valueIn(tag.inner, "href") == "":
		if rel := valueIn(tag.inner, "rel"); rel == "" || rel == "alternate" {
			t.watch = &t.hints.link
		}
	}
}

// excludes says whether a tag cannot stand within an element, so that the element's end tag must be missing.
func excludes(element, tag []byte) bool {
	switch string(element) {
	case "guid", "link", "pubDate", "comments", "id", "updated", "published", "issued", "modified", "created",
		"lastBuildDate", "ttl", "loc", "lastmod": // which hold nothing but an address or a date
		switch string(tag) {
		case "title", "summary", "content", "author", "source", "link", "id":
			return true
		}
	case "title", "description", "summary": // which may hold markup of pages
	default:
		return false
	}
	switch string(tag) {
	case "guid", "pubDate", "description", "category", "enclosure", "comments", "updated", "published", "issued", "modified",
		"created", "content:encoded", "lastmod", "loc":
		return true
	}
	return false
}

// properName says whether the parser takes the name of an element.
func properName(name []byte) bool {
	colons := 0
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= utf8.RuneSelf:
		case c == ':' && i > 0 && i < len(name)-1:
			colons++
		case (c >= '0' && c <= '9' || c == '-' || c == '.') && i > 0:
		default:
			return false
		}
	}
	return len(name) > 0 && len(name) < 200 && colons <= 1
}

// appendTag writes a start tag. An end tag of an empty element is written out, since the parser knows no shorter one.
func appendTag(out []byte, tag token, empty bool, own *entities) []byte {
	out = append(append(out, '<'), tag.name...)
	size, count := 0, 0
	eachAttribute(tag.inner, func(a attribute) bool {
		size += len(a.name) + len(a.value)
		count++
		if size > maxTag || count > maxAttributes {
			return false
		}
		tooLong := len(a.value) > maxValue || len(a.value) > maxBase && bytes.EqualFold(local(a.name), []byte("base"))
		if properName(a.name) && !tooLong {
			out = append(append(append(out, ' '), a.name...), `="`...)
			out = appendValue(out, a.value, own)
			out = append(out, '"')
		}
		return true
	})
	out = append(out, '>')
	if empty {
		out = append(append(append(out, "</"...), tag.name...), '>')
	}
	return out
}

func appendValue(out, value []byte, own *entities) []byte {
	from := len(out)
	out = appendText(out, value, false, own)
	if bytes.IndexByte(out[from:], '"') < 0 {
		return out
	}
	return append(out[:from], bytes.ReplaceAll(out[from:], []byte(`"`), []byte("&#34;"))...)
}

// newDecoder reads what a trimmer wrote.
func newDecoder(text []byte) *xml.Decoder {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.Strict = false
	decoder.Entity = xml.HTMLEntity
	return decoder
}
