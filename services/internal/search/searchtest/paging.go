package searchtest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// testPaging reads pages while documents of the same and of newer times come in between.
func testPaging(t *testing.T, b *bench) {
	const many = 90
	var documents []search.Document
	for i := range many {
		d := sample(fmt.Sprintf("a%02d", i), 1)
		d.Time = day(1).Add(time.Duration(i/45) * time.Hour) // 45 share one moment
		documents = append(documents, d)
	}
	b.put(documents...)
	for _, q := range []search.Query{nil, search.Text{Text: "ferry"}, search.Number{Field: search.Score, Op: "<", Value: 0.5}} {
		seen := make(map[string]bool)
		var times []time.Time
		request := search.Request{Query: q, Limit: 7}
		for page := 0; ; page++ {
			result := b.search(request)
			for _, hit := range result.Hits {
				if seen[hit.ID()] {
					t.Errorf("%v: %s came twice", q, hit.ID())
				}
				seen[hit.ID()] = true
				times = append(times, hit.Time)
			}
			b.put(insertion(page, day(20)), insertion(page+100, day(1).Add(time.Hour)))
			if request.Cursor = result.Next; result.Next == "" {
				break
			}
			if len(result.Hits) != 7 {
				t.Errorf("%v: a page of %d that is not the last", q, len(result.Hits))
			}
		}
		for _, d := range documents {
			if !seen[d.ID()] {
				t.Errorf("%v: %s never came", q, d.ID())
			}
		}
		if !slices.IsSortedFunc(times, func(a, b time.Time) int { return b.Compare(a) }) {
			t.Errorf("%v: not newest first: %v", q, times)
		}
	}
}

// insertion is a document that comes while pages are read.
func insertion(n int, at time.Time) search.Document {
	d := sample(fmt.Sprintf("late%03d", n), 1)
	d.Time = at
	return d
}

func testCursors(t *testing.T, b *bench) {
	for i := range 6 {
		b.put(sample("a", i+1))
	}
	q := search.Text{Text: "ferry"}
	newest := b.search(search.Request{Query: q, Limit: 2}).Next
	ranked := b.search(search.Request{Query: q, Limit: 2, Order: search.Relevance}).Next
	_, versions, err := b.Backend.Versions(t.Context(), "a", 2, "")
	if err != nil || newest == "" || ranked == "" || versions == "" {
		t.Fatalf("cursors %q, %q, %q: %v", newest, ranked, versions, err)
	}
	for name, request := range map[string]search.Request{
		"rubbish":       {Query: q, Cursor: "rubbish!"},
		"short":         {Query: q, Cursor: "AA"},
		"cut":           {Query: q, Cursor: newest[:len(newest)-2]},
		"longer":        {Query: q, Cursor: newest + "AAAA"},
		"other query":   {Query: search.Text{Text: "sails"}, Cursor: newest},
		"no query":      {Cursor: newest},
		"other order":   {Query: q, Cursor: newest, Order: search.Relevance},
		"other order 2": {Query: q, Cursor: ranked},
		"of versions":   {Query: q, Cursor: versions},
	} {
		if _, err := b.Search(t.Context(), request); !errors.Is(err, search.ErrBadCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, cursor := range []string{"rubbish!", newest} {
		if _, _, err := b.Backend.Versions(t.Context(), "a", 2, cursor); !errors.Is(err, search.ErrBadCursor) {
			t.Errorf("Versions with cursor %q: %v", cursor, err)
		}
	}
}
