package search

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func at(y int, m time.Month, d, h int) time.Time { return time.Date(y, m, d, h, 0, 0, 0, time.UTC) }

func TestParse(t *testing.T) {
	word := func(s string) Query { return Text{Text: s} }
	for input, want := range map[string]Query{
		"":                                nil,
		" \t\u3000":                       nil,
		"ferry":                           word("ferry"),
		"old ferry":                       And{word("old"), word("ferry")},
		"old AND ferry":                   And{word("old"), word("ferry")},
		"a OR b c":                        Or{word("a"), And{word("b"), word("c")}},
		"(a OR b) c":                      And{Or{word("a"), word("b")}, word("c")},
		"(a b) c":                         And{And{word("a"), word("b")}, word("c")},
		"a OR (b OR c)":                   Or{word("a"), Or{word("b"), word("c")}},
		"((a))":                           word("a"),
		"-a":                              Not{word("a")},
		"a NOT b":                         And{word("a"), Not{word("b")}},
		"a AND NOT b":                     And{word("a"), Not{word("b")}},
		"-(a b)":                          Not{And{word("a"), word("b")}},
		"NOT -a":                          Not{Not{word("a")}},
		"well-known":                      word("well-known"),
		`"old ferry"`:                     word("old ferry"),
		`“old ferry” x`:                   And{word("old ferry"), word("x")},
		`„old ferry“`:                     word("old ferry"),
		`a"b c"d`:                         And{word("a"), word("b c"), word("d")},
		"fer*":                            Text{Text: "fer", Prefix: true},
		`"old fer"*`:                      Text{Text: "old fer", Prefix: true},
		"and or not":                      And{word("and"), word("or"), word("not")},
		"ANDOVER":                         word("ANDOVER"),
		`"AND"`:                           word("AND"),
		"a & b":                           And{word("a"), word("b")},
		"a OR &":                          word("a"),
		"a NOT &":                         word("a"),
		"title:ferry":                     Text{Field: Title, Text: "ferry"},
		"TITLE:ferry":                     Text{Field: Title, Text: "ferry"},
		`-removed:"the mayor"`:            Not{Text{Field: Removed, Text: "the mayor"}},
		`title:“the mayor”`:               Text{Field: Title, Text: "the mayor"},
		"added:fer*":                      Text{Field: Added, Text: "fer", Prefix: true},
		`source:"Harbour Post"`:           Keyword{Source, "Harbour Post"},
		"kind:note":                       Keyword{Kind, "note"},
		"article:abc":                     Keyword{Article, "abc"},
		"lang:en-GB":                      Keyword{Language, "en-GB"},
		"after:2026":                      Range{From: at(2026, 1, 1, 0)},
		"before:2026-03":                  Range{To: at(2026, 3, 1, 0)},
		"after:2026-03-09":                Range{From: at(2026, 3, 9, 0)},
		"after:2026-03-09T10:00:00+02:00": Range{From: at(2026, 3, 9, 8)},
		"after:2026-03-09t08:00:00z":      Range{From: at(2026, 3, 9, 8)},
		"score>0.5":                       Number{Score, ">", 0.5},
		"score>=1":                        Number{Score, ">=", 1},
		"score<.25":                       Number{Score, "<", 0.25},
		"weight:minor":                    Number{Weight, "=", 2},
		"weight>=Trivial":                 Number{Weight, ">=", 1},
		"10:30":                           word("10:30"),
		"https://a.example/b":             word("https://a.example/b"),
		"Breaking: ferry":                 And{word("Breaking:"), word("ferry")},
		"score":                           word("score"),
		"x>0":                             word("x>0"),
		"--help":                          word("--help"),
		"東*":                              Text{Text: "東", Prefix: true},
	} {
		got, err := Parse(input)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Parse(%q) = %#v, %v\nwant %#v", input, got, err, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, test := range []struct {
		input   string
		offset  int
		message string
	}{
		{`a "b`, 2, "never closed"},
		{"a (b", 2, "never closed"},
		{"a) b", 1, "no opening"},
		{"a ()", 2, "nothing between"},
		{"AND a", 0, "nothing before"},
		{"a AND", 2, "nothing after"},
		{"a AND OR b", 2, "nothing after"},
		{"OR a", 0, "nothing before"},
		{"a OR", 2, "stands at the end"},
		{"a (b OR)", 5, "stands at the end"},
		{"a NOT", 2, "nothing after"},
		{"-OR", 0, "nothing after"},
		{"& ?", 0, "no word"},
		{"a f*o", 3, "only at the end"},
		{"a*", 0, "at least two"},
		{"é*", 0, "at least two"},
		{"ж*", 0, "at least two"},
		{"title: a", 0, "directly after"},
		{"title:(a)", 0, "directly after"},
		{"x title:", 2, "directly after"},
		{"title:?!", 6, "letter or digit"},
		{"author:smith", 0, "no field author"},
		{"source:har*", 0, "whole name"},
		{`source:" "`, 0, "whole name"},
		{"after:yesterday", 0, "needs a date"},
		{"after:2026-13", 0, "needs a date"},
		{"after:0000-01-01T00:00:00+01:00", 0, "needs a date"},
		{"score>", 0, "directly after"},
		{"score>2", 0, "from 0 to 1"},
		{"score>NaN", 0, "from 0 to 1"},
		{"score:0.5", 0, "comparison"},
		{"weight:heavy", 0, "needs one of"},
		{`a "` + strings.Repeat("b ", 129) + `"`, 2, "128 words"},
		{"\xff", 0, "UTF-8"},
		{strings.Repeat("a", 4097), 4096, "4,096"},
		{strings.Repeat("a ", 201), 400, "200 parts"},
		{strings.Repeat("(", 70) + "a", 65, "deeper than 64"},
		{strings.Repeat("NOT ", 70) + "a", 260, "deeper than 64"},
	} {
		_, err := Parse(test.input)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset != test.offset || !strings.Contains(syntax.Message, test.message) {
			t.Errorf("Parse(%.30q): %v, want %q at %d", test.input, err, test.message, test.offset)
		}
	}
}

