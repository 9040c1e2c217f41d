package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// late passes a connection on to NATS and sets the server's clock back by some hours in what it says: of the same
// length, so that the protocol is not disturbed.
func late(t *testing.T, port, hours int) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	const form = "2006-01-02T15"
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				_ = near.Close()
				continue
			}
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			go func() {
				defer near.Close()
				buffer := make([]byte, 64<<10) // larger than any answer here, so that none is cut
				for {
					n, err := far.Read(buffer)
					if n > 0 {
						now := time.Now().UTC()
						said := bytes.ReplaceAll(buffer[:n], []byte(`"ts":"`+now.Format(form)), []byte(`"ts":"`+now.Add(time.Duration(-hours)*time.Hour).Format(form)))
						if _, err := near.Write(said); err != nil {
							return
						}
					}
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// What an operator may get wrong is said in one line, which names what to do, and the process does not go on.
func TestAServiceApartSaysWhatIsWrongAround(t *testing.T) {
	t.Parallel()
	f := newFleet(t, nil)
	f.provision(deadline(t))
	behind := strings.Replace(f.address("scraper"), fmt.Sprintf("127.0.0.1:%d", f.port), late(t, f.port, 1), 1)
	missing := filepath.Join(t.TempDir(), "secret.yaml")
	for name, test := range map[string]struct{ args, words []string }{
		"a clock an hour off": {[]string{"scraper", "--nats", behind}, []string{"clock is 1h0m0", "NTP"}},
		"a missing secret":    {[]string{"differ", "--config", missing}, []string{missing}},
		"a read-only volume":  {[]string{"differ", "--nats", f.address("differ"), "--archive", "/proc/archive"}, []string{"/proc/archive"}},
	} {
		t.Run(name, func(t *testing.T) {
			wantComplaint(t, fails(t, append(test.args, "--data", t.TempDir(), "--allow-network", "127.0.0.0/8", "--log-level", "error")...), test.words...)
		})
	}
}

// A service that starts before NATS is not ready, tries once a second and not more, and works as soon as NATS is there.
func TestAServiceApartRecoversByItself(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	f := newFleet(t, nil)
	f.provision(ctx)
	f.stopNATS()
	health := freeAddress(t)
	args := append([]string{"differ", "--nats", f.address("differ"), "--health", health, "--wait", "2m"}, f.settings...)
	p := &process{t: t, cmd: exec.Command(binary(t), args...), ended: make(chan struct{})}
	started := make(chan struct{})
	p.run(started)
	t.Cleanup(p.cleanUp)
	eventually(ctx, t, "it says that it waits", func() bool { return strings.Contains(p.logged(), "waiting for") })
	if ready(health) {
		t.Error("ready without NATS")
	}
	f.startNATS()
	select {
	case <-started:
	case <-p.ended:
		t.Fatalf("it ended: %v", p.err)
	case <-ctx.Done():
		t.Fatal("it does not start")
	}
	eventually(ctx, t, "it is ready", func() bool { return ready(health) })
	f.stopNATS()
	eventually(ctx, t, "it is not ready without NATS", func() bool { return !ready(health) })
	f.startNATS()
	eventually(ctx, t, "it is ready again", func() bool { return ready(health) })
	if n := strings.Count(p.logged(), "waiting for"); n != 1 {
		t.Errorf("it said %d times that it waits", n)
	}
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func ready(address string) bool {
	answer, err := http.Get("http://" + address + "/readyz")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
