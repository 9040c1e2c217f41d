package feed

import (
	"bytes"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenText tokenKind = iota
	tokenCDATA
	tokenStart
	tokenEnd
	tokenDirective // <!DOCTYPE …>
	tokenOther     // comments and processing instructions
)

// token is a piece of a document. All its parts are slices of the document.
type token struct {
	kind     tokenKind
	from, to int    // its place
	name     []byte // of a tag, with its prefix
	inner    []byte // what a tag holds behind its name; the text of a text, CDATA section or directive
	closed   bool   // a start tag that is its own end tag
}

// lexer cuts a document into tokens without copying any of it, and in one pass. It is as lenient as the web is careless:
// what cannot be a tag is text. Whatever it is given, it costs a few nanoseconds a byte.
type lexer struct {
	text []byte
	at   int
	// unfinished says that the text ends within a tag, a comment or a CDATA section.
	unfinished bool
}

// next gives the next token, and false at the end.
func (l *lexer) next() (t token, more bool) {
	if l.at >= len(l.text) || l.unfinished {
		return t, false
	}
	if l.text[l.at] != '<' || !l.opens(l.at) {
		return l.plain(), true
	}
	rest := l.text[l.at:]
	switch {
	case len(rest) < 3:
		l.unfinished = true
		return t, false
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return l.until(tokenCDATA, 9, "]]>")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return l.until(tokenOther, 4, "-->")
	case rest[1] == '?':
		return l.until(tokenOther, 2, "?>")
	case rest[1] == '!':
		return l.directive()
	}
	return l.tag()
}

// opens says whether a markup begins with the < at that place.
func (l *lexer) opens(at int) bool {
	if at+1 >= len(l.text) {
		return true // cut off behind it
	}
	c := l.text[at+1]
	if c == '/' {
		return at+2 >= len(l.text) || startsName(l.text[at+2])
	}
	return c == '!' || c == '?' || startsName(c)
}

func startsName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func (l *lexer) plain() token {
	from := l.at
	for l.at++; ; l.at++ {
		next := bytes.IndexByte(l.text[l.at:], '<')
		if next < 0 {
			l.at = len(l.text)
			break
		}
		if l.at += next; l.opens(l.at) {
			break
		}
	}
	return token{kind: tokenText, from: from, to: l.at, inner: l.text[from:l.at]}
}

// until gives what reaches to an end mark.
func (l *lexer) until(kind tokenKind, skip int, end string) (token, bool) {
	from := l.at
	length := bytes.Index(l.text[from+skip:], []byte(end))
	if length < 0 {
		l.unfinished = true
		return token{}, false
	}
	inner := l.text[from+skip : from+skip+length]
	l.at = from + skip + length + len(end)
	return token{kind: kind, from: from, to: l.at, inner: inner}, true
}

// directive passes a <!DOCTYPE> with all that it declares.
func (l *lexer) directive() (token, bool) {
	from, depth := l.at, 0
	for ; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				l.at++
				return token{kind: tokenDirective, from: from, to: l.at, inner: l.text[from+2 : l.at-1]}, true
			}
		}
	}
	l.unfinished = true
	return token{}, false
}

// tag reads to the > that stands outside quotes. A < ends a tag that was never finished.
func (l *lexer) tag() (token, bool) {
	t := token{kind: tokenStart, from: l.at}
	at := l.at + 1
	if l.text[at] == '/' {
		t.kind = tokenEnd
		at++
	}
	start := at
	for at < len(l.text) && !endsName(l.text[at]) {
		at++
	}
	t.name = l.text[start:at]
	start = at
	var quote byte
	for ; at < len(l.text); at++ {
		switch c := l.text[at]; {
		case c == '<':
			return l.finish(t, start, at, at)
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return l.finish(t, start, at, at+1)
		case (c == '"' || c == '\'') && follows(l.text[start:at], '='):
			quote = c
		}
	}
	l.unfinished = true
	return token{}, false
}

// follows says whether a text ends with a character, blanks aside.
func follows(text []byte, c byte) bool {
	for i := len(text) - 1; i >= 0; i-- {
		if !isBlank(text[i]) {
			return text[i] == c
		}
	}
	return false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func endsName(c byte) bool { return isBlank(c) || c == '>' || c == '/' || c == '<' || c == '=' }

func (l *lexer) finish(t token, start, end, next int) (token, bool) {
	t.to, l.at = next, next
	t.inner = l.text[start:end]
	if t.kind == tokenStart && bytes.HasSuffix(t.inner, []byte("/")) {
		t.closed = true
		t.inner = t.inner[:len(t.inner)-1]
	}
	return t, true
}

// attribute is one of a tag. Its value is as it is written, without quotes.
type attribute struct{ name, value []byte }

// eachAttribute reads what stands in a tag behind its name, until visit says no.
func eachAttribute(inner []byte, visit func(attribute) bool) {
	for {
		inner = bytes.TrimLeft(inner, " \t\r\n/\"'=")
		if len(inner) == 0 {
			return
		}
		end := bytes.IndexAny(inner, " \t\r\n=/\"'")
		if end < 0 {
			end = len(inner)
		}
		a := attribute{name: inner[:end]}
		inner = bytes.TrimLeft(inner[end:], " \t\r\n")
		if len(inner) > 0 && inner[0] == '=' {
			a.value, inner = valueOf(bytes.TrimLeft(inner[1:], " \t\r\n"))
		}
		if !visit(a) {
			return
		}
	}
}

func valueOf(text []byte) (value, rest []byte) {
	if len(text) == 0 {
		return nil, nil
	}
	if quote := text[0]; quote == '"' || quote == '\'' {
		if end := bytes.IndexByte(text[1:], quote); end >= 0 {
			return text[1 : 1+end], text[2+end:]
		}
		return text[1:], nil
	}
	end := bytes.IndexAny(text, " \t\r\n")
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// valueIn gives the value of an attribute by its local name, "" if there is none.
func valueIn(inner []byte, name string) string {
	found := ""
	eachAttribute(inner, func(a attribute) bool {
		if bytes.EqualFold(local(a.name), []byte(name)) {
			found = string(bytes.TrimSpace(a.value))
			return false
		}
		return true
	})
	return found
}

// local is a name without its prefix.
func local(name []byte) []byte {
	if colon := bytes.IndexByte(name, ':'); colon >= 0 {
		return name[colon+1:]
	}
	return name
}
