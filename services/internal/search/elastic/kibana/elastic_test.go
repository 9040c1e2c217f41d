package kibana

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stetnews/stet/services/internal/search/elastic"
)

// truth is what every panel must show of the fixtures: the rows of each of its layers, in order. It was counted by
// hand.
var truth = map[string][][]string{
	"revisions":         {{"6"}},
	"articles-changed":  {{"5"}},
	"median-first-edit": {{"1020"}}, // -1800 s, 240 s, 1800 s, 30 h
	"headlines":         {{"2"}},
	"revisions-by-source": {{"Gazette | 03-02 | 2", "Gazette | 03-03 | 1",
		"Observer | 03-03 | 3"}},
	"revisions-by-weight": {{"substantive | 03-02 | 1", "substantive | 03-03 | 2", "minor | 03-02 | 1", "minor | 03-03 | 1",
		"trivial | 03-03 | 1"}},
	"first-edit":   {{"before | 1", "under 5 min | 1", "15–60 min | 1", "1–7 days | 1"}},
	"share-edited": {{"true | 5", "false | 2"}},
	"disclosed": {{"false | substantive | 2", "false | minor | 1", "false | trivial | 1",
		"true | minor | 1", "true | substantive | 1"}},
	"edited-by-source": {{"true | Observer | 3", "true | Gazette | 2",
		"false | Gazette | 1", "false | Observer | 1"}},
	"headlines-by-source": {{"Gazette | 03-02 | 1", "Gazette | 03-03 | 1"}},
	"most-edited": {{
		"https://news.example/ferry | About the ferry | Gazette | 3",
		"https://news.example/bridge | About the bridge | Gazette | 2",
		"https://news.example/lamp | About the lamp | Observer | 2",
		"https://news.example/mill | About the mill | Observer | 2",
		"https://news.example/tram | About the tram | Observer | 2",
		"https://news.example/harbour | About the harbour | Gazette | 1",
		"https://news.example/pier | About the pier | Observer | 1",
	}},
	"looks":              {{"10"}},
	"articles-looked-at": {{"5"}},
	"failures":           {{"3"}},
	"looks-by-outcome": {{"read | 03-02 | 3", "read | 03-03 | 1", "failed | 03-03 | 2", "blocked | 03-03 | 1",
		"gone | 03-03 | 1", "moved | 03-03 | 1", "unchanged | 03-03 | 1"}},
	"lag": {{"03-02 | 1", "03-03 | 4", "03-04 | 4"}, {"03-02 | 3", "03-03 | 7"}},
	"outcomes-by-source": {{"read | Gazette | 3", "read | Observer | 1", "failed | Gazette | 2", "blocked | Observer | 1",
		"gone | Observer | 1", "moved | Observer | 1", "unchanged | Observer | 1"}},
	"failures-by-reason": {{"Gazette | failed | 0 | 1 | 03-03 11:00", "Gazette | failed | 500 | 1 | 03-03 10:00",
		"Observer | blocked | 403 | 1 | 03-03 12:05"}},
	"freshness":             {{"Gazette | 03-03 11:00 | 2 | 5", "Observer | 03-03 18:00 | 3 | 5"}},
	"freshness-of-versions": {{"Gazette | 03-03 09:00 | 3 | 6", "Observer | 03-03 16:00 | 4 | 7"}},
}

// found is what every saved search must find: articles with the times of the documents, newest first.
var found = map[string][]string{
	substantiveSearch: {"lamp 03T14:30", "ferry 03T09:00", "bridge 02T10:30"},
	removedSearch:     {"lamp 03T14:30", "mill 03T12:00", "ferry 03T09:00", "ferry 02T08:04"},
	headlineSearch:    {"ferry 03T09:00", "bridge 02T10:30"},
	failedSearch:      {"tram 03T12:05", "bridge 03T11:00", "bridge 03T10:00"},
}

