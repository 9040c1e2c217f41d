package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/newssite"
	"github.com/stetnews/stet/services/internal/recheck"
)

// Demo runs everything against simulated publishers on loopback whose time runs fast. Without a data folder of its own
// choice it works in a temporary one, which it removes at the end.
func Demo(ctx context.Context, cfg Config, chosenData bool, stdout, stderr io.Writer) (err error) {
	if !chosenData {
		if cfg.Data, err = os.MkdirTemp("", "stet-demo-"); err != nil {
			return fmt.Errorf("making a folder for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Data)) }()
	}
	loopback := netip.MustParsePrefix("127.0.0.0/8")
	cfg.AllowNetworks = append(cfg.AllowNetworks, loopback)
	cfg.HostGap = 100 * time.Millisecond
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	site := newssite.New(newssite.Config{Seed: 1, Start: time.Now(), Speed: 60})
	addresses, err := site.Serve(ctx)
	if err != nil {
		return fmt.Errorf("starting the simulated publishers: %w", err)
	}
	var list []subscription
	for _, a := range addresses {
		list = append(list, subscription{url: a.FeedURL, source: a.Name, folder: "Demo"})
	}
	return run(ctx, cfg, demoPace(), list, stdout, stderr)
}

// demoPace looks every few seconds, as a minute of the publishers' time is a second.
func demoPace() pace {
	checks := recheck.Default().Scaled(1. / 100)
	checks.Max, checks.GoneMax, checks.Least = 15*time.Second, 15*time.Second, time.Second
	return pace{checks: checks, polls: feed.Policy{Min: 5 * time.Second, Max: 20 * time.Second}}
}
