package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// process is a child that can be killed and started again with the same arguments.
type process struct {
	name, binary string
	args         []string
	log          io.Writer

	command *exec.Cmd
	ended   chan struct{}

	mu    sync.Mutex
	lines []string // of its standard output, since it was started
}

func (p *process) start() error {
	p.mu.Lock()
	p.lines = nil
	p.mu.Unlock()
	p.command = exec.Command(p.binary, p.args...)
	p.command.Stderr = p.log
	out, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.name, err)
	}
	p.ended = make(chan struct{})
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
		_ = p.command.Wait() // it is killed, or says why it ended in its log
	}()
	return nil
}

// said waits for a line that contains a text.
func (p *process) said(ctx context.Context, text string) (string, error) {
	var found string
	err := until(ctx, time.Minute, p.name+" to say "+text, 20*time.Millisecond, func() (bool, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, line := range p.lines {
			if strings.Contains(line, text) {
				found = line
				return true, nil
			}
		}
		select {
		case <-p.ended:
			return false, fmt.Errorf("%s has ended", p.name)
		default:
			return false, nil
		}
	})
	return found, err
}

// kill ends the process as a power cut does.
func (p *process) kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// interrupt ends the process in good order, or kills it after ten seconds.
func (p *process) interrupt() error {
	_ = p.command.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
		return nil
	case <-time.After(10 * time.Second):
		p.kill()
		return errors.New(p.name + " does not end when asked to")
	}
}

// until asks every little while whether something is so.
func until(ctx context.Context, patience time.Duration, what string, every time.Duration, so func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		done, err := so()
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-ticker.C:
		}
	}
}
