package kibana

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/search/elastic"
)

func encoded(t testing.TB, prefix string) []byte {
	t.Helper()
	objects, err := Objects(prefix)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := Encode(objects)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestCommitted compares the file that people import with what the code makes.
func TestCommitted(t *testing.T) {
	const name = "../../../../../deploy/kibana/stet.ndjson"
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if want := encoded(t, "stet"); !bytes.Equal(got, want) {
		t.Errorf("%s is not what the code makes: run scripts/generate.sh and commit the result", name)
	}
}

func TestObjectsHoldTogether(t *testing.T) {
	for _, prefix := range []string{"stet", "other.one"} {
		for _, problem := range problems(encoded(t, prefix)) {
			t.Errorf("%s: %s", prefix, problem)
		}
	}
}

func TestWhatIsThere(t *testing.T) {
	objects, err := Objects("stet")
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[string]int)
	var names []string
	for _, o := range objects {
		count[o.Type]++
		if o.Type == dashboardType || o.Type == dataViewType {
			names = append(names, o.ID)
		}
	}
	want := []string{"stet-articles", "stet-versions", "stet-revisions", "stet-checks", "stet-dashboard-newsroom", "stet-dashboard-operations"}
	if !slices.Equal(names, want) || count[searchType] < 3 || count[panelType] < 12 {
		t.Errorf("objects %v, %v", names, count)
	}
}

// TestEveryPanelIsShown finds panels and searches that were made for nothing.
func TestEveryPanelIsShown(t *testing.T) {
	objects, err := Objects("stet")
	if err != nil {
		t.Fatal(err)
	}
	shown := make(map[string]bool)
	for _, o := range objects {
		if o.Type == dashboardType {
			for _, r := range o.References {
				shown[r.ID] = true
			}
		}
	}
	for _, o := range objects {
		if (o.Type == panelType || o.Type == searchType) && !shown[o.ID] {
			t.Errorf("%s is on no dashboard", o.ID)
		}
	}
}

// shownBy gives the id of what a panel of a dashboard shows.
func shownBy(dashboard jsonObject, panel any) string {
	for _, r := range list(dashboard, "references") {
		if text(r, "name") == text(panel, "panelIndex")+":"+text(panel, "panelRefName") {
			return text(r, "id")
		}
	}
	return ""
}

// TestSilentSourcesStayInSight looks for the panels that look further back than their dashboard.
func TestSilentSourcesStayInSight(t *testing.T) {
	objects, _ := read(encoded(t, "stet"))
	var got []string
	for _, o := range objects {
		if text(o, "type") != dashboardType {
			continue
		}
		c := &checker{}
		panels, _ := c.inner(o, "attributes", "panelsJSON").([]any)
		for _, p := range panels {
			if since := text(p, "embeddableConfig", "timeRange", "from"); since != "" {
				got = append(got, shownBy(o, p)+" "+since)
			}
		}
	}
	if want := []string{"stet-panel-freshness now-30d", "stet-panel-freshness-of-versions now-30d"}; !slices.Equal(got, want) {
		t.Errorf("panels with a time of their own are %v, want %v", got, want)
	}
}

