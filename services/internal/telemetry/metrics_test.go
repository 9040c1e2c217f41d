package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// everything is a process in which everything has happened once.
func everything(t *testing.T) *Metrics {
	t.Helper()
	m := NewMetrics(Build{Service: "stet", Version: "v0.1.0"})
	log := slog.New(slog.DiscardHandler)
	m.WatchHealth(NewHealth(log, Check{"NATS", func(context.Context) error { return nil }},
		Check{"archive", func(context.Context) error { return errors.New("nobody answers") }}))
	m.WatchDisks(map[string]func() (Room, error){
		"data":    func() (Room, error) { return Room{Free: 5 << 30, Size: 20 << 30}, nil },
		"archive": func() (Room, error) { return Room{}, errors.New("no such folder") },
	})
	m.WatchBus(log, func(context.Context) (Bus, error) {
		return Bus{
			Streams: []Stream{
				{Name: "CHECKS", Full: "loses-schedules", Messages: 12, Bytes: 600, Limit: 1000},
				{Name: "REVISIONS", Full: "forgets-oldest", Messages: 3, Bytes: 90, Limit: -1},
			},
			Consumers: []Consumer{{Stream: "SNAPSHOTS", Name: "differ", Pending: 7, AckPending: 2, Redelivered: 1}},
		}, nil
	})
	m.Messages.Handled("differ", Done, 3*time.Millisecond)
	m.Fetching.Fetched(Page, "ok", 40*time.Millisecond, 2000)
	m.Fetching.Waited(Page, 2*time.Second)
	m.Fetching.Waited(Page, -time.Second) // two clocks may differ
	m.Fetching.Extracted("ok", time.Millisecond)
	at := time.Unix(1_800_000_000, 500e6)
	m.Feeds.Polled(Poll{Source: "The Quay Herald", Outcome: "read", New: 2, Changed: 1, Overflow: true, LastItem: at})
	m.Feeds.Polled(Poll{Source: "The Quay Herald", Outcome: "read", LastItem: at.Add(-time.Hour)}) // another feed of the source
	m.Checks.Accounted(Look{Source: "The Quay Herald", Outcome: "read", Text: true, At: at, Due: at.Add(-time.Minute)})
	m.Checks.Accounted(Look{Source: "The Quay Herald", Outcome: "failed", At: at.Add(time.Hour)})
	m.Checks.Revised("minor", []string{"body", "headline"})
	m.Checks.Compared(time.Millisecond)
	m.Indexing.Wrote(Batch{What: "revisions", Documents: 3, Rejected: 1, Failed: true, Took: time.Millisecond})
	m.Indexing.Searchable(at, at.Add(time.Second))
	return m
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	NewHealth(slog.New(slog.DiscardHandler)).Handler(m.Handler()).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d, %v: %s", answer.Code, err, text)
	}
	return string(text)
}

