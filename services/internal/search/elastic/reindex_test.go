package elastic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
)

// archived is an index with documents of some months, and a check in each.
func archived(t *testing.T, months int) (x *Index, documents []search.Document) {
	t.Helper()
	x = fresh(t, server(t))
	for month := range months {
		for version := 1; version <= 2; version++ {
			d := sample(fmt.Sprintf("ferry%d", month), version)
			d.Time = d.Time.AddDate(0, month, 0)
			documents = append(documents, d)
		}
		looked := article.CheckOutcome{Article: "ferry", Source: "The Harbour Gazette", FetchedAt: day(1).AddDate(0, month, 0), Outcome: article.Read}
		if err := x.WriteChecks(t.Context(), []article.CheckOutcome{looked}); err != nil {
			t.Fatal(err)
		}
	}
	put(t, x, documents...)
	return x, documents
}

func put(t *testing.T, w search.Writer, documents ...search.Document) {
	t.Helper()
	if err := w.Write(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
}

func draft(t *testing.T, x *Index, begin bool) *Draft {
	t.Helper()
	d, err := x.Draft(t.Context(), begin)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// found are the ids of all documents that a search finds, sorted.
func found(t *testing.T, x *Index) (ids []string) {
	t.Helper()
	if err := x.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := x.Search(t.Context(), search.Request{Limit: search.MaxLimit})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range result.Hits {
		ids = append(ids, h.ID())
	}
	slices.Sort(ids)
	return ids
}

// indices are the real indices of a prefix, by generation.
func indices(t *testing.T, x *Index) map[int]int {
	t.Helper()
	var answer map[string]any
	if err := x.client.call(t.Context(), "GET", "/"+x.prefix+"-*/_alias?"+lenient, nil, &answer); err != nil {
		t.Fatal(err)
	}
	n := map[int]int{}
	for name := range answer {
		n[x.generationOf(name)]++
	}
	return n
}

func countChecks(t *testing.T, x *Index) int64 {
	t.Helper()
	if err := x.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	var answer struct{ Count int64 }
	if err := x.client.call(t.Context(), "GET", "/"+x.alias(checks)+"/_count?"+lenient, nil, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Count
}

func TestGenerations(t *testing.T) {
	x, documents := archived(t, 3)
	d := draft(t, x, false)
	if mark, err := d.Mark(t.Context()); err != nil || mark != "" {
		t.Errorf("a new draft is at %q, %v", mark, err)
	}
	put(t, d, documents[1:]...)
	if err := d.SetMark(t.Context(), `{"sequence":7}`); err != nil {
		t.Fatal(err)
	}
	if got := found(t, x); len(got) != 6 {
		t.Errorf("beside the draft a search finds %v", got)
	}
	d = draft(t, x, false)
	if mark, err := d.Mark(t.Context()); err != nil || mark != `{"sequence":7}` {
		t.Errorf("the draft is at %q, %v", mark, err)
	}
	if has, err := d.Has(t.Context(), documents); err != nil || !slices.Equal(has, []bool{false, true, true, true, true, true}) {
		t.Errorf("it has %v, %v", has, err)
	}
	if counts, err := d.Count(t.Context()); err != nil || counts != (search.Counts{Articles: 3, Versions: 5, Revisions: 3}) {
		t.Errorf("it counts %+v, %v", counts, err)
	}
	put(t, d, documents[0])
	if err := d.Delete(t.Context(), "ferry2"); err != nil {
		t.Fatal(err)
	}
	if err := d.Switch(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"ferry0/1", "ferry0/2", "ferry1/1", "ferry1/2"}
	if got := found(t, x); !slices.Equal(got, want) {
		t.Errorf("after the switch a search finds %v", got)
	}
	late := sample("ferry3", 1)
	if err := x.Write(t.Context(), []search.Document{late}); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("between switch and finish the old index takes a document: %v", err)
	}
	if err := d.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, x, late) // its writer has the old name at hand
	if got := found(t, x); !slices.Equal(got, append(want, "ferry3/1")) {
		t.Errorf("after the finish a search finds %v", got)
	}
	if n := indices(t, x); n[1] != 0 || n[2] == 0 {
		t.Errorf("there are indices of the generations %v", n)
	}
	if n := countChecks(t, x); n != 3 {
		t.Errorf("%d checks came along", n)
	}
	if err := x.Delete(t.Context(), "ferry0"); err != nil {
		t.Fatal(err)
	}
	if got := found(t, x); len(got) != 3 {
		t.Errorf("after a deletion a search finds %v", got)
	}
}

// A writer that opens after a reindex writes to the new generation, and the next reindex makes the one after.
func TestTheGenerationAfter(t *testing.T) {
	x, documents := archived(t, 1)
	for want := 2; want <= 3; want++ {
		d := draft(t, x, false)
		put(t, d, documents...)
		if err := errors.Join(d.Switch(t.Context()), d.Finish(t.Context())); err != nil {
			t.Fatal(err)
		}
		n, err := x.currentGeneration(t.Context())
		if err != nil || n != want {
			t.Fatalf("the generation is %d, %v, want %d", n, err, want)
		}
		now := x.ofGeneration(n)
		late := sample(fmt.Sprintf("late%d", want), 1)
		late.Time = late.Time.AddDate(1, 0, 0) // a month that no generation has yet
		documents = append(documents, late)
		put(t, now, late)
		if got := found(t, now); len(got) != len(documents) {
			t.Errorf("a search finds %v", got)
		}
		if all := indices(t, x); len(all) != 1 || all[want] == 0 {
			t.Errorf("there are indices of the generations %v", all)
		}
		changes, err := now.Provision(t.Context(), false)
		if err != nil || len(changes) != 0 {
			t.Errorf("provisioning changed %q, %v", changes, err)
		}
	}
}

// A switch that ends anywhere is repeated by another process, and nothing is missing or double.
func TestInterruptedSwitch(t *testing.T) {
	for _, steps := range []int{2, 5} { // the aliases went over alone; all but the last checks
		x, documents := archived(t, 1)
		d := draft(t, x, false)
		put(t, d, documents...)
		if err := d.SetMark(t.Context(), "begun"); err != nil {
			t.Fatal(err)
		}
		all := []func(context.Context) error{d.copyChecks, d.moveAliases, d.putTemplates, d.moveAliases, d.block, d.copyChecks}
		for _, do := range all[:steps] {
			if err := do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := found(t, x); len(got) != 2 {
			t.Errorf("after %d steps a search finds %v", steps, got)
		}
		d = draft(t, x, true) // fresh is not for what is in use
		put(t, d, documents...)
		if err := errors.Join(d.Switch(t.Context()), d.Finish(t.Context())); err != nil {
			t.Fatalf("after %d steps: %v", steps, err)
		}
		if got, n, looked := found(t, x), indices(t, x), countChecks(t, x); len(got) != 2 || n[1] != 0 || len(n) != 1 || looked != 1 {
			t.Errorf("after %d steps: found %v, generations %v, %d checks", steps, got, n, looked)
		}
		if mark, err := d.Mark(t.Context()); err != nil || mark != "" {
			t.Errorf("the mark is %q, %v", mark, err)
		}
	}
}

func TestDraftsThatAreOfNoUse(t *testing.T) {
	x, documents := archived(t, 1)
	begun := func() *Draft {
		d := draft(t, x, false)
		put(t, d, documents...)
		if err := d.SetMark(t.Context(), "begun"); err != nil {
			t.Fatal(err)
		}
		return d
	}
	empty := func(name string, d *Draft) {
		t.Helper()
		mark, err := d.Mark(t.Context())
		counts, failed := d.Count(t.Context())
		if err != nil || failed != nil || mark != "" || counts.Versions != 0 {
			t.Errorf("%s: %q, %v, %+v, %v", name, mark, err, counts, failed)
		}
	}
	begun()
	empty("fresh", draft(t, x, true))
	d := begun()
	other := draftMeta{mark(), "begun"}
	other.Analyzer++
	path := "/" + d.next.index(articles, time.Time{}) + "/_mapping"
	if err := d.next.client.call(t.Context(), "PUT", path, object{"_meta": other}, nil); err != nil {
		t.Fatal(err)
	}
	empty("other words", draft(t, x, false))
	if got := found(t, x); len(got) != 2 {
		t.Errorf("the index in use has %v", got)
	}
}

func TestDraftNeedsTemplates(t *testing.T) {
	x, err := Connect(t.Context(), Config{Addresses: []string{server(t)}, Prefix: "test-nothing-there"})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Draft(t.Context(), false); !errors.Is(err, ErrNotProvisioned) {
		t.Error(err)
	}
}

func TestGenerationOf(t *testing.T) {
	x := &Index{prefix: "stet"}
	for name, want := range map[string]int{
		"stet-versions-1-2026.03": 1, "stet-articles-12-all": 12, "stet-other-1-x": 0, "stets-versions-1-x": 0, "stet-versions-x-1": 0,
		"stet-versions-99999999999-x": 0, "": 0,
	} {
		if got := x.generationOf(name); got != want {
			t.Errorf("%q is of generation %d, want %d", name, got, want)
		}
	}
}