func TestString(t *testing.T) {
	for input, want := range map[string]string{
		`a "b c" -d OR title:eg*`: `a "b c" NOT d OR title:eg*`,
		"(a OR b) (c d)":          "(a OR b) (c d)",
		"after:2026 before:2027":  "after:2026-01-01T00:00:00Z before:2027-01-01T00:00:00Z",
		"weight>=minor score<1":   "weight>=minor score<1",
		`source:"a b" lang:en-GB`: `source:"a b" lang:"en-GB"`,
	} {
		q, err := Parse(input)
		if err != nil || q.String() != want {
			t.Errorf("Parse(%q).String() = %v, %v, want %s", input, q, err, want)
		}
	}
	both := Range{From: at(2026, 1, 1, 0), To: at(2026, 2, 1, 0)}
	if got, want := both.String(), "(after:2026-01-01T00:00:00Z before:2026-02-01T00:00:00Z)"; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`a "b c" -d OR title:eg*`, "(a OR b) NOT (c d)", "after:2026-03-09T10:00:00.5+02:00 before:2027", "score>=.1 weight:minor",
		`source:“x” kind:"y*"`, "東京* 東", "a:b https://x", "-(-a)", "added:\"\"", "title:\xe2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		q, err := Parse(input)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(input) {
				t.Fatalf("Parse(%q): %v", input, err)
			}
			return
		}
		if q == nil {
			return
		}
		Match(q, &Document{Title: input, Body: input})
		text := q.String()
		if len(text) > maxQueryBytes {
			return // quotation marks and spelled-out dates make it longer
		}
		again, err := Parse(text)
		if err != nil || !reflect.DeepEqual(q, again) {
			t.Errorf("Parse(%q) = %#v\nits String %q parses to %#v, %v", input, q, text, again, err)
		}
	})
}
