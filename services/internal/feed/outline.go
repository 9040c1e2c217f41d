package feed

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
)

const (
	// maxDepth bounds nesting. Feeds nest about ten deep, with XHTML content forty; the parser recurses and a stack that
	// overflows cannot be caught.
	maxDepth = 500
	// maxTags bounds how many tags are looked at. Fifteen megabytes of honest feed have some 600,000.
	maxTags = 1_500_000
	// maxPrologue is where the root element begins at the latest.
	maxPrologue = 256 << 10
	// prologuePiece is how much of a <!DOCTYPE> says what it is of.
	prologuePiece = 100
)

var errDepth = errors.New("the feed nests its elements too deeply to be read")

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
	xmlStart  = regexp.MustCompile(`(?is)^\s*<\?xml\b.*?\?>`)
	pageStart = regexp.MustCompile(`(?i)<!doctype\s+html|<(?:html|head|body|title|script|meta|div)[\s>]`)
)

// span is an item in a text, from its start tag to behind its end tag.
type span struct{ from, to int }

// outline is what a first pass over a document found: enough to cut it at any item.
type outline struct {
	kind kind
	// isAtom says that the root element is that of Atom.
	isAtom bool
	text   []byte // from the root element on
	items  []span
	// open are the start tags of the elements that enclose the first item, the outermost first, as they are written.
	open []token
	// tail is where nothing follows that belongs to the document: behind the root's end tag, or where the text ends or
	// stops making sense.
	tail int
	// broken says that the document ends before its root element is closed, or within an item.
	broken bool
	more   bool // there are more items or tags than are read
	own    *entities
}

// sketch finds the root element and the items. Its only errors are those that forbid any reading.
func sketch(text []byte) (outline, error) {
	if declaration := xmlStart.Find(text[:min(len(text), maxPrologue)]); declaration != nil {
		text = text[len(declaration):]
	}
	found, err := walk(text)
	if err != nil || found.kind != kindOther {
		return found, err
	}
	start := text[:min(len(text), maxPrologue)]
	page, root := pageStart.FindIndex(start), feedRoot.FindIndex(start)
	if page != nil && (root == nil || page[0] < root[0]) {
		return outline{kind: kindHTML}, nil
	}
	if root == nil || root[0] == 0 {
		return found, nil
	}
	// Some junk stands before the feed: a warning of the site's software, a stray line.
	return walk(text[root[0]:])
}

// walker follows a document's tags.
type walker struct {
	outline
	lexer   lexer
	stack   [][]byte
	tags    []token        // of the stack, while no item has been met
	opened  map[string]int // how often each name stands in the stack
	item    int            // depth of the item that is being read, 0 outside
	from    int            // where that item starts
	count   int
	rooted  bool
	sawPage bool
}

func walk(text []byte) (outline, error) {
	w := &walker{lexer: lexer{text: text}, opened: map[string]int{}}
	w.text = text
	for {
		t, more := w.lexer.next()
		if !more || w.more {
			w.broken = w.broken || !w.more && (len(w.stack) > 0 || w.lexer.unfinished)
			break
		}
		switch t.kind {
		case tokenDirective:
			if !w.rooted {
				w.sawPage = w.sawPage || pageStart.Match(text[t.from:min(t.to, t.from+prologuePiece)])
				w.own = declared(t.inner)
			}
		case tokenStart:
			w.start(t)
		case tokenEnd:
			w.end(t)
		}
		if len(w.stack) > maxDepth {
			return outline{}, errDepth
		}
		if w.rooted && (len(w.stack) == 0 || w.kind == kindOther || w.kind == kindHTML) || !w.rooted && t.to > maxPrologue {
			break
		}
	}
	w.tail = min(w.lexer.at, len(text))
	if w.sawPage && w.kind == kindOther {
		return outline{kind: kindHTML}, nil
	}
	return w.outline, nil
}

func (w *walker) start(t token) {
	name := strings.ToLower(string(local(t.name)))
	if !w.rooted {
		w.rooted, w.kind, w.isAtom = true, kindOf(name), name == "feed"
	}
	if w.count++; w.count > maxTags {
		w.more = true
		return
	}
	isItem := w.isItem(name)
	if isItem && w.item > 0 && bytes.Equal(w.stack[w.item-1], t.name) {
		// An item does not hold another: the end tag of the one before is missing.
		w.broken = true
		w.close(w.item, t.from, t.from)
	}
	if t.closed {
		if isItem && w.item == 0 {
			w.frame()
			w.add(span{t.from, t.to})
		}
		return
	}
	if isVoid(t.name) && len(w.stack) > 0 {
		return
	}
	if isItem && w.item == 0 {
		w.frame()
		w.item, w.from = len(w.stack)+1, t.from
	}
	w.stack = append(w.stack, t.name)
	w.opened[string(t.name)]++
	if w.item == 0 && w.open == nil {
		w.tags = append(w.tags, t)
	}
}

func (w *walker) isItem(name string) bool {
	switch w.kind {
	case kindSitemap:
		return name == "url"
	case kindIndex:
		return name == "sitemap"
	}
	return name == "item" || name == "entry"
}

// frame notes what encloses the first item.
func (w *walker) frame() {
	if w.open == nil {
		w.open = append([]token{}, w.tags...)
	}
}

func (w *walker) add(item span) {
	if len(w.items) >= MaxItems {
		w.more = true
		return
	}
	w.items = append(w.items, item)
}

// end closes the elements up to the one that the tag names. A tag that closes nothing is passed over.
func (w *walker) end(t token) {
	if w.opened[string(t.name)] == 0 {
		return
	}
	for depth := len(w.stack); depth > 0; depth-- {
		if bytes.Equal(w.stack[depth-1], t.name) {
			w.close(depth, t.from, t.to)
			return
		}
	}
}

// close takes the elements from a depth on off the stack, by an end tag at that place. An item among them ends there too.
func (w *walker) close(depth, from, to int) {
	for _, name := range w.stack[depth-1:] {
		if w.opened[string(name)]--; w.opened[string(name)] == 0 {
			delete(w.opened, string(name)) // what is kept is never more than the stack
		}
	}
	w.stack = w.stack[:depth-1]
	w.tags = w.tags[:min(len(w.tags), depth-1)]
	switch {
	case w.item == depth:
		w.add(span{w.from, to})
		w.item = 0
	case w.item > depth: // its own end tag never came, but what encloses it was closed
		w.broken = true
		w.add(span{w.from, from})
		w.item = 0
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

// isVoid says whether a tag is one of HTML that has no end.
func isVoid(name []byte) bool {
	switch string(name) {
	case "br", "hr", "img", "wbr", "input", "BR", "HR", "IMG":
		return true
	}
	return false
}
