package search

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Field is a part of a document that a query can name.
type Field string

// The fields of the query language.
const (
	AnyText Field = "" // title, body, added and removed
	Title   Field = "title"
	Body    Field = "body"
	Added   Field = "added"
	Removed Field = "removed"

	Source   Field = "source"
	Kind     Field = "kind"
	Article  Field = "article"
	Language Field = "lang"

	After  Field = "after"
	Before Field = "before"
	Score  Field = "score"
	Weight Field = "weight"
)

// Query is a node of a query's tree: Text, Keyword, Range, Number, And, Or or Not. A nil Query matches everything. Its
// String parses back to the same tree if Parse made it.
type Query interface {
	String() string
	query()
}

// Text matches a word or a phrase: its tokens side by side in one field. What Analyze finds no token in matches nothing.
type Text struct {
	Field  Field // AnyText, Title, Body, Added or Removed
	Text   string
	Prefix bool // the last token may go on
}

// Keyword matches a name as a whole, whatever its case and punctuation; a language also matches its regional forms.
type Keyword struct {
	Field Field // Source, Kind, Article or Language
	Value string
}

// Range matches documents read at From or later, and before To. A zero time leaves that side open.
type Range struct{ From, To time.Time }

// Number compares a document's Score or Weight.
type Number struct {
	Field Field  // Score or Weight
	Op    string // > >= < <= =
	Value float64
}

// And matches what all its parts match.
type And []Query

// Or matches what any of its parts matches.
type Or []Query

// Not matches what its part does not.
type Not struct{ Of Query }

func (Text) query()    {}
func (Keyword) query() {}
func (Range) query()   {}
func (Number) query()  {}
func (And) query()     {}
func (Or) query()      {}
func (Not) query()     {}

// weights are the names of article.Weight in order.
var weights = []string{"none", "trivial", "minor", "substantive"}

// String is the word or phrase as Parse reads it.
func (q Text) String() string {
	s := quote(q.Text)
	if q.Field != AnyText {
		s = string(q.Field) + ":" + s
	}
	if q.Prefix {
		s += "*"
	}
	return s
}

// String is the field and its value as Parse reads them.
func (q Keyword) String() string { return string(q.Field) + ":" + quote(q.Value) }

// String is the range as Parse reads it, one or both sides.
func (q Range) String() string {
	var sides []string
	if !q.From.IsZero() {
		sides = append(sides, "after:"+q.From.UTC().Format(time.RFC3339Nano))
	}
	if !q.To.IsZero() {
		sides = append(sides, "before:"+q.To.UTC().Format(time.RFC3339Nano))
	}
	if len(sides) == 2 {
		return "(" + strings.Join(sides, " ") + ")"
	}
	return strings.Join(sides, "")
}

// String is the comparison as Parse reads it.
func (q Number) String() string {
	value := strconv.FormatFloat(q.Value, 'f', -1, 64)
	if q.Field == Weight && q.Value >= 0 && int(q.Value) < len(weights) {
		value = weights[int(q.Value)]
	}
	op := q.Op
	if op == "=" {
		op = ":"
	}
	return string(q.Field) + op + value
}

// String is the parts side by side.
func (q And) String() string {
	texts := make([]string, len(q))
	for i, part := range q {
		texts[i] = group(part)
	}
	return strings.Join(texts, " ")
}

// String is the parts with OR between them. What stands side by side binds closer and needs no brackets.
func (q Or) String() string {
	texts := make([]string, len(q))
	for i, part := range q {
		if texts[i] = group(part); isAnd(part) {
			texts[i] = part.String()
		}
	}
	return strings.Join(texts, " OR ")
}

// String is NOT and the part.
func (q Not) String() string { return "NOT " + group(q.Of) }

func isAnd(q Query) bool {
	_, is := q.(And)
	return is
}

func group(q Query) string {
	switch q.(type) {
	case And, Or:
		return "(" + q.String() + ")"
	}
	return q.String()
}

// quote leaves a plain word as it is and puts everything else in quotation marks.
func quote(text string) string {
	plain := text != "" && !slices.Contains([]string{"AND", "OR", "NOT"}, text)
	for _, r := range text {
		plain = plain && (unicode.IsLetter(r) || unicode.IsNumber(r))
	}
	if plain {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, " ") + `"`
}