func TestWhatHappenedIsScraped(t *testing.T) {
	text := scrape(t, everything(t))
	for _, line := range []string{
		`stet_messages_total{consumer="differ",result="dead"} 0`,
		`stet_messages_total{consumer="differ",result="done"} 1`,
		`stet_fetches_total{outcome="ok",what="page"} 1`,
		`stet_fetched_bytes_total{what="page"} 2000`,
		`stet_host_wait_seconds_sum{what="page"} 2`,
		`stet_items_total{news="new"} 2`,
		`stet_feed_overflows_total 1`,
		`stet_source_items_total{source="The Quay Herald"} 2`,
		`stet_source_last_item_timestamp_seconds{source="The Quay Herald"} 1.8000000005e+09`,
		`stet_checks_total{outcome="failed"} 1`,
		`stet_check_lateness_seconds_sum 60`,
		`stet_check_lateness_seconds_count 1`,
		`stet_source_checks_total{source="The Quay Herald",text="no"} 1`,
		`stet_source_last_read_timestamp_seconds{source="The Quay Herald"} 1.8000000005e+09`,
		`stet_revisions_total{weight="minor"} 1`,
		`stet_revision_kinds_total{kind="headline"} 1`,
		`stet_index_batch_documents_sum{what="revisions"} 3`,
		`stet_index_batch_failures_total{what="revisions"} 1`,
		`stet_index_rejected_documents_total{what="revisions"} 1`,
		`stet_searchable_delay_seconds_sum 1`,
		`stet_bus_observed 1`,
		`stet_consumer_pending_messages{consumer="differ",stream="SNAPSHOTS"} 7`,
		`stet_consumer_ack_pending_messages{consumer="differ",stream="SNAPSHOTS"} 2`,
		`stet_consumer_redelivered_messages{consumer="differ",stream="SNAPSHOTS"} 1`,
		`stet_stream_bytes{full="loses-schedules",stream="CHECKS"} 600`,
		`stet_stream_limit_bytes{full="loses-schedules",stream="CHECKS"} 1000`,
		`stet_disk_free_bytes{use="data"} 5.36870912e+09`,
		`stet_ready{check="NATS"} 1`,
		`stet_ready{check="archive"} 0`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("not scraped: %s", line)
		}
	}
	for _, absent := range []string{`stet_stream_limit_bytes{full="forgets-oldest"`, `use="archive"`} {
		if strings.Contains(text, absent) {
			t.Errorf("scraped, and means nothing: %s", absent)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestMetricsFollowTheConventions of Prometheus: names, units, help texts.
func TestMetricsFollowTheConventions(t *testing.T) {
	problems, err := testutil.GatherAndLint(everything(t).registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if found, err := promlint.New(strings.NewReader("a_counter 1\n")).Lint(); err != nil || len(found) == 0 {
		t.Errorf("the linter finds nothing: %v", err)
	}
}

func TestABusThatTellsNothingIsSaidOnce(t *testing.T) {
	m := NewMetrics(Build{})
	var log strings.Builder
	m.WatchBus(slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) (Bus, error) { return Bus{}, errors.New("no leader") })
	for range 3 {
		if text := scrape(t, m); !strings.Contains(text, "stet_bus_observed 0\n") || strings.Contains(text, "stet_stream_") {
			t.Errorf("scraped:\n%s", text)
		}
	}
	if n := strings.Count(log.String(), "no leader"); n != 1 {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
}

func TestSourcesAreBounded(t *testing.T) {
	c := NewMetrics(Build{}).Checks
	for i := range 3 * mostSources {
		c.Accounted(Look{Source: fmt.Sprintf("Paper %d", i), Outcome: "read", Text: true, At: time.Unix(int64(i), 0)})
	}
	if n := testutil.CollectAndCount(c.bySource); n != mostSources+1 {
		t.Errorf("%d sources have a label, want %d and one for all others", n, mostSources)
	}
	if n := testutil.ToFloat64(c.bySource.WithLabelValues(OtherSources, "yes")); n != 2*mostSources {
		t.Errorf("%v looks at other sources, want %d", n, 2*mostSources)
	}
	if at := testutil.ToFloat64(c.lastRead.WithLabelValues(OtherSources)); at != 3*mostSources-1 {
		t.Errorf("the newest look at other sources is %v", at)
	}
}

func TestNamesOfSourcesAreCutAndValid(t *testing.T) {
	var s sources
	for name, want := range map[string]string{
		"The Quay Herald":                 "The Quay Herald",
		"":                                OtherSources,
		"broken \xff name":                "broken � name",
		strings.Repeat("é", longestLabel): strings.Repeat("é", longestLabel/2),
	} {
		if got := s.label(name); got != want || !utf8.ValidString(got) {
			t.Errorf("%q is labelled %q, want %q", name, got, want)
		}
	}
}

func TestNobodyNeedsMetrics(*testing.T) {
	var none Metrics
	none.Messages.Handled("differ", Done, 0)
	none.Fetching.Fetched(Page, "ok", 0, 0)
	none.Fetching.Waited(Page, 0)
	none.Fetching.Paused("busy")
	none.Fetching.Extracted("ok", 0)
	none.Feeds.Polled(Poll{})
	none.Checks.Accounted(Look{})
	none.Checks.Revised("minor", nil)
	none.Checks.Compared(0)
	none.Indexing.Wrote(Batch{})
	none.Indexing.Searchable(time.Time{}, time.Time{})
}
