package scraper

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/turn"
)

// The tests of this file are the shortest traces by which a model checker broke earlier drafts of the host's turn (D) and
// the mistakes that are easily made in building it (M). Each trace runs on a real bus twice: with the steps as they are,
// which must hold, and with the one step changed back, which must not: else the test would not see the difference.

// stage is a host with a bus, and one scraper after the other that takes its turn.
type stage struct {
	t       *testing.T
	bus     *eventbus.Bus
	turns   jetstream.Stream
	due     chan due
	host    *host
	token   string
	entry   eventbus.Entry
	ahead   time.Duration // of everybody's clock: how time passes
	frozen  time.Time     // the clock of one who does not look at it, unless zero
	archive *archive.Archive
}

func newStage(t *testing.T) *stage {
	t.Helper()
	bus, nc := bustest.Open(t)
	s := &stage{t: t, bus: bus, due: make(chan due), host: newHost(t, "")}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if s.turns, err = js.Stream(t.Context(), "TURNS"); err != nil {
		t.Fatal(err)
	}
	if s.archive, err = archive.OpenFolder(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.archive.Close(); err != nil {
			t.Error(err)
		}
	})
	s.consume()
	u, err := urls.Parse(s.host.server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	s.token = article.Token(u.Host)
	s.entry = eventbus.Entry{Host: u.Host, Article: "a", Source: "Gazette", URL: s.host.server.URL + "/a"}
	rules := eventbus.Host{Name: u.Host, RobotsAt: time.Now(), RobotsStatus: http.StatusNotFound, RobotsTried: time.Now()}
	if err := s.bus.PutHost(t.Context(), rules, 0); err != nil {
		t.Fatal(err)
	}
	return s
}

// scraper gives one that works on a bus; the gap is that of a crawl delay.
func (s *stage) scraper(b bus, gap time.Duration) *Scraper {
	s.t.Helper()
	local := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	client := politehttp.New(politehttp.Config{AllowNetworks: local})
	s.t.Cleanup(client.CloseIdleConnections)
	now := func() time.Time {
		if !s.frozen.IsZero() {
			return s.frozen
		}
		return time.Now().Add(s.ahead)
	}
	return New(Config{Visits: turn.Config{LocalGap: gap, Local: local, UserAgent: "stet", Now: now}}, Deps{
		Bus: b, Archive: s.archive, Fetch: client, Log: slog.New(slog.DiscardHandler),
		Extract: func(p Page, _ []byte) (article.Snapshot, []byte, error) {
			return article.Snapshot{URL: p.URL, Title: "Ferry", Quality: article.Quality{Verdict: article.OK}}, nil, nil
		},
	})
}

func (s *stage) enqueue(e eventbus.Entry) {
	s.t.Helper()
	if err := s.bus.Enqueue(s.t.Context(), e); err != nil {
		s.t.Fatal(err)
	}
}

// look has a scraper handle the next due message, which comes within a minute.
func (s *stage) look(w *Scraper) {
	s.t.Helper()
	s.handle(func(ctx context.Context, d *eventbus.Delivery) error { return w.turn(ctx, d) })
}

func (s *stage) handle(handle func(context.Context, *eventbus.Delivery) error) {
	s.t.Helper()
	select {
	case d := <-s.due:
		d.done <- handle(s.t.Context(), d.Delivery)
	case <-time.After(time.Minute):
		s.t.Fatal("no host was due within a minute")
	}
}

// due is a due message that waits for whoever the test lets look, and for what comes of it.
type due struct {
	*eventbus.Delivery
	done chan error
}

// consume brings the due messages, and the next one while one is handled.
func (s *stage) consume() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- s.bus.Consume(ctx, eventbus.DueTurns, 2, func(_ context.Context, m *eventbus.Delivery) error {
			d := due{m, make(chan error, 1)}
			select {
			case s.due <- d:
				return <-d.done
			case <-ctx.Done():
				m.Leave()
				return nil
			}
		})
	}()
	s.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	})
}

// fire ends whatever stands on the host's turn, as time does.
func (s *stage) fire() {
	s.t.Helper()
	at, fence, err := s.bus.Turn(s.t.Context(), s.token)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.bus.Lease(s.t.Context(), s.token, time.Now(), at.Attempt, fence); err != nil {
		s.t.Fatal(err)
	}
}

