package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

// fleet is stet as services apart.
type fleet struct {
	options
	folder, nats, query string
	processes           []*process.Process
	victims             []*process.Process // that are killed
}

// start starts everything and waits until it runs.
func (f *fleet) start(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for _, address := range []*string{&f.nats, &f.query} {
		if *address, err = process.FreeAddress(); err != nil {
			return err
		}
	}
	config := filepath.Join(f.folder, "nats.conf")
	text := fmt.Sprintf("listen: %q\nmax_payload: 8MB\njetstream { store_dir: %q }\n", f.nats, filepath.Join(f.folder, "nats"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return err
	}
	if _, err := f.add("nats", f.natsServer, "-c", config); err != nil {
		return err
	}
	provision, err := f.add("provision", f.stet, f.service("provision")...)
	if err != nil {
		return err
	}
	if err := provision.Succeed(ctx); err != nil {
		return fmt.Errorf("run with --verbose: %w", err)
	}
	names := []string{"query", "indexer", "differ"}
	for range f.scrapers {
		names = append(names, "scraper")
	}
	for range f.pollers {
		names = append(names, "feed-poller")
	}
	for i, name := range names {
		p, err := f.add(name, f.stet, f.service(name)...)
		if err != nil {
			return err
		}
		if _, err := p.Said(ctx, "running"); err != nil {
			return err
		}
		if i >= 3 {
			f.victims = append(f.victims, p)
		}
	}
	return nil
}

func (f *fleet) add(name, binary string, args ...string) (*process.Process, error) {
	p := &process.Process{Name: name, Binary: binary, Args: args}
	if f.verbose {
		p.Log = os.Stderr
	}
	f.processes = append(f.processes, p)
	return p, p.Start()
}

// service are the arguments of a service.
func (f *fleet) service(name string) []string {
	return []string{
		name, "--nats", "nats://" + f.nats, "--data", filepath.Join(f.folder, "data"), "--token", token, "--allow-network", "127.0.0.0/8",
		"--host-gap", f.gap.String(), "--log-level", "warn", "--grpc", f.query, "--contact", "https://politeness.example/",
	}
}

func (f *fleet) stop() {
	for _, p := range f.processes {
		p.Kill()
	}
}
