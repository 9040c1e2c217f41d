package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// WithIDs makes a handler add to every line what its context says: the trace, so that lines and spans find each other,
// and the article and its version.
func WithIDs(h slog.Handler) slog.Handler { return idHandler{h} }

type idHandler struct{ slog.Handler }

func (h idHandler) Handle(ctx context.Context, r slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		r.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	if about, ok := ctx.Value(subjectKey{}).(subject); ok {
		r.AddAttrs(slog.String("article", about.article))
		if about.version > 0 {
			r.AddAttrs(slog.Int("version", about.version))
		}
	}
	return h.Handler.Handle(ctx, r)
}

func (h idHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return idHandler{h.Handler.WithAttrs(attrs)}
}
func (h idHandler) WithGroup(name string) slog.Handler { return idHandler{h.Handler.WithGroup(name)} }

type subjectKey struct{}

type subject struct {
	article string
	version int
}

// About says which article the work in a context is about, and which version of it (0 for none yet).
func About(ctx context.Context, article string, version int) context.Context {
	return context.WithValue(ctx, subjectKey{}, subject{article, version})
}
