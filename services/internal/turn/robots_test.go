package turn

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
)

// recorder is a bus that keeps one host's record.
type recorder struct {
	host  eventbus.Host
	until time.Time
	slept time.Time
}

func (r *recorder) Lease(_ context.Context, _ string, until time.Time, _ eventbus.Attempt, _ uint64) (uint64, error) {
	r.until = until
	return 1, nil
}

func (r *recorder) Guard(_ context.Context, _ string, at time.Time, _ uint64, _ bool) error {
	r.slept = at
	return nil
}

func (r *recorder) HandOn(context.Context, string, eventbus.Baton) error { return nil }

func (r *recorder) Host(_ context.Context, name string) (eventbus.Host, uint64, error) {
	r.host.Name = name
	return r.host, 1, nil
}

func (r *recorder) PutHost(_ context.Context, h eventbus.Host, _ uint64) error {
	r.host = h
	return nil
}

// site is a host whose robots.txt is read whenever that is due.
type site struct {
	t   *testing.T
	v   *Visitor
	bus *recorder
	now time.Time
}

func newSite(t *testing.T, c Config) *site {
	s := &site{t: t, bus: &recorder{}, now: noon}
	c.Now, c.UserAgent = func() time.Time { return s.now }, "stet"
	s.v = New(c, s.bus, slog.New(slog.DiscardHandler))
	return s
}

func (s *site) turn() *Turn {
	s.t.Helper()
	turn, err := s.v.Look(s.t.Context(), eventbus.Entry{Host: "news.example", Article: "a", Source: "Gazette", URL: "https://news.example/kept/1"})
	if err != nil || turn == nil {
		s.t.Fatalf("no turn, error %v", err)
	}
	turn.Start = s.now
	return turn
}

// read answers the request for robots.txt if that is due, and gives whether it was.
func (s *site) read(o politehttp.Outcome, status int, body string) bool {
	s.t.Helper()
	turn := s.turn()
	if !turn.RobotsDue() {
		return false
	}
	answer := answers(o, status)
	answer.Body = []byte(body)
	if _, err := turn.RobotsRead(s.t.Context(), answer); err != nil {
		s.t.Fatal(err)
	}
	s.bus.host.RestUntil = time.Time{} // what pauses do is tested elsewhere
	return true
}

const keepsOut = "User-agent: *\nDisallow: /kept\nCrawl-delay: 9\n"

func TestRobotsAreKeptForADay(t *testing.T) {
	s := newSite(t, Config{})
	if !s.read(politehttp.OK, 200, keepsOut) {
		t.Fatal("robots.txt is not read first")
	}
	if turn := s.turn(); turn.Gap != 9*time.Second || turn.RobotsDue() {
		t.Errorf("after reading: gap %s, due %v", turn.Gap, turn.RobotsDue())
	}
	if allowed, why := s.turn().Allowed(); allowed || !strings.Contains(why, `"Disallow: /kept" in line 2`) {
		t.Errorf("allowed %v: %q, want the rule and its line", allowed, why)
	}
	s.now = noon.Add(24*time.Hour - time.Second)
	if s.read(politehttp.OK, 200, "") {
		t.Error("read again within the day")
	}
	s.now = noon.Add(24 * time.Hour)
	if !s.read(politehttp.Gone, 404, "") {
		t.Error("not read again after a day")
	}
	if allowed, _ := s.turn().Allowed(); !allowed {
		t.Error("kept out although there is no robots.txt any more")
	}
}

func TestWhatTheAnswerToRobotsMeans(t *testing.T) {
	for _, c := range []struct {
		outcome politehttp.Outcome
		status  int
		allowed bool
	}{
		{politehttp.Gone, 404, true}, {politehttp.Refused, 403, true}, {politehttp.Refused, 401, true}, {politehttp.ClientError, 418, true},
		{politehttp.BadRedirect, 302, true}, {politehttp.ServerError, 500, false}, {politehttp.Busy, 503, false}, {politehttp.Busy, 429, false},
		{politehttp.Unreachable, 0, false}, {politehttp.Blocked, 0, false},
	} {
		s := newSite(t, Config{})
		s.read(c.outcome, c.status, "")
		allowed, why := s.turn().Allowed()
		if allowed != c.allowed || allowed == (why != "") {
			t.Errorf("%s (%d): allowed %v, %q; want %v", c.outcome, c.status, allowed, why, c.allowed)
		}
		if !allowed && !strings.Contains(why, "It happened.") {
			t.Errorf("%s (%d): %q does not say what happened", c.outcome, c.status, why)
		}
	}
}

