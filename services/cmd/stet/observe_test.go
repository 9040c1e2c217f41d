package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracev1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/internal/newssite"
)

// spans is a collector of traces by OTLP that keeps them.
type spans struct {
	mu       sync.Mutex
	all      []*tracev1.Span
	services map[string]string // that a span is of, by its id
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	request := &collector.ExportTraceServiceRequest{}
	if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, request) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		service := ""
		for _, a := range resource.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				service = a.GetValue().GetStringValue()
			}
		}
		for _, scope := range resource.GetScopeSpans() {
			s.all = append(s.all, scope.GetSpans()...)
			for _, span := range scope.GetSpans() {
				s.services[string(span.GetSpanId())] = service
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// path gives the names of the spans from the beginning of a trace to the span that has the facts, nil where there is none.
func (s *spans) path(name string, facts map[string]string) (names []string, trace string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.all, func(x *tracev1.Span) bool {
		for key, want := range facts {
			if fact(x, key) != want {
				return false
			}
		}
		return x.GetName() == name
	})
	if at < 0 {
		return nil, ""
	}
	span := s.all[at]
	trace = hex.EncodeToString(span.GetTraceId())
	for span != nil {
		names = append([]string{s.services[string(span.GetSpanId())] + " " + span.GetName()}, names...)
		parent := slices.IndexFunc(s.all, func(x *tracev1.Span) bool {
			return string(x.GetSpanId()) == string(span.GetParentSpanId()) && string(x.GetTraceId()) == string(span.GetTraceId())
		})
		if parent < 0 {
			return names, trace
		}
		span = s.all[parent]
	}
	return names, trace
}

// named gives a span of that name.
func (s *spans) named(name string) *tracev1.Span {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, span := range s.all {
		if span.GetName() == name {
			return span
		}
	}
	return nil
}

func fact(x *tracev1.Span, key string) string {
	for _, a := range x.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

// TestSeenFromOutside runs the whole of it once: what happens to an article is one trace through the bus, the log names
// the trace, and what is scraped has counted it.
func TestSeenFromOutside(t *testing.T) {
	ctx := deadline(t)
	seen := &spans{services: map[string]string{}}
	server := httptest.NewServer(seen)
	defer server.Close()
	address := freeAddress(t)
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_BSP_SCHEDULE_DELAY": "100", "STET_LOG_LEVEL": "debug", "STET_HEALTH": address,
	} {
		t.Setenv(name, value)
	}
	press := newPress(t, 1)
	id, page := press.write(t, 0, 0)
	stet := start(ctx, t, t.TempDir(), press.addresses[0].FeedURL)
	first := stet.watch(ctx, func(h history) bool { return h.total() == 1 })
	if err := press.Edit(id, func(s *newssite.Story) {
		s.Paragraphs[1] = strings.Replace(s.Paragraphs[1], "loaded with gravel", "laden with quartz", 1)
	}); err != nil {
		t.Fatal(err)
	}
	article := first[page][0].GetArticle()
	stet.checkNow(ctx, article)
	stet.watch(ctx, func(h history) bool { return h.total() == 2 })

	var names []string
	var trace string
	eventually(ctx, t, "the second version is traced", func() bool {
		names, trace = seen.path("index", map[string]string{"stet.article": article, "stet.version": "2"})
		return len(names) == 4
	})
	if want := []string{"stet queue", "stet visit", "stet account", "stet index"}; !slices.Equal(names, want) {
		t.Errorf("the trace of the second version goes %v, want %v", names, want)
	}
	if _, other := seen.path("index", map[string]string{"stet.article": article, "stet.version": "1"}); other == trace || other == "" {
		t.Errorf("the first version has the trace %q, the second %q", other, trace)
	}
	if names, _ := seen.path("extract", nil); !slices.Equal(names, []string{"stet queue", "stet visit", "stet extract"}) {
		t.Errorf("the extraction stands in %v", names)
	}
	if names, _ := seen.path("fetch feed", nil); !slices.Equal(names, []string{"stet queue", "stet poll", "stet fetch feed"}) {
		t.Errorf("the request for the feed stands in %v", names)
	}
	stet.logLine(ctx, "a version was committed", map[string]any{"trace_id": trace, "article": article, "version": 2.})

	text := scraped(t, address)
	for _, line := range []string{
		`stet_revisions_total\{weight="first"\} 1`, `stet_fetches_total\{outcome="ok",what="page"\} [2-9]`,
		`stet_fetches_total\{outcome="ok",what="feed"\} [1-9]`, `stet_fetches_total\{outcome="ok",what="robots"\} 1`,
		`stet_feed_polls_total\{outcome="read"\} [1-9]`, `stet_source_last_item_timestamp_seconds\{`,
		`stet_host_wait_seconds_sum\{what="feed"\} \d{1,2}(\.\d+)?$`, `stet_host_wait_seconds_count\{what="page"\} [2-9]`,
		`stet_host_wait_seconds_count\{what="robots"\} 1`, `stet_extract_duration_seconds_count [2-9]`,
		`stet_index_batch_documents_sum\{what="revisions"\} 2`, `stet_stream_messages\{stream="REVISIONS"\} 2`,
		`stet_consumer_pending_messages\{consumer="differ",stream="SNAPSHOTS"\} 0`, `stet_messages_total\{consumer="indexer",result="done"\} 2`,
		`stet_disk_free_bytes\{use="data"\} \d`, `stet_ready\{check="NATS"\} 1`, `stet_build_info\{.*runs="stet".*\} 1`,
	} {
		if !regexp.MustCompile(`(?m)^` + line).MatchString(text) {
			t.Errorf("not scraped: %s", line)
		}
	}
	for _, secret := range []string{article, page} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics name an article: %s", secret)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("Prometheus finds fault with the metrics: %v, %v", problems, err)
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestSeenFromOutsideApart: the trace goes through the processes, and query tells what waits for the others.
func TestSeenFromOutsideApart(t *testing.T) {
	ctx := deadline(t)
	seen := &spans{services: map[string]string{}}
	server := httptest.NewServer(seen)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", server.URL+"/v1/traces")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
	press := newPress(t, 1)
	press.write(t, 0, 0)
	f := newFleet(t, []string{press.addresses[0].FeedURL})
	f.provision(ctx)
	for _, name := range []string{"scraper", "differ", "indexer", "feed-poller"} {
		f.start(ctx, name)
	}
	var names []string
	eventually(ctx, t, "the first version is traced", func() bool {
		names, _ = seen.path("index", map[string]string{"stet.version": "1"})
		return len(names) == 4
	})
	if want := []string{"scraper queue", "scraper visit", "differ account", "indexer index"}; !slices.Equal(names, want) {
		t.Errorf("the trace goes %v, want %v", names, want)
	}
	eventually(ctx, t, "the poll is traced", func() bool {
		names, _ = seen.path("fetch feed", nil)
		return len(names) == 3
	})
	if want := []string{"feed-poller queue", "feed-poller poll", "feed-poller fetch feed"}; !slices.Equal(names, want) {
		t.Errorf("the trace of the poll goes %v, want %v: a scraper hands it on", names, want)
	}
	f.running["differ"].interrupt()
	address := freeAddress(t)
	query := spawn(ctx, t, append([]string{"query", "--nats", f.address("query"), "--grpc", "127.0.0.1:0", "--health", address}, f.settings...)...)
	var err error
	if query.client, err = client.Dial(query.address("grpc"), client.WithToken(writeToken)); err != nil {
		t.Fatal(err)
	}
	query.checkNow(ctx, fact(seen.named("index"), "stet.article"))
	waiting := regexp.MustCompile(`(?m)^stet_consumer_pending_messages\{consumer="differ",stream="SNAPSHOTS"\} [1-9]`)
	eventually(ctx, t, "what waits for a differ that does not run is told", func() bool { return waiting.MatchString(scraped(t, address)) })
	text := scraped(t, address)
	for _, line := range []string{"stet_bus_observed 1\n", `runs="query"`, `stet_ready{check="NATS"} 1`} {
		if !strings.Contains(text, line) {
			t.Errorf("not scraped of query: %s", line)
		}
	}
}

// logLine waits for a line of the log.
func (p *process) logLine(ctx context.Context, message string, facts map[string]any) {
	p.t.Helper()
	eventually(ctx, p.t, "the log says: "+message, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for line := range strings.Lines(p.stderr.String()) {
			var said map[string]any
			if json.Unmarshal([]byte(line), &said) != nil || said["msg"] != message {
				continue
			}
			all := true
			for key, want := range facts {
				all = all && said[key] == want
			}
			if all {
				return true
			}
		}
		return false
	})
}

func scraped(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %v", answer.Status, err)
	}
	return string(text)
}
