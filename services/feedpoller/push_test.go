package feedpoller

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/websub"
)

// press is a publisher with its hub, by a script.
type press struct {
	mu        sync.Mutex
	published []time.Time
	polls     []time.Time
	asked     []time.Time
	answers   []bool // to its challenges, one for each time it was asked
	form      url.Values
	lease     time.Duration
	tells     bool
	poller    *Poller
}

// ServeHTTP serves the feed below /feed, and the hub elsewhere.
func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.URL.Path != "/feed" {
		_ = r.ParseForm()
		p.asked, p.form = append(p.asked, time.Now()), r.PostForm
		p.answers = append(p.answers, p.verify(url.Values{
			"hub.mode": {"subscribe"}, "hub.topic": {p.form.Get("hub.topic")}, "hub.challenge": {"the pier"},
			"hub.lease_seconds": {fmt.Sprint(int(p.lease.Seconds()))},
		}))
		w.WriteHeader(http.StatusAccepted)
		return
	}
	p.polls = append(p.polls, time.Now())
	etag := fmt.Sprintf(`"%d"`, len(p.published))
	w.Header().Set("ETag", etag)
	w.Header().Set("Link", `<http://hub.example/>; rel=hub, <http://gazette.example/feed>; rel=self`)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	var entries []string
	for i := max(0, len(p.published)-10); i < len(p.published); i++ {
		entries = append(entries, fmt.Sprintf("%d=Story", i))
	}
	_, _ = w.Write([]byte(rss(entries...)))
}

func (p *press) verify(query url.Values) bool {
	answer := httptest.NewRecorder()
	p.poller.heard(answer, httptest.NewRequest(http.MethodGet, p.form.Get("hub.callback")+"?"+query.Encode(), nil))
	return answer.Code == http.StatusOK && answer.Body.String() == query.Get("hub.challenge")
}

// publish adds a story, of which the hub tells if it does that.
func (p *press) publish() {
	p.mu.Lock()
	p.published = append(p.published, time.Now())
	tells, callback, secret := p.tells && p.form != nil, p.form.Get("hub.callback"), p.form.Get("hub.secret")
	p.mu.Unlock()
	if tells {
		p.poller.heard(httptest.NewRecorder(), signed(callback, secret, "there is news"))
	}
}

func signed(callback, secret, message string) *http.Request {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(message))
	r := httptest.NewRequest(http.MethodPost, callback, strings.NewReader(message))
	r.Header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

func within(times []time.Time, from, to time.Time) (n int) {
	for _, at := range times {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

const day = 24 * time.Hour

// A hub tells news for ten days, then falls silent, and speaks again a week after it was given up.
func TestAHubOverAMonth(t *testing.T) {
	p := &press{lease: 4 * day, tells: true}
	var began, silent, speaks time.Time
	until := map[string]time.Time{}
	m, _ := simulation{
		days: 30, urls: []string{"http://gazette.example/feed"}, handler: p,
		webSub:  &WebSub{Keys: websub.NewKeys("a secret of a test", "http://stet.example")},
		started: func(poller *Poller) { p.poller = poller },
		meanwhile: func(m *memory) {
			began = time.Now()
			silent, speaks = began.Add(10*day), began.Add(16*day)
			for time.Since(began) < 29*day {
				p.mu.Lock()
				p.tells = time.Now().Before(silent) || time.Now().After(speaks)
				p.mu.Unlock()
				p.publish()
				time.Sleep(11 * time.Hour)
				if now := time.Now(); now.Before(silent) {
					until["told"] = stateOf(t, m).Push.Until
				} else if now.Before(speaks) {
					until["silent"] = stateOf(t, m).Push.Until
				}
			}
		},
	}.run(t)
	f := stateOf(t, m)
	if len(m.items) < len(p.published)-1 {
		t.Errorf("%d of %d stories were seen", len(m.items), len(p.published))
	}
	for i, item := range m.items[2:] { // the first poll comes with the first story, before the hub is asked
		published := p.published[i+2]
		delay := item.SeenAt.Sub(published)
		if told := published.Before(silent) || published.After(speaks.Add(4*day)); told && delay > 2*time.Minute {
			t.Errorf("story %d, of which the hub told, was seen %v late", i+2, delay)
		}
		if forgotten := published.Before(silent.Add(day)); forgotten && delay > pushedPoll+time.Minute || delay > day {
			t.Errorf("story %d, of which the hub did not tell, was seen %v late", i+2, delay)
		}
	}
	if polls := within(p.polls, began.Add(day), silent); polls > 9*(4+3) {
		t.Errorf("%d polls in nine days of a feed whose hub tells news", polls)
	}
	for i, answered := range p.answers {
		if !answered {
			t.Errorf("the %d. challenge was not answered", i+1)
		}
	}
	if asked := within(p.asked, began, silent); asked != 3 {
		t.Errorf("the hub was asked %d times in ten days of leases of four", asked)
	}
	for i := 1; i < 3; i++ {
		if gap := p.asked[i].Sub(p.asked[i-1]); gap > p.lease {
			t.Errorf("a lease of %v was renewed after %v", p.lease, gap)
		}
	}
	if until["told"].Before(silent.Add(-day)) || !until["silent"].IsZero() {
		t.Errorf("the hub is believed until %v while it tells, until %v after it was silent", until["told"], until["silent"])
	}
	if asked := within(p.asked, silent.Add(2*day+12*time.Hour), silent.Add(leaveAlone)); asked != 0 {
		t.Errorf("the hub was asked %d times in the week in which it was to be left alone", asked)
	}
	if asked := within(p.asked, silent.Add(leaveAlone), began.Add(30*day)); asked == 0 || !f.Pushed(began.Add(30*day)) {
		t.Errorf("the hub was asked %d times after that week, and tells until %v", asked, f.Push.Until)
	}
}

func stateOf(t *testing.T, m *memory) (f article.Feed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, found := range m.feeds {
		if err := json.Unmarshal(found.data, &f); err != nil {
			t.Error(err)
		}
	}
	return f
}

func TestAHubThatNeverAnswersIsLeftAlone(t *testing.T) {
	p := &press{lease: day}
	silent := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			p.ServeHTTP(w, r)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked = append(p.asked, time.Now())
		w.WriteHeader([]int{http.StatusAccepted, http.StatusInternalServerError, http.StatusTemporaryRedirect}[len(p.asked)%3])
	})
	m, _ := simulation{
		days: 8, urls: []string{"http://gazette.example/feed"}, handler: silent,
		webSub:    &WebSub{Keys: websub.NewKeys("a secret of a test", "http://stet.example")},
		meanwhile: func(*memory) { p.publish() },
	}.run(t)
	f := stateOf(t, m)
	if len(p.asked) != maxTries || f.Push.Avoid.IsZero() || f.Push.Trouble == "" || f.Pushed(time.Time{}) {
		t.Errorf("the hub was asked %d times, and then: %+v", len(p.asked), f.Push)
	}
	for i := 1; i < len(p.asked); i++ {
		if gap := p.asked[i].Sub(p.asked[i-1]); gap < askAgain {
			t.Errorf("the hub was asked again after %v", gap)
		}
	}
}
