package elastic

import (
	"encoding/base64"
	"math"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// boosts are how much a match in a field counts for relevance; those of search/sqlite are the same.
var boosts = map[search.Field]float64{search.Title: 8, search.Body: 1, search.Added: 2, search.Removed: 2}

// maxHeight bounds how deep a compiled query goes: Elasticsearch takes 30 levels. What is deeper is wrapped, for it
// counts each wrapper's inside anew.
const maxHeight = 20

// compile makes a query of Elasticsearch of a query of stet. Words contribute to the score, everything else only
// decides.
func compile(q search.Query) object { return compileAt(q, 0) }

func compileAt(q search.Query, height int) object {
	if height >= maxHeight {
		text, err := encode(compileAt(q, 0))
		if err != nil {
			return none() // maps of strings and numbers always have a JSON
		}
		return object{"wrapper": object{"query": base64.StdEncoding.EncodeToString(text)}}
	}
	switch q := q.(type) {
	case nil:
		return decide(object{"match_all": object{}})
	case search.Text:
		return text(q)
	case search.Keyword:
		return decide(object{"term": object{"tokens.meta": q.Token()}})
	case search.Range:
		return times(q)
	case search.Number:
		return number(q)
	case search.Not:
		return decide(object{"bool": object{"must_not": compileAt(q.Of, height+2)}})
	case search.And:
		return group("must", q, height, decide(object{"match_all": object{}}))
	case search.Or:
		return group("should", q, height, none())
	}
	return none()
}

// decide is a query without a score.
func decide(q object) object { return object{"constant_score": object{"filter": q, "boost": 0}} }

func none() object { return object{"match_none": object{}} }

func group(clause string, parts []search.Query, height int, empty object) object {
	if len(parts) == 0 {
		return empty
	}
	compiled := make([]object, len(parts))
	for i, part := range parts {
		compiled[i] = compileAt(part, height+1)
	}
	return object{"bool": object{clause: compiled}}
}

// text looks for the words in each field; a phrase never goes from one to the next.
func text(q search.Text) object {
	terms, prefix := q.Terms()
	if len(terms) == 0 {
		return none()
	}
	var fields []object
	for _, field := range q.Fields() {
		fields = append(fields, inField("tokens."+string(field), terms, prefix, boosts[field]))
	}
	if len(fields) == 1 {
		return fields[0]
	}
	return object{"bool": object{"should": fields}}
}

func inField(field string, terms []string, prefix bool, boost float64) object {
	phrase := strings.Join(terms, " ")
	switch {
	case len(terms) == 1 && !prefix:
		return object{"term": object{field: object{"value": phrase, "boost": boost}}}
	case len(terms) == 1:
		return object{"prefix": object{field: object{"value": phrase, "boost": boost}}}
	case !prefix:
		return object{"match_phrase": object{field: object{"query": phrase, "analyzer": "whitespace", "boost": boost}}}
	}
	return object{"match_phrase_prefix": object{field: object{
		"query": phrase, "analyzer": "whitespace", "boost": boost, "max_expansions": math.MaxInt32,
	}}}
}

func times(q search.Range) object {
	bounds := object{}
	if !q.From.IsZero() {
		bounds["gte"] = nanoseconds(q.From)
	}
	if !q.To.IsZero() {
		bounds["lt"] = nanoseconds(q.To)
	}
	if len(bounds) == 0 {
		return decide(object{"match_all": object{}})
	}
	return decide(object{"range": object{"nanoseconds": bounds}})
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

var comparisons = map[string][]string{">": {"gt"}, ">=": {"gte"}, "<": {"lt"}, "<=": {"lte"}, "=": {"gte", "lte"}}

func number(q search.Number) object {
	field, value := "score", q.Value
	if q.Field == search.Weight {
		field = "weight"
	}
	operators := comparisons[q.Op]
	if len(operators) == 0 || math.IsNaN(value) {
		return none()
	}
	bounds := object{}
	for _, operator := range operators {
		bounds[operator] = max(min(value, math.MaxInt32), math.MinInt32) // the weight is an integer there
	}
	return decide(object{"range": object{field: bounds}})
}
