package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Indexing is the work of writing to the search index.
type Indexing struct {
	sizes      *prometheus.HistogramVec
	took       *prometheus.HistogramVec
	failures   *prometheus.CounterVec
	rejected   *prometheus.CounterVec
	searchable prometheus.Observer
}

func newIndexing(r prometheus.Registerer) *Indexing {
	m := maker{r}
	return &Indexing{
		sizes:    m.histogram("stet_index_batch_documents", "Documents in a batch.", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}, "what"),
		took:     m.histogram("stet_index_batch_duration_seconds", "Time that the index took for a batch.", foreign, "what"),
		failures: m.counter("stet_index_batch_failures_total", "Batches that the index did not take, or not all of; they are tried again.", "what"),
		rejected: m.counter("stet_index_rejected_documents_total", "Documents that the index will never take: dead letters.", "what"),
		searchable: m.histogram("stet_searchable_delay_seconds",
			"Time from fetching a page to its version being in the search index.", patient).WithLabelValues(),
	}
}

// Batch is what became of a batch of documents.
type Batch struct {
	What      string // "revisions" or "checks"
	Documents int
	Rejected  int
	Failed    bool // some wait for the index to take them
	Took      time.Duration
}

// Wrote counts a batch.
func (x *Indexing) Wrote(b Batch) {
	if x == nil {
		return
	}
	x.sizes.WithLabelValues(b.What).Observe(float64(b.Documents))
	x.took.WithLabelValues(b.What).Observe(b.Took.Seconds())
	failed := 0.
	if b.Failed {
		failed = 1
	}
	x.failures.WithLabelValues(b.What).Add(failed) // also none, so that a first failure is an increase
	x.rejected.WithLabelValues(b.What).Add(float64(b.Rejected))
}

// Searchable counts a version that is in the index.
func (x *Indexing) Searchable(fetched, now time.Time) {
	if x != nil {
		x.searchable.Observe(max(now.Sub(fetched), 0).Seconds())
	}
}
