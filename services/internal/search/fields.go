package search

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// fieldList is the list of fields as error messages name it.
const fieldList = "title: body: added: removed: source: kind: article: lang: after: before: score> weight:"

// splitField finds a field's name and the sign after it at the start of a text: a colon, or a comparison for the two
// fields that are numbers. after is where the value begins. Names of unknown fields are returned too, if a value
// follows at once and it is no web address.
func splitField(s string) (name Field, op string, after int) {
	end := 0
	for end < len(s) && (s[end]|0x20 >= 'a' && s[end]|0x20 <= 'z') {
		end++
	}
	if end == 0 || end == len(s) {
		return "", "", 0
	}
	name = Field(strings.ToLower(s[:end]))
	rest := s[end:]
	for _, sign := range []string{">=", "<=", ">", "<", "=", ":"} {
		if strings.HasPrefix(rest, sign) {
			op = sign
			break
		}
	}
	switch {
	case op == "" || op != ":" && name != Score && name != Weight:
		return "", "", 0
	case known(name):
		return name, op, end + len(op)
	}
	value := rest[1:]
	if strings.HasPrefix(value, "//") || wordEnd(value) == 0 && !strings.HasPrefix(value, `"`) {
		return "", "", 0
	}
	return name, op, end + 1
}

func known(name Field) bool {
	return slices.Contains([]Field{Title, Body, Added, Removed, Source, Kind, Article, Language, After, Before, Score, Weight}, name)
}

// field reads the value of a field, which begins at value.
func (p *parser) field(name Field, op string, value int) (Query, error) {
	at := p.at
	if !known(name) {
		return nil, p.fail(at, "There is no field %s: the fields are %s. Put it in quotation marks to search for the text.", name, fieldList)
	}
	p.at = value
	rest := p.text[p.at:]
	if next, _ := utf8.DecodeRuneInString(rest); wordEnd(rest) == 0 && (rest == "" || !strings.ContainsRune(quotationMarks, next)) {
		return nil, p.fail(at, "%s%s needs its value directly after it, without a space or bracket.", name, op)
	}
	switch name {
	case Title, Body, Added, Removed:
		return p.word(name)
	}
	text, quoted, err := p.phrase()
	if err != nil {
		return nil, err
	}
	if !quoted {
		text = p.text[p.at : p.at+wordEnd(p.text[p.at:])]
		p.at += len(text)
	}
	switch name {
	case After, Before:
		return p.date(at, name, text)
	case Score, Weight:
		return p.number(at, name, op, text)
	}
	if strings.TrimSpace(text) == "" || strings.HasSuffix(text, "*") && !quoted {
		return nil, p.fail(at, "%s: takes a whole name: write it out, without *.", name)
	}
	return p.made(at, Keyword{name, text})
}

// dateLayouts are the ways to write a date, all meaning the moment it begins.
var dateLayouts = []string{"2006", "2006-01", "2006-01-02", time.RFC3339}

func (p *parser) date(at int, name Field, text string) (Query, error) {
	for _, layout := range dateLayouts {
		t, err := time.Parse(layout, strings.ToUpper(text))
		if err != nil {
			continue
		}
		if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 || t.IsZero() {
			break
		}
		if name == After {
			return p.made(at, Range{From: t})
		}
		return p.made(at, Range{To: t})
	}
	return nil, p.fail(at, "%s: needs a date such as 2026, 2026-03, 2026-03-09 or 2026-03-09T15:04:05Z.", name)
}

func (p *parser) number(at int, name Field, op, text string) (Query, error) {
	if op == ":" {
		op = "="
	}
	if name == Weight {
		i := slices.Index(weights, strings.ToLower(text))
		if i < 0 {
			return nil, p.fail(at, "weight%s needs one of %s.", op, strings.Join(weights, ", "))
		}
		return p.made(at, Number{name, op, float64(i)})
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(value) || value < 0 || value > 1 || op == "=" || strings.HasPrefix(text, "-") {
		return nil, p.fail(at, "score needs a comparison with a number from 0 to 1, such as score>0.5 or score<=0.2.")
	}
	return p.made(at, Number{name, op, value})
}
