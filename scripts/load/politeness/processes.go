package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// process is a child that can be killed and started again.
type process struct {
	name, binary string
	args         []string
	log          io.Writer
	command      *exec.Cmd
	ended        chan struct{}
	running      chan struct{} // closed once it said that it is
}

func (p *process) start() error {
	p.command = exec.Command(p.binary, p.args...)
	p.command.Stderr = p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.name, err)
	}
	p.ended, p.running = make(chan struct{}), make(chan struct{})
	go p.watch(out, p.command, p.running, p.ended)
	return nil
}

func (p *process) watch(out io.Reader, command *exec.Cmd, running, ended chan struct{}) {
	defer close(ended)
	said := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !said && strings.Contains(lines.Text(), "running") {
			said = true
			close(running)
		}
	}
	_ = command.Wait() // it is killed, or says why it ended in its log
}

// ready waits until the process runs.
func (p *process) ready(ctx context.Context) error {
	select {
	case <-p.running:
		return nil
	case <-p.ended:
		return fmt.Errorf("%s ended at once: run with --verbose", p.name)
	case <-ctx.Done():
		return fmt.Errorf("waiting for %s: %w", p.name, ctx.Err())
	}
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// fleet is stet as services apart.
type fleet struct {
	options
	folder, nats, query string
	processes           []*process
	victims             []*process // that are killed
}

// start starts everything and waits until it runs.
func (f *fleet) start(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for _, address := range []*string{&f.nats, &f.query} {
		if *address, err = free(); err != nil {
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
	<-provision.ended
	if !provision.command.ProcessState.Success() {
		return fmt.Errorf("provisioning failed: run with --verbose")
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
		if err := p.ready(ctx); err != nil {
			return err
		}
		if i >= 3 {
			f.victims = append(f.victims, p)
		}
	}
	return nil
}

func (f *fleet) add(name, binary string, args ...string) (*process, error) {
	p := &process{name: name, binary: binary, args: args, log: io.Discard}
	if f.verbose {
		p.log = os.Stderr
	}
	f.processes = append(f.processes, p)
	return p, p.start()
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
		p.kill()
	}
}
