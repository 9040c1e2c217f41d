// Package searchtest is the contract of search as tests that every backend runs: the same writes must give the same
// hits everywhere, and those that search.Match gives without an index.
package searchtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stetnews/stet/services/internal/search"
)

// Backend is what is tested.
type Backend interface {
	search.Writer
	search.Searcher
}

// Refresher is a Backend whose writes are found only after a while; the suite calls Refresh after writing.
type Refresher interface {
	Refresh(ctx context.Context) error
}

// Run tests a backend. open makes an empty one for each part and sees to its end with t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Backend) {
	parts := []struct {
		name string
		test func(t *testing.T, b *bench)
	}{
		{"Empty", testEmpty},
		{"RoundTrip", testRoundTrip},
		{"Idempotent", testIdempotent},
		{"AnyOrder", testAnyOrder},
		{"Replace", testReplace},
		{"RefusesOnlyBad", testRefusesOnlyBad},
		{"Delete", testDelete},
		{"Versions", testVersions},
		{"Queries", testQueries},
		{"Relevance", testRelevance},
		{"Highlight", testHighlight},
		{"Paging", testPaging},
		{"Cursors", testCursors},
		{"Random", testRandom},
	}
	for _, part := range parts {
		t.Run(part.name, func(t *testing.T) { part.test(t, &bench{t, open(t)}) })
	}
}

// bench is a backend with the helpers of the tests.
type bench struct {
	t *testing.T
	Backend
}

func (b *bench) put(documents ...search.Document) {
	b.t.Helper()
	if err := b.Write(b.t.Context(), documents); err != nil {
		b.t.Fatalf("Write: %v", err)
	}
	b.refresh()
}

func (b *bench) refresh() {
	b.t.Helper()
	if r, ok := b.Backend.(Refresher); ok {
		if err := r.Refresh(b.t.Context()); err != nil {
			b.t.Fatalf("Refresh: %v", err)
		}
	}
}

func (b *bench) search(request search.Request) search.Result {
	b.t.Helper()
	result, err := b.Search(b.t.Context(), request)
	if err != nil {
		b.t.Fatalf("Search(%v): %v", request.Query, err)
	}
	return result
}

// all searches every page and returns the ids.
func (b *bench) all(q search.Query, order search.Order) []string {
	b.t.Helper()
	var ids []string
	request := search.Request{Query: q, Order: order, Limit: search.MaxLimit, WithTotal: true}
	for {
		result := b.search(request)
		ids = append(ids, hitIDs(result)...)
		if int64(len(ids)) > result.Total {
			b.t.Fatalf("search %v: %d hits of %d, and the pages go on", q, len(ids), result.Total)
		}
		if result.Next == "" {
			if result.Total != int64(len(ids)) {
				b.t.Errorf("search %v: Total %d, found %d", q, result.Total, len(ids))
			}
			return ids
		}
		request.Cursor = result.Next
	}
}

func (b *bench) counts(want search.Counts) {
	b.t.Helper()
	got, err := b.Count(b.t.Context())
	if err != nil || got != want {
		b.t.Errorf("Count() = %+v, %v, want %+v", got, err, want)
	}
}

func hitIDs(result search.Result) []string {
	var ids []string
	for _, hit := range result.Hits {
		ids = append(ids, hit.ID())
	}
	return ids
}

// day is a time in March 2026.
func day(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }

func sample(article string, version int) search.Document {
	return search.Document{
		Article: article, Version: version, Source: "The Harbour Gazette", URL: "https://gazette.example/" + article,
		Time: day(version), Language: "en-GB", Title: "Ferry " + article, Body: fmt.Sprintf("The ferry sails at %d.", version),
		Kinds: []string{"body"}, Weight: 2, Score: 0.25, Hash: fmt.Sprint("h", version), Sequence: uint64(version),
	}
}

