// Package process runs programs beside a test or measurement: they can be killed as by a power cut, and started again.
package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// Process is a child that can be killed and started again with the same arguments.
type Process struct {
	Name, Binary string
	Args         []string
	Env          []string  // beside this program's own, each NAME=value
	Log          io.Writer // of its standard error, nil drops it

	command *exec.Cmd
	ended   chan struct{}

	mu    sync.Mutex
	lines []string // of its standard output, since it was started
}

// Start starts the program and does not wait for it.
func (p *Process) Start() error {
	p.mu.Lock()
	p.lines = nil
	p.mu.Unlock()
	p.command = exec.Command(p.Binary, p.Args...)
	p.command.Stderr = p.Log
	p.command.Env = append(os.Environ(), p.Env...)
	out, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", p.Name, err)
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

// Lines are those of its standard output so far.
func (p *Process) Lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

// Said waits at most a minute for a line that contains a text.
func (p *Process) Said(ctx context.Context, text string) (string, error) {
	var found string
	err := Until(ctx, time.Minute, p.Name+" to say "+text, 20*time.Millisecond, func() (bool, error) {
		for _, line := range p.Lines() {
			if strings.Contains(line, text) {
				found = line
				return true, nil
			}
		}
		if p.HasEnded() {
			return false, fmt.Errorf("%s has ended", p.Name)
		}
		return false, nil
	})
	return found, err
}

// Started says whether it was started, running or not.
func (p *Process) Started() bool { return p.ended != nil }

// HasEnded says whether it was started and runs no more.
func (p *Process) HasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Succeed waits for the end; anything but the exit code 0 is an error.
func (p *Process) Succeed(ctx context.Context) error {
	select {
	case <-p.ended:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !p.command.ProcessState.Success() {
		return fmt.Errorf("%s failed: %s", p.Name, p.command.ProcessState)
	}
	return nil
}

// Signal sends a signal, such as one that freezes the process.
func (p *Process) Signal(s os.Signal) error { return p.command.Process.Signal(s) }

// Kill ends the process as a power cut does.
func (p *Process) Kill() {
	_ = p.command.Process.Kill() // it may have ended
	<-p.ended
}

// Interrupt ends the process in good order, or kills it after ten seconds.
func (p *Process) Interrupt() error {
	_ = p.command.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
		return nil
	case <-time.After(10 * time.Second):
		p.Kill()
		return errors.New(p.Name + " does not end when asked to")
	}
}

// FreeAddress gives an address on loopback that nobody listens at.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Until asks every little while whether something is so.
func Until(ctx context.Context, patience time.Duration, what string, every time.Duration, so func() (bool, error)) error {
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
