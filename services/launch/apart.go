package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search/elastic"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// Services are the names of the services that can run apart, in the order of the flow.
func Services() []string {
	var names []string
	for _, s := range new(process).services() {
		names = append(names, s.name)
	}
	slices.Reverse(names)
	return names
}

// RunService runs one service alone until the context ends. It meets the others at NATS.
func RunService(ctx context.Context, name string, cfg Config, stdout, stderr io.Writer) (err error) {
	log := newLogger(cfg, stderr)
	p := &process{cfg: cfg, pace: worldPace(), log: log.With("service", name), token: cfg.Token}
	all := p.services()
	at := slices.IndexFunc(all, func(s service) bool { return s.name == name })
	if at < 0 {
		return fmt.Errorf("there is no service %q: the services are %s", name, strings.Join(Services(), ", "))
	}
	list, err := subscriptions(cfg)
	if err != nil {
		return err
	}
	if p.stores, err = openServiceStores(ctx, cfg, name, all[at].needs, log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stores.close()) }()
	if name == "feed-poller" {
		if err := subscribe(ctx, p.stores.bus, list); err != nil {
			return err
		}
	}
	p.health = telemetry.NewHealth(p.log, append(p.stores.checks, p.ownChecks(name)...)...)
	if all[at].needs.archive { // who reads pages
		if err := p.readOverrides(); err != nil {
			return err
		}
	}
	flush, err := p.observe(ctx, name, all[at].needs)
	if err != nil {
		return err
	}
	defer flush()
	p.fetch = newFetcher(cfg, p.log)
	defer p.fetch.CloseIdleConnections()
	defer p.closeTransport()
	runners, err := start(all[at : at+1])
	if err != nil {
		return err
	}
	if p.client != nil {
		defer func() { err = errors.Join(err, p.client.Close()) }()
	}
	r := newReporter(cfg, "", stdout)
	r.serving(name, p)
	defer r.stopped()
	var more []func(context.Context) error
	if p.extractor != nil {
		more = append(more, p.extractor.follow)
	}
	return p.serve(ctx, all[at:at+1], runners, more...)
}

// ownChecks are the conditions of a service beside its stores.
func (p *process) ownChecks(name string) []telemetry.Check {
	if name != "web" {
		return nil
	}
	return []telemetry.Check{{Name: "query", Ready: func(ctx context.Context) error {
		_, err := p.client.Status(ctx)
		return err
	}}}
}

// Provision creates or updates whatever the services need outside, and tells each change.
func Provision(ctx context.Context, cfg Config, force bool, stderr io.Writer, tell func(change string)) error {
	log := newLogger(cfg, stderr)
	if len(cfg.NATS) == 0 && len(cfg.Elasticsearch) == 0 {
		return errors.New("there is nothing outside to provision: name a NATS server with --nats and, where it is used, " +
			"Elasticsearch with --elasticsearch; `stet` alone prepares its own stores")
	}
	if len(cfg.NATS) > 0 {
		if err := provisionBus(ctx, cfg, log, force, tell); err != nil {
			return err
		}
	}
	if len(cfg.Elasticsearch) > 0 {
		return provisionIndex(ctx, cfg, log, force, tell)
	}
	return nil
}

func provisionBus(ctx context.Context, cfg Config, log *slog.Logger, force bool, tell func(string)) error {
	nc, err := connect(ctx, cfg, eventbus.Provisioner.Name(), log)
	if err != nil {
		return err
	}
	defer nc.Close()
	var changes []string
	err = await(ctx, cfg.Wait, log, "JetStream", func(ctx context.Context) (err error) {
		changes, err = eventbus.Provision(ctx, nc, eventbus.ProvisionOptions{Replicas: cfg.Replicas, Force: force})
		return err
	})
	for _, change := range changes {
		tell("NATS: " + change)
	}
	return err
}

func provisionIndex(ctx context.Context, cfg Config, log *slog.Logger, force bool, tell func(string)) error {
	return await(ctx, cfg.Wait, log, "Elasticsearch", func(ctx context.Context) error {
		x, err := elastic.Connect(ctx, elasticConfig(cfg))
		if err != nil {
			return err
		}
		changes, err := x.Provision(ctx, force)
		for _, change := range changes {
			tell("Elasticsearch: " + change)
		}
		return errors.Join(err, x.Close())
	})
}

// mostSkew is by how much this machine's clock may differ from the NATS server's: the margin of a host's turn.
const mostSkew = time.Second

func checkClock(ctx context.Context, bus *eventbus.Bus) error {
	skew, err := bus.ClockSkew(ctx)
	if err != nil {
		return err
	}
	if skew.Abs() > mostSkew {
		return fmt.Errorf("this machine's clock is %s off the clock of the NATS server: set both by NTP, or hosts would be "+
			"asked too early and schedules fire late", skew.Round(time.Millisecond))
	}
	return nil
}

func natsServers(cfg Config) string { return strings.Join(cfg.NATS, ",") }
