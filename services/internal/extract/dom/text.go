package dom

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// silent says whether an element is one whose text no reader sees.
func silent(element string) bool {
	switch element {
	case "script", "style", "template", "noscript", "svg", "head", "iframe", "object", "select", "textarea", "math":
		return true
	}
	return false
}

// breaking says whether an element ends a line, so that the words on its two sides do not run together.
func breaking(element string) bool {
	switch element {
	case "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl",
		"dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
		"li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
		"ul":
		return true
	}
	return false
}

// Breaking says whether an element stands on a line of its own.
func Breaking(n *html.Node) bool { return n.Type == html.ElementNode && breaking(n.Data) }

// Silent says whether an element's text is not for readers.
func Silent(n *html.Node) bool {
	return n.Type == html.CommentNode || n.Type == html.ElementNode && silent(n.Data)
}

// Text is the folded text below a node.
func Text(n *html.Node) string {
	var b strings.Builder
	gather(&b, n)
	return Fold(b.String())
}

// Length is how many bytes of text, before folding, stand below a node. It is much cheaper than Text.
func Length(n *html.Node) int {
	if Silent(n) {
		return 0
	}
	if n.Type == html.TextNode {
		return len(n.Data)
	}
	total := 0
	for child := range n.ChildNodes() {
		total += Length(child)
	}
	return total
}

func gather(b *strings.Builder, n *html.Node) {
	if Silent(n) {
		return
	}
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	if Breaking(n) {
		b.WriteByte(' ')
	}
	for child := range n.ChildNodes() {
		gather(b, child)
	}
	if Breaking(n) {
		b.WriteByte(' ')
	}
}

// Fold brings text into the one form in which it is compared: NFC, runs of white space as one space, none at the ends,
// no control characters, no invisible ones except the joiners inside words of the scripts that need them.
func Fold(text string) string {
	if folded, ok := foldPlain(text); ok {
		return folded
	}
	return foldAny(text)
}

// foldPlain folds text of nothing but runes that stand alone in NFC: most text of most languages. It says whether it could.
func foldPlain(text string) (string, bool) {
	for text != "" && (text[0] == ' ' || text[0] >= '\t' && text[0] <= '\r') {
		text = text[1:]
	}
	i := folded(text)
	if rest := text[i:]; rest == "" || rest == " " {
		return text[:i], true
	}
	out := append(make([]byte, 0, len(text)), text[:i]...)
	pending := false
	for i < len(text) {
		c := text[i]
		size := 1
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			pending = true
			i++
			continue
		case c < ' ' || c == 0x7f:
			i++ // a control character
			continue
		case c >= utf8.RuneSelf:
			var r rune
			if r, size = utf8.DecodeRuneInString(text[i:]); r == '\u00a0' {
				pending = true
				i += size
				continue
			} else if !alone(r) {
				return "", false
			}
		}
		if pending && len(out) > 0 {
			out = append(out, ' ')
		}
		pending = false
		out = append(out, text[i:i+size]...)
		i += size
	}
	return string(out), true
}

// folded is how many bytes a text begins with that are folded already. It ends behind no space.
func folded(text string) int {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ':
			if i+1 == len(text) || text[i+1] == ' ' {
				return i
			}
			i++
		case c < ' ' || c == 0x7f:
			return behindSpace(text, i)
		case c < utf8.RuneSelf:
			i++
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			if !alone(r) {
				return behindSpace(text, i)
			}
			i += size
		}
	}
	return len(text)
}

// behindSpace is a place in a text, or the one before a space that stands before it.
func behindSpace(text string, at int) int {
	if at > 0 && text[at-1] == ' ' {
		return at - 1
	}
	return at
}

// alone says whether a rune is neither space nor invisible, and composes with nothing that is alone too.
func alone(r rune) bool {
	switch {
	case r < 0xa1 || r == 0xad || r == utf8.RuneError:
		return false
	case r < 0x300: // Latin
		return true
	case r >= 0x400 && r < 0x483, r >= 0x48a && r < 0x530: // Cyrillic
		return true
	case r >= 0x2010 && r <= 0x2027, r >= 0x2030 && r <= 0x203a, r == 0x20ac: // punctuation
		return true
	case r >= 0x3001 && r <= 0x3020, r >= 0x3041 && r <= 0x3096, r >= 0x30a1 && r <= 0x30fe: // Japanese
		return true
	case r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3: // Han, Hangul
		return true
	}
	return false
}

func foldAny(text string) string {
	runes := []rune(norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD")))
	out := make([]rune, 0, len(runes))
	pending := false
	for i, r := range runes {
		if unicode.IsSpace(r) {
			pending = true
			continue
		}
		if invisible(r) || joiner(r) && !joins(out, pending, runes[i+1:]) {
			continue
		}
		if pending && len(out) > 0 {
			out = append(out, ' ')
		}
		pending = false
		out = append(out, r)
	}
	// What was dropped between two runes may let them compose.
	return norm.NFC.String(string(out))
}

func invisible(r rune) bool {
	switch {
	case r == '\u00AD', r == '\u200B', r == '\u2060', r == '\uFEFF', r == '\u180E':
		return true
	case r == '\u200E' || r == '\u200F' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069':
		return true // marks of direction
	case r >= '\uE000' && r <= '\uF8FF':
		return true // private use: icon fonts
	}
	return unicode.IsControl(r)
}

func joiner(r rune) bool { return r == '\u200C' || r == '\u200D' }

// joins says whether a joiner stands between two runes that can be joined: neither space nor ASCII.
func joins(before []rune, pending bool, after []rune) bool {
	return !pending && len(before) > 0 && before[len(before)-1] > unicode.MaxASCII && !joiner(before[len(before)-1]) &&
		len(after) > 0 && after[0] > unicode.MaxASCII && !unicode.IsSpace(after[0]) && !joiner(after[0]) &&
		!invisible(after[0])
}
