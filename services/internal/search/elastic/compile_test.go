package elastic

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/search"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, value any) {
	t.Helper()
	text, err := encode(value)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, b.Bytes()) {
		t.Errorf("%s differs (go test -update writes it):\n%s", path, b.Bytes())
	}
}

func TestCompile(t *testing.T) {
	compiled := make(map[string]any)
	for _, query := range []string{
		"ferry", "title:ferry", `"old ferry"`, `added:"old fer"*`, "fer*", "東", "東京都", "source:Gazette", "lang:en",
		"after:2026-03-01 before:2026-04-01", "score>0.5", "weight:minor", "weight<=minor",
		"ferry -tram", "ferry OR tram kind:note", "NOT (ferry OR tram)", "after:0001-02", "before:9999",
	} {
		q, err := search.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		compiled[query] = compile(q)
	}
	compiled["(nothing)"] = compile(nil)
	compiled["(no word)"] = compile(search.Text{Text: "?"})
	compiled["(and of none)"] = compile(search.And{})
	compiled["(or of none)"] = compile(search.Or{})
	compiled["(range of all)"] = compile(search.Range{})
	compiled["(no number)"] = compile(search.Number{Field: search.Score, Op: ">", Value: math.NaN()})
	compiled["(infinite)"] = compile(search.Number{Field: search.Weight, Op: "<", Value: math.Inf(1)})
	compiled["(no comparison)"] = compile(search.Number{Field: search.Score, Op: "~", Value: 1})
	golden(t, "queries.json", compiled)
}

// TestCompileDepth counts the levels of queries as Elasticsearch does.
func TestCompileDepth(t *testing.T) {
	for _, query := range []string{
		strings.Repeat("(plan OR (café ", 30) + "x" + strings.Repeat("))", 30),
		strings.Repeat("NOT ", 60) + "plan",
		strings.Repeat("-(plan (score>0.5 OR ", 20) + "x" + strings.Repeat("))", 20),
	} {
		q, err := search.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		text, err := encode(object{"bool": object{"filter": compile(q)}})
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(text, &tree); err != nil {
			t.Fatal(err)
		}
		if got := queryDepth(tree); got > 30 {
			t.Errorf("%.30s… is %d deep", query, got)
		}
	}
}

// queryDepth is how many queries are one in the other; a wrapper has no inside here.
func queryDepth(value any) int {
	deepest := 0
	switch value := value.(type) {
	case []any:
		for _, part := range value {
			deepest = max(deepest, queryDepth(part))
		}
	case map[string]any:
		for name, part := range value {
			depth := queryDepth(part)
			switch name {
			case "bool", "constant_score", "term", "range", "prefix", "match_phrase", "match_phrase_prefix", "match_all", "match_none", "wrapper":
				depth++
			}
			deepest = max(deepest, depth)
		}
	}
	return deepest
}

func TestCursor(t *testing.T) {
	c := cursor{Newest: &place{math.MaxInt64, "a/1"}, Oldest: &place{-5, "b/2"}, Offset: 40}
	text := c.encode(ofRelevance, "ferry")
	got, err := decodeCursor(text, ofRelevance, "ferry")
	if err != nil || *got.Newest != *c.Newest || *got.Oldest != *c.Oldest || got.Offset != 40 {
		t.Errorf("decoded %+v, %v", got, err)
	}
	for name, bad := range map[string][3]string{
		"other query": {text, ofRelevance, "tram"}, "other order": {text, ofNewest, "ferry"}, "other text": {"!", ofRelevance, "ferry"},
		"offset too large": {cursor{Newest: &place{}, Offset: search.RelevanceWindow + 1}.encode(ofRelevance, ""), ofRelevance, ""},
		"no place":         {cursor{}.encode(ofNewest, ""), ofNewest, ""}, "no version": {cursor{}.encode(ofVersions, ""), ofVersions, ""},
	} {
		if _, err := decodeCursor(bad[0], bad[1], bad[2]); err != search.ErrBadCursor {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodeCursor(f *testing.F) {
	f.Add(cursor{Last: &place{1, "a/1"}}.encode(ofNewest, "q"))
	f.Add("AA")
	f.Fuzz(func(t *testing.T, text string) {
		for _, of := range []string{ofNewest, ofRelevance, ofVersions} {
			if c, err := decodeCursor(text, of, "q"); err == nil && of == ofNewest && c.Last == nil {
				t.Errorf("%q is taken without a place", text)
			}
		}
	})
}
