package kibana

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stetnews/stet/services/internal/search/elastic"
)

// builder makes objects of their descriptions, and gathers what is wrong with those.
type builder struct {
	prefix   string
	fields   map[string]map[string]elastic.Field
	problems []error
}

func newBuilder(prefix string) *builder {
	return &builder{prefix: prefix, fields: elastic.Fields()}
}

// id is the name of an object, of a data view its alias.
func (b *builder) id(name string) string { return b.prefix + "-" + name }

func (b *builder) problem(format string, args ...any) {
	b.problems = append(b.problems, fmt.Errorf(format, args...))
}

// field looks a field up that documents of a view must have.
func (b *builder) field(view, name string) elastic.Field {
	f, ok := b.fields[view][name]
	if !ok {
		b.problem("documents of %s have no field %s", view, name)
	}
	return f
}

// counted looks up a field to group or calculate by.
func (b *builder) counted(view, name string) elastic.Field {
	f := b.field(view, name)
	if !f.Aggregatable {
		b.problem("documents of %s cannot be grouped by %s", view, name)
	}
	return f
}

// condition is on a field; see is, isNumber and above. Several are joined by or.
type condition struct {
	field, sign, value string
	number             bool
}

func is(field, value string) condition { return condition{field, ": ", strconv.Quote(value), false} }

func isNumber(field string, value int) condition {
	return condition{field, ": ", strconv.Itoa(value), true}
}

func above(field string, value int) condition {
	return condition{field, " > ", strconv.Itoa(value), true}
}

// query is a query in Kibana's language.
type query struct {
	Query    string `json:"query"`
	Language string `json:"language"`
}

// query joins conditions by or; none let everything through.
func (b *builder) query(view string, any []condition) query {
	var parts []string
	for _, c := range any {
		f := b.field(view, c.field)
		if !f.Searchable || number(f) != c.number {
			b.problem("documents of %s cannot be found by %s%s%s", view, c.field, c.sign, c.value)
		}
		parts = append(parts, c.field+c.sign+c.value)
	}
	return query{strings.Join(parts, " or "), "kuery"}
}

func number(f elastic.Field) bool { return dataType(f) == "number" }

// dataType is what Kibana calls the type of a field.
func dataType(f elastic.Field) string {
	switch f.Type {
	case "integer", "long", "double":
		return "number"
	case "keyword", "text":
		return "string"
	}
	return f.Type // date, boolean
}

// source is the part of an object that says what it searches.
type source struct {
	Query    query    `json:"query"`
	Filter   []string `json:"filter"`                 // none: filters are for people
	IndexRef string   `json:"indexRefName,omitempty"` // the name of the reference to the data view
}

type searchSource struct {
	JSON inText `json:"searchSourceJSON"`
}

const sourceReference = "kibanaSavedObjectMeta.searchSourceJSON.index"