func testEmpty(t *testing.T, b *bench) {
	for _, order := range []search.Order{search.Newest, search.Relevance} {
		if got := b.all(nil, order); len(got) != 0 {
			t.Errorf("an empty index gives %v", got)
		}
		if got := b.all(search.Text{Text: "ferry"}, order); len(got) != 0 {
			t.Errorf("an empty index gives %v", got)
		}
	}
	if _, err := b.Get(t.Context(), "nobody", 0); !errors.Is(err, search.ErrNotFound) {
		t.Errorf("Get in an empty index: %v", err)
	}
	if documents, next, err := b.Backend.Versions(t.Context(), "nobody", 5, ""); len(documents) != 0 || next != "" || err != nil {
		t.Errorf("Versions in an empty index: %v, %q, %v", documents, next, err)
	}
	if err := b.Delete(t.Context(), "nobody"); err != nil {
		t.Errorf("Delete in an empty index: %v", err)
	}
	if err := b.Write(t.Context(), nil); err != nil {
		t.Errorf("Write of nothing: %v", err)
	}
	b.counts(search.Counts{})
}

func testRoundTrip(t *testing.T, b *bench) {
	want := search.Document{
		Article: "a1", Source: "Zeitung für Küste & Hafen", URL: "https://zeitung.example/?a=1#x", Version: 3,
		Time: time.Date(1985, 7, 9, 23, 59, 59, 123456789, time.FixedZone("", 3600)), Language: "de",
		Title: "Fähre „Möwe“ legt ab 🚢", Body: strings.Repeat("Die Fähre legt um 7 Uhr ab.\n\n", 200),
		Added: "Die Fähre\nlegt ab", Removed: "'\"; --", Kinds: []string{"headline", "a,b"}, Weight: 3, Score: 1,
		State: 1, Published: "2026-03-01T08:00:00+01:00", Hash: "00ff", Feed: "f1", Sequence: 1<<63 + 5, Disclosed: true,
	}
	bare := search.Document{Article: "a2", Version: 1, Time: day(1)}
	b.put(want, bare)
	want.Time = want.Time.UTC()
	for _, d := range []search.Document{want, bare} {
		got, err := b.Get(t.Context(), d.Article, 0)
		if diff := cmp.Diff(d, got); diff != "" || err != nil {
			t.Errorf("Get(%s): %v\n%s", d.ID(), err, diff)
		}
	}
	hit := b.search(search.Request{Query: search.Text{Text: "fahre"}, WithBody: true}).Hits[0]
	if diff := cmp.Diff(search.Hit{Document: want}, hit); diff != "" {
		t.Errorf("Search with body:\n%s", diff)
	}
	want.Body = ""
	hit = b.search(search.Request{Query: search.Text{Text: "fahre"}}).Hits[0]
	if diff := cmp.Diff(search.Hit{Document: want}, hit); diff != "" {
		t.Errorf("Search without body:\n%s", diff)
	}
}

func testIdempotent(t *testing.T, b *bench) {
	documents := []search.Document{sample("a", 1), sample("a", 2), sample("b", 1)}
	for range 3 {
		b.put(documents...)
		b.put(append(slices.Clone(documents), documents...)...)
	}
	b.counts(search.Counts{Articles: 2, Versions: 3, Revisions: 1})
	if got := b.all(nil, search.Newest); len(got) != 3 {
		t.Errorf("after writing again: %v", got)
	}
}

func testAnyOrder(t *testing.T, b *bench) {
	first, second := sample("a", 1), sample("a", 2)
	newer := second
	newer.Title, newer.Sequence = "Ferry delayed", 9
	for _, d := range []search.Document{newer, first, second, first, newer, second} {
		b.put(d)
	}
	b.put(newer, second)
	if got, err := b.Get(t.Context(), "a", 2); err != nil || got.Title != "Ferry delayed" {
		t.Errorf("after an old copy came late: %q, %v", got.Title, err)
	}
	if got := b.all(search.Text{Text: "delayed"}, search.Newest); !slices.Equal(got, []string{"a/2"}) {
		t.Errorf("searching the newer copy: %v", got)
	}
	b.counts(search.Counts{Articles: 1, Versions: 2, Revisions: 1})
}

