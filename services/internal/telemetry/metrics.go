package telemetry

import (
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is all that a process counts and times, for Prometheus. Its parts are handed to those who do the work; a part
// that is nil counts nothing, so that tests need none.
//
// No label is an article, an address or anything else without a bound: see sources.
type Metrics struct {
	Messages *Messages
	Fetching *Fetching
	Feeds    *Feeds
	Checks   *Checks
	Indexing *Indexing

	registry *prometheus.Registry
}

// Build says what runs.
type Build struct{ Service, Version string }

// NewMetrics gives the metrics of a process, with those of the Go runtime and of the process itself.
func NewMetrics(b Build) *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "stet_build_info", Help: "What runs: always 1, the labels say it.",
		ConstLabels: prometheus.Labels{"runs": b.Service, "version": b.Version, "goversion": runtime.Version()},
	})
	info.Set(1)
	r.MustRegister(info)
	return &Metrics{
		Messages: newMessages(r), Fetching: newFetching(r), Feeds: newFeeds(r), Checks: newChecks(r), Indexing: newIndexing(r),
		registry: r,
	}
}

// Handler answers with the metrics, in the format that is asked for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 8 * time.Second, // who answers gives up after 10
	})
}

// Buckets of durations, in seconds. What the machine does alone is quick; what strangers do may take the whole deadline
// of an exchange; what politeness and backlogs do may take a day.
var (
	quick   = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}
	foreign = []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30}
	patient = []float64{.1, .5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600}
)

// maker registers instruments.
type maker struct{ prometheus.Registerer }

func (m maker) counter(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.MustRegister(v)
	return v
}

func (m maker) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.MustRegister(v)
	return v
}

func (m maker) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.MustRegister(v)
	return v
}
