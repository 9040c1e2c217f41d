package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/client"
)

// child is a process that ends by an interrupt.
type child struct {
	command *exec.Cmd
	ended   chan struct{} // closed when it has
	err     *error        // what it ended with, after that
}

func start(command *exec.Cmd) (child, error) {
	p := child{command, make(chan struct{}), new(error)}
	if err := command.Start(); err != nil {
		return p, fmt.Errorf("starting %s: %w", command.Path, err)
	}
	go func() {
		defer close(p.ended)
		*p.err = command.Wait()
	}()
	return p, nil
}

func (p child) stop() error {
	if err := p.command.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending %s: %w", p.command.Path, err)
	}
	<-p.ended
	if *p.err != nil {
		return fmt.Errorf("%s ended: %w", p.command.Path, *p.err)
	}
	return nil
}

// stet is the product at work, and a client of it.
type stet struct {
	child
	*client.Client
}

// running is what stet tells of itself in its data folder.
type running struct {
	GRPC string `json:"grpc"`
}

// token is the secret that both sides know.
const token = "known-to-both-sides"

func startStet(ctx context.Context, o options, folder, feed string) (*stet, error) {
	file := filepath.Join(folder, "run.json")
	command := exec.Command(o.stet, "--data", folder, "--feed", feed, "--web", "127.0.0.1:0", "--grpc", "127.0.0.1:0",
		"--allow-network", "127.0.0.0/8", "--host-gap", o.gap.String(), "--token", token, "--quiet")
	command.Stderr = os.Stderr
	started, err := start(command)
	if err != nil {
		return nil, err
	}
	s := &stet{child: started}
	var where running
	err = until(ctx, "stet to start", 20*time.Millisecond, func() (bool, error) {
		select {
		case <-started.ended:
			return false, errors.New("it ended at once")
		default:
		}
		text, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(text, &where) == nil, nil
	})
	if err == nil {
		s.Client, err = client.Dial(where.GRPC, client.WithToken(token))
	}
	if err != nil {
		return nil, errors.Join(err, s.child.stop())
	}
	return s, nil
}

func (s *stet) stop() error { return errors.Join(s.Close(), s.child.stop()) }

// site is the server of the pages. It remembers how much of its log was read.
type site struct {
	child
	feed, base        string
	pages, hosts      int
	requests, changes int
}

func startSite(o options) (*site, error) {
	command := exec.Command(o.pages, "--data", o.data, "--copies", strconv.Itoa(o.copies),
		"--size", strconv.Itoa(o.size), "--hosts", strconv.Itoa(o.hosts))
	if o.readings > 0 {
		command.Args = append(command.Args, "--sites", "--rotate")
	}
	command.Stderr = os.Stderr
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command.Stdout = in
	started, err := start(command)
	if err := errors.Join(err, in.Close()); err != nil {
		return nil, err
	}
	s := &site{child: started}
	if _, err := fmt.Fscanf(bufio.NewReader(out), "%s\n%d pages\n%d hosts\n", &s.feed, &s.pages, &s.hosts); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the address of the pages: %w", err), s.stop())
	}
	s.base = strings.TrimSuffix(s.feed, "/feed.xml")
	return s, nil
}

// visit is a request that the site had.
type visit struct {
	At          time.Time
	Path        string
	Status      int
	IfNoneMatch string
}

func (v visit) isPage() bool { return strings.HasPrefix(v.Path, "/pages/") }

// visits gives the requests since the last call.
func (s *site) visits(ctx context.Context) ([]visit, error) {
	var log struct {
		Requests []visit
		Changes  []json.RawMessage
	}
	where := fmt.Sprintf("/admin/log?requests=%d&changes=%d", s.requests, s.changes)
	err := s.ask(ctx, http.MethodGet, where, &log)
	s.requests += len(log.Requests)
	s.changes += len(log.Changes)
	return log.Requests, err
}

// edit changes articles and gives the paths of their pages.
func (s *site) edit(ctx context.Context, n int) (map[string]bool, error) {
	texts, err := s.editTexts(ctx, n)
	paths := map[string]bool{}
	for path := range texts {
		paths[path] = true
	}
	return paths, err
}

// editTexts does the same and gives the text that each page has now.
func (s *site) editTexts(ctx context.Context, n int) (map[string]string, error) {
	var changes []struct{ Path, New string }
	err := s.ask(ctx, http.MethodPost, "/admin/edit?n="+strconv.Itoa(n), &changes)
	texts := map[string]string{}
	for _, c := range changes {
		texts[c.Path] = c.New
	}
	return texts, err
}

func (s *site) refurnish(ctx context.Context) error {
	return s.ask(ctx, http.MethodPost, "/admin/furniture", new(any))
}

func (s *site) ask(ctx context.Context, method, where string, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, s.base+where, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the pages: %w", err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return fmt.Errorf("reading what %s answered: %w", where, err)
	}
	return nil
}

// plain reads the pages of these addresses one after the other, as the simplest program would, and gives the time.
func plain(ctx context.Context, urls []string) (time.Duration, error) {
	start := time.Now()
	for _, url := range urls {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return 0, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}
