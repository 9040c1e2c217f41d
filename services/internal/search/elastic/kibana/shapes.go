package kibana

import "slices"

// bars is a chart with axes. The last group of a layer goes along the axis, the one before divides it.
type bars struct{ series string }

type xyState struct {
	Preferred   string    `json:"preferredSeriesType"`
	Legend      xyLegend  `json:"legend"`
	ValueLabels string    `json:"valueLabels"`
	Fitting     string    `json:"fittingFunction"`
	Titles      xyTitles  `json:"axisTitlesVisibilitySettings"`
	Layers      []xyLayer `json:"layers"`
}

type xyLegend struct {
	Visible  bool   `json:"isVisible"`
	Position string `json:"position"`
}

type xyTitles struct {
	X     bool `json:"x"`
	Left  bool `json:"yLeft"`
	Right bool `json:"yRight"`
}

type xyLayer struct {
	ID        string   `json:"layerId"`
	Type      string   `json:"layerType"`
	Series    string   `json:"seriesType"`
	X         string   `json:"xAccessor"`
	Split     string   `json:"splitAccessor,omitempty"`
	Accessors []string `json:"accessors"`
}

func (bars) kind() string { return "lnsXY" }

func (s bars) state(tables []lensTable) any {
	state := xyState{Preferred: s.series, Legend: xyLegend{true, "right"}, ValueLabels: "hide", Fitting: "None",
		Titles: xyTitles{Left: true}}
	for _, t := range tables {
		one := xyLayer{ID: t.id, Type: "data", Series: s.series, X: t.groups[len(t.groups)-1], Accessors: t.figures}
		if len(t.groups) > 1 {
			one.Split = t.groups[0]
		}
		state.Layers = append(state.Layers, one)
	}
	return state
}

// ring is a chart of shares.
type ring struct{}

type ringState struct {
	Shape  string      `json:"shape"`
	Layers []ringLayer `json:"layers"`
}

type ringLayer struct {
	ID         string   `json:"layerId"`
	Type       string   `json:"layerType"`
	Groups     []string `json:"primaryGroups"`
	Metrics    []string `json:"metrics"`
	Numbers    string   `json:"numberDisplay"`
	Categories string   `json:"categoryDisplay"`
	Legend     string   `json:"legendDisplay"`
	Nested     bool     `json:"nestedLegend"`
}

func (ring) kind() string { return "lnsPie" }

func (ring) state(tables []lensTable) any {
	state := ringState{Shape: "donut"}
	for _, t := range tables {
		state.Layers = append(state.Layers, ringLayer{t.id, "data", t.groups, t.figures, "percent", "default", "show", false})
	}
	return state
}

// figure is one number.
type figure struct{}

type figureState struct {
	ID     string `json:"layerId"`
	Type   string `json:"layerType"`
	Metric string `json:"metricAccessor"`
}

func (figure) kind() string { return "lnsMetric" }

func (figure) state(tables []lensTable) any {
	return figureState{tables[0].id, "data", tables[0].figures[0]}
}

// table shows the columns, those that it names first.
type table struct{ first []string }

type tableState struct {
	ID      string        `json:"layerId"`
	Type    string        `json:"layerType"`
	Columns []tableColumn `json:"columns"`
}

type tableColumn struct {
	ID string `json:"columnId"`
}

func (table) kind() string { return "lnsDatatable" }

func (s table) state(tables []lensTable) any {
	state := tableState{ID: tables[0].id, Type: "data"}
	for _, id := range s.first {
		state.Columns = append(state.Columns, tableColumn{id})
	}
	for _, id := range append(slices.Clone(tables[0].groups), tables[0].figures...) {
		if !slices.Contains(s.first, id) {
			state.Columns = append(state.Columns, tableColumn{id})
		}
	}
	return state
}
