package feedpoller

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/turn"
)

// BenchmarkUnchangedFeeds polls feeds that have not changed, each of a host of its own, whose connection is made anew.
//
//	poller      the poll itself, with a bus in memory
//	everything  with the queue of the host and its turn, on a bus in this process that keeps all on disk
func BenchmarkUnchangedFeeds(b *testing.B) {
	b.Run("poller", func(b *testing.B) {
		m := newMemory()
		p, entries := unchanged(b, m)
		b.ResetTimer()
		before := processorTime(b)
		var next atomic.Int64
		var polling sync.WaitGroup
		for range 8 {
			polling.Go(func() {
				for n := next.Add(1) - 1; n < int64(b.N); n = next.Add(1) - 1 {
					pollOnce(b, p, entries[n])
				}
			})
		}
		polling.Wait()
		report(b, before)
	})
	b.Run("everything", func(b *testing.B) {
		bus := &counting{Bus: bustest.New(b), left: int64(b.N), done: make(chan struct{})}
		p, entries := unchanged(b, bus)
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		var working sync.WaitGroup
		working.Go(func() { _ = bus.Consume(ctx, eventbus.DueTurns, 32, handingOn(bus, p.visitor)) })
		b.ResetTimer()
		before := processorTime(b)
		for _, e := range entries {
			if err := bus.ArmFeed(ctx, e.Feed, time.Now()); err != nil {
				b.Fatal(err)
			}
		}
		working.Go(func() { _ = p.Run(ctx) })
		<-bus.done
		report(b, before)
		cancel()
		working.Wait()
	})
}

// report tells the rate as measured, and the processor time a poll took, the server's and the bus's part in it included,
// from which follows what two cores can do that do nothing else.
func report(b *testing.B, before time.Duration) {
	b.Helper()
	spent := (processorTime(b) - before).Seconds() / float64(b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "polls/s")
	b.ReportMetric(spent*1e6, "cpu-µs/poll")
	b.ReportMetric(2/spent, "polls/s-on-2-cores")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// counting says when as many polls as there were to be have been recorded.
type counting struct {
	*eventbus.Bus
	left int64
	done chan struct{}
}

func (c *counting) PublishPollOutcome(ctx context.Context, o article.PollOutcome) error {
	err := c.Bus.PublishPollOutcome(ctx, o)
	if o.Status != http.StatusNotModified {
		panic(fmt.Sprintf("status %d: %s", o.Status, o.Error))
	}
	if atomic.AddInt64(&c.left, -1) == 0 {
		close(c.done)
	}
	return err
}

// unchanged makes as many feeds as there are to be polls, each polled before, and a server that denies all changes.
func unchanged(b *testing.B, store bus) (*Poller, []eventbus.Entry) {
	b.Helper()
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", r.Header.Get("If-None-Match"))
		w.WriteHeader(http.StatusNotModified)
	})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	client := politehttp.New(politehttp.Config{AllowNetworks: local})
	b.Cleanup(client.CloseIdleConnections)
	p := New(Deps{Bus: store, Fetch: client, Log: slog.New(slog.DiscardHandler),
		Visits: turn.Config{Local: local, LocalGap: time.Millisecond, UserAgent: "stet"}})
	var entries []eventbus.Entry
	known := map[string]string{}
	for n := range 30 {
		known[digest(fmt.Sprint(n))] = digest("text")
	}
	for n := range b.N {
		host := fmt.Sprintf("127.%d.%d.%d:%d", 1+n>>16, n>>8&255, n&255, listener.Addr().(*net.TCPAddr).Port)
		f := article.Feed{ID: article.Token(host), URL: "http://" + host + "/feed", Source: "Gazette", ETag: `"x"`, Known: known,
			LastPoll: time.Now().Add(-time.Hour), NextPoll: time.Now().Add(-time.Second), LastWhole: time.Now().Add(-time.Hour)}
		if err := store.PutFeed(b.Context(), f, 0); err != nil {
			b.Fatal(err)
		}
		_, revision, err := store.Host(b.Context(), host)
		if err != nil {
			b.Fatal(err)
		}
		h := eventbus.Host{Name: host, RobotsAt: time.Now(), RobotsTried: time.Now(), RobotsStatus: http.StatusNotFound}
		if err := store.PutHost(b.Context(), h, revision); err != nil {
			b.Fatal(err)
		}
		entries = append(entries, eventbus.Entry{Host: host, Feed: f.ID, Source: f.Source, URL: f.URL})
	}
	return p, entries
}

// pollOnce is a turn of a host that nobody else wants.
func pollOnce(b *testing.B, p *Poller, e eventbus.Entry) {
	ctx := b.Context()
	m := p.Bus.(*memory)
	if err := m.Guard(ctx, article.Token(e.Host), time.Now().Add(time.Minute), 0, false); err != nil {
		b.Error(err)
	}
	baton, err := json.Marshal(eventbus.Baton{Entry: e, Fence: m.fence(e.Host), Until: time.Now().Add(time.Minute)})
	if err != nil {
		b.Error(err)
	}
	if err := p.turn(ctx, eventbus.NewDelivery("turn.feed.x", baton, func() error { return nil })); err != nil {
		b.Error(err)
	}
}

func (m *memory) fence(host string) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.turns[article.Token(host)].fence
}

// handingOn is a scraper's part in the turn of a host where feeds wait.
func handingOn(b *counting, v *turn.Visitor) func(context.Context, *eventbus.Delivery) error {
	return func(ctx context.Context, m *eventbus.Delivery) error {
		before := eventbus.ReadAttempt(m.Data)
		entry, err := b.NextEntry(ctx, m.Token(2), before.PagesFirst)
		if eventbus.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err := v.Look(ctx, entry)
		if err == nil && t != nil {
			err = t.HandOn(ctx, before)
		}
		if eventbus.Refused(err) {
			return nil
		}
		return err
	}
}
