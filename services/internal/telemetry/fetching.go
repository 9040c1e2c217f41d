package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The things that are fetched from strangers.
const (
	Page   = "page"
	Robots = "robots"
	Feed   = "feed"
)

// Fetching is the work with strangers: exchanges, the waits that politeness asks for, and reading what came.
type Fetching struct {
	fetches  *prometheus.CounterVec
	took     *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	waits    *prometheus.HistogramVec
	pauses   *prometheus.CounterVec
	extracts prometheus.Observer
	verdicts *prometheus.CounterVec
}

func newFetching(r prometheus.Registerer) *Fetching {
	m := maker{r}
	f := &Fetching{
		fetches: m.counter("stet_fetches_total", "Exchanges with strangers, by what was asked for and how it ended.", "what", "outcome"),
		took:    m.histogram("stet_fetch_duration_seconds", "Time of an exchange with a stranger, redirects included.", foreign, "what"),
		bytes:   m.counter("stet_fetched_bytes_total", "Bytes that strangers sent, before decompression.", "what"),
		waits: m.histogram("stet_host_wait_seconds",
			"Time from being due to the turn at the host, by what is fetched: the price of politeness.", patient, "what"),
		pauses:   m.counter("stet_host_pauses_total", "Times that a host was left in peace for a while, because it asked for it or failed again and again.", "outcome"),
		extracts: m.histogram("stet_extract_duration_seconds", "Time of extracting an article from its page.", quick).WithLabelValues(),
		verdicts: m.counter("stet_extracts_total", "Pages read for their text, by how much the reading is to be trusted.", "verdict"),
	}
	for _, outcome := range []string{"busy", "unreachable", "server error"} {
		f.pauses.WithLabelValues(outcome)
	}
	return f
}

// Fetched counts an exchange.
func (f *Fetching) Fetched(what, outcome string, took time.Duration, bytes int64) {
	if f == nil {
		return
	}
	f.fetches.WithLabelValues(what, outcome).Inc()
	f.took.WithLabelValues(what).Observe(took.Seconds())
	f.bytes.WithLabelValues(what).Add(float64(bytes))
}

// Waited counts the wait for a host's turn.
func (f *Fetching) Waited(what string, wait time.Duration) {
	if f != nil {
		f.waits.WithLabelValues(what).Observe(max(wait, 0).Seconds())
	}
}

// Paused counts a host that is left in peace for longer than politeness alone asks.
func (f *Fetching) Paused(outcome string) {
	if f != nil {
		f.pauses.WithLabelValues(outcome).Inc()
	}
}

// Extracted counts a page that was read for its text.
func (f *Fetching) Extracted(verdict string, took time.Duration) {
	if f == nil {
		return
	}
	f.extracts.Observe(took.Seconds())
	f.verdicts.WithLabelValues(verdict).Inc()
}

// Feeds is what polling feeds brings.
type Feeds struct {
	sources
	polls     *prometheus.CounterVec
	items     *prometheus.CounterVec
	overflows prometheus.Counter
	bySource  *prometheus.CounterVec
	last      *prometheus.GaugeVec
}

func newFeeds(r prometheus.Registerer) *Feeds {
	m := maker{r}
	return &Feeds{
		polls: m.counter("stet_feed_polls_total", "Polls of feeds: read, unchanged or failed.", "outcome"),
		items: m.counter("stet_items_total", "Entries of feeds that were new or changed.", "news"),
		overflows: m.counter("stet_feed_overflows_total",
			"Polls in which nothing was known before, so that entries may have come and gone between two polls.").WithLabelValues(),
		bySource: m.counter("stet_source_items_total", "New entries in the feeds of a source.", "source"),
		last: m.gauge("stet_source_last_item_timestamp_seconds",
			"When a new entry was last seen in a feed of the source, in Unix time.", "source"),
	}
}

// Poll is what a poll of a feed came to.
type Poll struct {
	Source       string
	Outcome      string // "read", "unchanged" or "failed"
	New, Changed int
	Overflow     bool
	LastItem     time.Time // when the feed last had a new entry, zero for never
}

// Polled counts a poll.
func (f *Feeds) Polled(p Poll) {
	if f == nil {
		return
	}
	f.polls.WithLabelValues(p.Outcome).Inc()
	f.items.WithLabelValues("new").Add(float64(p.New))
	f.items.WithLabelValues("changed").Add(float64(p.Changed))
	if p.Overflow {
		f.overflows.Inc()
	}
	source := f.label(p.Source)
	f.bySource.WithLabelValues(source).Add(float64(p.New)) // also none: a source that is silent is there, with nothing
	if !p.LastItem.IsZero() && f.later(source, p.LastItem) {
		f.last.WithLabelValues(source).Set(seconds(p.LastItem))
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
