package kibana

import "strconv"

// dashboard describes a dashboard: rows of panels and saved searches.
type dashboard struct {
	name, title, description string
	since                    string // how far back it looks at first, in Elasticsearch's date mathematics
	panels                   []panel
	rows                     []row
}

// row is a row of a dashboard. Its parts share the width.
type row struct {
	height int // in units of Kibana, some 20 pixels each
	parts  []part
}

// part is a panel or a saved search by its name.
type part struct {
	name  string
	width int // of the 48 units that a dashboard has
}

const dashboardWidth = 48

type dashboardAttributes struct {
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Panels      inText       `json:"panelsJSON"`
	Options     inText       `json:"optionsJSON"`
	TimeRestore bool         `json:"timeRestore"`
	TimeFrom    string       `json:"timeFrom"`
	TimeTo      string       `json:"timeTo"`
	Refresh     refresh      `json:"refreshInterval"`
	Source      searchSource `json:"kibanaSavedObjectMeta"`
	Version     int          `json:"version"`
}

type refresh struct {
	Pause bool `json:"pause"`
	Value int  `json:"value"` // milliseconds
}

type dashboardOptions struct {
	Margins  bool `json:"useMargins"`
	Colours  bool `json:"syncColors"` // a source has one colour everywhere
	Cursor   bool `json:"syncCursor"`
	Tooltips bool `json:"syncTooltips"`
	Untitled bool `json:"hidePanelTitles"`
}

type placed struct {
	Version string `json:"version"`
	Type    string `json:"type"`
	Grid    grid   `json:"gridData"`
	Index   string `json:"panelIndex"`
	Config  config `json:"embeddableConfig"`
	Ref     string `json:"panelRefName"`
}

type config struct {
	Enhancements struct{}   `json:"enhancements"`
	TimeRange    *timeRange `json:"timeRange,omitempty"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type grid struct {
	X     int    `json:"x"`
	Y     int    `json:"y"`
	W     int    `json:"w"`
	H     int    `json:"h"`
	Index string `json:"i"`
}

// shown is what a dashboard can show.
type shown struct {
	Object
	times *timeRange
}

// dashboard makes the panels of a dashboard, and then itself.
func (b *builder) dashboard(d dashboard) []Object {
	contents := make(map[string]shown)
	for _, s := range searches() {
		contents[s.name] = shown{b.search(s), nil}
	}
	var all []Object
	for _, p := range d.panels {
		one := shown{b.panel(p), nil}
		if p.since != "" {
			one.times = &timeRange{p.since, "now"}
		}
		contents[p.name] = one
		all = append(all, one.Object)
	}
	places, references := b.place(d, contents)
	return append(all, Object{
		Type: dashboardType, ID: b.id("dashboard-" + d.name), TypeMigration: dashboardForm, CoreMigration: oldestKibana,
		References: references,
		Attributes: dashboardAttributes{
			Title: b.title(d.title), Description: d.description, Panels: inText{places},
			Options:     inText{dashboardOptions{Margins: true, Colours: true, Cursor: true}},
			TimeRestore: true, TimeFrom: d.since, TimeTo: "now", Refresh: refresh{true, 60_000}, Version: 1,
			Source: searchSource{inText{source{Query: query{"", "kuery"}, Filter: []string{}}}},
		},
	})
}

// place lays the rows of a dashboard out.
func (b *builder) place(d dashboard, contents map[string]shown) (places []placed, references []Reference) {
	y := 0
	for _, r := range d.rows {
		x := 0
		for _, part := range r.parts {
			what, ok := contents[part.name]
			if !ok {
				b.problem("dashboard %s shows %s, which is not there", d.name, part.name)
			}
			index := strconv.Itoa(len(places) + 1)
			one := placed{Version: oldestKibana, Type: what.Type, Index: index, Ref: "panel_" + index,
				Config: config{TimeRange: what.times}, Grid: grid{x, y, part.width, r.height, index}}
			places = append(places, one)
			references = append(references, Reference{what.Type, what.ID, index + ":" + one.Ref})
			x += part.width
		}
		if x > dashboardWidth {
			b.problem("a row of dashboard %s is %d wide", d.name, x)
		}
		y += r.height
	}
	return places, references
}
