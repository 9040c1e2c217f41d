package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Checks is what looking at articles comes to, as the differ accounts it.
type Checks struct {
	sources
	checks    *prometheus.CounterVec
	late      prometheus.Observer
	bySource  *prometheus.CounterVec
	lastRead  *prometheus.GaugeVec
	revisions *prometheus.CounterVec
	kinds     *prometheus.CounterVec
	diffs     prometheus.Observer
}

func newChecks(r prometheus.Registerer) *Checks {
	m := maker{r}
	return &Checks{
		checks: m.counter("stet_checks_total", "Looks at articles that were accounted, by outcome.", "outcome"),
		late:   m.histogram("stet_check_lateness_seconds", "How long after it was due an article was looked at.", patient).WithLabelValues(),
		bySource: m.counter("stet_source_checks_total",
			"Looks at articles of a source: those that found its text (or that it is unchanged), and those that did not.", "source", "text"),
		lastRead: m.gauge("stet_source_last_read_timestamp_seconds",
			"When an article of the source was last read, or found unchanged, in Unix time.", "source"),
		revisions: m.counter("stet_revisions_total", "Versions that were committed: the first of an article, or by how much the change weighs.", "weight"),
		kinds:     m.counter("stet_revision_kinds_total", "What versions changed; one may be of several kinds.", "kind"),
		diffs:     m.histogram("stet_diff_duration_seconds", "Time of comparing a reading with the version before it.", quick).WithLabelValues(),
	}
}

// Look is one look at an article, accounted.
type Look struct {
	Source, Outcome string
	Text            bool // its text was found, or that it is unchanged
	At              time.Time
	Due             time.Time // when it was to be, zero where nobody had said
}

// Accounted counts a look.
func (c *Checks) Accounted(l Look) {
	if c == nil {
		return
	}
	c.checks.WithLabelValues(l.Outcome).Inc()
	if !l.Due.IsZero() {
		c.late.Observe(max(l.At.Sub(l.Due), 0).Seconds())
	}
	source, text := c.label(l.Source), "no"
	if l.Text {
		text = "yes"
		if c.later(source, l.At) {
			c.lastRead.WithLabelValues(source).Set(seconds(l.At))
		}
	}
	c.bySource.WithLabelValues(source, text).Inc()
}

// Revised counts a committed version. The kinds are the elements that it changed.
func (c *Checks) Revised(weight string, kinds []string) {
	if c == nil {
		return
	}
	c.revisions.WithLabelValues(weight).Inc()
	for _, kind := range kinds {
		c.kinds.WithLabelValues(kind).Inc()
	}
}

// Compared times a comparison.
func (c *Checks) Compared(took time.Duration) {
	if c != nil {
		c.diffs.Observe(took.Seconds())
	}
}
