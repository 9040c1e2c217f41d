package sqlite

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// article is a document of a few hundred words whose frequencies fall off as those of a language do.
func article(r *rand.Rand, zipf *rand.Zipf, n int) search.Document {
	var body strings.Builder
	for range 300 + r.IntN(600) {
		fmt.Fprintf(&body, "w%d ", zipf.Uint64())
	}
	return search.Document{
		Article: fmt.Sprint("a", n/5), Version: n%5 + 1, Source: fmt.Sprint("source ", n/5%200), Language: "en",
		Time:  time.Date(2026, 1, 1, 0, 0, 17*n, 0, time.UTC),
		Title: body.String()[:40], Body: body.String(), Added: body.String()[:120], Kinds: []string{"body"}, Weight: n % 4, Score: float64(n%10) / 10,
	}
}

func articles(n int) []search.Document {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.07, 1, 60000)
	documents := make([]search.Document, n)
	for i := range documents {
		documents[i] = article(r, zipf, i)
	}
	return documents
}

func BenchmarkWrite(b *testing.B) {
	for _, batch := range []int{1, 50, 500} {
		b.Run(fmt.Sprint("batch", batch), func(b *testing.B) {
			x := open(b, filepath.Join(b.TempDir(), "index.db"))
			documents := articles(2000)
			b.ResetTimer()
			for i := range b.N {
				group := documents[i*batch%len(documents):][:batch]
				for j := range group {
					group[j].Version = i + 1 // new each time
				}
				if err := x.Write(b.Context(), group); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}

func BenchmarkSearch(b *testing.B) {
	x := open(b, filepath.Join(b.TempDir(), "index.db"))
	documents := articles(10000)
	for start := 0; start < len(documents); start += 500 {
		if err := x.Write(b.Context(), documents[start:start+500]); err != nil {
			b.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, query string
		order       search.Order
		highlight   bool
	}{
		{"newest/all", "", search.Newest, false},
		{"newest/common", "w3", search.Newest, false},
		{"newest/highlighted", "w3", search.Newest, true},
		{"newest/source", `w3 source:"source 7" after:2026-01-02`, search.Newest, false},
		{"newest/phrase", `"w3 w5"`, search.Newest, false},
		{"newest/score", "w30 score>0.8", search.Newest, false},
		{"relevance/common", "w3", search.Relevance, false},
		{"relevance/rare", "w3000", search.Relevance, false},
	} {
		b.Run(test.name, func(b *testing.B) {
			q, err := search.Parse(test.query)
			if err != nil {
				b.Fatal(err)
			}
			for range b.N {
				if _, err := x.Search(b.Context(), search.Request{Query: q, Order: test.order, Highlight: test.highlight}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
