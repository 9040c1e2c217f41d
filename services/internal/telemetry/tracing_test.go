package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func recorded(t *testing.T) (*Tracer, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	tracer, stop, err := newTracer(recorder, Build{Service: "scraper", Version: "v0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tracer, recorder
}

func TestATraceGoesOnBehindAMessage(t *testing.T) {
	tracer, recorder := recorded(t)
	ctx, first := tracer.Start(t.Context(), "visit", "stet.article", "a1")
	header := TraceParent(ctx)
	first.End(nil)
	later, second := tracer.Start(JoinTrace(t.Context(), header), "account")
	second.Set("stet.outcome", "read\xff")
	second.End(errors.New("disk full"))
	_, third := tracer.Begin(later, "queue")
	third.End(nil)
	spans := recorder.Ended()
	if spans[1].SpanContext().TraceID() != spans[0].SpanContext().TraceID() || spans[1].Parent().SpanID() != spans[0].SpanContext().SpanID() {
		t.Errorf("behind the message begins another trace: %v, %v", spans[1].SpanContext(), spans[1].Parent())
	}
	if spans[1].Status().Code != codes.Error || spans[1].Status().Description != "disk full" {
		t.Errorf("its status is %+v", spans[1].Status())
	}
	if spans[2].SpanContext().TraceID() == spans[0].SpanContext().TraceID() || spans[2].Parent().IsValid() ||
		len(spans[2].Links()) != 1 || spans[2].Links()[0].SpanContext.SpanID() != spans[1].SpanContext().SpanID() {
		t.Errorf("a trace that begins anew is %v, parent %v, links %v", spans[2].SpanContext(), spans[2].Parent(), spans[2].Links())
	}
	about := spans[0].Resource().String()
	if !strings.Contains(about, "service.name=scraper") || !strings.Contains(about, "service.namespace=stet") {
		t.Errorf("the resource is %s", about)
	}
}

func TestWithoutTracesNothingIsTraced(t *testing.T) {
	config, err := TracesFromEnvironment(func(string) string { return "" })
	if err != nil || config.On {
		t.Fatalf("%+v, %v", config, err)
	}
	tracer, stop, err := StartTracing(t.Context(), config, Build{}, slog.New(slog.DiscardHandler))
	if err != nil || tracer != nil || stop(t.Context()) != nil {
		t.Fatalf("%v, %v", tracer, err)
	}
	allocations := testing.AllocsPerRun(100, func() {
		ctx, span := tracer.Start(t.Context(), "visit", "stet.article", "a1")
		_, inner := tracer.Begin(ctx, "fetch")
		inner.Set("stet.outcome", "ok")
		inner.End(nil)
		span.End(nil)
		if TraceParent(JoinTrace(ctx, "")) != "" {
			t.Error("a message names a trace")
		}
	})
	if allocations > 2 { // those of the carrier that TraceParent asks with
		t.Errorf("what is not traced costs %v allocations", allocations)
	}
}

func TestTracesByTheStandardVariables(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for _, c := range []struct {
		env      map[string]string
		on       bool
		protocol string
		refused  bool
	}{
		{map[string]string{endpoint: "http://collector:4318"}, true, "http/protobuf", false},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, true, "http/protobuf", false},
		{map[string]string{endpoint: "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, true, "grpc", false},
		{map[string]string{endpoint: "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, true, "grpc", false},
		{map[string]string{endpoint: "http://c:4318", "OTEL_SDK_DISABLED": "TRUE"}, false, "http/protobuf", false},
		{map[string]string{endpoint: "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, false, "http/protobuf", false},
		{map[string]string{endpoint: "http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}, true, "http/json", true},
	} {
		got, err := TracesFromEnvironment(func(name string) string { return c.env[name] })
		if got.On != c.on || got.Protocol != c.protocol || (err != nil) != c.refused {
			t.Errorf("%v: %+v, %v", c.env, got, err)
		}
	}
}

func TestBothProtocolsCanBeStarted(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		tracer, stop, err := StartTracing(t.Context(), TraceConfig{On: true, Protocol: protocol}, Build{}, slog.New(slog.DiscardHandler))
		if err != nil || tracer == nil {
			t.Fatalf("%s: %v", protocol, err)
		}
		if err := stop(t.Context()); err != nil { // there was nothing to send
			t.Errorf("%s: %v", protocol, err)
		}
	}
}

func TestACollectorThatIsAwayIsSaidSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		s := &seldom{log: slog.New(slog.NewTextHandler(&said, nil))}
		for range 25 { // two minutes
			s.Handle(errors.New("connection refused"))
			time.Sleep(5 * time.Second)
		}
		if n := strings.Count(said.String(), "connection refused"); n != 3 {
			t.Errorf("said %d times in two minutes:\n%s", n, said.String())
		}
	})
}

func TestLinesNameTraceAndArticle(t *testing.T) {
	tracer, recorder := recorded(t)
	var out bytes.Buffer
	log := slog.New(WithIDs(slog.NewJSONHandler(&out, nil))).With("service", "differ")
	ctx, span := tracer.Start(About(t.Context(), "a1", 3), "account")
	log.InfoContext(ctx, "committed")
	span.End(nil)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	id := recorder.Ended()[0].SpanContext()
	for key, want := range map[string]any{
		"trace_id": id.TraceID().String(), "span_id": id.SpanID().String(), "article": "a1", "version": 3., "service": "differ",
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	out.Reset()
	log.Info("started")
	if strings.Contains(out.String(), "trace") || strings.Contains(out.String(), "article") {
		t.Errorf("a line about nothing says %s", out.String())
	}
}

func TestAStrangeTraceParentIsIgnored(t *testing.T) {
	for _, parent := range []string{"", "x", "00-0-0-00", strings.Repeat("0", 4096), "00-00000000000000000000000000000000-0000000000000000-01"} {
		if got := TraceParent(JoinTrace(t.Context(), parent)); got != "" {
			t.Errorf("%.20q is taken for %s", parent, got)
		}
	}
}

func TestProfilesAreServed(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- ServeProfiles(ctx, listener) }()
	for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/heap": 200, "/metrics": 404} {
		answer, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close() != nil || answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, answer.StatusCode, want)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
