package elastic

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/typedapi/ilm/putlifecycle"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
)

func TestTemplates(t *testing.T) {
	x := &Index{prefix: "stet", generation: 1}
	all := make(map[string]any)
	for _, template := range x.templates(true) {
		all["PUT "+template.path+template.name] = template.body
	}
	golden(t, "templates.json", all)
}

func TestTheLifeCycleIsAddedOnlyWhereItExists(t *testing.T) {
	x := &Index{prefix: "stet", generation: 1}
	text, err := encode(bodies(x.templates(false)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "lifecycle") {
		t.Error("templates for a cluster without life cycle management name it")
	}
	if without, with := len(x.templates(false)), len(x.templates(true)); with != without+2 {
		t.Errorf("%d templates with life cycle management, %d without", with, without)
	}
}

func bodies(templates []template) []object {
	var all []object
	for _, t := range templates {
		all = append(all, t.body)
	}
	return all
}

// TestPolicy reads the policy as Elasticsearch's own client knows it.
func TestPolicy(t *testing.T) {
	text, err := encode((&Index{prefix: "stet"}).policy())
	if err != nil {
		t.Fatal(err)
	}
	request := putlifecycle.NewRequest()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(request); err != nil {
		t.Fatal(err)
	}
	if p := request.Policy; p == nil || p.Phases.Warm == nil || p.Phases.Warm.Actions.Forcemerge == nil || p.Phases.Delete != nil {
		t.Errorf("the policy is read as %s", text)
	}
}

// TestMappingsAreStrictAndWhole compares the fields that documents have with those that the mappings know: a strict
// mapping refuses others, and a field that none has is a mistake.
func TestMappingsAreStrictAndWhole(t *testing.T) {
	x := &Index{prefix: "stet", generation: 1}
	for _, template := range x.templates(false) {
		if content, ok := template.body["template"].(object); ok {
			if mappings, ok := content["mappings"].(object); ok && mappings["dynamic"] != "strict" {
				t.Errorf("%s is not strict", template.name)
			}
		}
	}
	for k, document := range map[kind]any{
		articles: articleDocument{}, versions: versionDocument{}, revisions: revisionDocument{}, checks: checkDocument{},
	} {
		want := fieldNames(reflect.TypeOf(document), "")
		got := mappedNames(mapping(k), "")
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\nmapped    %v\ndocuments %v", k, got, want)
		}
	}
}

func fieldNames(t reflect.Type, under string) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			names = append(names, fieldNames(f.Type, under)...)
		case f.Type.Kind() == reflect.Struct:
			names = append(names, fieldNames(f.Type, under+name+".")...)
		default:
			names = append(names, under+name)
		}
	}
	return names
}

func mappedNames(properties object, under string) []string {
	var names []string
	for name, field := range properties {
		if inner, ok := field.(object)["properties"].(object); ok {
			names = append(names, mappedNames(inner, under+name+".")...)
		} else {
			names = append(names, under+name)
		}
	}
	return names
}

func TestDocuments(t *testing.T) {
	d := sample("a", 2)
	d.Published, d.Added, d.Removed, d.State = "2026-03-02T11:30:00Z", "one two", "three", 1
	check := article.CheckOutcome{Article: "a", Source: "Gazette", FetchedAt: day(3), Outcome: article.Failed, Status: 500, Next: day(4)}
	c, words := newCommon(&d), newTokens(&d)
	golden(t, "documents.json", map[string]any{
		"version": newVersionDocument(&d, c, words), "revision": newRevisionDocument(&d, c, words),
		"article": newArticleDocument(&d), "check": newCheckDocument(&check),
	})
}

func TestPublished(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-01T08:00:00+01:00": "2026-03-01T07:00:00.000Z", "2026-03-01": "2026-03-01T00:00:00.000Z",
		"": "", "yesterday": "", "0001-01-01": "", "9999-12-31": "", "2026-02-31": "",
	} {
		got := ""
		if at, ok := published(&search.Document{Published: text}); ok {
			got = timestamp(at)
		}
		if got != want {
			t.Errorf("published(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestIndexNames(t *testing.T) {
	x := &Index{prefix: "stet", generation: 1}
	at := time.Date(2026, 3, 31, 23, 30, 0, 0, time.FixedZone("", -3600))
	for k, want := range map[kind]string{
		versions: "stet-versions-1-2026.04", revisions: "stet-revisions-1-2026.04", checks: "stet-checks-1-2026.04", articles: "stet-articles-1-all",
	} {
		if got := x.index(k, at); got != want {
			t.Errorf("%s go to %s, want %s", k, got, want)
		}
	}
}

func TestExternalVersions(t *testing.T) {
	v := func(version int, sequence uint64) int64 {
		return articleVersion(&search.Document{Version: version, Sequence: sequence})
	}
	ordered := []int64{v(1, 0), v(1, 1), v(1, 1<<63), v(2, 0), v(2, 7), v(1<<22, 0), v(1<<40, 1<<50)}
	if !slices.IsSorted(ordered) || ordered[0] < 0 || ordered[len(ordered)-1] < 0 {
		t.Errorf("versions of articles are not in order: %v", ordered)
	}
	if got := sequenceVersion(&search.Document{Sequence: 1<<63 + 5}); got != 1<<63-1 {
		t.Errorf("a sequence beyond a long becomes %d", got)
	}
	long := search.Document{Article: strings.Repeat("a", 600), Version: 1}
	other := long
	other.Version = 2
	if a, b := documentID(&long), documentID(&other); len(a) > maxID || a == b {
		t.Errorf("long names become %s and %s", a, b)
	}
}
