package kibana

import "strconv"

// panel describes a chart, a table or a figure.
type panel struct {
	name, title, description string
	where                    []condition
	layers                   []layer // one, but for charts of several kinds of groups
	shape                    shape
	since                    string // how far back it looks whatever the dashboard does; empty to look as far as that
}

// layer is a table of documents of a view: groups first, each inside the one before, then figures.
type layer struct {
	view    string
	columns []column
}

// shape draws the tables.
type shape interface {
	// kind is what Kibana calls it.
	kind() string
	state(layers []lensTable) any
}

// lensTable is a layer as a shape sees it.
type lensTable struct {
	id      string
	groups  []string // ids of columns
	figures []string
}

type panelAttributes struct {
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Kind        string     `json:"visualizationType"`
	State       panelState `json:"state"`
}

type panelState struct {
	Visualization any       `json:"visualization"`
	Query         query     `json:"query"`
	Filters       []string  `json:"filters"`
	Data          dataState `json:"datasourceStates"`
	Internal      []string  `json:"internalReferences"`
	AdHoc         struct{}  `json:"adHocDataViews"`
}

type dataState struct {
	Form struct {
		Layers map[string]lensLayer `json:"layers"`
	} `json:"formBased"`
}

type lensLayer struct {
	Columns    map[string]lensColumn `json:"columns"`
	Order      []string              `json:"columnOrder"`
	Incomplete struct{}              `json:"incompleteColumns"`
}

const layerReference = "indexpattern-datasource-layer-"

// panelID tells panels from data views by their ids.
const panelID = "panel-"

// panel makes a panel.
func (b *builder) panel(p panel) Object {
	state := panelState{Query: b.query(p.layers[0].view, p.where), Filters: []string{}, Internal: []string{}}
	state.Data.Form.Layers = make(map[string]lensLayer)
	o := Object{Type: panelType, ID: b.id(panelID + p.name), TypeMigration: panelForm, CoreMigration: oldestKibana}
	var tables []lensTable
	for i, l := range p.layers {
		made, table := b.layer(p.name, l)
		table.id = p.name + "-" + strconv.Itoa(i+1)
		state.Data.Form.Layers[table.id] = made
		tables = append(tables, table)
		o.References = append(o.References, Reference{dataViewType, b.id(l.view), layerReference + table.id})
	}
	if len(b.problems) == 0 { // a shape can count on groups and figures
		state.Visualization = p.shape.state(tables)
	}
	o.Attributes = panelAttributes{b.title(p.title), p.description, p.shape.kind(), state}
	return o
}

func (b *builder) layer(panel string, l layer) (lensLayer, lensTable) {
	made := lensLayer{Columns: make(map[string]lensColumn)}
	var table lensTable
	for _, c := range l.columns {
		switch {
		case !c.groups():
			table.figures = append(table.figures, c.id)
		case len(table.figures) > 0:
			b.problem("panel %s groups after its figures", panel)
		default:
			table.groups = append(table.groups, c.id)
		}
	}
	if len(table.figures) == 0 {
		b.problem("panel %s has no figure", panel)
		return made, table
	}
	for _, c := range l.columns {
		if _, twice := made.Columns[c.id]; twice {
			b.problem("panel %s has the column %s twice", panel, c.id)
		}
		made.Columns[c.id] = b.column(l.view, c, table.figures[0])
		made.Order = append(made.Order, c.id)
	}
	return made, table
}
