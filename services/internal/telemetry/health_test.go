package telemetry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadyTellsTheTruthAndLogsItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var broken error
		asked := 0
		h := NewHealth(slog.New(slog.NewTextHandler(&log, nil)),
			Check{"nats", func(context.Context) error { return nil }},
			Check{"index", func(context.Context) error { asked++; return broken }})
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("all is well, yet: %v", err)
		}
		broken = errors.New("the cluster is red")
		if err := h.Ready(t.Context()); err != nil || asked != 1 {
			t.Errorf("asked %d times inside a second, error %v", asked, err)
		}
		for range 5 {
			time.Sleep(freshFor)
			if err := h.Ready(t.Context()); err == nil || err.Error() != "index: the cluster is red" {
				t.Errorf("got %v", err)
			}
		}
		broken = nil
		time.Sleep(freshFor)
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("well again, yet: %v", err)
		}
		if got := log.String(); strings.Count(got, "not ready") != 1 || strings.Count(got, "ready again") != 1 {
			t.Errorf("logged:\n%s", got)
		}
	})
}

func TestEndpoints(t *testing.T) {
	h := NewHealth(slog.New(slog.DiscardHandler), Check{"nats", func(context.Context) error { return errors.New("nobody answers") }})
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/healthz": {http.StatusOK, "alive\n"},
		"/readyz":  {http.StatusServiceUnavailable, "not ready: nats: nobody answers\n"},
	} {
		w := httptest.NewRecorder()
		h.Handler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want.status || w.Body.String() != want.text {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- NewHealth(slog.New(slog.DiscardHandler)).Serve(ctx, listener, nil) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil || string(text) != "ready\n" {
		t.Errorf("%q, error %v", text, err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
