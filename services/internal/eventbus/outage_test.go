package eventbus_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/eventbus"
)

// TestTheServerGoesAndComesBack stops the only server in the middle of the loop of articles and starts it again: the
// services wait, say that they are not ready, and go on.
func TestTheServerGoesAndComesBack(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for leases to end")
	}
	setPasswords(t)
	port := freePorts(t, 1)[0]
	var options *server.Options
	s := startServer(t, "single.conf", func(o *server.Options) {
		o.Port = port
		options = o
	})
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server did not start")
	}
	provision(t, 0, s)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p := newPath(t)
	reader, _, _ := openAs(t, eventbus.Reader, s)
	running, stop := context.WithCancel(ctx)
	wait := p.start(running, t, s)
	p.wait(ctx, "a third of the commits", func() bool { return p.commits >= p.articles*p.versions/3 })
	stopServer(s)
	eventually(t, "it is said that nothing is ready", func() bool { return reader.Ping(ctx) != nil })
	startWith(t, options)
	p.wait(ctx, "every article has all its versions", p.settled)
	if err := reader.Ping(ctx); err != nil {
		t.Errorf("it is back and not ready: %v", err)
	}
	stop()
	if err := wait(); err != nil {
		t.Error(err)
	}
	p.judge(ctx, reader)
}

// TestAWorkerIsCutOff takes one scraper and one differ off the net in the middle, without a word on their connections,
// and lets them back. The others take over; what the two do in their ignorance is fenced off.
func TestAWorkerIsCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for leases to end")
	}
	s := startOne(t)
	provision(t, 0, s)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	between := newNet(t, s.Addr().String())
	p := newPath(t)
	running, stop := context.WithCancel(ctx)
	wait := p.run(running, openBus(t, eventbus.FeedPoller, s),
		[]*eventbus.Bus{openBus(t, eventbus.Scraper, s), openThrough(t, eventbus.Scraper, between)},
		[]*eventbus.Bus{openBus(t, eventbus.Differ, s), openThrough(t, eventbus.Differ, between)})
	p.wait(ctx, "a third of the commits", func() bool { return p.commits >= p.articles*p.versions/3 })
	between.cut()
	p.wait(ctx, "two thirds of the commits", func() bool { return p.commits >= p.articles*p.versions*2/3 })
	between.mend()
	p.wait(ctx, "every article has all its versions", p.settled)
	stop()
	if err := wait(); err != nil {
		t.Error(err)
	}
	p.judge(ctx, openBus(t, eventbus.Reader, s))
}

// start runs two scrapers and two differs.
func (p *path) start(ctx context.Context, t *testing.T, servers ...*server.Server) func() error {
	t.Helper()
	return p.run(ctx, openBus(t, eventbus.FeedPoller, servers...),
		[]*eventbus.Bus{openBus(t, eventbus.Scraper, servers...), openBus(t, eventbus.Scraper, servers...)},
		[]*eventbus.Bus{openBus(t, eventbus.Differ, servers...), openBus(t, eventbus.Differ, servers...)})
}

func openBus(t *testing.T, role eventbus.Role, servers ...*server.Server) *eventbus.Bus {
	t.Helper()
	bus, _, _ := openAs(t, role, servers...)
	return bus
}

// openThrough connects over a net that can be cut.
func openThrough(t *testing.T, role eventbus.Role, n *cuttable) *eventbus.Bus {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	options := append(eventbus.ConnectOptions(role.Name(), log), nats.UserInfo(role.Name(), secret(role.Name())))
	nc, err := nats.Connect("nats://"+n.listener.Addr().String(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	bus, err := eventbus.Open(t.Context(), nc, role, log)
	if err != nil {
		t.Fatal(err)
	}
	return bus
}

// cuttable passes connections on to an address. While it is cut nothing arrives, and nobody is told; when it is mended
// the old connections break, as they do when a router has forgotten them.
type cuttable struct {
	listener net.Listener
	to       string
	mutex    sync.Mutex
	pass     *sync.Cond
	isCut    bool
	open     []net.Conn
}

func newNet(t *testing.T, to string) *cuttable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &cuttable{listener: listener, to: to}
	n.pass = sync.NewCond(&n.mutex)
	t.Cleanup(func() {
		_ = listener.Close() // ends accepting
		n.mend()
	})
	go n.accept()
	return n
}

func (n *cuttable) accept() {
	for {
		in, err := n.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", n.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		n.mutex.Lock()
		n.open = append(n.open, in, out)
		n.mutex.Unlock()
		go n.carry(in, out)
		go n.carry(out, in)
	}
}

func (n *cuttable) carry(from, to net.Conn) {
	defer func() { _ = errors.Join(from.Close(), to.Close()) }() // each side closes both
	buffer := make([]byte, 32<<10)
	for {
		length, err := from.Read(buffer)
		n.mutex.Lock()
		for n.isCut {
			n.pass.Wait()
		}
		n.mutex.Unlock()
		if _, writeErr := to.Write(buffer[:length]); err != nil || writeErr != nil {
			return
		}
	}
}

func (n *cuttable) cut() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.isCut = true
}

func (n *cuttable) mend() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, c := range n.open {
		_ = c.Close() // whatever waits in it is lost
	}
	n.open, n.isCut = nil, false
	n.pass.Broadcast()
}

func TestAConsumerThatIsGoneIsSaid(t *testing.T) {
	bus, js := open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- bus.Consume(ctx, eventbus.DueChecks, 1, func(context.Context, *eventbus.Delivery) error { return nil })
	}()
	eventually(t, "it waits for messages", func() bool {
		c, err := js.Consumer(ctx, "CHECKS", "scraper-checks")
		return err == nil && c.CachedInfo().NumWaiting > 0
	})
	if err := js.DeleteConsumer(ctx, "CHECKS", "scraper-checks"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, eventbus.ErrNotProvisioned) {
		t.Errorf("the consumer is gone: %v", err)
	}
}
