package sqlite

import (
	"math"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// plan is a query as SQLite answers it: a full-text expression, bounds of keys, and conditions on the version's row.
// Every text reaches the full-text expression as quoted tokens of the analyzer, so no text can change its meaning.
type plan struct {
	match  string // empty finds everything
	lo, hi int64  // keys, both inclusive
	where  []string
	args   []any
}

func compile(q search.Query) *plan {
	p := &plan{lo: math.MinInt64, hi: math.MaxInt64}
	var matches []string
	for _, part := range conjuncts(q, nil) {
		if textual(part) {
			matches = append(matches, expression(part))
			continue
		}
		if r, ok := part.(search.Range); ok {
			p.bound(r)
		}
		p.where = append(p.where, p.condition(part))
	}
	p.match = strings.Join(matches, " AND ")
	return p
}

// conjuncts are the parts that all must match.
func conjuncts(q search.Query, into []search.Query) []search.Query {
	parts, ok := q.(search.And)
	if !ok {
		if q != nil {
			into = append(into, q)
		}
		return into
	}
	for _, part := range parts {
		into = conjuncts(part, into)
	}
	return into
}

// bound narrows the keys to those a range may have; its condition on the exact time stays.
func (p *plan) bound(r search.Range) {
	if !r.From.IsZero() {
		p.lo = max(p.lo, base(time.Unix(0, nanoseconds(r.From))))
	}
	if !r.To.IsZero() {
		p.hi = min(p.hi, base(time.Unix(0, nanoseconds(r.To)))+slack+16)
	}
}

// maxHeight bounds how deep a full-text expression goes: the parser of FTS5 has a stack of 100 symbols, and takes
// three for a level. What is deeper becomes SQL around several expressions.
const maxHeight = 16

// textual says whether the full-text table alone answers a query.
func textual(q search.Query) bool { return flat(q, maxHeight) }

// flat says whether a query is made of words and names alone, not deeper than some height.
func flat(q search.Query, height int) bool {
	if height == 0 {
		return false
	}
	switch q := q.(type) {
	case search.Text, search.Keyword:
		return true
	case search.Not:
		return flat(q.Of, height-1)
	case search.And:
		return allFlat(q, height-1)
	case search.Or:
		return allFlat(q, height-1)
	}
	return false
}

func allFlat(parts []search.Query, height int) bool {
	for _, part := range parts {
		if !flat(part, height) {
			return false
		}
	}
	return true
}

// expression is a textual query in the language of FTS5, in brackets where it needs them.
func expression(q search.Query) string {
	switch q := q.(type) {
	case search.Text:
		return phrase(q)
	case search.Keyword:
		return meta(q.Token())
	case search.Not:
		return "(" + meta(search.EverythingToken) + " NOT " + expression(q.Of) + ")"
	case search.And:
		return expressions(q, " AND ", search.EverythingToken)
	case search.Or:
		return expressions(q, " OR ", search.NothingToken)
	}
	return meta(search.NothingToken)
}

func expressions(parts []search.Query, between, none string) string {
	if len(parts) == 0 {
		return meta(none)
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = expression(part)
	}
	return "(" + strings.Join(texts, between) + ")"
}

func meta(token string) string { return `meta : "` + token + `"` }

func phrase(q search.Text) string {
	terms, prefix := q.Terms()
	if len(terms) == 0 {
		return meta(search.NothingToken)
	}
	var b strings.Builder
	b.WriteByte('{')
	for i, field := range q.Fields() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(field))
	}
	b.WriteString(`} : "` + strings.Join(terms, " ") + `"`)
	if prefix {
		b.WriteString(" *")
	}
	return b.String()
}

// condition is any query as a condition of SQL on the row v, its arguments added to the plan's.
func (p *plan) condition(q search.Query) string {
	if q != nil && textual(q) {
		p.args = append(p.args, expression(q))
		return "v.rowid IN (SELECT rowid FROM fts WHERE fts MATCH ?)"
	}
	switch q := q.(type) {
	case nil:
		return "1"
	case search.Range:
		return p.times(q)
	case search.Number:
		return p.number(q)
	case search.Not:
		return "NOT (" + p.condition(q.Of) + ")"
	case search.And:
		return p.conditions(q, " AND ", "1")
	case search.Or:
		return p.conditions(q, " OR ", "0")
	}
	return "0"
}

func (p *plan) conditions(parts []search.Query, between, none string) string {
	if len(parts) == 0 {
		return none
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = "(" + p.condition(part) + ")"
	}
	return strings.Join(texts, between)
}

func (p *plan) times(q search.Range) string {
	text := "1"
	if !q.From.IsZero() {
		text += " AND v.ts >= ?"
		p.args = append(p.args, nanoseconds(q.From))
	}
	if !q.To.IsZero() {
		text += " AND v.ts < ?"
		p.args = append(p.args, nanoseconds(q.To))
	}
	return "(" + text + ")"
}

func (p *plan) number(q search.Number) string {
	column := "v.score"
	if q.Field == search.Weight {
		column = "v.weight"
	}
	switch q.Op {
	case ">", ">=", "<", "<=", "=":
		p.args = append(p.args, q.Value)
		return column + " " + q.Op + " ?"
	}
	return "0"
}

// nanoseconds since 1970, held inside the years that they can count.
func nanoseconds(t time.Time) int64 {
	switch year := t.Year(); {
	case year < 1700:
		return time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	case year > 2250:
		return time.Date(2250, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	}
	return t.UnixNano()
}

// from is the FROM and WHERE of the plan for keys of lo to hi, and its arguments. key is the column of the key.
func (p *plan) from(lo, hi int64) (text, key string, args []any) {
	lo, hi = max(lo, p.lo), min(hi, p.hi)
	where := p.where
	if p.match == "" {
		key = "v.rowid"
		text = " FROM version v WHERE "
	} else {
		key = "fts.rowid"
		text = " FROM fts"
		if len(where) > 0 {
			text += " CROSS JOIN version v ON v.rowid = fts.rowid"
		}
		text += " WHERE fts MATCH ? AND "
		args = append(args, p.match)
	}
	text += key + " >= ? AND " + key + " <= ?"
	args = append(args, lo, hi)
	for _, condition := range where {
		text += " AND (" + condition + ")"
	}
	return text, key, append(args, p.args...)
}
