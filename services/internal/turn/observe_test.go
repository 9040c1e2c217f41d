package turn

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// TestPausesAreCounted: each that a host asked for, and those of the breaker, but no failure that is borne at the gap.
func TestPausesAreCounted(t *testing.T) {
	metrics, b := telemetry.NewMetrics(telemetry.Build{}), &recorder{}
	v := New(Config{Now: func() time.Time { return noon }, Metrics: metrics.Fetching}, b, slog.New(slog.DiscardHandler))
	for range opensAt + 1 {
		see(t, v, answers(politehttp.Unreachable, 0))
		b.host.RestUntil = time.Time{} // it is over
	}
	for _, answer := range []*politehttp.Response{
		answers(politehttp.ServerError, 500), answers(politehttp.OK, 200), answers(politehttp.ServerError, 500), answers(politehttp.Busy, 429),
	} {
		see(t, v, answer)
		b.host.RestUntil = time.Time{}
	}
	page := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{`{outcome="unreachable"} 2`, `{outcome="server error"} 1`, `{outcome="busy"} 1`} {
		if !strings.Contains(page.Body.String(), "stet_host_pauses_total"+want+"\n") {
			t.Errorf("not counted: stet_host_pauses_total%s", want)
		}
	}
}

// see takes a turn in which the host gives an answer.
func see(t *testing.T, v *Visitor, answer *politehttp.Response) {
	t.Helper()
	turn, err := v.Look(t.Context(), eventbus.Entry{Host: "news.example", Article: "a", Sequence: 1, QueuedAt: noon.Add(-time.Minute)})
	if err != nil || turn == nil {
		t.Fatalf("no turn, error %v", err)
	}
	if err := turn.Lease(t.Context(), eventbus.Attempt{}, 0, 0); err != nil || !turn.Begin(t.Context()) {
		t.Fatalf("no turn, error %v", err)
	}
	if waited := turn.Waited(); waited != time.Minute {
		t.Errorf("it waited %s, want a minute", waited)
	}
	turn.Learn(t.Context(), answer)
}