func TestTheLastGoodRulesHoldForAMonth(t *testing.T) {
	s := newSite(t, Config{})
	s.read(politehttp.OK, 200, "User-agent: *\nDisallow: /other\n")
	s.now = noon.Add(25 * time.Hour)
	for range 3 { // asked for every ten minutes, not at every turn
		if !s.read(politehttp.Unreachable, 0, "") || s.read(politehttp.Unreachable, 0, "") {
			t.Fatal("a robots.txt that cannot be read is not asked for once in ten minutes")
		}
		s.now = s.now.Add(10 * time.Minute)
	}
	if allowed, why := s.turn().Allowed(); !allowed {
		t.Errorf("kept out by the rules of yesterday: %s", why)
	}
	s.now = noon.Add(30*24*time.Hour - time.Second)
	if allowed, _ := s.turn().Allowed(); !allowed {
		t.Error("the rules do not hold for a month")
	}
	s.now = noon.Add(30 * 24 * time.Hour)
	if allowed, why := s.turn().Allowed(); allowed || !strings.Contains(why, "cannot be read") {
		t.Errorf("after a month without rules: allowed %v, %q", allowed, why)
	}
	if !s.read(politehttp.OK, 200, "") {
		t.Error("not asked for any more")
	}
	if allowed, _ := s.turn().Allowed(); !allowed {
		t.Error("kept out although robots.txt can be read again")
	}
}

func TestStaleRulesSayThatTheyAre(t *testing.T) {
	s := newSite(t, Config{})
	s.read(politehttp.OK, 200, keepsOut)
	s.now = noon.Add(25 * time.Hour)
	s.read(politehttp.ServerError, 500, "")
	if allowed, why := s.turn().Allowed(); allowed || !strings.Contains(why, "as it was on 4 May 2026") {
		t.Errorf("allowed %v: %q", allowed, why)
	}
}

func TestAnOverrideHoldsForItsSourceAndSaysWhy(t *testing.T) {
	s := newSite(t, Config{Overrides: map[string]string{"Gazette": "their editor asked us to"}})
	s.read(politehttp.OK, 200, keepsOut)
	if allowed, why := s.turn().Allowed(); !allowed || !strings.Contains(why, "Disallow: /kept") || !strings.Contains(why, "their editor asked us to") {
		t.Errorf("allowed %v: %q", allowed, why)
	}
	other := s.turn()
	other.Entry.Source = "Harbour Post"
	if allowed, _ := other.Allowed(); allowed {
		t.Error("another source is read against robots.txt")
	}
	down := newSite(t, Config{Overrides: map[string]string{"Gazette": "their editor asked us to"}})
	down.read(politehttp.ServerError, 500, "")
	if allowed, _ := down.turn().Allowed(); allowed {
		t.Error("a host in trouble is asked for pages because of an override of its rules")
	}
}

// A scraper that died between learning of a pause and its guard left the pause in the record.
func TestAHostThatRestsIsPutToSleepAgain(t *testing.T) {
	s := newSite(t, Config{})
	s.bus.host.RestUntil = noon.Add(time.Hour)
	turn, err := s.v.Look(t.Context(), eventbus.Entry{Host: "news.example", Article: "a"})
	if err != nil || turn != nil || !s.bus.slept.Equal(noon.Add(time.Hour)) {
		t.Errorf("turn %v, error %v, asleep until %s", turn, err, s.bus.slept)
	}
}

// The record of a stet that stored what failed as if it were rules.
func TestAnOldRecordOfAFailureIsNoRules(t *testing.T) {
	s := newSite(t, Config{})
	s.bus.host.RobotsAt, s.bus.host.RobotsStatus = noon.Add(-time.Hour), 503
	if turn := s.turn(); !turn.RobotsDue() {
		t.Error("robots.txt is not read again")
	}
}
