package scraper

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/turn"
)

// baton takes the baton that waits.
func (s *stage) baton() eventbus.Baton {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	var b eventbus.Baton
	if err := s.bus.Consume(ctx, eventbus.FeedTurns, 1, func(_ context.Context, d *eventbus.Delivery) (err error) {
		defer cancel()
		b, err = eventbus.ReadBaton(d.Data)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *stage) feed() eventbus.Entry {
	return eventbus.Entry{Host: s.entry.Host, Feed: "f", Source: "Gazette", URL: s.host.server.URL + "/feed"}
}

// TestFeedsAndPagesTakeTurns: a feed is handed on before the pages that wait longer; nobody takes it over, and a page is
// read; then it is the feed's turn again.
func TestFeedsAndPagesTakeTurns(t *testing.T) {
	s := newStage(t)
	second := s.entry
	second.Article, second.URL = "b", s.host.server.URL+"/b"
	for _, e := range []eventbus.Entry{s.entry, second, s.feed()} {
		s.enqueue(e)
	}
	for range 2 { // of three due messages one is enough
		s.handle(func(context.Context, *eventbus.Delivery) error { return nil })
	}
	w := s.scraper(s.bus, gap)
	s.look(w)
	first := s.baton()
	if first.Entry.Feed != "f" || first.Count != 0 || len(s.host.paths) != 0 {
		t.Fatalf("handed on %+v after requests %v", first, s.host.paths)
	}
	s.fire()
	s.look(w)
	if len(s.host.paths) != 1 || s.host.paths[0] != "/a" {
		t.Fatalf("with no poller there, requests %v; want the first page", s.host.paths)
	}
	s.look(w)
	if again := s.baton(); again.Entry.Feed != "f" || again.Fence <= first.Fence {
		t.Errorf("after a page %+v is handed on", again)
	}
	if len(s.host.paths) != 1 {
		t.Errorf("requests %v while it is the feed's turn", s.host.paths)
	}
}

// TestRobotsAreReadBeforeAFeedIsHandedOn, and a feed whose robots.txt ends every scraper goes on all the same, to be given up.
func TestRobotsAreReadBeforeAFeedIsHandedOn(t *testing.T) {
	s := newStage(t)
	h, revision, err := s.bus.Host(t.Context(), s.entry.Host)
	if err != nil {
		t.Fatal(err)
	}
	h.RobotsTried, h.RobotsStatus = time.Time{}, 0
	if err := s.bus.PutHost(t.Context(), h, revision); err != nil {
		t.Fatal(err)
	}
	s.host.robots = "User-agent: *\nDisallow: /feed\n"
	s.enqueue(s.feed())
	w := s.scraper(s.bus, gap)
	s.look(w)
	if len(s.host.paths) != 1 || s.host.paths[0] != "/robots.txt" {
		t.Fatalf("requests %v, want robots.txt", s.host.paths)
	}
	s.look(w)
	if b := s.baton(); b.Entry.Feed != "f" || len(s.host.paths) != 1 {
		t.Errorf("handed on %+v after requests %v", b, s.host.paths)
	}
	if h, _, err = s.bus.Host(t.Context(), s.entry.Host); err != nil || h.RobotsStatus != http.StatusOK || len(h.Robots) == 0 {
		t.Errorf("the host's record is %+v, error %v", h, err)
	}
}

func TestAFeedThatEndsItsScrapersIsHandedOn(t *testing.T) {
	s := newStage(t)
	entry := s.feed()
	entry.Host = "127.0.0.1:1" // of which nothing is known: robots.txt is due
	s.enqueue(entry)
	token := article.Token(entry.Host)
	stored, err := s.bus.NextEntry(t.Context(), token, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.bus.Lease(t.Context(), token, time.Now(), eventbus.Attempt{Entry: stored.Sequence, Count: turn.MaxAttempts}, 0); err != nil {
		t.Fatal(err)
	}
	w := s.scraper(s.bus, gap)
	s.handle(func(context.Context, *eventbus.Delivery) error { return nil }) // that of the enqueuing
	s.look(w)
	if b := s.baton(); b.Count != turn.MaxAttempts || len(s.host.paths) != 0 {
		t.Errorf("handed on %+v, requests %v", b, s.host.paths)
	}
}

// TestARobotsFileElsewhereIsReadInThatHostsTurn: nothing is asked of either host before the rules are there, and no two
// requests are made in one turn.
func TestARobotsFileElsewhereIsReadInThatHostsTurn(t *testing.T) {
	s := newStage(t)
	other := newHost(t, "User-agent: *\nDisallow: /a\n")
	s.host.answers["/robots.txt"] = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.server.URL+"/robots.txt", http.StatusMovedPermanently)
	}
	h, revision, err := s.bus.Host(t.Context(), s.entry.Host)
	if err != nil {
		t.Fatal(err)
	}
	h.RobotsTried, h.RobotsStatus = time.Time{}, 0
	if err := s.bus.PutHost(t.Context(), h, revision); err != nil {
		t.Fatal(err)
	}
	s.enqueue(s.entry)
	w := s.scraper(s.bus, gap)
	s.look(w)
	h, _, err = s.bus.Host(t.Context(), s.entry.Host)
	if err != nil || h.RobotsVia == "" || len(other.paths) != 0 || len(s.host.paths) != 1 {
		t.Fatalf("requests %v and %v, the record %+v, error %v", s.host.paths, other.paths, h, err)
	}
	checked := make(chan map[string]article.Check, 1)
	go func() { checked <- checks(t, s.bus, 1) }()
	for via := h.RobotsVia; ; {
		if _, err := s.bus.NextEntry(t.Context(), article.Token(via), false); eventbus.IsNotFound(err) {
			break // the other host's turn has been
		}
		s.look(w)
	}
	h, _, err = s.bus.Host(t.Context(), s.entry.Host)
	if err != nil || h.RobotsVia != "" || string(h.Robots) != other.robots || len(other.paths) != 1 || len(s.host.paths) != 1 {
		t.Fatalf("requests %v and %v, the record %+v, error %v", s.host.paths, other.paths, h, err)
	}
	for { // the due message may be the other host's, whose gap is over
		if _, err := s.bus.NextEntry(t.Context(), s.token, false); eventbus.IsNotFound(err) {
			break
		}
		if _, _, err := s.bus.Turn(t.Context(), s.token); err == nil {
			s.fire() // it waits for the other's turn, of which it is not told
		}
		s.look(w)
	}
	if c := (<-checked)["a"]; c.Outcome != article.OutcomeBlocked || len(s.host.paths) != 1 {
		t.Errorf("the check ended %s (%s) after requests %v, want it kept out", c.Outcome, c.Reason, s.host.paths)
	}
}
