package feedpoller

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/turn"
)

// memory is a bus in memory under simulated time, with the scraper's part in a host's turn. It outlives the pollers that
// work on it, which die at any of its operations.
type memory struct {
	mu       sync.Mutex
	changed  chan struct{} // closed and made anew at every change
	sequence uint64
	feeds    map[string]stored
	hosts    map[string]eventbus.Host
	due      map[string]time.Time // of feeds, by id
	waiting  []eventbus.Entry
	turns    map[string]held // by the host's token
	outcomes []article.PollOutcome
	items    []article.Item
	names    map[string]stored // aliases and merges, by key

	operations int
	crashes    []int // the operations at which the process dies, in order
	kill       context.CancelFunc
	robots     []byte
	deaths     []time.Time
}

// errRefused is what the server says of a fence that does not stand.
var errRefused = &jetstream.APIError{Code: 400, ErrorCode: jetstream.JSErrCodeStreamWrongLastSequence}

type stored struct {
	data     []byte
	revision uint64
}

type held struct {
	fence   uint64
	until   time.Time
	attempt eventbus.Attempt
}

func newMemory() *memory {
	return &memory{changed: make(chan struct{}), feeds: map[string]stored{}, hosts: map[string]eventbus.Host{},
		due: map[string]time.Time{}, turns: map[string]held{}}
}

// do is one operation. At one where the process dies, the operation happens every second time and its result is never
// heard of.
func (m *memory) do(ctx context.Context, operation func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.operations++
	if len(m.crashes) > 0 && m.operations >= m.crashes[0] {
		m.crashes = m.crashes[1:]
		if m.operations%2 == 0 {
			_ = operation()
		}
		m.deaths = append(m.deaths, time.Now())
		m.kill()
		m.wake()
		return errDied
	}
	err := operation()
	m.wake()
	return err
}

func (m *memory) wake() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) next() uint64 {
	m.sequence++
	return m.sequence
}

