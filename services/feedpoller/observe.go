package feedpoller

import (
	"context"
	"net/http"
	"strconv"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/turn"
)

// exchange makes the visit's request, counted and traced.
func (p *Poller) exchange(ctx context.Context, t *turn.Turn, r politehttp.Request) (*politehttp.Response, error) {
	p.Fetching.Waited(telemetry.Feed, t.Waited())
	ctx, span := p.Trace.Start(ctx, "fetch "+telemetry.Feed, "url.full", r.URL)
	answer, err := p.Fetch.Do(ctx, r)
	if err == nil {
		p.Fetching.Fetched(telemetry.Feed, answer.Outcome.String(), answer.Took, answer.Transferred)
		span.Set("stet.outcome", answer.Outcome.String(), "http.response.status_code", strconv.Itoa(answer.Status))
	}
	span.End(err)
	return answer, err
}

// count counts a poll whose outcome is stored.
func (p *Poller) count(f article.Feed, o article.PollOutcome) {
	poll := telemetry.Poll{
		Source: f.Source, Outcome: "read", New: o.NewItems, Changed: o.Change, Overflow: o.Overflow, LastItem: f.LastItem,
	}
	switch {
	case o.Error != "":
		poll.Outcome = "failed"
	case o.Status == http.StatusNotModified:
		poll.Outcome = "unchanged"
	}
	p.Metrics.Polled(poll)
}