// stranded says whether something waits at the host that nobody will ever look at: the bus ends up with nothing on any
// turn, instead of bringing a due message.
func (s *stage) stranded() bool {
	s.t.Helper()
	if _, err := s.bus.NextEntry(s.t.Context(), s.token, false); err != nil {
		if !eventbus.IsNotFound(err) {
			s.t.Fatal(err)
		}
		return false // nothing waits
	}
	for deadline := time.After(time.Minute); ; {
		select {
		case d := <-s.due:
			d.Leave()
			d.done <- nil
			return false
		case <-deadline:
			s.t.Fatal("after a minute it is not decided whether somebody looks")
		default:
		}
		info, err := s.turns.Info(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if info.State.Msgs == 0 {
			return true
		}
	}
}

// bothWays runs a trace with the steps as they are and with one of them changed back.
func bothWays(t *testing.T, trace func(t *testing.T, broken bool) (violated bool)) {
	for name, broken := range map[string]bool{"ours": false, "the broken copy": true} {
		t.Run(name, func(t *testing.T) {
			if violated := trace(t, broken); violated != broken {
				t.Errorf("violated %v, want %v", violated, broken)
			}
		})
	}
}

// hooked is a bus that does something before or instead of a step.
type hooked struct {
	*eventbus.Bus
	next  func() (eventbus.Entry, error)
	lease func(until time.Time, a eventbus.Attempt, fence uint64) (uint64, error)
	guard func(at time.Time, fence uint64) error
}

func (h *hooked) NextEntry(ctx context.Context, token string, pagesFirst bool) (eventbus.Entry, error) {
	if h.next != nil {
		return h.next()
	}
	return h.Bus.NextEntry(ctx, token, pagesFirst)
}

func (h *hooked) Lease(ctx context.Context, token string, until time.Time, a eventbus.Attempt, fence uint64) (uint64, error) {
	if h.lease != nil {
		return h.lease(until, a, fence)
	}
	return h.Bus.Lease(ctx, token, until, a, fence)
}

func (h *hooked) Guard(ctx context.Context, token string, at time.Time, fence uint64, pagesFirst bool) error {
	if h.guard != nil {
		return h.guard(at, fence)
	}
	return h.Bus.Guard(ctx, token, at, fence, pagesFirst)
}

// D1 and M2: a scraper leases, and is slow: the lease is over before it sends. Another leases and sends too. The broken
// copy does not look at the clock before it sends.
func TestD1M2TheLeaseIsOverBeforeTheSend(t *testing.T) {
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		slow := &hooked{Bus: s.bus}
		slow.lease = func(until time.Time, a eventbus.Attempt, fence uint64) (uint64, error) {
			if broken {
				s.frozen = time.Now()
			}
			fence, err := s.bus.Lease(t.Context(), s.token, time.Now(), a, fence) // it fires at once, as if its time had passed
			s.ahead += time.Until(until)
			return fence, err
		}
		overlaps := 0
		first := true
		s.host.answers["/a"] = func(w http.ResponseWriter, _ *http.Request) {
			if first && broken { // while it is in flight, the next one takes the turn
				first = false
				s.frozen = time.Time{}
				s.look(s.scraper(s.bus, gap))
			}
			w.WriteHeader(http.StatusNotFound)
		}
		s.look(s.scraper(slow, gap))
		s.frozen = time.Time{}
		if !broken {
			if len(s.host.paths) != 0 {
				t.Errorf("sent %v under a lease that is over", s.host.paths)
			}
			s.look(s.scraper(s.bus, gap))
		}
		s.host.mu.Lock()
		defer s.host.mu.Unlock()
		overlaps = s.host.overlaps
		if len(s.host.paths) == 0 {
			t.Error("nobody read the page")
		}
		return overlaps > 0
	})
}

// D2: a scraper leases, finds the queue empty, and dies while it gives the lease back; what came in between was told that
// a lease stands. Ours looks before it leases, so there is nothing to give back.
func TestD2DiesGivingBackTheLeaseOfAnEmptyQueue(t *testing.T) {
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		waiting, err := s.bus.NextEntry(t.Context(), s.token, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.bus.RemoveEntry(t.Context(), waiting); err != nil { // a due message with nothing behind it
			t.Fatal(err)
		}
		w := s.scraper(&hooked{Bus: s.bus, next: func() (eventbus.Entry, error) {
			_, err := s.bus.NextEntry(t.Context(), s.token, false)
			s.enqueue(s.entry) // between the look and what follows
			return eventbus.Entry{}, err
		}}, gap)
		s.handle(func(ctx context.Context, d *eventbus.Delivery) error {
			if !broken {
				return w.turn(ctx, d)
			}
			fence, err := s.bus.Lease(ctx, s.token, time.Now().Add(time.Hour), eventbus.Attempt{}, 0)
			if err != nil {
				return err
			}
			if err := d.Ack(); err != nil {
				return err
			}
			if err := w.turn(ctx, d); err != nil { // the look: empty
				return err
			}
			return s.turns.DeleteMsg(ctx, fence) // and dies
		})
		return s.stranded()
	})
}