// TestOnElasticsearch asks what Kibana would ask.
func TestOnElasticsearch(t *testing.T) {
	c := start(t)
	objects, bad := read(encoded(t, c.prefix))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	aliases := make(map[string]string) // by id of the data view
	for _, o := range objects {
		if text(o, "type") == dataViewType {
			aliases[text(o, "id")] = text(o, "attributes", "title")
		}
	}
	t.Run("Fields", func(t *testing.T) { testFields(t, c) })
	panels, searches := 0, 0
	for _, o := range objects {
		name := strings.TrimPrefix(text(o, "id"), c.prefix+"-")
		switch text(o, "type") {
		case panelType:
			panels++
			name = strings.TrimPrefix(name, panelID)
			t.Run(name, func(t *testing.T) { testPanel(t, c, aliases, o, truth[name]) })
		case searchType:
			searches++
			t.Run(name, func(t *testing.T) { testSearch(t, c, aliases, o, found[name]) })
		}
	}
	if panels != len(truth) || searches != len(found) {
		t.Errorf("%d panels and %d searches, and truth of %d and %d", panels, searches, len(truth), len(found))
	}
}

// testFields compares the fields that the objects were made with, among them all that they name, with what
// Elasticsearch says that it can do.
func testFields(t *testing.T, c *cluster) {
	for kind, fields := range elastic.Fields() {
		answer := c.call(t.Context(), t, "GET", "/"+c.prefix+"-"+kind+"/_field_caps?fields=*", nil)
		for name, want := range fields {
			types, _ := at(answer, "fields", name).(jsonObject)
			got := elastic.Field{}
			for kind, can := range types {
				got = elastic.Field{Type: kind, Searchable: at(can, "searchable") == true, Aggregatable: at(can, "aggregatable") == true}
			}
			if len(types) != 1 || got != want {
				t.Errorf("%s has the field %s as %+v of %d types, want %+v", kind, name, got, len(types), want)
			}
		}
	}
}

func referred(t *testing.T, o jsonObject, aliases map[string]string, name string) string {
	t.Helper()
	for _, r := range list(o, "references") {
		if text(r, "name") == name {
			return aliases[text(r, "id")]
		}
	}
	t.Fatalf("there is no reference %s", name)
	return ""
}

func testPanel(t *testing.T, c *cluster, aliases map[string]string, o jsonObject, want [][]string) {
	query, err := compileKQL(text(o, "attributes", "state", "query", "query"))
	if err != nil {
		t.Fatal(err)
	}
	layers, _ := at(o, "attributes", "state", "datasourceStates", "formBased", "layers").(jsonObject)
	var got [][]string
	for i := range len(layers) {
		id := fmt.Sprintf("%s-%d", strings.TrimPrefix(text(o, "id"), c.prefix+"-"+panelID), i+1)
		aggregations, err := compileLayer(layers[id])
		if err != nil {
			t.Fatal(err)
		}
		body := jsonObject{"size": 0, "track_total_hits": true, "query": query, "aggs": aggregations}
		answer := c.call(t.Context(), t, "POST", "/"+referred(t, o, aliases, layerReference+id)+"/_search", body)
		total, _ := at(answer, "hits", "total", "value").(float64)
		groups, _ := at(answer, "aggregations").(jsonObject) // none for a plain count
		got = append(got, rows(layers[id], groups, int(total)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func testSearch(t *testing.T, c *cluster, aliases map[string]string, o jsonObject, want []string) {
	checker := &checker{}
	source := checker.inner(o, "attributes", "kibanaSavedObjectMeta", "searchSourceJSON")
	query, err := compileKQL(text(source, "query", "query"))
	if err != nil {
		t.Fatal(err)
	}
	sort := list(o, "attributes", "sort")[0].([]any)
	body := jsonObject{"size": 100, "query": query, "sort": []any{jsonObject{sort[0].(string): sort[1]}},
		"fields": list(o, "attributes", "columns"), "_source": []string{"article", "time"}}
	answer := c.call(t.Context(), t, "POST", "/"+referred(t, o, aliases, text(source, "indexRefName"))+"/_search", body)
	var got []string
	columns := make(map[string]bool)
	for _, hit := range list(answer, "hits", "hits") {
		got = append(got, text(hit, "_source", "article")+" "+text(hit, "_source", "time")[8:16])
		fields, _ := at(hit, "fields").(jsonObject)
		for name := range fields {
			columns[name] = true
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for _, name := range list(o, "attributes", "columns") {
		if !columns[name.(string)] {
			t.Errorf("no hit has the column %s", name)
		}
	}
}
