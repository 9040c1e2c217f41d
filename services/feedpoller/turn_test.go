package feedpoller

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/turn"
)

// expire ends the lease on the host, as time does when its holder has died.
func (w *world) expire(t *testing.T) {
	t.Helper()
	token := article.Token(w.host)
	at, fence, err := w.bus.Turn(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.bus.Lease(t.Context(), token, time.Now(), at.Attempt, fence); err != nil {
		t.Fatal(err)
	}
}

// TestABatonIsTakenOnce: whoever comes with the same baton again, or with one whose lease is over, asks nobody. The
// broken copy takes the lease without its fence, and asks twice.
func TestABatonIsTakenOnce(t *testing.T) {
	for _, c := range []struct {
		name   string
		broken bool
		asked  int
	}{{"ours", false, 1}, {"without the fence", true, 2}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.site.set(http.StatusOK, "", rss("1=Ferry"))
			during := 0
			w.site.during = func() {
				if during++; during == 1 { // while the first request is in flight, the baton is delivered once more
					if err := w.second(c.broken); err != nil {
						t.Error(err)
					}
				}
			}
			w.due(t)
			w.turnOf(t, w.host)
			if len(w.site.asked) != c.asked || (w.site.overlaps > 0) != c.broken {
				t.Errorf("asked %d times with %d overlaps, want %d", len(w.site.asked), w.site.overlaps, c.asked)
			}
		})
	}
}

// second lets another poller handle the baton that the first is at work on.
func (w *world) second(broken bool) error {
	other := *w.poller
	var b bus = w.batons
	if broken {
		b = &unfenced{w.batons}
	}
	other.Deps.Bus = b
	other.visitor = turn.New(w.poller.Visits, b, w.poller.Log)
	t, err := other.visitor.Look(context.Background(), w.batons.last.Entry)
	if err != nil {
		return err
	}
	if ours, err := t.TakeOver(context.Background(), w.batons.last, afterwards); !ours || err != nil {
		return err
	}
	t.Begin(context.Background())
	_, err = other.visit(context.Background(), t)
	return err
}

// witness remembers the baton.
type witness struct {
	*eventbus.Bus
	last eventbus.Baton
}

func (w *witness) HandOn(ctx context.Context, token string, b eventbus.Baton) error {
	w.last = b
	return w.Bus.HandOn(ctx, token, b)
}

// unfenced is a bus whose leases are taken from whoever holds them.
type unfenced struct{ *witness }

func (u *unfenced) Lease(ctx context.Context, token string, until time.Time, a eventbus.Attempt, _ uint64) (uint64, error) {
	_, fence, err := u.Turn(ctx, token)
	if err != nil {
		return 0, err
	}
	return u.witness.Lease(ctx, token, until, a, fence)
}

// TestALateBatonIsDropped: nobody took the lease over in time, it is the pages' turn, and the feed comes after them.
func TestALateBatonIsDropped(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, "", rss("1=Ferry"))
	w.due(t)
	w.handOn(t, w.host)
	at, _, err := w.bus.Turn(t.Context(), article.Token(w.host))
	if err != nil || !at.Attempt.PagesFirst || at.Attempt.Count != 0 {
		t.Errorf("the lease that is handed on is %+v, error %v; want one that leaves the next turn to the pages and counts no attempt", at, err)
	}
	w.expire(t)
	w.handOn(t, w.host) // the second baton replaces the first
	w.consume(t, eventbus.FeedTurns, w.poller.turn)
	if len(w.site.asked) != 1 {
		t.Errorf("asked %d times, want once", len(w.site.asked))
	}
	w.expire(t)
	stale := w.batons.last
	v, err := w.poller.visitor.Look(t.Context(), stale.Entry)
	if err != nil {
		t.Fatal(err)
	}
	if ours, err := v.TakeOver(t.Context(), stale, 0); ours || err != nil {
		t.Errorf("a lease that is over is taken over: %v, error %v", ours, err)
	}
}

func TestAFeedThatEndsItsPollersIsGivenUpForThisTime(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, "", rss("1=Ferry"))
	w.due(t)
	token := article.Token(w.host)
	for range turn.MaxAttempts { // each dies right after it has taken the lease over
		w.handOn(t, w.host)
		v, err := w.poller.visitor.Look(t.Context(), w.batons.last.Entry)
		if err != nil {
			t.Fatal(err)
		}
		if ours, err := v.TakeOver(t.Context(), w.batons.last, 0); !ours || err != nil {
			t.Fatalf("taking over: %v, error %v", ours, err)
		}
		if at, _, err := w.bus.Turn(t.Context(), token); err != nil || at.Attempt.PagesFirst {
			t.Fatalf("the lease of a dead poller is %+v, error %v; want its feed to be the next", at, err)
		}
		w.expire(t)
	}
	w.turnOf(t, w.host)
	f, _, err := w.bus.Feed(t.Context(), w.id)
	if err != nil || len(w.site.asked) != 0 || !strings.Contains(f.Error, "left alone") || f.NextPoll.Before(time.Now()) {
		t.Errorf("asked %d times; the feed is %+v, error %v", len(w.site.asked), f, err)
	}
}

