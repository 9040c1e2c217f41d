package search

import (
	"slices"
	"strings"
)

// Match says whether a query finds a document, exactly as every backend does. It analyses the document's text once for
// each call.
func Match(q Query, d *Document) bool {
	m := &matcher{document: d}
	return m.match(q)
}

// matcher holds what was analysed of a document so far.
type matcher struct {
	document *Document
	fields   map[Field][]Token
	meta     []string
}

func (m *matcher) match(q Query) bool {
	switch q := q.(type) {
	case nil:
		return true
	case And:
		return !slices.ContainsFunc(q, func(part Query) bool { return !m.match(part) })
	case Or:
		return slices.ContainsFunc(q, m.match)
	case Not:
		return !m.match(q.Of)
	case Text:
		return m.text(q)
	case Keyword:
		if m.meta == nil {
			m.meta = MetaTokens(m.document)
		}
		return slices.Contains(m.meta, q.Token())
	case Range:
		t := m.document.Time
		return (q.From.IsZero() || !t.Before(q.From)) && (q.To.IsZero() || t.Before(q.To))
	case Number:
		return q.match(m.document)
	}
	return false
}

func (q Number) match(d *Document) bool {
	value := d.Score
	if q.Field == Weight {
		value = float64(d.Weight)
	}
	switch q.Op {
	case ">":
		return value > q.Value
	case ">=":
		return value >= q.Value
	case "<":
		return value < q.Value
	case "<=":
		return value <= q.Value
	case "=":
		return value == q.Value
	}
	return false
}

func (m *matcher) text(q Text) bool {
	terms, prefix := q.Terms()
	for _, field := range q.Fields() {
		if tokens := m.tokens(field); len(findPhrase(tokens, terms, prefix, 1)) > 0 {
			return true
		}
	}
	return false
}

// Fields are the fields that a text query searches.
func (q Text) Fields() []Field {
	if q.Field == AnyText {
		return []Field{Title, Body, Added, Removed}
	}
	return []Field{q.Field}
}

// tokens are those of a field, analysed when first wanted.
func (m *matcher) tokens(field Field) []Token {
	tokens, done := m.fields[field]
	if !done {
		tokens = fieldTokens(fieldText(m.document, field))
		if m.fields == nil {
			m.fields = make(map[Field][]Token, 4)
		}
		m.fields[field] = tokens
	}
	return tokens
}

func fieldText(d *Document, field Field) string {
	switch field {
	case Title:
		return d.Title
	case Body:
		return d.Body
	case Added:
		return d.Added
	case Removed:
		return d.Removed
	}
	return ""
}

// findPhrase is where the terms stand side by side: indices of first tokens, at most limit of them.
func findPhrase(tokens []Token, terms []string, prefix bool, limit int) []int {
	var found []int
	if len(terms) == 0 {
		return nil
	}
	for i := 0; i+len(terms) <= len(tokens) && len(found) < limit; i++ {
		if phraseAt(tokens[i:], terms, prefix) {
			found = append(found, i)
		}
	}
	return found
}

func phraseAt(tokens []Token, terms []string, prefix bool) bool {
	for i, term := range terms {
		token := tokens[i].Text
		if token == term || prefix && i == len(terms)-1 && strings.HasPrefix(token, term) {
			continue
		}
		return false
	}
	return true
}
