package dom

import (
	"strings"
	"unicode/utf8"
)

// reads says whether any reader of the tree asks for an attribute, by its name in lower case, of an element. Whoever
// asks for another one adds it here; what the parser itself asks for is among them. A test in extract compares readings
// with and without the rest.
func reads(element, name, value string) bool {
	switch name {
	case "class", "id", "itemprop", "role", "data-testid", "data-component", "data-type", "data-module", "hidden", "content", "datetime":
		return true
	case "style":
		return mayHide(value)
	case "type":
		return element == "script" || element == "input"
	case "rel":
		return element == "a" || element == "link"
	case "href":
		return element == "link" || element == "a" && mayLeadToAuthor(value)
	case "property", "name", "http-equiv":
		return element == "meta"
	case "lang":
		return element == "html"
	case "src", "srcset", "data-src", "data-srcset", "data-original", "data-lazy-src":
		return element == "img"
	}
	return false
}

// mayHide says whether a style, as it is written in a page, could be display:none or visibility:hidden. It may say so of
// others: what is looked for is no more than a value with such a beginning, or one in signs for other characters.
func mayHide(style string) bool {
	for i := 0; i < len(style); i++ {
		switch style[i] {
		case '&':
			return true
		case ':':
			at := i + 1
			for at < len(style) && style[at] == ' ' {
				at++
			}
			if at < len(style) && (style[at]|0x20 == 'n' || style[at]|0x20 == 'h') {
				return true
			}
		}
	}
	return false
}

// authorPaths are beginnings of what stands in the addresses of authors' pages, in lower case.
var authorPaths = []string{"auth", "auto", "aute", "redak", "journ", "repor", "writ", "contrib", "colum", "forfa", "skrib"}

// mayLeadToAuthor says whether an address, as it is written in a page, could be of a page about an author.
func mayLeadToAuthor(href string) bool {
	for i := 0; i < len(href); i++ {
		if c := href[i]; c == '&' || c >= utf8.RuneSelf {
			return true // other signs for the same letters
		} else if c != '/' {
			continue
		}
		for _, path := range authorPaths {
			if rest := href[i+1:]; len(rest) > len(path) && rest[0]|0x20 == path[0] && strings.EqualFold(rest[:len(path)], path) {
				return true
			}
		}
	}
	return false
}

// undress leaves out the attributes of the tag read last that nobody asks for. Those of elements for formatting stay, as
// the parser compares such elements by them; of links it never has two to compare. Formulas are read by other rules.
func (t *thinner) undress(element string) {
	if t.whole || formatting(element) && element != "a" || element == "math" {
		return
	}
	from, to := -1, 0 // of those in a row that nobody asks for
	for _, a := range t.attrs {
		if from >= 0 && !t.blank(to, a.at) {
			t.cut(from, to)
			from = -1
		}
		spare := t.text[a.at-1] != '/' && !t.asked(element, a) // a slash before the end would have a meaning
		if !spare && from >= 0 {
			t.cut(from, to)
			from = -1
		}
		if spare && from < 0 {
			from = a.at
		}
		to = a.end
	}
	if from >= 0 {
		t.cut(from, to)
	}
}

// cut leaves out attributes and the space behind them.
func (t *thinner) cut(from, to int) {
	for space(t.text[to]) {
		to++
	}
	t.leaveOut(from, to)
}

func (t *thinner) asked(element string, a attribute) bool {
	name, value := t.text[a.at:a.named], t.text[a.from:a.to]
	return reads(element, name, value) || upper(name) && reads(element, strings.ToLower(name), value)
}

func upper(name string) bool {
	for i := range len(name) {
		if name[i] >= 'A' && name[i] <= 'Z' {
			return true
		}
	}
	return false
}

// blank says whether nothing but space stands between two places.
func (t *thinner) blank(from, to int) bool {
	for from < to && space(t.text[from]) {
		from++
	}
	return from == to
}