func TestRobotsKeepUsFromFeedsToo(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, `"v1"`, rss("1=Ferry"))
	w.rules(t, w.host, "User-agent: *\nDisallow: /feed\n")
	f := w.poll(t)
	if len(w.site.asked) != 0 || !strings.Contains(f.Error, `"Disallow: /feed" in line 2`) || f.NextPoll.Before(time.Now()) {
		t.Errorf("asked %d times; the feed says %q, next poll %v", len(w.site.asked), f.Error, f.NextPoll)
	}
	w.poller.visitor.Overrides = map[string]string{"Gazette": "their editor asked us to, in writing"}
	f = w.poll(t)
	if len(w.site.asked) != 1 || f.Error != "" || f.Items != 1 || !strings.Contains(f.Warning, "their editor asked us to") {
		t.Errorf("with an override: asked %d times, error %q, warning %q, %d items", len(w.site.asked), f.Error, f.Warning, f.Items)
	}
	warning := f.Warning
	w.site.set(http.StatusNotModified, `"v1"`, "")
	if f = w.poll(t); f.Warning != warning {
		t.Errorf("after an unchanged answer the warning is %q, want it once", f.Warning)
	}
}

// TestARedirectToAnotherHostIsThatHostsTurn: the feed goes on to the other host's queue, with validators of its own.
func TestARedirectToAnotherHostIsThatHostsTurn(t *testing.T) {
	w := newWorld(t)
	other := newPublisher(t)
	other.set(http.StatusOK, `"there"`, rss("1=Ferry"))
	from := httptest.NewServer(http.RedirectHandler(other.address, http.StatusFound))
	t.Cleanup(from.Close)
	w.host = hostOf(t, from.URL)
	f, revision, err := w.bus.Feed(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	f.URL = from.URL + "/feed"
	if err := w.bus.PutFeed(t.Context(), f, revision); err != nil {
		t.Fatal(err)
	}
	w.rules(t, w.host, "")
	w.rules(t, hostOf(t, other.address), "")
	for range 2 {
		w.poll(t)
		w.turnOf(t, hostOf(t, other.address))
	}
	f, _, err = w.bus.Feed(t.Context(), w.id)
	if err != nil || f.Items != 1 || f.Error != "" || f.URL != from.URL+"/feed" {
		t.Errorf("the feed is %+v, error %v", f, err)
	}
	if got := fmt.Sprintf("%q", other.asked); got != `["" "\"there\""]` {
		t.Errorf("the other host was asked with %s, want the validator that it gave", got)
	}
}

// TestAPollThatWasDoneIsNotRepeated: its poller died between storing the feed and taking the entry away.
func TestAPollThatWasDoneIsNotRepeated(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, "", rss("1=Ferry"))
	w.due(t)
	f, revision, err := w.bus.Feed(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	f.LastPoll, f.NextPoll = time.Now(), time.Now().Add(time.Hour)
	if err := w.bus.PutFeed(t.Context(), f, revision); err != nil {
		t.Fatal(err)
	}
	w.turnOf(t, w.host)
	w.due(t)
	if _, err := w.bus.NextEntry(t.Context(), article.Token(w.host), false); len(w.site.asked) != 0 || !eventbus.IsNotFound(err) {
		t.Errorf("asked %d times; its place in the queue: %v", len(w.site.asked), err)
	}
}

// TestALeaseThatMayBeFiringIsNotTakenOver: the server collects what is due and then purges the schedule's subject, with
// whatever came into its place in between. The model found the two requests at once that come of it.
func TestALeaseThatMayBeFiringIsNotTakenOver(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, "", rss("1=Ferry"))
	for _, late := range []struct {
		name   string
		before time.Duration // the clock is ahead before the lease is taken over
		during time.Duration // and by so much more when the answer comes
	}{{"too late to try", 4 * time.Second, 0}, {"the answer is too late", 0, 4 * time.Second}} {
		t.Run(late.name, func(t *testing.T) {
			w.due(t)
			w.handOn(t, w.host)
			ahead := late.before
			clock := w.poller.Visits
			clock.Now = func() time.Time { return time.Now().Add(ahead) }
			slow := &slowAnswer{witness: w.batons, then: func() { ahead += late.during }}
			v, err := turn.New(clock, slow, w.poller.Log).Look(t.Context(), w.batons.last.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if ours, err := v.TakeOver(t.Context(), w.batons.last, 0); ours || err != nil {
				t.Errorf("taken over: %v, error %v", ours, err)
			}
			if (slow.leases > 0) != (late.during > 0) {
				t.Errorf("%d leases", slow.leases)
			}
			w.expire(t)
		})
	}
}

// slowAnswer is a bus on which time passes until a lease is answered.
type slowAnswer struct {
	*witness
	then   func()
	leases int
}

func (s *slowAnswer) Lease(ctx context.Context, token string, until time.Time, a eventbus.Attempt, fence uint64) (uint64, error) {
	s.leases++
	defer s.then()
	return s.witness.Lease(ctx, token, until, a, fence)
}

// TestACrashIsNotPaidForByThePublisher: the feed may have been asked when the poller died; it is asked again at its time.
func TestACrashIsNotPaidForByThePublisher(t *testing.T) {
	w := newWorld(t)
	w.site.set(http.StatusOK, "", rss("1=Ferry"))
	w.due(t)
	w.handOn(t, w.host)
	v, err := w.poller.visitor.Look(t.Context(), w.batons.last.Entry)
	if err != nil {
		t.Fatal(err)
	}
	if ours, err := v.TakeOver(t.Context(), w.batons.last, 0); !ours || err != nil {
		t.Fatalf("taken over: %v, error %v", ours, err)
	}
	w.expire(t)
	w.turnOf(t, w.host)
	f, _, err := w.bus.Feed(t.Context(), w.id)
	if err != nil || len(w.site.asked) != 0 || !strings.Contains(f.Error, "later") || f.NextPoll.Before(time.Now().Add(time.Hour)) {
		t.Errorf("asked %d times; the feed says %q, next poll %v, error %v", len(w.site.asked), f.Error, f.NextPoll, err)
	}
	if f = w.poll(t); f.Error != "" || f.Items != 1 {
		t.Errorf("at its time: %q, %d items", f.Error, f.Items)
	}
}
