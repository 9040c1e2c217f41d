package dom

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"golang.org/x/net/html"
)

// MaxDepth is how deep a tree may be: news pages stay below 60, and every later step recurses.
const MaxDepth = 512

// MaxNodes is how many nodes a tree may have: the largest news pages have about 30,000.
const MaxNodes = 200_000

// ErrTooLarge says that a tree is deeper than MaxDepth or has more than MaxNodes nodes.
var ErrTooLarge = errors.New("tree too deep or too large")

// Parse reads a page into a tree within MaxDepth and MaxNodes, as a reader without scripts does: what stands in noscript
// becomes elements. The text of scripts and styles and what is drawn in vectors is left out, but for data for machines,
// and so are the attributes that this program does not look at. Its errors wrap ErrTooLarge.
func Parse(text string) (*html.Node, error) { return parse(text, false) }

// ParseWhole is Parse with all attributes, for who looks for elements by selectors.
func ParseWhole(text string) (*html.Node, error) { return parse(text, true) }

func parse(text string, whole bool) (*html.Node, error) {
	text, err := thin(text, whole)
	if err != nil {
		return nil, err
	}
	doc, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		// A reader of a string cannot fail: what is left is the parser's own bound on open elements.
		return nil, fmt.Errorf("parsing page: %w: %w", ErrTooLarge, err)
	}
	if err := bounded(doc); err != nil {
		return nil, err
	}
	if streamed(text) && settle(doc) {
		if err := bounded(doc); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func bounded(doc *html.Node) error {
	if nodes, depth := measure(doc); nodes > MaxNodes || depth > MaxDepth {
		return fmt.Errorf("parsing page: %w: %d nodes, depth %d", ErrTooLarge, nodes, depth)
	}
	return nil
}

// measure counts without recursion, as it runs before the depth is known to be harmless.
func measure(doc *html.Node) (nodes, deepest int) {
	depth := 0
	for n := doc; n != nil; {
		nodes++
		deepest = max(deepest, depth)
		if n.FirstChild != nil {
			n = n.FirstChild
			depth++
			continue
		}
		for n != nil && n.NextSibling == nil {
			n = n.Parent
			depth--
		}
		if n != nil {
			n = n.NextSibling
		}
	}
	return nodes, deepest
}

// Elements yields the elements below a node in document order. It does not recurse, as whole pages are walked often.
func Elements(root *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for n := root; ; {
			if n.FirstChild != nil {
				n = n.FirstChild
			} else {
				for n != root && n.NextSibling == nil {
					n = n.Parent
				}
				if n == root {
					return
				}
				n = n.NextSibling
			}
			if n.Type == html.ElementNode && !yield(n) {
				return
			}
		}
	}
}

// Attr is an attribute's value, empty where there is none.
func Attr(n *html.Node, key string) string {
	for _, attr := range n.Attr {
		if attr.Key == key && attr.Namespace == "" {
			return attr.Val
		}
	}
	return ""
}

// Is says whether a node is an element with one of the names.
func Is(n *html.Node, names ...string) bool {
	if n == nil || n.Type != html.ElementNode {
		return false
	}
	for _, name := range names {
		if n.Data == name {
			return true
		}
	}
	return false
}

// Within is the nearest ancestor with one of the names, nil where there is none.
func Within(n *html.Node, names ...string) *html.Node {
	for up := n.Parent; up != nil; up = up.Parent {
		if Is(up, names...) {
			return up
		}
	}
	return nil
}

// Hidden says whether a node or an ancestor is declared invisible.
func Hidden(n *html.Node) bool {
	for ; n != nil && n.Type == html.ElementNode; n = n.Parent {
		for _, attr := range n.Attr {
			switch attr.Key {
			case "hidden":
				return true
			case "style":
				style := strings.ReplaceAll(strings.ToLower(attr.Val), " ", "")
				if strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden") {
					return true
				}
			}
		}
	}
	return false
}

// Tokens are the words of an element's classes, id, itemprop and data-testid, in lower case, with the class names
// themselves: "article-standfirst big" gives article-standfirst, article, standfirst, big.
func Tokens(n *html.Node) []string {
	var tokens []string
	for _, key := range []string{"class", "id", "itemprop", "data-testid", "data-component"} {
		for _, name := range strings.Fields(Attr(n, key)) {
			tokens = append(tokens, nameTokens(name)...)
		}
	}
	return tokens
}

func nameTokens(name string) []string {
	parts := strings.FieldsFunc(camelToKebab(name), func(r rune) bool { return r == '-' || r == '_' || r == ':' || r == '.' })
	whole := strings.Join(parts, "-")
	if len(parts) < 2 {
		return []string{whole}
	}
	return append(parts, whole)
}

func camelToKebab(name string) string {
	if !upper(name) {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z' {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