// TestBreakagesAreSeen breaks good objects, a kind of breakage after the other.
func TestBreakagesAreSeen(t *testing.T) {
	good := string(encoded(t, "stet"))
	for _, c := range []struct{ name, old, new, want string }{
		{"no JSON", `{"type":"lens"`, `{"type:"lens"`, "is no object"},
		{"no references", `"references":[]`, `"reference":[]`, "has no references"},
		{"newer form", `"typeMigrationVersion":"8.7.0"`, `"typeMigrationVersion":"10.2.0"`, "is newer than"},
		{"twice", `"id":"stet-versions"`, `"id":"stet-articles"`, "is there twice"},
		{"lost reference", `"id":"stet-panel-headlines","name"`, `"id":"stet-panel-lost","name"`, "refers to lens stet-panel-lost"},
		{"unused reference", `"name":"3:panel_3"`, `"name":"3:panel_33"`, "no reference 3:panel_3"},
		{"lost layer", `"name":"indexpattern-datasource-layer-looks-1"`, `"name":"indexpattern-datasource-layer-looks-2"`, "no reference indexpattern-datasource-layer-looks-1"},
		{"order", `"columnOrder":["top-edited","count"]`, `"columnOrder":["count"]`, "orders [count]"},
		{"accessor", `"metricAccessor":"count"`, `"metricAccessor":"sum"`, "names the column sum"},
		{"layer", `"layerId":"lag-2"`, `"layerId":"lag-3"`, "draws the layer lag-3"},
		{"overlap", `\"x\":12,\"y\":0,\"w\":12`, `\"x\":11,\"y\":0,\"w\":12`, "lies over"},
		{"width", `\"x\":36,\"y\":0,\"w\":12`, `\"x\":36,\"y\":0,\"w\":13`, "reaches beyond"},
		{"panels", `"panelsJSON":"[`, `"panelsJSON":"`, "panelsJSON is no JSON"},
		{"field", `"sourceField":"edited"`, `"sourceField":"edit"`, "has no field edit"},
		{"text", `"sourceField":"title.keyword"`, `"sourceField":"title"`, "cannot be grouped by title"},
		{"query field", `weight_name: \\\"substantive\\\"`, `weigth: \\\"substantive\\\"`, "has no field weigth"},
		{"query", `removed_words > 0`, `removed_words > `, "cannot read the query"},
		{"time", `"timeFieldName":"changed"`, `"timeFieldName":"edited"`, "edited is no time"},
		{"columns", `"columns":["source","title","kinds"`, `"columns":["source","titel","kinds"`, "has no field titel"},
		{"order by", `"columnId":"latest-time"},"orderDirection"`, `"columnId":"latest"},"orderDirection"`, "is ordered by latest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(good, c.old, c.new, 1)
			if broken == good {
				t.Fatalf("%s is nowhere", c.old)
			}
			if found := problems([]byte(broken)); !strings.Contains(strings.Join(found, "\n"), c.want) {
				t.Errorf("problems %q, want %q", found, c.want)
			}
		})
	}
}

func TestBadDescriptionsAreRefused(t *testing.T) {
	one := func(c ...column) panel {
		return panel{name: "p", layers: []layer{{"revisions", c}}, shape: table{}}
	}
	for name, c := range map[string]struct {
		make func(b *builder)
		want string
	}{
		"unknown field":      {func(b *builder) { b.panel(one(top("autor", "", 1), count(""))) }, "no field autor"},
		"text":               {func(b *builder) { b.panel(one(top("added", "", 1), count(""))) }, "cannot be grouped by added"},
		"wrong type":         {func(b *builder) { b.panel(one(spans("source", ""), count(""))) }, "is a keyword"},
		"no figure":          {func(b *builder) { b.panel(one(top("source", "", 1))) }, "has no figure"},
		"figure first":       {func(b *builder) { b.panel(one(count(""), top("source", "", 1))) }, "groups after"},
		"column twice":       {func(b *builder) { b.panel(one(count(""), count(""))) }, "twice"},
		"unsearchable":       {func(b *builder) { b.query("versions", []condition{is("published", "x")}) }, "cannot be found by published"},
		"number as a word":   {func(b *builder) { b.query("revisions", []condition{is("version", "2")}) }, "cannot be found by version"},
		"no time":            {func(b *builder) { b.view(view{kind: "checks", time: "status"}) }, "is no time"},
		"unknown data view":  {func(b *builder) { b.search(saved{view: "feeds"}) }, "no data view feeds"},
		"unknown panel":      {func(b *builder) { b.dashboard(dashboard{rows: []row{{1, []part{{"x", 1}}}}}) }, "which is not there"},
		"row that is broad":  {func(b *builder) { b.dashboard(dashboard{rows: []row{{1, []part{{removedSearch, 49}}}}}) }, "49 wide"},
		"search of no field": {func(b *builder) { b.search(saved{view: "checks", columns: []string{"titel"}}) }, "no field titel"},
	} {
		b := newBuilder("stet")
		c.make(b)
		if text := fmt.Sprint(b.problems); !strings.Contains(text, c.want) {
			t.Errorf("%s: %s, want %q", name, text, c.want)
		}
	}
}

// TestHeadlineIsAKind compares the name that queries use with the one that revisions get.
func TestHeadlineIsAKind(t *testing.T) {
	r := revise.Diff(&article.Snapshot{Title: "Ferry sails late"}, &article.Snapshot{Title: "Storm keeps ferry in port"}, nil)
	if kinds := revise.Kinds(&r); !slices.Contains(kinds, headline) {
		t.Errorf("a new headline has the kinds %v", kinds)
	}
	if name := elastic.WeightName(article.Substantive); name != "substantive" {
		t.Errorf("the weight is named %s", name)
	}
}
