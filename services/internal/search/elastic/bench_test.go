package elastic

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/stetnews/stet/services/internal/search"
)

// corpus is documents of a few hundred words whose frequencies fall off as those of a language do, five versions of
// each article.
func corpus(n int) []search.Document {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.07, 1, 60000)
	documents := make([]search.Document, n)
	for i := range documents {
		var body strings.Builder
		for range 300 + r.IntN(600) {
			fmt.Fprintf(&body, "w%d ", zipf.Uint64())
		}
		text := body.String()
		documents[i] = search.Document{
			Article: fmt.Sprint("a", i/5), Version: i%5 + 1, Source: fmt.Sprint("source ", i/5%200), Language: "en", Sequence: uint64(i),
			Time:  time.Date(2026, 1, 1, 0, 0, 17*i, 0, time.UTC),
			Title: text[:40], Body: text, Added: text[:120], Kinds: []string{"body"}, Weight: i % 4, Score: float64(i%10) / 10,
		}
	}
	return documents
}

// indexerBatch is what the indexer hands over at a time when there is much to do.
const indexerBatch = 256

// BenchmarkWrite tells the documents a second of Write, in the indexer's batches, and of the client library's
// BulkIndexer with the same operations, which are encoded for it beforehand. The two take turns; the share is of the
// medians.
func BenchmarkWrite(b *testing.B) {
	address := server(b)
	documents := corpus(4000)
	measure := func(prepare func(x *Index) (write func() error)) float64 {
		x := fresh(b, address)
		if err := x.Write(b.Context(), documents[:1]); err != nil { // makes the indices
			b.Fatal(err)
		}
		write := prepare(x)
		start := time.Now()
		if err := write(); err != nil {
			b.Fatal(err)
		}
		speed := float64(len(documents)) / time.Since(start).Seconds()
		if err := x.Refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
		got, err := x.Count(b.Context())
		if want := (search.Counts{Articles: 800, Versions: 4000, Revisions: 3200}); err != nil || got != want {
			b.Fatalf("the index has %+v, %v", got, err)
		}
		wipe(b, x.prefix)
		return speed
	}
	var ours, bare []float64
	for range b.N {
		bare = append(bare, measure(func(x *Index) func() error { return bareLoop(b, x, address, documents) }))
		ours = append(ours, measure(func(x *Index) func() error { return batches(b.Context(), x, documents) }))
	}
	b.ReportMetric(median(ours), "documents/s")
	b.ReportMetric(median(bare), "bare-documents/s")
	b.ReportMetric(100*median(ours)/median(bare), "%-of-bare")
}

// batches writes as the indexer does: a batch after the other.
func batches(ctx context.Context, x *Index, documents []search.Document) func() error {
	return func() error {
		for batch := range slices.Chunk(documents, indexerBatch) {
			if err := x.Write(ctx, batch); err != nil {
				return err
			}
		}
		return nil
	}
}

// bareLoop is the shortest program that stores the same. Analysing and encoding are done before it begins.
func bareLoop(b *testing.B, x *Index, address string, documents []search.Document) func() error {
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{address}})
	if err != nil {
		b.Fatal(err)
	}
	var failed atomic.Int64
	var items []esutil.BulkIndexerItem
	for i := range documents {
		for _, o := range x.operations(&documents[i]) {
			text, err := encode(o.source)
			if err != nil {
				b.Fatal(err)
			}
			items = append(items, esutil.BulkIndexerItem{
				Action: "index", Index: o.index, DocumentID: o.id, Version: &o.version, VersionType: "external_gte", Body: bytes.NewReader(text),
				OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, r esutil.BulkIndexerResponseItem, err error) {
					if err != nil || r.Status != 409 {
						failed.Add(1)
					}
				},
			})
		}
	}
	return func() error {
		bulk, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client})
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := bulk.Add(b.Context(), item); err != nil {
				return err
			}
		}
		if err := bulk.Close(b.Context()); err != nil || failed.Load() > 0 {
			return fmt.Errorf("%d failed: %w", failed.Load(), err)
		}
		return nil
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
