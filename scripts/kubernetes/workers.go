package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/scripts/process"
)

// workers are real services at a real NATS server with the users and permissions of deploy/nats.
type workers struct {
	*drill
	monitor    string // address that KEDA asks
	publishers *process.Process
	feeds      []string
	running    map[string][]*process.Process // by service
	query      *client.Client
}

func (w *workers) start(ctx context.Context) error {
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	w.monitor = local(ports[1])
	if err := w.startNATS(local(ports[0])); err != nil {
		return err
	}
	for _, service := range []string{"provisioner", "feed-poller", "scraper", "differ", "indexer", "query"} {
		if err := w.settings(service, local(ports[0])); err != nil {
			return err
		}
	}
	p, err := w.launch("provisioner", "provision")
	if err != nil {
		return err
	}
	if err := p.Succeed(ctx); err != nil {
		return err
	}
	return w.startPublishers(ctx)
}

// startNATS runs the server with the accounts that are shipped and the passwords of the secrets.
func (w *workers) startNATS(address string) error {
	accounts, err := filepath.Abs(filepath.Join(w.deploy, "nats", "accounts.conf"))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(accounts)
	if err != nil {
		return err
	}
	// The server finds what is included beside its own file.
	if err := os.WriteFile(w.file("accounts.conf"), text, 0o600); err != nil {
		return err
	}
	conf := fmt.Sprintf("server_name: nats-1\nlisten: %q\nhttp: %q\nmax_payload: 8388608\ninclude \"accounts.conf\"\njetstream { store_dir: %q }\n",
		address, w.monitor, w.file("nats"))
	if err := os.WriteFile(w.file("nats.conf"), []byte(conf), 0o600); err != nil {
		return err
	}
	passwords, err := os.ReadFile(w.file("secrets-large/nats.env"))
	if err != nil {
		return err
	}
	var env []string
	for line := range strings.Lines(string(passwords)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			env = append(env, name+"="+strings.Trim(value, "'"))
		}
	}
	p := &process.Process{Name: "nats-server", Binary: w.natsServer, Args: []string{"-c", w.file("nats.conf")}, Env: env}
	if w.verbose {
		p.Log = os.Stderr
	}
	w.cluster.running = append(w.cluster.running, p)
	return p.Start()
}

// settings makes of a service's secret one for this machine: the same user and password, another address, SQLite.
func (w *workers) settings(service, address string) error {
	text, err := os.ReadFile(w.file("secrets-large/" + service + ".yaml"))
	if err != nil {
		return err
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "elasticsearch:") {
			lines = append(lines, strings.Replace(line, "@nats:4222", "@"+address, 1))
		}
	}
	return os.WriteFile(w.file(service+".yaml"), []byte(strings.Join(lines, "")), 0o600)
}

// launch starts one more process of a service with the settings of a user.
func (w *workers) launch(user, service string, args ...string) (*process.Process, error) {
	p := &process.Process{
		Name: service, Binary: w.stet,
		Args: append([]string{service, "--config", w.file(user + ".yaml"), "--data", w.file("data"), "--allow-network", "127.0.0.0/8",
			"--host-gap", "10ms", "--log-level", "warn"}, args...),
	}
	if w.verbose {
		p.Log = os.Stderr
	}
	w.cluster.running = append(w.cluster.running, p)
	w.running[service] = append(w.running[service], p)
	return p, p.Start()
}

// have makes the number of processes of a service what it is asked for.
func (w *workers) have(ctx context.Context, service string, wanted int, args ...string) error {
	for len(w.running[service]) < wanted {
		p, err := w.launch(service, service, args...)
		if err != nil {
			return err
		}
		if _, err := p.Said(ctx, "is running"); err != nil {
			return err
		}
	}
	return nil
}

// less ends one process in good order, in the middle of its work.
func (w *workers) less(service string) error {
	all := w.running[service]
	w.running[service] = all[:len(all)-1]
	return all[len(all)-1].Interrupt()
}

func (w *workers) startPublishers(ctx context.Context) error {
	w.publishers = &process.Process{Name: "publishers", Binary: w.stet, Args: []string{"publishers", "--papers", strconv.Itoa(w.papers),
		"--stories", strconv.Itoa(w.stories), "--control", "127.0.0.1:0"}}
	w.cluster.running = append(w.cluster.running, w.publishers)
	if err := w.publishers.Start(); err != nil {
		return err
	}
	if _, err := w.publishers.Said(ctx, "control "); err != nil {
		return err
	}
	for _, line := range w.publishers.Lines() {
		if rest, ok := strings.CutPrefix(line, "feed "); ok {
			url, _, _ := strings.Cut(rest, " ")
			w.feeds = append(w.feeds, "--feed", url)
		}
	}
	if len(w.feeds) == 0 {
		return fmt.Errorf("the publishers name no feed")
	}
	return nil
}

// ask starts the query service, by which everything is counted in the end.
func (w *workers) ask(ctx context.Context) error {
	ports, err := freePorts(1)
	if err != nil {
		return err
	}
	if err := w.have(ctx, "query", 1, "--grpc", local(ports[0])); err != nil {
		return err
	}
	w.query, err = client.Dial(local(ports[0]))
	return err
}

// searchable waits until that many versions are found.
func (w *workers) searchable(ctx context.Context, wanted int) (int64, error) {
	var versions int64
	err := process.Until(ctx, 4*time.Minute, "all stories to be found", 500*time.Millisecond, func() (bool, error) {
		status, err := w.query.Status(ctx)
		if err != nil {
			return false, nil // it comes
		}
		versions = status.GetVersions()
		return versions >= int64(wanted), nil
	})
	return versions, err
}
