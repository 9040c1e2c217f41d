package main

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// claim is what a file says should be found in one field: of the feed, or of an entry by its number from 0.
type claim struct {
	field string // title, link, id or date
	name  string // as the file has it, such as published_parsed
	entry int    // -1 for the feed
	want  string // dates as in RFC 3339
}

var expectLine = regexp.MustCompile(`(?s)Expect:\s*(.*?)\s*-->`)

// expectation is the expression in a file's comment, "" if it has none. Files in UTF-16 have it with zeros between.
func expectation(body []byte) string {
	found := expectLine.FindSubmatch(bytes.ReplaceAll(body[:min(len(body), 16<<10)], []byte{0}, nil))
	if found == nil {
		return ""
	}
	text := found[1]
	if !utf8.Valid(text) {
		runes := make([]rune, len(text))
		for i, c := range text {
			runes[i] = rune(c)
		}
		return string(runes)
	}
	return string(text)
}

// fields are the names by which expressions ask for what is measured.
var fields = map[string]string{
	"title": "title", "link": "link", "id": "id", "guid": "id", "published_parsed": "date", "updated_parsed": "date",
	"issued_parsed": "date", "modified_parsed": "date", "date_parsed": "date", "created_parsed": "date",
}

// claims reads an expression: one comparison of fields with a text or a date, perhaps of several fields with the same
// one. Everything else is about what is not measured, and gives nothing.
func claims(expression string) (found []claim) {
	p := parser{rest: strings.TrimSpace(expression)}
	for _, prefix := range []string{"not bozo and ", "bozo and "} {
		p.rest = strings.TrimSpace(strings.TrimPrefix(p.rest, prefix))
	}
	for strings.HasPrefix(p.rest, "(") && strings.HasSuffix(p.rest, ")") && !strings.HasPrefix(p.rest, "((") {
		p.rest = strings.TrimSpace(p.rest[1 : len(p.rest)-1])
	}
	for {
		if want, ok := p.literal(); ok {
			if strings.TrimSpace(p.rest) != "" {
				return nil
			}
			for i := range found {
				found[i].want = want
			}
			return found
		}
		c, ok := p.reference()
		if !ok || !p.take("==") {
			return nil
		}
		found = append(found, c)
	}
}

// parser takes an expression apart from its beginning.
type parser struct{ rest string }

func (p *parser) take(text string) bool {
	rest, ok := strings.CutPrefix(strings.TrimSpace(p.rest), text)
	if ok {
		p.rest = rest
	}
	return ok
}

var referenceTo = regexp.MustCompile(`^\s*(?:(feed)|entries\[(\d+)\])(?:\[\s*u?["'](\w+)["']\s*\]|\.(\w+))`)

func (p *parser) reference() (c claim, ok bool) {
	m := referenceTo.FindStringSubmatch(p.rest)
	if m == nil {
		return c, false
	}
	p.rest = p.rest[len(m[0]):]
	c.entry = -1
	if m[1] == "" {
		c.entry, _ = strconv.Atoi(m[2])
	}
	c.name = m[3] + m[4]
	c.field, ok = fields[c.name]
	return c, ok
}

var dateTuple = regexp.MustCompile(`^\s*\((\d+), *(\d+), *(\d+), *(\d+), *(\d+), *(\d+), *\d+, *\d+, *\d+\)`)

// literal reads a text, perhaps in several pieces, or a date.
func (p *parser) literal() (value string, ok bool) {
	if m := dateTuple.FindStringSubmatch(p.rest); m != nil {
		p.rest = p.rest[len(m[0]):]
		var n [6]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1])
		}
		return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC).Format(time.RFC3339), true
	}
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r\n")
		body := strings.TrimLeft(p.rest, "urbUR")
		if body == "" || body[0] != '\'' && body[0] != '"' {
			return value, ok
		}
		quote := body[:1]
		if strings.HasPrefix(body, strings.Repeat(quote, 3)) {
			quote = body[:3]
		}
		piece, rest, whole := unquote(body[len(quote):], quote)
		if !whole {
			return "", false
		}
		value, p.rest, ok = value+piece, rest, true
	}
}

// unquote reads to the end quote and resolves what is escaped.
func unquote(text, quote string) (value, rest string, whole bool) {
	var b strings.Builder
	for text != "" {
		if after, ends := strings.CutPrefix(text, quote); ends {
			return b.String(), after, true
		}
		if text[0] == '\\' && len(text) > 1 {
			r, length := escape(text[1:])
			if r >= 0 {
				b.WriteRune(r)
			}
			text = text[1+length:]
			continue
		}
		_, size := utf8.DecodeRuneInString(text)
		b.WriteString(text[:size])
		text = text[size:]
	}
	return "", "", false
}

// escape reads what follows a backslash; -1 stands for nothing.
func escape(text string) (r rune, length int) {
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[0]]
	if digits > 0 && len(text) > digits {
		if code, err := strconv.ParseUint(text[1:1+digits], 16, 32); err == nil {
			return rune(code), 1 + digits
		}
	}
	switch text[0] {
	case 'n':
		return '\n', 1
	case 't':
		return '\t', 1
	case 'r':
		return '\r', 1
	case '\n':
		return -1, 1
	}
	r, length = utf8.DecodeRuneInString(text)
	return r, length
}

// holds says what was found, and whether it is what the claim says.
func (c claim) holds(f *feedRead) (found string, right bool) {
	if c.entry >= len(f.Items) {
		return "(no such entry)", false
	}
	item := itemRead{ID: f.ID, URL: f.Link, Title: f.Title, Updated: f.Updated, Published: f.Updated}
	if c.entry >= 0 {
		item = f.Items[c.entry]
	}
	switch c.field {
	case "title":
		return item.Title, item.Title == c.want
	case "link":
		return item.URL, sameAddress(item.URL, c.want)
	case "id":
		return item.ID, item.ID == c.want
	}
	for _, date := range []string{item.Published, item.Updated} {
		if t, err := time.Parse(time.RFC3339Nano, date); err == nil && t.UTC().Format(time.RFC3339) == c.want {
			return date, true
		}
	}
	return item.Published + " " + item.Updated, false
}

// sameAddress compares what the URL standard takes for the same: stet writes all addresses in the standard's way.
func sameAddress(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}
