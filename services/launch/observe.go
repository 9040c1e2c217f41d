package launch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// flushTime is how long the last traces may take to be sent at the end.
const flushTime = 3 * time.Second

// observe makes what the process is seen by from outside. The returned function sends the last traces.
func (p *process) observe(ctx context.Context, name string, n needs) (func(), error) {
	build := telemetry.Build{Service: name, Version: Version()}
	p.metrics = telemetry.NewMetrics(build)
	p.metrics.WatchHealth(p.health)
	p.metrics.WatchDisks(p.disks(n))
	if p.stores.bus != nil {
		p.stores.bus.MeasuredBy(p.metrics.Messages)
		if n.role.Observes() {
			p.metrics.WatchBus(p.log, p.busState)
		}
	}
	tracer, flush, err := telemetry.StartTracing(ctx, p.cfg.Traces, build, p.log)
	if err != nil {
		return nil, err
	}
	p.trace = tracer
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTime)
		defer cancel()
		if err := flush(ctx); err != nil {
			p.log.Warn("the last traces were not sent", "error", err)
		}
	}, nil
}

// busState leaves out what nobody consumes: only Elasticsearch keeps the looks at articles.
func (p *process) busState(ctx context.Context) (telemetry.Bus, error) {
	if len(p.cfg.Elasticsearch) == 0 {
		return p.stores.bus.State(ctx, eventbus.NewOutcomes)
	}
	return p.stores.bus.State(ctx)
}

// disks are those that the process writes to, by what for.
func (p *process) disks(n needs) map[string]func() (telemetry.Room, error) {
	folders := map[string]string{}
	ownIndex := n.index && len(p.cfg.Elasticsearch) == 0
	ownArchive := n.archive && p.cfg.Archive == ""
	if p.stores.folder != nil || ownIndex || ownArchive {
		folders["data"] = p.cfg.Data
	}
	if n.archive && p.cfg.Archive != "" && !strings.Contains(p.cfg.Archive, "://") {
		folders["archive"] = p.cfg.Archive
	}
	disks := map[string]func() (telemetry.Room, error){}
	for use, folder := range folders {
		disks[use] = func() (telemetry.Room, error) {
			free, size, err := room(folder)
			return telemetry.Room{Free: free, Size: size}, err
		}
	}
	return disks
}

// windows are the listeners through which a process is seen.
type windows struct{ health, pprof net.Listener }

func (p *process) openWindows() (w windows, err error) {
	if w.health, err = listen(p.cfg.Health, "health"); err != nil {
		return w, err
	}
	if w.pprof, err = listen(p.cfg.Pprof, "pprof"); err != nil && w.health != nil {
		_ = w.health.Close() // nothing was answered yet
	}
	return w, err
}

func listen(address, setting string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("nothing can be served at %s; choose another address with --%s: %w", address, setting, err)
	}
	return listener, nil
}

// serve answers until the context ends.
func (w windows) serve(ctx context.Context, group *errgroup.Group, h *telemetry.Health, metrics http.Handler) {
	if w.health != nil {
		group.Go(func() error { return h.Serve(ctx, w.health, metrics) })
	}
	if w.pprof != nil {
		group.Go(func() error { return telemetry.ServeProfiles(ctx, w.pprof) })
	}
}
