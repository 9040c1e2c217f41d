package kibana

// view describes a data view: how people see the documents behind an alias.
type view struct {
	kind, name string
	time       string // the field that the time picker goes by
	formats    map[string]format
}

type format struct {
	ID     string `json:"id"`
	Params any    `json:"params,omitempty"`
}

// duration is the format of a number of seconds.
type duration struct {
	Input     string `json:"inputFormat"`
	Output    string `json:"outputFormat"`
	Precision int    `json:"outputPrecision"`
	Short     bool   `json:"useShortSuffix"`
	Space     bool   `json:"includeSpaceWithSuffix"`
}

func views() []view {
	link := format{ID: "url"}
	return []view{
		{kind: "articles", name: "Articles", time: "changed", formats: map[string]format{"url": link}},
		{kind: "versions", name: "Versions", time: "time", formats: map[string]format{"url": link}},
		{kind: "revisions", name: "Revisions", time: "time", formats: map[string]format{"url": link,
			"since_published": {"duration", duration{"seconds", "humanizePrecise", 1, true, true}}}},
		{kind: "checks", name: "Checks", time: "time", formats: map[string]format{"url": link}},
	}
}

type viewAttributes struct {
	Title         string `json:"title"` // the alias
	Name          string `json:"name"`
	TimeField     string `json:"timeFieldName"`
	FormatMap     inText `json:"fieldFormatMap"`
	Fields        inText `json:"fields"` // none: Kibana asks Elasticsearch
	FieldAttrs    inText `json:"fieldAttrs"`
	RuntimeFields inText `json:"runtimeFieldMap"`
	SourceFilters inText `json:"sourceFilters"`
	TypeMeta      inText `json:"typeMeta"`
}

func (b *builder) view(v view) Object {
	if b.field(v.kind, v.time).Type != "date" {
		b.problem("%s of %s is no time", v.time, v.kind)
	}
	for name := range v.formats {
		b.field(v.kind, name)
	}
	none, nothing := []string{}, struct{}{}
	return Object{
		Type: dataViewType, ID: b.id(v.kind), TypeMigration: viewForm, CoreMigration: oldestKibana, References: []Reference{},
		Attributes: viewAttributes{
			Title: b.id(v.kind), Name: b.title(v.name), TimeField: v.time, FormatMap: inText{v.formats}, Fields: inText{none},
			FieldAttrs: inText{nothing}, RuntimeFields: inText{nothing}, SourceFilters: inText{none}, TypeMeta: inText{nothing},
		},
	}
}

// title tells the objects of several collections in one Kibana apart.
func (b *builder) title(name string) string {
	if b.prefix == "stet" {
		return name
	}
	return name + " (" + b.prefix + ")"
}

// saved describes a saved search, newest first.
type saved struct {
	name, title, description string
	view                     string
	where                    []condition
	columns                  []string
}

type searchAttributes struct {
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Columns     []string     `json:"columns"`
	Sort        [][]string   `json:"sort"`
	Grid        struct{}     `json:"grid"`
	HideChart   bool         `json:"hideChart"`
	TimeRestore bool         `json:"timeRestore"`
	Source      searchSource `json:"kibanaSavedObjectMeta"`
}

func (b *builder) search(s saved) Object {
	for _, name := range s.columns {
		b.field(s.view, name)
	}
	return Object{
		Type: searchType, ID: b.id(s.name), TypeMigration: searchForm, CoreMigration: oldestKibana,
		References: []Reference{{dataViewType, b.id(s.view), sourceReference}},
		Attributes: searchAttributes{
			Title: b.title(s.title), Description: s.description, Columns: s.columns, Sort: [][]string{{b.time(s.view), "desc"}},
			Source: searchSource{inText{source{b.query(s.view, s.where), []string{}, sourceReference}}},
		},
	}
}

// time is the field that the time picker goes by.
func (b *builder) time(kind string) string {
	for _, v := range views() {
		if v.kind == kind {
			return v.time
		}
	}
	b.problem("there is no data view %s", kind)
	return ""
}
