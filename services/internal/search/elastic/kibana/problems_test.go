package kibana

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stetnews/stet/services/internal/search/elastic"
)

// object is JSON as it is read back.
type jsonObject = map[string]any

// at reads what stands below some members, or nil.
func at(value any, path ...string) any {
	for _, name := range path {
		o, _ := value.(jsonObject)
		value = o[name]
	}
	return value
}

func text(value any, path ...string) string {
	s, _ := at(value, path...).(string)
	return s
}

func list(value any, path ...string) []any {
	l, _ := at(value, path...).([]any)
	return l
}

// read reads an export; bad lines are told.
func read(lines []byte) (objects []jsonObject, problems []string) {
	for i, line := range bytes.Split(bytes.TrimSpace(lines), []byte("\n")) {
		var o jsonObject
		if err := json.Unmarshal(line, &o); err != nil {
			problems = append(problems, fmt.Sprintf("line %d is no object: %v", i+1, err))
			continue
		}
		objects = append(objects, o)
	}
	return objects, problems
}

// checker looks for what Kibana would stumble over.
type checker struct {
	fields  map[string]map[string]elastic.Field
	objects map[string]jsonObject // by type and id
	found   []string
	at      string // what is being looked at
}

func (c *checker) tell(format string, args ...any) {
	c.found = append(c.found, c.at+" "+fmt.Sprintf(format, args...))
}

// problems gives everything that is wrong with an export.
func problems(lines []byte) []string {
	objects, found := read(lines)
	c := &checker{fields: elastic.Fields(), objects: make(map[string]jsonObject), found: found}
	ids := make(map[string]bool)
	for _, o := range objects {
		c.at = text(o, "type") + " " + text(o, "id")
		if ids[text(o, "id")] {
			c.tell("is there twice")
		}
		ids[text(o, "id")] = true
		c.objects[c.at] = o
	}
	for _, o := range objects {
		c.at = text(o, "type") + " " + text(o, "id")
		c.envelope(o)
		switch text(o, "type") {
		case dataViewType:
			c.view(o)
		case searchType:
			c.search(o)
		case panelType:
			c.panel(o)
		case dashboardType:
			c.dashboard(o)
		default:
			c.tell("is of an unknown type")
		}
	}
	return c.found
}

func (c *checker) envelope(o jsonObject) {
	for _, name := range []string{"id", "type", "typeMigrationVersion", "coreMigrationVersion"} {
		if text(o, name) == "" {
			c.tell("has no %s", name)
		}
	}
	if text(o, "attributes", "title") == "" {
		c.tell("has no title")
	}
	if _, ok := o["references"].([]any); !ok {
		c.tell("has no references")
	}
	for _, name := range []string{"typeMigrationVersion", "coreMigrationVersion"} {
		if newer(text(o, name), oldestKibana) {
			c.tell("is newer than Kibana %s", oldestKibana)
		}
	}
	for _, r := range list(o, "references") {
		if c.objects[text(r, "type")+" "+text(r, "id")] == nil {
			c.tell("refers to %s %s, which is not there", text(r, "type"), text(r, "id"))
		}
	}
}

func newer(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x > y
		}
	}
	return false
}

// refers gives the object that a reference leads to.
func (c *checker) refers(o jsonObject, kind, name string) jsonObject {
	for _, r := range list(o, "references") {
		if text(r, "name") == name && text(r, "type") == kind {
			return c.objects[kind+" "+text(r, "id")]
		}
	}
	c.tell("has no reference %s", name)
	return nil
}

// documents gives the fields behind a data view.
func (c *checker) documents(view jsonObject) map[string]elastic.Field {
	title := text(view, "attributes", "title")
	fields := c.fields[title[strings.LastIndex(title, "-")+1:]]
	if fields == nil && view != nil {
		c.tell("looks at %s, which is no alias", title)
	}
	return fields
}

func (c *checker) field(fields map[string]elastic.Field, name string) elastic.Field {
	f, ok := fields[name]
	if !ok {
		c.tell("has no field %s", name)
	}
	return f
}

// inner reads JSON that stands in a text.
func (c *checker) inner(o any, path ...string) any {
	var value any
	if err := json.Unmarshal([]byte(text(o, path...)), &value); err != nil {
		c.tell("%s is no JSON: %v", path[len(path)-1], err)
	}
	return value
}

func (c *checker) view(o jsonObject) {
	fields := c.documents(o)
	for _, name := range []string{"fieldFormatMap", "fields", "fieldAttrs", "runtimeFieldMap", "sourceFilters", "typeMeta"} {
		c.inner(o, "attributes", name)
	}
	if name := text(o, "attributes", "timeFieldName"); c.field(fields, name).Type != "date" {
		c.tell("%s is no time", name)
	}
	formats, _ := c.inner(o, "attributes", "fieldFormatMap").(jsonObject)
	for name := range formats {
		c.field(fields, name)
	}
}

