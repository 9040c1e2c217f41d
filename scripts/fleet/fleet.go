package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/scripts/process"
)

// token is the secret that both sides know.
const token = "known-to-both-sides"

// fleet is stet as services apart, and what they need.
type fleet struct {
	options
	folder    string
	out       io.Writer
	processes map[string]*process.Process
	services  []string // names of processes, in the order of starting
	nats      []string // names of the servers
	urls      string   // of the servers
	control   string   // URL of the publishers' control
	feeds     []string
	query     string // address
	client    *client.Client
	stories   map[string]*story // by address
}

// start starts everything and waits until it runs.
func (f *fleet) start(ctx context.Context) error {
	if err := f.startPublishers(ctx); err != nil {
		return err
	}
	if err := f.startNATS(ctx); err != nil {
		return err
	}
	if err := f.provision(ctx); err != nil {
		return err
	}
	address, err := process.FreeAddress()
	if err != nil {
		return err
	}
	f.query = address
	for _, name := range []string{"feed-poller", "scraper-1", "scraper-2", "differ-1", "differ-2", "indexer-1", "indexer-2", "query", "web"} {
		if err := f.startService(ctx, name); err != nil {
			return err
		}
		f.services = append(f.services, name)
	}
	f.client, err = client.Dial(f.query, client.WithToken(token))
	return err
}

func (f *fleet) add(name, binary string, args ...string) (*process.Process, error) {
	p := &process.Process{Name: name, Binary: binary, Args: args}
	if f.verbose {
		p.Log = os.Stderr
	}
	f.processes[name] = p
	return p, p.Start()
}

func (f *fleet) startPublishers(ctx context.Context) error {
	p, err := f.add("publishers", f.stet, "publishers", "--papers", strconv.Itoa(f.papers), "--stories", strconv.Itoa(f.options.stories),
		"--control", "127.0.0.1:0")
	if err != nil {
		return err
	}
	line, err := p.Said(ctx, "control ")
	if err != nil {
		return err
	}
	f.control = strings.TrimPrefix(line, "control ")
	for _, line := range p.Lines() {
		if rest, ok := strings.CutPrefix(line, "feed "); ok {
			url, _, _ := strings.Cut(rest, " ")
			f.feeds = append(f.feeds, url)
		}
	}
	return nil
}

func (f *fleet) startNATS(ctx context.Context) error {
	var clients, routes []string
	for range f.servers {
		for _, list := range []*[]string{&clients, &routes} {
			address, err := process.FreeAddress()
			if err != nil {
				return err
			}
			*list = append(*list, address)
		}
	}
	var urls, routeURLs []string
	for i := range clients {
		urls = append(urls, "nats://"+clients[i])
		routeURLs = append(routeURLs, "nats://"+routes[i])
	}
	f.urls = strings.Join(urls, ",")
	for i := range clients {
		name := fmt.Sprintf("nats-%d", i+1)
		text := fmt.Sprintf("server_name: %s\nlisten: %q\nmax_payload: 8MB\njetstream { store_dir: %q }\n", name, clients[i], filepath.Join(f.folder, name))
		if f.servers > 1 {
			text += fmt.Sprintf("cluster { name: stet, listen: %q, routes: [%s] }\n", routes[i], strings.Join(routeURLs, ", "))
		}
		file := filepath.Join(f.folder, name+".conf")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		if _, err := f.add(name, f.natsServer, "-c", file); err != nil {
			return err
		}
		f.nats = append(f.nats, name)
	}
	return nil
}

// settings are the flags that every service gets.
func (f *fleet) settings() []string {
	flags := []string{"--data", filepath.Join(f.folder, "data"), "--token", token, "--allow-network", "127.0.0.0/8", "--host-gap", "10ms",
		"--replicas", strconv.Itoa(f.servers), "--log-level", "warn"}
	for url := range strings.SplitSeq(f.urls, ",") {
		flags = append(flags, "--nats", url)
	}
	if f.elasticsearch != "" {
		flags = append(flags, "--elasticsearch", f.elasticsearch, "--index-prefix", "fleet-"+strconv.Itoa(os.Getpid()))
	}
	return flags
}

func (f *fleet) provision(ctx context.Context) error {
	p, err := f.add("provision", f.stet, append([]string{"provision"}, f.settings()...)...)
	if err != nil {
		return err
	}
	if err := p.Succeed(ctx); err != nil {
		return fmt.Errorf("run with --verbose: %w", err)
	}
	return nil
}

// startService starts a service by its name in the fleet, such as scraper-2.
func (f *fleet) startService(ctx context.Context, name string) error {
	service := strings.TrimRight(name, "-123456789")
	args := append([]string{service}, f.settings()...)
	switch service {
	case "feed-poller":
		for _, feed := range f.feeds {
			args = append(args, "--feed", feed)
		}
	case "query":
		args = append(args, "--grpc", f.query)
	case "web":
		args = append(args, "--grpc", f.query, "--web", "127.0.0.1:0")
	}
	p, err := f.add(name, f.stet, args...)
	if err != nil {
		return err
	}
	_, err = p.Said(ctx, "is running")
	return err
}

// stop ends everything, the services first and in good order.
func (f *fleet) stop() {
	for i := len(f.services) - 1; i >= 0; i-- {
		if err := f.processes[f.services[i]].Interrupt(); err != nil {
			f.row("trouble at the end", "%v", err)
		}
	}
	for _, p := range f.processes {
		if p.Started() {
			p.Kill()
		}
	}
	if f.client != nil {
		_ = f.client.Close() // nothing is asked of it any more
	}
}
