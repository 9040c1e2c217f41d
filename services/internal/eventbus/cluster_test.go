package eventbus_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

func TestProvisioningThreeCopiesFromOne(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three servers")
	}
	servers := startCluster(t).servers
	if changes := provision(t, 0, servers...); !slices.Contains(changes, "created the stream REVISIONS with one copy") {
		t.Errorf("changes %q", changes)
	}
	bus, _, _ := openAs(t, eventbus.Differ, servers...)
	sequence, err := bus.PublishRevision(t.Context(), article.Event{Article: "a", Source: "Gazette", Version: 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	changes := provision(t, 3, servers...)
	for _, want := range []string{"the stream REVISIONS: from one copy to 3 copies", "the bucket articles: from one copy to 3 copies"} {
		if !slices.Contains(changes, want) {
			t.Errorf("%q is not among the changes %q", want, changes)
		}
	}
	if again := provision(t, 3, servers...); len(again) > 0 {
		t.Errorf("the second time changes %q", again)
	}
	if keep := provision(t, 0, servers...); len(keep) > 0 {
		t.Errorf("no word on copies changes %q", keep)
	}
	nc, _, _ := connectAs(t, eventbus.Provisioner, servers...)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{Replicas: 1}); err == nil {
		t.Error("fewer copies are not refused")
	}
	eventually(t, "every server has all streams and consumers", func() bool {
		return !slices.ContainsFunc(servers, func(s *server.Server) bool {
			info, err := s.Jsz(&server.JSzOptions{})
			return err != nil || info.Streams != 14 || info.Consumers != 8
		})
	})
	if last, at, err := bus.LastRevision(t.Context(), "Gazette", "a"); err != nil || at != sequence || last.Version != 1 {
		t.Errorf("the revision is %+v at %d, error %v", last, at, err)
	}
	scraper, _, _ := openAs(t, eventbus.Scraper, servers...)
	contend(t, scraper, bus)
}

// contend lets many do the same thing at once. On three copies the server refuses with a code of its own (10164) what
// meets another publish that is not settled yet: it must count as refused, never as an error.
func contend(t *testing.T, scraper, differ *eventbus.Bus) {
	const many = 64
	host := article.Token("news.example")
	for _, c := range []struct {
		what string
		do   func() error
		lost func(error) bool
	}{
		{"a lease", func() error {
			_, err := scraper.Lease(t.Context(), host, time.Now().Add(time.Hour), eventbus.Attempt{}, 0)
			return err
		}, eventbus.Refused},
		{"a first revision", func() error {
			_, err := differ.PublishRevision(t.Context(), article.Event{Article: "b", Source: "Gazette", Version: 1}, 0)
			return err
		}, eventbus.Refused},
		{"a first head", func() error { return differ.PutHead(t.Context(), article.Head{Article: "b"}, 0) },
			func(err error) bool { return errors.Is(err, eventbus.ErrConflict) }},
	} {
		var won atomic.Int64
		var group sync.WaitGroup
		for range many {
			group.Go(func() {
				switch err := c.do(); {
				case err == nil:
					won.Add(1)
				case !c.lost(err):
					t.Errorf("%s: %v", c.what, err)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of %d have %s, want one", won.Load(), many, c.what)
		}
	}
	// Enqueueing the same article and waking its host is never refused.
	var group sync.WaitGroup
	for range many {
		group.Go(func() {
			if err := scraper.Enqueue(t.Context(), eventbus.Entry{Host: "other.example", Article: "b"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if due := receive(t, scraper, eventbus.DueTurns); due.Token(2) != article.Token("other.example") {
		t.Errorf("due is %s", due.Subject)
	}
}

// leaderOf gives the number of the server that leads a stream.
func (c *cluster) leaderOf(t *testing.T, js jetstream.JetStream, stream string) int {
	t.Helper()
	var name string
	eventually(t, stream+" has a leader", func() bool {
		s, err := js.Stream(t.Context(), stream)
		if err == nil {
			name = s.CachedInfo().Cluster.Leader
		}
		return name != ""
	})
	i := slices.IndexFunc(c.servers, func(s *server.Server) bool { return s.Name() == name })
	if i < 0 {
		t.Fatalf("the leader of %s is %q, which is none of the servers", stream, name)
	}
	return i
}

// TestLeadersDieInTheMiddle runs the loop of articles over three servers. It stops the one that leads the revisions,
// starts it again, and then stops the one that leads the turns: turns, schedules, commits and consumers go on with the
// others, nothing is lost and nothing doubled.
func TestLeadersDieInTheMiddle(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three servers")
	}
	c := startCluster(t)
	provision(t, 3, c.servers...)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	nc, _, _ := connectAs(t, eventbus.Operator, c.servers...)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	p := newPath(t)
	running, stop := context.WithCancel(ctx)
	reader := openBus(t, eventbus.Reader, c.servers...)
	wait := p.start(running, t, c.servers...)

	all := p.articles * p.versions
	p.wait(ctx, "a quarter of the commits", func() bool { return p.commits >= all/4 })
	first := c.leaderOf(t, js, "REVISIONS")
	stopServer(c.servers[first])
	p.wait(ctx, "half of the commits", func() bool { return p.commits >= all/2 })
	c.servers[first] = startWith(t, c.options[first])
	eventually(t, "the first server has caught up", c.servers[first].JetStreamIsCurrent)
	second := c.leaderOf(t, js, "TURNS")
	stopServer(c.servers[second])
	p.wait(ctx, "every article has all its versions", p.settled)

	for _, name := range []string{"FRONTIER", "SNAPSHOTS", "CHECKS"} {
		eventually(t, name+" is empty", func() bool {
			s, err := js.Stream(ctx, name)
			return err == nil && s.CachedInfo().State.Msgs == 0
		})
	}
	stop()
	if err := wait(); err != nil {
		t.Error(err)
	}
	p.judge(ctx, reader)
}