// Consume delivers what is due until the context ends.
func (m *memory) Consume(ctx context.Context, c eventbus.Consumer, _ int, handle func(context.Context, *eventbus.Delivery) error) error {
	var running sync.WaitGroup
	defer running.Wait()
	busy := map[string]bool{} // what this process handles now
	for ctx.Err() == nil {
		m.mu.Lock()
		key, delivery, wait := m.ready(c, busy)
		changed := m.changed
		if delivery != nil {
			busy[key] = true
		}
		m.mu.Unlock()
		if delivery == nil {
			select {
			case <-ctx.Done():
			case <-changed:
			case <-time.After(wait):
			}
			continue
		}
		running.Go(func() {
			err := handle(ctx, delivery)
			if err != nil && ctx.Err() == nil {
				time.Sleep(250 * time.Millisecond) // as after a Nak, in simulated time
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			delete(busy, key)
			if err == nil && c == eventbus.DueFeeds && !m.due[key].After(time.Now()) {
				delete(m.due, key)
			}
			m.wake()
		})
	}
	return nil
}

// ready gives what may be delivered now, or how long nothing will be.
func (m *memory) ready(c eventbus.Consumer, busy map[string]bool) (string, *eventbus.Delivery, time.Duration) {
	now, wait := time.Now(), time.Hour
	if c == eventbus.DueFeeds {
		for id, at := range m.due {
			if busy[id] {
				continue
			}
			if !at.After(now) {
				return id, eventbus.NewDelivery("feed.due."+id, nil, func() error { return nil }), 0
			}
			wait = min(wait, at.Sub(now))
		}
		return "", nil, wait
	}
	for _, entry := range m.waiting {
		token := article.Token(entry.Host)
		if until := m.turns[token].until; until.After(now) {
			wait = min(wait, until.Sub(now))
			continue
		}
		fence, attempt := m.next(), m.turns[token].attempt.On(entry)
		m.turns[token] = held{fence, now.Add(5 * time.Second), attempt}
		data, err := json.Marshal(eventbus.Baton{Entry: entry, Sequence: entry.Sequence, Fence: fence, Until: m.turns[token].until, Count: attempt.Count})
		if err != nil {
			panic(err)
		}
		return token, eventbus.NewDelivery("turn.feed."+token, data, func() error { return nil }), 0
	}
	return "", nil, wait
}

func (m *memory) Feed(ctx context.Context, id string) (f article.Feed, revision uint64, err error) {
	err = m.do(ctx, func() error {
		found, there := m.feeds[id]
		if !there {
			return eventbus.ErrNotFound
		}
		revision = found.revision
		return json.Unmarshal(found.data, &f)
	})
	return f, revision, err
}

func (m *memory) Feeds(ctx context.Context) (list []article.Feed, err error) {
	err = m.do(ctx, func() error {
		for _, found := range m.feeds {
			var f article.Feed
			if err := json.Unmarshal(found.data, &f); err != nil {
				return err
			}
			list = append(list, f)
		}
		return nil
	})
	return list, err
}

func (m *memory) PutFeed(ctx context.Context, f article.Feed, revision uint64) error {
	return m.do(ctx, func() error {
		if m.feeds[f.ID].revision != revision {
			return eventbus.ErrConflict
		}
		data, err := json.Marshal(f)
		m.feeds[f.ID] = stored{data, m.next()}
		return err
	})
}

func (m *memory) ArmFeed(ctx context.Context, id string, at time.Time) error {
	return m.do(ctx, func() error { m.due[id] = at; return nil })
}

func (m *memory) ArmFeedIfAbsent(ctx context.Context, id string, at time.Time) error {
	return m.do(ctx, func() error {
		if _, armed := m.due[id]; !armed {
			m.due[id] = at
		}
		return nil
	})
}

func (m *memory) PublishItem(ctx context.Context, i article.Item) error {
	return m.do(ctx, func() error { m.items = append(m.items, i); return nil })
}

func (m *memory) PublishPollOutcome(ctx context.Context, o article.PollOutcome) error {
	return m.do(ctx, func() error { m.outcomes = append(m.outcomes, o); return nil })
}

func (m *memory) Enqueue(ctx context.Context, e eventbus.Entry) error {
	return m.do(ctx, func() error {
		if !slices.ContainsFunc(m.waiting, func(there eventbus.Entry) bool { return there.Feed == e.Feed && there.Host == e.Host }) {
			e.Sequence = m.next()
			m.waiting = append(m.waiting, e)
		}
		return nil
	})
}

func (m *memory) RemoveEntry(ctx context.Context, e eventbus.Entry) error {
	return m.do(ctx, func() error {
		m.waiting = slices.DeleteFunc(m.waiting, func(there eventbus.Entry) bool { return there.Sequence == e.Sequence })
		return nil
	})
}

func (m *memory) Lease(ctx context.Context, token string, until time.Time, a eventbus.Attempt, fence uint64) (next uint64, err error) {
	err = m.do(ctx, func() error {
		if there := m.turns[token]; there.fence != fence || !there.until.After(time.Now()) {
			return errRefused
		}
		next = m.next()
		m.turns[token] = held{next, until, a}
		return nil
	})
	return next, err
}

func (m *memory) Guard(ctx context.Context, token string, at time.Time, fence uint64, _ bool) error {
	return m.do(ctx, func() error {
		if there := m.turns[token]; fence != 0 && there.fence != fence {
			return errRefused
		}
		m.turns[token] = held{fence: m.next(), until: at}
		return nil
	})
}

func (m *memory) HandOn(context.Context, string, eventbus.Baton) error { return nil }

// Host has a robots.txt that forbids nothing, or the one of the simulation.
func (m *memory) Host(ctx context.Context, name string) (h eventbus.Host, revision uint64, err error) {
	err = m.do(ctx, func() error {
		h = m.hosts[name]
		h.Robots = m.robots
		h.Name, h.RobotsStatus, h.RobotsAt, h.RobotsTried = name, http.StatusOK, time.Now(), time.Now()
		return nil
	})
	return h, 0, err
}

func (m *memory) PutHost(ctx context.Context, h eventbus.Host, _ uint64) error {
	return m.do(ctx, func() error { m.hosts[h.Name] = h; return nil })
}

// pipes are connections in memory.
type pipes struct {
	waiting chan net.Conn
	mu      sync.Mutex
	dialled map[string]int
}

func (p *pipes) Accept() (net.Conn, error) {
	conn, open := <-p.waiting
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p *pipes) Close() error   { close(p.waiting); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, address string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.waiting <- there:
		p.mu.Lock()
		p.dialled[address]++
		p.mu.Unlock()
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// simulation is a poller and a publisher for some days.
type simulation struct {
	days    int
	urls    []string
	crashes []int
	policy  feed.Policy
	robots  string
	handler http.Handler
	webSub  *WebSub
	started func(p *Poller)                                                                     // nil: nobody wants to know
	dialler func(p *pipes) func(ctx context.Context, network, address string) (net.Conn, error) // nil: all are reached
	// meanwhile runs beside it, in simulated time.
	meanwhile func(m *memory)
}

// run gives the store as it is at the end, and the connections that were made.
func (s simulation) run(t *testing.T) (m *memory, made *pipes) {
	t.Helper()
	if site, is := s.handler.(*site); is {
		defer func() { site.deaths = m.deaths }()
	}
	synctest.Test(t, func(t *testing.T) {
		m, made = newMemory(), &pipes{waiting: make(chan net.Conn), dialled: map[string]int{}}
		server := &http.Server{Handler: s.handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(made) })
		for _, address := range s.urls {
			u, err := urls.Parse(address, "")
			if err != nil {
				t.Fatal(err)
			}
			f := article.Feed{ID: article.Token(u.Canonical), URL: u.Fetch(), Source: "Gazette"}
			if err := m.PutFeed(t.Context(), f, 0); err != nil && !errors.Is(err, eventbus.ErrConflict) { // it is there already
				t.Fatal(err)
			}
			m.due[f.ID] = time.Now()
		}
		m.crashes, m.robots = s.crashes, []byte(s.robots)
		if s.meanwhile != nil {
			serving.Go(func() { s.meanwhile(m) })
		}
		end, cancel := context.WithTimeout(t.Context(), time.Duration(s.days)*24*time.Hour)
		defer cancel()
		for end.Err() == nil {
			s.live(end, t, m, made)
			select { // a new process comes a while after the old one died
			case <-end.Done():
			case <-time.After(20 * time.Second):
			}
		}
		_ = server.Close()
		serving.Wait()
	})
	if len(m.crashes) > 0 {
		t.Errorf("%d crashes never came, in %d operations", len(m.crashes), m.operations)
	}
	return m, made
}

// live is one process, until it dies.
func (s simulation) live(ctx context.Context, t *testing.T, m *memory, made *pipes) {
	ctx, kill := context.WithCancel(ctx)
	defer kill()
	m.mu.Lock()
	m.kill = kill
	m.mu.Unlock()
	dial := made.dial
	if s.dialler != nil {
		dial = s.dialler(made)
	}
	client := politehttp.NewSimulated(politehttp.Config{}, dial)
	defer client.CloseIdleConnections()
	p := New(Deps{Bus: m, Fetch: client, Policy: s.policy, Log: slog.New(slog.DiscardHandler), Visits: turn.Config{UserAgent: "stet"}, WebSub: s.webSub})
	if s.started != nil {
		s.started(p)
	}
	if err := p.Run(ctx); err != nil && !errors.Is(err, errDied) && ctx.Err() == nil {
		t.Error(err)
	}
}