// D3: the request for the lease is lost on its way. The broken copy takes any error for "somebody holds it".
func TestD3TheRequestForTheLeaseIsLost(t *testing.T) {
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		lost := 0
		lossy := &hooked{Bus: s.bus, lease: func(time.Time, eventbus.Attempt, uint64) (uint64, error) {
			lost++
			if broken {
				return 0, &jetstream.APIError{ErrorCode: 10071}
			}
			return 0, errors.New("no answer")
		}}
		s.look(s.scraper(lossy, gap))
		if lost != 1 {
			t.Errorf("%d requests were lost", lost)
		}
		return s.stranded()
	})
}

// D5: the lease is shorter than the gap, and its holder dies after the send: the lease fires inside the gap.
func TestD5TheLeaseIsShorterThanTheGap(t *testing.T) {
	const crawlDelay = time.Minute
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		died := &hooked{Bus: s.bus, guard: func(time.Time, uint64) error { return errors.New("it died") }}
		if broken {
			died.lease = func(_ time.Time, a eventbus.Attempt, fence uint64) (uint64, error) {
				return s.bus.Lease(t.Context(), s.token, time.Now().Add(politehttp.DefaultTimeout+turn.Margin), a, fence)
			}
		}
		s.look(s.scraper(died, crawlDelay))
		at, _, err := s.bus.Turn(t.Context(), s.token)
		if err != nil {
			t.Fatal(err)
		}
		s.host.mu.Lock()
		defer s.host.mu.Unlock()
		if len(s.host.starts) != 1 {
			t.Fatalf("%d requests, want one", len(s.host.starts))
		}
		return at.At.Before(s.host.starts[0].Add(crawlDelay))
	})
}

// M3: an enqueuer dies before the wake. The broken copy of the next one, told that the page waits already, leaves it at that.
func TestM3WhatWaitsAlreadyIsWokenAllTheSame(t *testing.T) {
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		s.handle(func(context.Context, *eventbus.Delivery) error { return nil }) // the wake that was never sent
		if !s.stranded() {
			t.Fatal("the stage is not set: the page is not stranded before")
		}
		if !broken { // ours repeats both steps; the broken copy acknowledges at once, which is to do nothing
			s.enqueue(s.entry)
		}
		return s.stranded()
	})
}

// M6: a scraper pauses before its last step until its lease is over and another has the turn. The broken copy arms the
// guard without the fence, and whoever comes then is at the host beside the other.
func TestM6AGuardThatIsTooLateDoesNotReplaceAnothersLease(t *testing.T) {
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		second := s.entry
		second.Article, second.URL = "b", s.host.server.URL+"/b"
		s.enqueue(second)
		s.handle(func(context.Context, *eventbus.Delivery) error { return nil }) // of two due messages one is enough
		var heirs uint64
		late := &hooked{Bus: s.bus}
		late.guard = func(at time.Time, fence uint64) error {
			s.fire()
			s.handle(func(ctx context.Context, d *eventbus.Delivery) (err error) {
				heirs, err = s.bus.Lease(ctx, s.token, time.Now().Add(time.Hour), eventbus.Attempt{Entry: 2}, 0)
				return err
			})
			if broken {
				_, now, err := s.bus.Turn(t.Context(), s.token)
				if err != nil {
					return err
				}
				fence = now
			}
			return s.bus.Guard(t.Context(), s.token, at, fence, false)
		}
		s.look(s.scraper(late, time.Minute))
		_, stands, err := s.bus.Turn(t.Context(), s.token)
		if err != nil || heirs == 0 {
			t.Fatalf("no heir, error %v", err)
		}
		return stands != heirs
	})
}

// M7: the look is answered by a replica that lags and does not have the entry yet. Ours asks the leader.
func TestM7TheLookIsAnsweredByTheLeader(t *testing.T) {
	bothWays(t, func(t *testing.T, broken bool) bool {
		s := newStage(t)
		s.enqueue(s.entry)
		b := &hooked{Bus: s.bus}
		if broken {
			b.next = func() (eventbus.Entry, error) { return eventbus.Entry{}, eventbus.ErrNotFound }
		}
		s.look(s.scraper(b, gap))
		return s.stranded()
	})
}