func testReplace(t *testing.T, b *bench) {
	old := sample("a", 1)
	b.put(old, sample("b", 1))
	replaced := old
	replaced.Body, replaced.Time, replaced.Kinds, replaced.Source = "The tram leaves.", day(20), []string{"note"}, "Inland Post"
	b.put(replaced)
	for query, want := range map[string][]string{
		"sails": {"b/1"}, "tram": {"a/1"}, "kind:body": {"b/1"}, "kind:note": {"a/1"}, `source:"inland post"`: {"a/1"},
		`source:"the harbour gazette"`: {"b/1"}, "after:2026-03-10": {"a/1"}, "ferry": {"a/1", "b/1"},
	} {
		b.finds(query, want)
	}
	b.counts(search.Counts{Articles: 2, Versions: 2})
	got, err := b.Get(t.Context(), "a", 1)
	if diff := cmp.Diff(replaced, got); diff != "" || err != nil {
		t.Errorf("after replacing: %v\n%s", err, diff)
	}
}

func testRefusesOnlyBad(t *testing.T, b *bench) {
	late, early := sample("a", 0), sample("b", -1)
	err := b.Write(t.Context(), []search.Document{late, sample("a", 1), early, sample("a", 1)})
	var some search.Unstored
	if !errors.As(err, &some) || len(some) != 2 || !errors.Is(some[0], search.ErrBadDocument) || !errors.Is(some[2], search.ErrBadDocument) {
		t.Errorf("Write of versions 0 and -1 among others: %v", err)
	}
	b.refresh()
	b.counts(search.Counts{Articles: 1, Versions: 1})
	if err := b.Write(t.Context(), []search.Document{late}); !errors.Is(err, search.ErrBadDocument) {
		t.Errorf("Write of a version 0 alone: %v", err)
	}
}

func testDelete(t *testing.T, b *bench) {
	b.put(sample("a", 1), sample("a", 2), sample("b", 1), sample("aa", 1))
	for range 2 {
		if err := b.Delete(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		b.refresh()
	}
	b.counts(search.Counts{Articles: 2, Versions: 2})
	b.finds("ferry", []string{"b/1", "aa/1"})
	if _, err := b.Get(t.Context(), "a", 1); !errors.Is(err, search.ErrNotFound) {
		t.Errorf("Get of a deleted article: %v", err)
	}
	if documents, _, err := b.Backend.Versions(t.Context(), "a", 5, ""); len(documents) != 0 || err != nil {
		t.Errorf("Versions of a deleted article: %v, %v", documents, err)
	}
	b.put(sample("a", 1))
	b.counts(search.Counts{Articles: 3, Versions: 3})
}

func testVersions(t *testing.T, b *bench) {
	for version := range 12 {
		b.put(sample("a", version+1), sample("b", version+1))
	}
	var got []int
	cursor := ""
	for {
		documents, next, err := b.Backend.Versions(t.Context(), "a", 5, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range documents {
			if d.Article != "a" || d.Body != "" {
				t.Errorf("Versions gave %s with body %q", d.ID(), d.Body)
			}
			got = append(got, d.Version)
		}
		if len(got) == 5 {
			b.put(sample("a", 13)) // does not move the pages after it
		}
		if cursor = next; next == "" {
			break
		}
	}
	if want := []int{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("Versions = %v, want %v", got, want)
	}
	if d, err := b.Get(t.Context(), "a", 0); err != nil || d.Version != 13 {
		t.Errorf("newest version: %d, %v", d.Version, err)
	}
	if _, err := b.Get(t.Context(), "a", 14); !errors.Is(err, search.ErrNotFound) {
		t.Errorf("Get of version 14: %v", err)
	}
}

// finds compares what a query finds with ids, in any order, and by either order of hits.
func (b *bench) finds(query string, want []string) {
	b.t.Helper()
	q, err := search.Parse(query)
	if err != nil {
		b.t.Errorf("Parse(%q): %v", query, err)
		return
	}
	slices.Sort(want)
	for _, order := range []search.Order{search.Newest, search.Relevance} {
		got := b.all(q, order)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			b.t.Errorf("%s (order %d) finds %v, want %v", query, order, got, want)
		}
	}
}
