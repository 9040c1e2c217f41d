package search

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a query.
const (
	maxQueryBytes = 4 << 10
	maxQueryDepth = 64
	maxQueryNodes = 200
	maxPhrase     = 128 // tokens
)

// SyntaxError says where a query cannot be understood, and what to do about it.
type SyntaxError struct {
	Offset  int // in bytes
	Message string
}

// Error is the message with its place, counted from 1.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s (at character %d of the search)", e.Message, e.Offset+1)
}

// Parse reads the query language: words, "phrases" and prefix*, side by side or joined by AND, OR and NOT (or a minus
// sign), brackets, and the fields title: body: added: removed: source: kind: article: lang: after: before: score>
// weight:. Words without a letter or digit are passed over. An empty text is the nil query, which matches everything.
// The error is a *SyntaxError.
func Parse(s string) (Query, error) {
	if len(s) > maxQueryBytes {
		return nil, &SyntaxError{maxQueryBytes, "The search is longer than 4,096 bytes: shorten it."}
	}
	if !utf8.ValidString(s) {
		return nil, &SyntaxError{0, "The search is not valid UTF-8 text: type it again."}
	}
	p := &parser{text: s}
	q, err := p.either(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(s) {
		return nil, p.fail(p.at, "This closing bracket has no opening one: remove it, or put ( before it.")
	}
	if q == nil && strings.TrimSpace(s) != "" {
		return nil, p.fail(0, "There is no word to search for: write at least one letter or digit.")
	}
	return q, nil
}

// parser walks through a query once, by recursive descent.
type parser struct {
	text  string
	at    int
	nodes int
}

func (p *parser) fail(at int, format string, args ...any) error {
	return &SyntaxError{at, fmt.Sprintf(format, args...)}
}

// made counts a new node.
func (p *parser) made(at int, q Query) (Query, error) {
	if p.nodes++; p.nodes > maxQueryNodes {
		return nil, p.fail(at, "The search has more than %d parts: remove some.", maxQueryNodes)
	}
	return q, nil
}

func (p *parser) space() {
	for p.at < len(p.text) {
		r, size := utf8.DecodeRuneInString(p.text[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += size
	}
}

// operator takes AND, OR or NOT if it comes next as a word of its own.
func (p *parser) operator(word string) bool {
	p.space()
	rest := p.text[p.at:]
	if !strings.HasPrefix(rest, word) || wordEnd(rest) != len(word) {
		return false
	}
	p.at += len(word)
	return true
}

// ended says whether nothing more comes on this level.
func (p *parser) ended() bool {
	p.space()
	return p.at >= len(p.text) || p.text[p.at] == ')'
}

// either reads parts with OR between them.
func (p *parser) either(depth int) (Query, error) {
	start := p.at
	var parts Or
	for {
		q, err := p.all(depth)
		if err != nil {
			return nil, err
		}
		if q != nil {
			parts = append(parts, q)
		}
		at := p.at
		if !p.operator("OR") {
			break
		}
		if p.ended() {
			return nil, p.fail(at, "OR stands at the end: write a word after it, or remove it.")
		}
	}
	switch len(parts) {
	case 0:
		return nil, nil
	case 1:
		return parts[0], nil
	}
	return p.made(start, parts)
}

// all reads parts side by side, or with AND between them, up to an OR.
func (p *parser) all(depth int) (Query, error) {
	start := p.at
	var parts And
	for first := true; !p.ended(); first = false {
		at := p.at
		if p.operator("OR") {
			p.at = at
			if first {
				return nil, p.fail(at, "OR has nothing before it: write a word before it, or remove it.")
			}
			break
		}
		if p.operator("AND") {
			if first {
				return nil, p.fail(at, "AND has nothing before it: write a word before it, or remove it.")
			}
			if p.ended() || p.peekOperator() {
				return nil, p.fail(at, "AND has nothing after it: write a word after it, or remove it.")
			}
		}
		q, err := p.negated(depth)
		if err != nil {
			return nil, err
		}
		if q != nil {
			parts = append(parts, q)
		}
	}
	switch len(parts) {
	case 0:
		return nil, nil
	case 1:
		return parts[0], nil
	}
	return p.made(start, parts)
}

func (p *parser) peekOperator() bool {
	at := p.at
	defer func() { p.at = at }()
	return p.operator("AND") || p.operator("OR")
}

// negated reads a part with any NOT before it.
func (p *parser) negated(depth int) (Query, error) {
	at := p.at
	if depth > maxQueryDepth {
		return nil, p.fail(at, "Brackets and NOT go deeper than %d: write it more simply.", maxQueryDepth)
	}
	word := p.operator("NOT")
	if !word && !p.minus() {
		return p.part(depth)
	}
	if p.ended() || p.peekOperator() {
		return nil, p.fail(at, "NOT has nothing after it: write the word to leave out after it, or remove it.")
	}
	q, err := p.negated(depth + 1)
	if err != nil || q == nil {
		return nil, err
	}
	return p.made(at, Not{q})
}

// minus takes a minus sign that stands directly before something.
func (p *parser) minus() bool {
	rest := p.text[p.at:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == '-' || rest[1] == ')' {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(rest[1:]); unicode.IsSpace(r) {
		return false
	}
	p.at++
	return true
}

// part reads brackets, a phrase or a word.
func (p *parser) part(depth int) (Query, error) {
	at := p.at
	if p.text[at] == '(' {
		p.at++
		if p.ended() && p.at < len(p.text) {
			return nil, p.fail(at, "There is nothing between these brackets: write a word there, or remove them.")
		}
		q, err := p.either(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.space(); p.at >= len(p.text) {
			return nil, p.fail(at, "This bracket is never closed: add ) at its end, or remove it.")
		}
		p.at++
		return q, nil
	}
	name, op, after := splitField(p.text[at:])
	if name == "" {
		return p.word(AnyText)
	}
	return p.field(name, op, at+after)
}

// phrase takes a text in quotation marks, straight or curly, if one comes next.
func (p *parser) phrase() (text string, found bool, err error) {
	opening, size := utf8.DecodeRuneInString(p.text[p.at:])
	closing := ""
	switch opening {
	case '"':
		closing = `"`
	case '“', '„', '”':
		closing = "“”"
	default:
		return "", false, nil
	}
	rest := p.text[p.at+size:]
	end := strings.IndexAny(rest, closing)
	if end < 0 {
		return "", false, p.fail(p.at, "This quotation mark is never closed: add another one at the end of the phrase, or remove it.")
	}
	_, closed := utf8.DecodeRuneInString(rest[end:])
	p.at += size + end + closed
	return strings.ReplaceAll(rest[:end], `"`, " "), true, nil
}

// word reads a word or phrase, with * after it or not.
func (p *parser) word(field Field) (Query, error) {
	at := p.at
	text, quoted, err := p.phrase()
	if err != nil {
		return nil, err
	}
	if !quoted {
		end := wordEnd(p.text[at:])
		text = strings.TrimRight(p.text[at:at+end], "*")
		p.at += len(text)
	}
	q := Text{Field: field, Text: text, Prefix: p.stars()}
	if !quoted && strings.Contains(text, "*") {
		return nil, p.fail(at+strings.Index(text, "*"), "* may stand only at the end of a word: move it there, or put the word in quotation marks.")
	}
	terms, _ := q.Terms()
	if len(terms) == 0 {
		if field != AnyText {
			return nil, p.fail(at, "%s: needs a word with a letter or digit directly after it.", field)
		}
		return nil, nil
	}
	if len(terms) > maxPhrase {
		return nil, p.fail(at, "This phrase has more than %d words: shorten it.", maxPhrase)
	}
	first, size := utf8.DecodeRuneInString(terms[len(terms)-1])
	if q.Prefix && size == len(terms[len(terms)-1]) && !isDense(first) {
		return nil, p.fail(at, "Write at least two letters or digits before *.")
	}
	return p.made(at, q)
}

// stars takes the * after a word.
func (p *parser) stars() bool {
	rest := p.text[p.at:]
	left := strings.TrimLeft(rest, "*")
	p.at += len(rest) - len(left)
	return len(left) < len(rest)
}

// quotationMarks are those that may open a phrase.
const quotationMarks = `"“”„`

// wordEnd is where a word ends: at a space, a bracket or a quotation mark.
func wordEnd(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '(' || r == ')' || strings.ContainsRune(quotationMarks, r)
	})
	if end < 0 {
		return len(s)
	}
	return end
}
