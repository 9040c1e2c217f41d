package blocks

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// MaxImages bounds the pictures of an article; galleries beyond it are not text.
const MaxImages = 50

// illustrate finds the pictures that stand among the article's blocks and puts their captions where they stand. Only
// what lies in the smallest element around the blocks counts: pictures elsewhere belong to other stories.
func illustrate(doc *html.Node, found []article.Block) Body {
	places := locate(doc, found)
	region := around(places)
	if region == nil {
		return Body{Blocks: found}
	}
	walk := illustrator{places: places, captions: make(map[int][]string)}
	for n := range dom.Elements(region) {
		walk.visit(n)
	}
	return Body{Blocks: merge(found, walk.captions), Images: walk.images}
}

// locate maps elements of the page to the block that was cut from them.
func locate(doc *html.Node, found []article.Block) map[*html.Node]int {
	byText := make(map[string]int, len(found))
	longest := 0
	for i, block := range found {
		longest = max(longest, len(block.Text))
		if _, twice := byText[block.Text]; !twice {
			byText[block.Text] = i
		}
	}
	places := make(map[*html.Node]int, len(found))
	for n := range dom.Elements(doc) {
		if !dom.Is(n, "p", "li", "h2", "h3", "h4", "blockquote", "dd") || dom.Within(n, "aside", "nav", "footer") != nil {
			continue
		}
		if dom.Length(n) > 2*longest {
			continue // a wrapper of many blocks, or mostly white space; reading each of a nest of them takes too long
		}
		text := dom.Text(n)
		if i, ok := byText[text]; ok {
			places[n] = i
			delete(byText, text)
		}
	}
	return places
}

// around is the smallest element that holds nearly all places: the one below which fewer than nine in ten lie is too
// small, and one stray match must not widen it to the whole page.
func around(places map[*html.Node]int) *html.Node {
	held := make(map[*html.Node]int)
	for n := range places {
		for up := n.Parent; up != nil; up = up.Parent {
			held[up]++
		}
	}
	var best *html.Node
	for n := range places {
		for up := n.Parent; up != nil; up = up.Parent {
			if held[up]*10 < len(places)*9 {
				continue
			}
			if best == nil || depth(up) > depth(best) {
				best = up
			}
			break
		}
	}
	// The leading picture stands beside the text more often than in it.
	if best != nil {
		if whole := dom.Within(best, "article", "main"); whole != nil && !dom.Is(best, "article", "main") {
			best = whole
		}
	}
	return best
}

func depth(n *html.Node) int {
	count := 0
	for ; n != nil; n = n.Parent {
		count++
	}
	return count
}

// illustrator walks the article's region and remembers after which block it is.
type illustrator struct {
	places   map[*html.Node]int
	next     int // index of the block that follows
	captions map[int][]string
	images   []article.Image
	stems    map[string]bool
}

func (w *illustrator) visit(n *html.Node) {
	if i, ok := w.places[n]; ok {
		w.next = max(w.next, i+1)
	}
	if !dom.Is(n, "figure") || dom.Within(n, "figure", "aside", "nav", "footer", "a", "ul") != nil || boxed(n) {
		return
	}
	caption := captionOf(n)
	if caption != "" && len(w.captions) < MaxImages {
		w.captions[w.next] = append(w.captions[w.next], caption)
	}
	stem := stemOf(n)
	if stem == "" || w.stems[stem] || len(w.images) == MaxImages {
		return
	}
	if w.stems == nil {
		w.stems = make(map[string]bool)
	}
	w.stems[stem] = true
	w.images = append(w.images, article.Image{Stem: stem, Caption: caption})
}

// boxed says whether a figure stands in something named as furniture, or is the picture of a link to another story.
func boxed(n *html.Node) bool {
	for up := n; up != nil; up = up.Parent {
		if furniture(up) {
			return true
		}
	}
	for inner := range dom.Elements(n) {
		if dom.Is(inner, "h1", "h2", "h3", "h4", "blockquote", "table") {
			return true
		}
	}
	return dom.Hidden(n)
}

// captionLimit is how many bytes a caption may have.
const captionLimit = 2000

func captionOf(figure *html.Node) string {
	for n := range dom.Elements(figure) {
		if n.Data == "figcaption" && dom.Length(n) <= captionLimit {
			return dom.Text(n)
		}
	}
	return ""
}

func stemOf(figure *html.Node) string {
	for n := range dom.Elements(figure) {
		if n.Data != "img" {
			continue
		}
		for _, key := range []string{"src", "data-src", "data-original", "data-lazy-src", "srcset", "data-srcset"} {
			value := strings.TrimSpace(dom.Attr(n, key))
			if strings.HasSuffix(key, "srcset") {
				value, _, _ = strings.Cut(value, " ")
			}
			if stem := Stem(value); stem != "" {
				return stem
			}
		}
	}
	return ""
}

var (
	sizeInName  = regexp.MustCompile(`(?i)(?:[-_]\d{2,4}x\d{2,4}|[-_](?:w|h)?\d{3,4}(?:px|w)?|@[23]x|[-_]scaled)+$`)
	sizeSegment = regexp.MustCompile(`(?i)^(?:\d{2,4}|\d{2,4}x\d{2,4}|[wh][_-]?\d{2,4}|(?:[a-z]{1,2}_[a-z0-9.:]+,?)+|\d{2,4}w)$`)
)

// stemLimit is how many bytes a stem may have.
const stemLimit = 500

// Stem is the path of a picture's address without host, size, query and format, so that a picture delivered in another
// size keeps it. It is empty where the address names no picture.
func Stem(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "data" || u.Scheme == "blob" || u.Opaque != "" {
		return ""
	}
	if inner := u.Query().Get("url"); inner != "" && path.Ext(u.Path) == "" {
		if parsed, err := url.Parse(inner); err == nil {
			u = parsed // an image service that is told the picture's own address
		}
	}
	var kept []string
	for _, segment := range strings.Split(strings.Trim(u.Path, "/"), "/") {
		if segment != "" && !sizeSegment.MatchString(segment) {
			kept = append(kept, segment)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	last := kept[len(kept)-1]
	if ext := path.Ext(last); len(ext) <= 5 {
		last = strings.TrimSuffix(last, ext)
	}
	if short := sizeInName.ReplaceAllString(last, ""); short != "" {
		last = short
	}
	kept[len(kept)-1] = last
	stem := dom.Fold("/" + strings.Join(kept, "/"))
	if len(stem) > stemLimit {
		return ""
	}
	return stem
}

// merge puts captions before the blocks with the given indices. Where the text has the caption already, it becomes one.
func merge(found []article.Block, captions map[int][]string) []article.Block {
	if len(captions) == 0 {
		return found
	}
	isCaption := make(map[string]bool)
	for _, texts := range captions {
		for _, text := range texts {
			isCaption[text] = true
		}
	}
	placed := make(map[string]bool)
	out := make([]article.Block, 0, len(found)+len(captions))
	for i := 0; i <= len(found); i++ {
		for _, text := range captions[i] {
			if !placed[text] {
				placed[text] = true
				out = append(out, article.Block{Kind: article.Caption, Text: text})
			}
		}
		if i < len(found) && !isCaption[found[i].Text] {
			out = append(out, found[i])
		}
	}
	return out
}
