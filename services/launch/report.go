package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/telemetry"
	"github.com/stetnews/stet/services/internal/terminal"
)

func newLogger(cfg Config, w io.Writer) *slog.Logger {
	level := slog.LevelWarn
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelWarn // the configuration was checked; only its zero value comes here
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(telemetry.WithIDs(slog.NewJSONHandler(w, options)))
	}
	return slog.New(telemetry.WithIDs(slog.NewTextHandler(w, options)))
}

// reporter tells people on standard output what runs and what happens: one line an event of interest. In JSON it is
// one object a line with the same facts.
type reporter struct {
	mu    sync.Mutex
	out   io.Writer
	json  *slog.Logger // nil for people
	quiet bool
	web   string
}

func newReporter(cfg Config, web string, out io.Writer) *reporter {
	r := &reporter{out: out, quiet: cfg.Quiet, web: web}
	if cfg.LogFormat == "json" {
		r.json = slog.New(slog.NewJSONHandler(out, nil))
	}
	return r
}

func (r *reporter) line(message, text string, facts ...any) {
	if r.quiet {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.json != nil {
		r.json.Info(message, facts...)
		return
	}
	fmt.Fprintln(r.out, terminal.Clean(text)) //nolint:errcheck // nobody is there to be told
}

func (r *reporter) started(p *process, added []subscription) {
	feeds, next := p.watched()
	r.line("started", fmt.Sprintf("stet %s is running. Stop it with Ctrl-C.", Version()), "version", Version())
	r.line("web", "  web    "+r.web, "address", r.web)
	r.line("grpc", "  gRPC   "+p.query.Addr(), "address", p.query.Addr())
	r.line("data", "  data   "+p.cfg.Data, "folder", p.cfg.Data)
	text := fmt.Sprintf("  feeds  %d watched, next due %s", feeds, dueIn(next))
	if feeds == 0 {
		text = "  feeds  none yet: stop this and start it with --feed URL, or in another terminal: stet feeds add URL"
	}
	r.line("feeds", text, "watched", feeds, "named", len(added), "next", next)
}

// serving tells that one service runs apart, and where it is reached.
func (r *reporter) serving(name string, p *process) {
	r.line("started", fmt.Sprintf("stet %s is running (version %s). Stop it with Ctrl-C.", name, Version()),
		"service", name, "version", Version())
	if p.web != nil {
		r.line("web", "  web    "+p.web.URL(), "address", p.web.URL())
	}
	if p.query != nil {
		r.line("grpc", "  gRPC   "+p.query.Addr(), "address", p.query.Addr())
	}
	if p.query != nil && p.token == "" {
		r.line("read only", "  feeds can be read, not changed: no --token was given")
	}
	if p.cfg.Health != "" {
		r.line("health", "  health http://"+p.cfg.Health+"/readyz", "address", p.cfg.Health)
	}
}

func (r *reporter) stopped() { r.line("stopped", "stet has stopped; nothing is lost.") }

// watched counts the feeds and gives the time of the next poll.
func (p *process) watched() (int, time.Time) {
	feeds, err := p.stores.bus.Feeds(context.Background())
	if err != nil {
		p.log.Warn("listing the feeds", "error", err)
		return 0, time.Time{}
	}
	var next time.Time
	for _, f := range feeds {
		if !f.Paused && !f.NextPoll.IsZero() && (next.IsZero() || f.NextPoll.Before(next)) {
			next = f.NextPoll
		}
	}
	return len(feeds), next
}

func dueIn(at time.Time) string {
	switch wait := time.Until(at); {
	case at.IsZero():
		return "never"
	case wait <= time.Second:
		return "now"
	default:
		return "in " + wait.Round(time.Second).String()
	}
}

// watch reports revisions and troubles as they come.
func (r *reporter) watch(ctx context.Context, bus *eventbus.Bus) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		err := bus.WatchRevisions(ctx, 0, false, func(_ uint64, e article.Event) error {
			r.revision(e)
			return nil
		})
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	})
	group.Go(func() error { return bus.WatchOutcomes(ctx, r.outcome) })
	return group.Wait()
}

func (r *reporter) revision(e article.Event) {
	if e.Version == 1 {
		return // the poll's line has told of new articles
	}
	page := fmt.Sprintf("%s/article/%s/diff/%d..%d", r.web, e.Article, e.Version-1, e.Version)
	r.line("revision",
		fmt.Sprintf("%s  revised  %s: %s (%s)  %s", clock(), e.Source, e.Snapshot.Title, strings.Join(e.Kinds, ", "), page),
		"source", e.Source, "article", e.Article, "version", e.Version, "title", e.Snapshot.Title, "kinds", e.Kinds, "page", page)
}

func (r *reporter) outcome(check *eventv1.CheckOutcome, poll *eventv1.PollOutcome) {
	switch {
	case poll != nil && poll.GetError() != "":
		r.line("feed trouble", fmt.Sprintf("%s  feed     %s: %s", clock(), poll.GetUrl(), poll.GetError()),
			"feed", poll.GetUrl(), "error", poll.GetError())
	case poll != nil && poll.GetNewItems() > 0:
		r.line("items", fmt.Sprintf("%s  feed     %s: %d new", clock(), poll.GetUrl(), poll.GetNewItems()),
			"feed", poll.GetUrl(), "new", poll.GetNewItems(), "changed", poll.GetChangedItems())
	case check != nil && check.GetOutcome() != article.Read.String() && check.GetOutcome() != article.Unchanged.String() &&
		check.GetVersion() == 0 && check.GetReason() != "":
		r.line("unread", fmt.Sprintf("%s  unread   %s: %s", clock(), check.GetUrl(), check.GetReason()),
			"url", check.GetUrl(), "outcome", check.GetOutcome(), "reason", check.GetReason())
	}
}

func clock() string { return time.Now().Format(time.TimeOnly) }
