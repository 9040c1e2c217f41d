package kibana

import (
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/search/elastic"
)

// column describes a column of a panel's table: what documents are grouped by, or a figure of each group.
type column struct {
	id        string
	label     string
	operation string
	field     string   // empty for a count of documents
	types     []string // of the field, as Kibana names them; others cannot be used
	params    any
}

// lensColumn is the same as Kibana has it.
type lensColumn struct {
	Label       string `json:"label"`
	CustomLabel bool   `json:"customLabel"`
	DataType    string `json:"dataType"`
	Operation   string `json:"operationType"`
	Scale       string `json:"scale"`
	Source      string `json:"sourceField"`
	Bucketed    bool   `json:"isBucketed"`
	Params      any    `json:"params"`
}

type parentFormat struct {
	ID     string       `json:"id"`
	Params *rangeFormat `json:"params,omitempty"`
}

type rangeFormat struct {
	Template        string `json:"template"`
	ReplaceInfinity bool   `json:"replaceInfinity"`
}

type timeParams struct {
	Interval     string `json:"interval"`
	EmptyRows    bool   `json:"includeEmptyRows"`
	DropPartials bool   `json:"dropPartials"`
}

// spans groups documents by a time; Kibana chooses how long a span is.
func spans(field, label string) column {
	return column{id: columnID("spans", field), label: label, operation: "date_histogram", field: field, types: []string{"date"},
		params: timeParams{"auto", true, false}}
}

type termsParams struct {
	Size          int          `json:"size"`
	OrderBy       termsOrder   `json:"orderBy"`
	Direction     string       `json:"orderDirection"`
	OtherBucket   bool         `json:"otherBucket"`
	MissingBucket bool         `json:"missingBucket"`
	ParentFormat  parentFormat `json:"parentFormat"`
}

type termsOrder struct {
	Type   string `json:"type"`
	Column string `json:"columnId"`
}

// top groups documents by the values of a field that come first by the first figure of the panel. The others are left
// out.
func top(field, label string, size int) column {
	return column{id: columnID("top", field), label: label, operation: "terms", field: field,
		types: []string{"string", "boolean", "number"}, params: termsParams{Size: size, Direction: "desc", ParentFormat: parentFormat{ID: "terms"}}}
}

// topAndOthers is top with one group for all that do not come first.
func topAndOthers(field, label string, size int) column {
	c := top(field, label, size)
	p := c.params.(termsParams)
	p.OtherBucket = true
	c.params = p
	return c
}

// last is top in the other order: what comes last by the first figure stands first.
func last(field, label string, size int) column {
	c := top(field, label, size)
	p := c.params.(termsParams)
	p.Direction = "asc"
	c.params = p
	return c
}

type rangeParams struct {
	Type    string       `json:"type"`
	Ranges  []band       `json:"ranges"`
	MaxBars string       `json:"maxBars"`
	Parent  parentFormat `json:"parentFormat"`
}

// band is what is at least From and below To; nil is without end.
type band struct {
	From  *float64 `json:"from"`
	To    *float64 `json:"to"`
	Label string   `json:"label"`
}

// bands groups documents by where a number lies. labels has one more than limits.
func bands(field, label string, limits []float64, labels ...string) column {
	p := rangeParams{"range", nil, "auto", parentFormat{"range", &rangeFormat{"arrow_right", true}}}
	for i, text := range labels {
		one := band{Label: text}
		if i > 0 {
			one.From = &limits[i-1]
		}
		if i < len(limits) {
			one.To = &limits[i]
		}
		p.Ranges = append(p.Ranges, one)
	}
	return column{id: columnID("bands", field), label: label, operation: "range", field: field, types: []string{"number"}, params: p}
}

type figureParams struct {
	EmptyAsNull bool `json:"emptyAsNull"`
}

func count(label string) column {
	return column{id: "count", label: label, operation: "count", params: figureParams{}}
}

func distinct(field, label string) column {
	return column{id: columnID("distinct", field), label: label, operation: "unique_count", field: field,
		types: []string{"string"}, params: figureParams{}}
}

func median(field, label string) column {
	return column{id: columnID("median", field), label: label, operation: "median", field: field, types: []string{"number"}, params: struct{}{}}
}

func largest(field, label string) column {
	return column{id: columnID("largest", field), label: label, operation: "max", field: field, types: []string{"number"}, params: struct{}{}}
}

// latest is the newest time of a group.
func latest(field, label string) column {
	c := largest(field, label)
	c.id, c.types = columnID("latest", field), []string{"date"}
	return c
}

// columnID names a column in its panel.
func columnID(does, field string) string { return does + "-" + strings.ReplaceAll(field, ".", "-") }

// groups says whether a column groups documents.
func (c *column) groups() bool {
	return c.operation == "terms" || c.operation == "date_histogram" || c.operation == "range"
}

// column makes a column of documents of a view; first is the figure that groups are ordered by.
func (b *builder) column(kind string, c column, first string) lensColumn {
	made := lensColumn{Label: c.label, CustomLabel: true, DataType: "number", Operation: c.operation, Scale: "ratio",
		Source: "___records___", Bucketed: c.groups(), Params: c.params}
	if c.field != "" {
		f := b.counted(kind, c.field)
		made.Source, made.DataType = c.field, dataType(f)
		b.fits(kind, c, f)
	}
	switch {
	case c.operation == "date_histogram" || c.operation == "max" && made.DataType == "date":
		made.Scale = "interval"
	case c.operation == "range":
		made.Scale, made.DataType = "ordinal", "string" // Kibana takes bands for words
	case c.operation == "terms":
		p := c.params.(termsParams)
		p.OrderBy = termsOrder{"column", first}
		made.Scale, made.Params = "ordinal", p
	case c.operation == "unique_count":
		made.DataType = "number"
	}
	return made
}

func (b *builder) fits(kind string, c column, f elastic.Field) {
	if !slices.Contains(c.types, dataType(f)) {
		b.problem("%s of %s is a %s, which %s cannot use", c.field, kind, f.Type, c.operation)
	}
}