func (c *checker) search(o jsonObject) {
	source := c.inner(o, "attributes", "kibanaSavedObjectMeta", "searchSourceJSON")
	fields := c.documents(c.refers(o, dataViewType, text(source, "indexRefName")))
	for _, name := range list(o, "attributes", "columns") {
		c.field(fields, name.(string))
	}
	for _, sort := range list(o, "attributes", "sort") {
		if f := c.field(fields, sort.([]any)[0].(string)); !f.Aggregatable {
			c.tell("cannot be sorted by %s", sort)
		}
	}
	c.query(fields, at(source, "query"))
}

func (c *checker) query(fields map[string]elastic.Field, query any) {
	if text(query, "language") != "kuery" {
		c.tell("has a query in the language %s", text(query, "language"))
	}
	conditions, err := parseKQL(text(query, "query"))
	if err != nil {
		c.tell("cannot read the query: %v", err)
	}
	for _, one := range conditions {
		if f := c.field(fields, one.field); !f.Searchable {
			c.tell("cannot be found by %s", one.field)
		}
	}
}

func (c *checker) panel(o jsonObject) {
	layers, _ := at(o, "attributes", "state", "datasourceStates", "formBased", "layers").(jsonObject)
	for id, l := range layers {
		fields := c.documents(c.refers(o, dataViewType, layerReference+id))
		c.layer(fields, l)
		c.query(fields, at(o, "attributes", "state", "query"))
	}
	drawn := list(o, "attributes", "state", "visualization", "layers")
	if drawn == nil {
		drawn = []any{at(o, "attributes", "state", "visualization")}
	}
	for _, d := range drawn {
		c.drawing(layers, d)
	}
	if len(drawn) != len(layers) || len(layers) == 0 {
		c.tell("draws %d of %d layers", len(drawn), len(layers))
	}
}

func (c *checker) layer(fields map[string]elastic.Field, l any) {
	columns, _ := at(l, "columns").(jsonObject)
	var order, want []string
	for _, id := range list(l, "columnOrder") {
		order = append(order, id.(string))
	}
	for id := range columns {
		want = append(want, id)
	}
	slices.Sort(want)
	if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, want) {
		c.tell("orders %v of %v", order, want)
	}
	for id, column := range columns {
		if name := text(column, "sourceField"); name != "___records___" && !c.field(fields, name).Aggregatable {
			c.tell("cannot be grouped by %s", name)
		}
		by := text(column, "params", "orderBy", "columnId")
		if text(column, "operationType") == "terms" && (columns[by] == nil || at(columns[by], "isBucketed") != false) {
			c.tell("%s is ordered by %s", id, by)
		}
	}
}

// drawing looks at the layers and columns that a chart names.
func (c *checker) drawing(layers jsonObject, d any) {
	l := layers[text(d, "layerId")]
	if l == nil {
		c.tell("draws the layer %s", text(d, "layerId"))
		return
	}
	var named []string
	for _, member := range []string{"xAccessor", "splitAccessor", "metricAccessor"} {
		if id := text(d, member); id != "" {
			named = append(named, id)
		}
	}
	for _, member := range []string{"accessors", "metrics", "primaryGroups"} {
		for _, id := range list(d, member) {
			named = append(named, id.(string))
		}
	}
	for _, column := range list(d, "columns") {
		named = append(named, text(column, "columnId"))
	}
	for _, id := range named {
		if at(l, "columns", id) == nil {
			c.tell("names the column %s", id)
		}
	}
	if all, _ := at(l, "columns").(jsonObject); len(named) != len(all) {
		c.tell("draws %v and has %d columns", named, len(all))
	}
}

func (c *checker) dashboard(o jsonObject) {
	c.inner(o, "attributes", "optionsJSON")
	c.inner(o, "attributes", "kibanaSavedObjectMeta", "searchSourceJSON")
	panels, _ := c.inner(o, "attributes", "panelsJSON").([]any)
	number := func(p any, name string) int { f, _ := at(p, "gridData", name).(float64); return int(f) }
	for i, p := range panels {
		c.refers(o, text(p, "type"), text(p, "panelIndex")+":"+text(p, "panelRefName"))
		x, y, w, h := number(p, "x"), number(p, "y"), number(p, "w"), number(p, "h")
		if x < 0 || w < 1 || h < 1 || x+w > dashboardWidth || text(p, "gridData", "i") != text(p, "panelIndex") {
			c.tell("panel %s reaches beyond the dashboard", text(p, "panelIndex"))
		}
		for _, q := range panels[:i] {
			if x < number(q, "x")+number(q, "w") && number(q, "x") < x+w && y < number(q, "y")+number(q, "h") && number(q, "y") < y+h {
				c.tell("panel %s lies over %s", text(p, "panelIndex"), text(q, "panelIndex"))
			}
		}
	}
	if len(panels) != len(list(o, "references")) {
		c.tell("has %d panels and %d references", len(panels), len(list(o, "references")))
	}
}
