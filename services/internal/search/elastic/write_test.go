package elastic

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
)

// stored gives what an alias has, by id.
func stored(t *testing.T, x *Index, k kind) map[string]map[string]any {
	t.Helper()
	if err := x.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Hits struct {
			Hits []struct {
				ID     string         `json:"_id"`
				Source map[string]any `json:"_source"`
			} `json:"hits"`
		} `json:"hits"`
	}
	if err := x.client.call(t.Context(), "POST", "/"+x.alias(k)+"/_search?"+strict, object{"size": maxPage}, &answer); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]map[string]any)
	for _, hit := range answer.Hits.Hits {
		all[hit.ID] = hit.Source
	}
	return all
}

func write(t *testing.T, x *Index, documents ...search.Document) {
	t.Helper()
	if err := x.Write(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
}

func TestAnArticleShowsItsNewestVersion(t *testing.T) {
	x := fresh(t, server(t))
	third, corrected := sample("a", 3), sample("a", 3)
	corrected.Title, corrected.Sequence = "Ferry corrected", 9
	write(t, x, sample("a", 2))
	write(t, x, corrected, sample("b", 1))
	write(t, x, third)
	write(t, x, sample("a", 1))
	all := stored(t, x, articles)
	if a := all["a"]; len(all) != 2 || a["title"] != "Ferry corrected" || a["versions"] != 3.0 || a["edited"] != true || all["b"]["edited"] != false {
		t.Errorf("the articles are %v", all)
	}
	if got := stored(t, x, revisions); len(got) != 2 || got["a/3"]["title"] != "Ferry corrected" || got["a/3"]["weight_name"] != "minor" {
		t.Errorf("the revisions are %v", got)
	}
	if got := stored(t, x, versions)["a/3"]; got["tokens"] != nil || got["title"] != "Ferry corrected" {
		t.Errorf("a version is stored as %v", got)
	}
}

// TestARejectedDocumentLeavesTheRest has documents that pass Check and not Elasticsearch.
func TestARejectedDocumentLeavesTheRest(t *testing.T) {
	x := fresh(t, server(t))
	immense, large := sample("immense", 1), sample("large", 1)
	immense.Hash = strings.Repeat("h", 40000)
	large.Weight = 1 << 40
	err := x.Write(t.Context(), []search.Document{sample("a", 1), immense, sample("b", 1), large, sample("c", 1)})
	var some search.Unstored
	if !errors.As(err, &some) || len(some) != 2 {
		t.Fatalf("Write: %v", err)
	}
	for place, want := range map[int]string{1: "hash", 3: "out of range"} {
		if !errors.Is(some[place], search.ErrBadDocument) || !strings.Contains(some[place].Error(), want) {
			t.Errorf("document %d: %v", place, some[place])
		}
	}
	if got := stored(t, x, versions); len(got) != 3 || got["a/1"] == nil || got["c/1"] == nil {
		t.Errorf("the index has %d versions", len(got))
	}
	if got := stored(t, x, articles); len(got) != 3 {
		t.Errorf("the index has the articles of rejected versions: %d", len(got))
	}
}

func TestChecksAreStoredOnce(t *testing.T) {
	x := fresh(t, server(t))
	outcomes := []article.CheckOutcome{
		{Article: "a", Source: "Gazette", FetchedAt: day(1), Outcome: article.Read, Status: 200, Changed: true, Version: 2, Next: day(2)},
		{Article: "a", Source: "Gazette", FetchedAt: day(2), Outcome: article.Failed, Status: 503, Reason: "The server is busy."},
		{Article: "", FetchedAt: day(2)},
	}
	for range 2 {
		err := x.WriteChecks(t.Context(), outcomes)
		if reasons := search.Reasons(err, 3); reasons[0] != nil || reasons[1] != nil || !errors.Is(reasons[2], search.ErrBadDocument) {
			t.Errorf("WriteChecks: %v", err)
		}
	}
	if got := stored(t, x, checks); len(got) != 2 {
		t.Errorf("the checks are %v", got)
	}
	write(t, x, sample("a", 1), sample("a", 2))
	if err := x.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds {
		if got := stored(t, x, k); len(got) != 0 {
			t.Errorf("%s of a deleted article: %v", k, got)
		}
	}
}

func TestDeleteSeesWhatWasJustWritten(t *testing.T) {
	x := fresh(t, server(t))
	write(t, x, sample("a", 1), sample("a", 2))
	if err := x.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Get(t.Context(), "a", 0); !errors.Is(err, search.ErrNotFound) {
		t.Errorf("Get after Delete: %v", err)
	}
}

func TestAReadOnlyIndexIsSaid(t *testing.T) {
	x := fresh(t, server(t))
	write(t, x, sample("a", 1))
	if err := x.Check(t.Context()); err != nil {
		t.Errorf("Check of a sound index: %v", err)
	}
	block := func(value any) {
		t.Helper()
		path := "/" + x.index(versions, day(1)) + "/_settings"
		if err := x.client.call(t.Context(), http.MethodPut, path, object{"index.blocks.read_only_allow_delete": value}, nil); err != nil {
			t.Fatal(err)
		}
	}
	block(true)
	if err := x.Check(t.Context()); !errors.Is(err, search.ErrUnavailable) || !strings.Contains(err.Error(), x.index(versions, day(1))) {
		t.Errorf("Check of a read-only index: %v", err)
	}
	if err := x.Write(t.Context(), []search.Document{sample("a", 2)}); !errors.Is(err, search.ErrUnavailable) ||
		errors.Is(err, search.ErrBadDocument) || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("Write to a read-only index: %v", err)
	}
	block(nil)
	write(t, x, sample("a", 2))
	if err := x.Check(t.Context()); err != nil {
		t.Errorf("Check of a mended index: %v", err)
	}
}

// TestARedIndexIsSaid makes an index whose only part is to be on a node that does not exist.
func TestARedIndexIsSaid(t *testing.T) {
	x := fresh(t, server(t))
	name := x.index(checks, day(1))
	body := object{"settings": object{"index.routing.allocation.require._name": "nowhere"}}
	if err := x.client.call(t.Context(), http.MethodPut, "/"+name+"?wait_for_active_shards=0&timeout=1s", body, nil); err != nil {
		t.Fatal(err)
	}
	if err := x.Check(t.Context()); !errors.Is(err, search.ErrUnavailable) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "red") {
		t.Errorf("Check of a red index: %v", err)
	}
}

func TestRelevanceRanksTheNewestOnly(t *testing.T) {
	x := fresh(t, server(t))
	var documents []search.Document
	for n := range search.RelevanceWindow + 30 {
		d := search.Document{Article: "a", Version: n + 1, Title: "ferry", Sequence: 1}
		d.Time = day(1).AddDate(0, 0, n%40)
		documents = append(documents, d)
	}
	write(t, x, documents...)
	if err := x.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	request := search.Request{Query: search.Text{Text: "ferry"}, Order: search.Relevance, Limit: search.MaxLimit, WithTotal: true}
	seen := make(map[string]bool)
	for {
		result, err := x.Search(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		if result.Total != int64(len(documents)) {
			t.Fatalf("Total %d of %d", result.Total, len(documents))
		}
		for _, hit := range result.Hits {
			if seen[hit.ID()] {
				t.Errorf("%s came twice", hit.ID())
			}
			seen[hit.ID()] = true
		}
		if request.Cursor = result.Next; request.Cursor == "" {
			break
		}
	}
	if len(seen) != search.RelevanceWindow {
		t.Errorf("%d documents were ranked, not %d", len(seen), search.RelevanceWindow)
	}
}
