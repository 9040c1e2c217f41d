package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// TraceConfig is what the standard OTEL_ variables say of traces. How the collector is reached, with which certificates
// and headers, and how many traces are kept, the OpenTelemetry library reads from them itself.
type TraceConfig struct {
	On       bool
	Protocol string // "grpc" or "http/protobuf"
}

// TracesFromEnvironment reads the variables. Traces are off unless an endpoint is named.
func TracesFromEnvironment(getenv func(string) string) (TraceConfig, error) {
	c := TraceConfig{Protocol: "http/protobuf"}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if value := getenv(name); value != "" {
			c.Protocol = value
		}
	}
	c.On = getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != ""
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		c.On = false
	}
	if c.On && c.Protocol != "grpc" && c.Protocol != "http/protobuf" {
		return c, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL: %q is not known: it must be grpc or http/protobuf", c.Protocol)
	}
	return c, nil
}

// Tracer starts spans. A nil Tracer starts none and costs nothing.
type Tracer struct{ tracer trace.Tracer }

// StartTracing begins to send traces to the collector that the OTEL_ variables name; nil where they name none. The
// returned function sends what is left, within its context's time.
func StartTracing(ctx context.Context, c TraceConfig, b Build, log *slog.Logger) (*Tracer, func(context.Context) error, error) {
	if !c.On {
		return nil, func(context.Context) error { return nil }, nil
	}
	var exporter sdktrace.SpanExporter
	var err error
	if c.Protocol == "grpc" {
		exporter, err = otlptracegrpc.New(ctx)
	} else {
		exporter, err = otlptracehttp.New(ctx)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("sending traces: %w", err)
	}
	// The library tells its troubles, such as a collector that is away, in one place for the whole process.
	otel.SetErrorHandler(&seldom{log: log})
	return newTracer(sdktrace.NewBatchSpanProcessor(exporter), b)
}

// seldom logs the troubles of sending traces: one a minute, for a collector that is away makes one every few seconds.
type seldom struct {
	log *slog.Logger
	mu  sync.Mutex
	at  time.Time
}

const seldomEvery = time.Minute

// Handle logs an error, unless one was logged a moment ago.
func (s *seldom) Handle(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() && time.Since(s.at) < seldomEvery {
		return
	}
	s.at = time.Now()
	s.log.Warn("traces are not sent; what stet does goes on", "error", err)
}

func newTracer(to sdktrace.SpanProcessor, b Build) (*Tracer, func(context.Context) error, error) {
	about, err := resource.Merge(
		resource.NewSchemaless(attribute.String("service.namespace", "stet"), attribute.String("service.name", b.Service),
			attribute.String("service.version", b.Version)),
		resource.Environment(), // who runs it has the last word
	)
	if err != nil {
		return nil, nil, fmt.Errorf("sending traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(to), sdktrace.WithResource(about))
	return &Tracer{provider.Tracer("github.com/stetnews/stet/services")}, provider.Shutdown, nil
}

// Start begins a span inside the one of the context. The facts are its attributes: names and values in turn.
func (t *Tracer) Start(ctx context.Context, name string, facts ...string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes(facts)...))
	return ctx, Span{span}
}

// Begin begins a trace of its own, with a link to the one of the context.
func (t *Tracer) Begin(ctx context.Context, name string, facts ...string) (context.Context, Span) {
	if t == nil {
		return ctx, Span{}
	}
	options := []trace.SpanStartOption{trace.WithNewRoot(), trace.WithAttributes(attributes(facts)...)}
	if before := trace.SpanContextFromContext(ctx); before.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: before}))
	}
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, Span{span}
}

func attributes(facts []string) []attribute.KeyValue {
	var all []attribute.KeyValue
	for i := 1; i < len(facts); i += 2 {
		all = append(all, attribute.String(facts[i-1], strings.ToValidUTF8(facts[i], "�")))
	}
	return all
}

// Span is a piece of work. The zero Span is of a trace that nobody keeps.
type Span struct{ span trace.Span }

// Set adds facts, names and values in turn.
func (s Span) Set(facts ...string) {
	if s.span != nil {
		s.span.SetAttributes(attributes(facts)...)
	}
}

// End ends the span, with the error that the work ended in.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil {
		s.span.RecordError(err)
		s.span.SetStatus(codes.Error, err.Error())
	}
	s.span.End()
}

// traceParent is the header of the W3C's trace context that names a span; the other one, tracestate, is for vendors.
const traceParent = "traceparent"

// TraceParent names the context's span by the W3C's trace context, for a message; empty for none.
func TraceParent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[traceParent]
}

// JoinTrace puts what is done in the context into the trace that a message names. What is no name of a span is ignored,
// as the W3C asks.
func JoinTrace(ctx context.Context, parent string) context.Context {
	if parent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{traceParent: parent})
}
