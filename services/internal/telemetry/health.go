// Package telemetry is how a process is seen from outside: whether it lives, and whether it can do its work.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Check is a condition for work.
type Check struct {
	Name  string
	Ready func(context.Context) error // nil where it is met
}

// Health tells whether a process is ready. Its answers are a second old at most, however often it is asked.
type Health struct {
	checks []Check
	log    *slog.Logger

	mu       sync.Mutex
	at       time.Time
	troubles []string
	met      map[string]bool // by the name of the check
	known    bool
}

// NewHealth gives the health of a process that is ready when all checks are met.
func NewHealth(log *slog.Logger, checks ...Check) *Health { return &Health{checks: checks, log: log} }

const (
	checkTimeout = 3 * time.Second
	freshFor     = time.Second
)

// Ready is nil if every check is met; the error names those that are not.
func (h *Health) Ready(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refresh(ctx)
	if len(h.troubles) == 0 {
		return nil
	}
	return errors.New(strings.Join(h.troubles, "; "))
}

// Conditions says for each check, by its name, whether it is met.
func (h *Health) Conditions(ctx context.Context) map[string]bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refresh(ctx)
	return maps.Clone(h.met)
}

func (h *Health) refresh(ctx context.Context) {
	if !h.known || time.Since(h.at) >= freshFor {
		h.look(ctx)
	}
}

// look runs the checks and logs a change of their result, once.
func (h *Health) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var troubles []string
	met := map[string]bool{}
	for _, c := range h.checks {
		err := c.Ready(ctx)
		if err != nil {
			troubles = append(troubles, fmt.Sprintf("%s: %v", c.Name, err))
		}
		met[c.Name] = err == nil
	}
	was := len(h.troubles) > 0
	switch {
	case len(troubles) > 0 && (!was || !h.known):
		h.log.Warn("not ready", "troubles", strings.Join(troubles, "; "))
	case len(troubles) == 0 && was:
		h.log.Info("ready again")
	}
	h.troubles, h.met, h.at, h.known = troubles, met, time.Now(), true
}

// Handler answers /healthz with 200 while the process lives, /readyz with 200 or, with the reasons, 503, and /metrics by
// the given handler (nil for none).
func (h *Health) Handler(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.Ready(r.Context()); err != nil {
			answer(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	if metrics != nil {
		mux.Handle("GET /metrics", metrics)
	}
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text) //nolint:errcheck // who asks may go away
}

// Serve answers at a listener until the context ends, and closes it.
func (h *Health) Serve(ctx context.Context, listener net.Listener, metrics http.Handler) error {
	server := &http.Server{
		Handler: h.Handler(metrics), ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	return serve(ctx, listener, server, "the health")
}

// serve answers until the context ends. Answers are quick, or for a person who looks: none is worth waiting for.
func serve(ctx context.Context, listener net.Listener, server *http.Server, what string) error {
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", what, err)
	}
	return nil
}
