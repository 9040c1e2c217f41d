package feedpoller

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/turn"
	"github.com/stetnews/stet/services/internal/websub"
)

// granting is a hub that asks at once whether we asked, and says what it heard.
type granting struct {
	asked    chan url.Values
	answered chan string
}

func (h *granting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	w.WriteHeader(http.StatusAccepted)
	h.asked <- r.PostForm
	query := url.Values{"hub.mode": {"subscribe"}, "hub.topic": {r.PostForm.Get("hub.topic")}, "hub.challenge": {"<b>pier</b>"}, "hub.lease_seconds": {"864000"}}
	answer, err := http.Get(r.PostForm.Get("hub.callback") + "?" + query.Encode())
	if err != nil {
		h.answered <- err.Error()
		return
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(answer.Body)
	h.answered <- fmt.Sprint(answer.StatusCode, " ", answer.Header.Get("Content-Type"), " ", string(body))
}

// subscribed is a world whose feed was polled, and whose hub was asked and granted it, all by requests on the loopback.
func subscribed(t *testing.T) (w *world, form url.Values) {
	t.Helper()
	w = newWorld(t)
	hub := &granting{asked: make(chan url.Values, 1), answered: make(chan string, 1)}
	server := httptest.NewServer(hub)
	t.Cleanup(server.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.poller.WebSub = &WebSub{
		Listener: listener, Gap: time.Millisecond, Keys: websub.NewKeys("a secret of a test", "http://"+listener.Addr().String()+"/"),
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- w.poller.hearHubs(ctx) }()
	go func() { ended <- w.poller.askHubs(ctx) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
	w.site.set(http.StatusOK, "", w.news(server.URL, "1=Ferry"))
	w.poll(t)
	form = <-hub.asked
	if got, want := <-hub.answered, "200 text/plain; charset=utf-8 <b>pier</b>"; got != want {
		t.Fatalf("the hub heard %q, want %q", got, want)
	}
	if f := w.state(t); f.Push.Hub != server.URL+"/" || form.Get("hub.topic") != w.site.address || !f.Pushed(time.Now().Add(9*day)) {
		t.Fatalf("the hub was asked %v, and then: %+v", form, f.Push)
	}
	return w, form
}

func (w *world) news(hub string, entries ...string) string {
	link := `<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="` + hub + `"/></channel>`
	return strings.Replace(rss(entries...), "</channel>", link, 1)
}

func (w *world) state(t *testing.T) article.Feed {
	t.Helper()
	f, _, err := w.bus.Feed(t.Context(), w.id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// say sends a request to the callback and gives the answer's status.
func say(t *testing.T, r *http.Request) int {
	t.Helper()
	r.RequestURI = ""
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

func TestAPushedFeedIsPolledAtOnce(t *testing.T) {
	w, form := subscribed(t)
	callback, secret := form.Get("hub.callback"), form.Get("hub.secret")
	f := w.poll(t)
	if wait := f.NextPoll.Sub(f.LastPoll); wait != pushedPoll {
		t.Errorf("a feed whose hub tells news is polled again after %v, want %v", wait, pushedPoll)
	}
	if status := say(t, signed(callback, "a guess", "there is news")); status != http.StatusAccepted {
		t.Errorf("a message with another signature is answered by %d", status)
	}
	unsigned := signed(callback, secret, "there is news")
	unsigned.Header.Del("X-Hub-Signature")
	if status := say(t, unsigned); status != http.StatusAccepted {
		t.Errorf("a message without a signature is answered by %d", status)
	}
	if g := w.state(t); !g.NextPoll.Equal(f.NextPoll) || !g.Push.Last.IsZero() {
		t.Errorf("a message that the hub did not sign brought the next poll to %v", g.NextPoll)
	}
	w.site.set(http.StatusOK, "", w.news(f.Push.Hub, "1=Ferry", "2=Storm"))
	if status := say(t, signed(callback, secret, "<rss><item>a forgery</item></rss>")); status != http.StatusAccepted {
		t.Errorf("a message is answered by %d", status)
	}
	g := w.state(t)
	if soon := g.NextPoll.Sub(f.LastPoll); soon > between+time.Second || g.Push.Last.IsZero() {
		t.Errorf("after the hub told news the next poll is %v after the last", soon)
	}
	w.poll(t)
	if got := strings.Join(w.items(t, 2), "|"); got != "Ferry|Storm" {
		t.Errorf("the items are %q: they come from the publisher alone", got)
	}
	if g = w.state(t); g.Push.Misses != 0 {
		t.Errorf("%d misses of a hub that told the news", g.Push.Misses)
	}
}

func TestNewsToldDuringAPollAreNotLost(t *testing.T) {
	w, form := subscribed(t)
	w.site.during = func() { say(t, signed(form.Get("hub.callback"), form.Get("hub.secret"), "there is news")) }
	f := w.poll(t)
	if wait := f.NextPoll.Sub(f.LastPoll); wait > between || f.Push.Last.Before(f.LastPoll) {
		t.Errorf("the hub told news during a poll, and the next one is %v later", wait)
	}
}

func TestWhatIsSaidToACallback(t *testing.T) {
	w, form := subscribed(t)
	callback, topic := form.Get("hub.callback"), form.Get("hub.topic")
	query := func(pairs ...string) string {
		values := url.Values{"hub.challenge": {"c"}, "hub.lease_seconds": {"864000"}}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return "?" + values.Encode()
	}
	before := w.state(t)
	for name, c := range map[string]struct {
		method, address string
		want            int
	}{
		"once more":       {http.MethodGet, callback + query("hub.mode", "subscribe", "hub.topic", topic), http.StatusOK},
		"another topic":   {http.MethodGet, callback + query("hub.mode", "subscribe", "hub.topic", topic+"/sport"), http.StatusNotFound},
		"unsubscribe":     {http.MethodGet, callback + query("hub.mode", "unsubscribe", "hub.topic", topic), http.StatusNotFound},
		"denied of other": {http.MethodGet, callback + query("hub.mode", "denied", "hub.topic", topic+"/sport"), http.StatusNotFound},
		"nothing":         {http.MethodGet, callback, http.StatusNotFound},
		"another feed": {http.MethodGet, strings.Replace(callback, w.id, article.Token("http://other.example/"), 1) +
			query("hub.mode", "subscribe", "hub.topic", topic), http.StatusNotFound},
		"a guess":        {http.MethodGet, callback[:len(callback)-1] + "-" + query("hub.mode", "subscribe", "hub.topic", topic), http.StatusNotFound},
		"news by guess":  {http.MethodPost, callback[:len(callback)-1] + "-", http.StatusNotFound},
		"the front page": {http.MethodGet, "http://127.0.0.1:" + portOf(t, callback), http.StatusNotFound},
		"another method": {http.MethodPut, callback, http.StatusMethodNotAllowed},
		"a long request": {http.MethodGet, callback + "?" + strings.Repeat("a", 2*maxHeard), http.StatusRequestHeaderFieldsTooLarge},
		"a long message": {http.MethodPost, callback, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), c.method, c.address, nil)
			if err != nil {
				t.Fatal(err)
			}
			if name == "a long message" {
				r = signed(c.address, form.Get("hub.secret"), strings.Repeat("a", feed.MaxBytes+1))
			}
			if status := say(t, r); status != c.want {
				t.Errorf("answered by %d, want %d", status, c.want)
			}
		})
	}
	if after := w.state(t); after.Push.Subscription != before.Push.Subscription || !after.Push.Last.IsZero() || !after.Push.Avoid.IsZero() {
		t.Errorf("the subscription became %+v", after.Push)
	}
	denied, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, callback+query("hub.mode", "denied", "hub.topic", topic, "hub.reason", "too many"), nil)
	if status := say(t, denied); status != http.StatusOK {
		t.Errorf("a refusal is answered by %d", status)
	}
	if f := w.state(t); f.Pushed(time.Now()) || f.Push.Avoid.IsZero() || !strings.Contains(f.Push.Trouble, "too many") {
		t.Errorf("after the refusal: %+v", f.Push)
	}
	if status := say(t, signed(callback, form.Get("hub.secret"), "news")); status != http.StatusGone {
		t.Errorf("news of what was given up are answered by %d", status)
	}
	if err := w.bus.DeleteFeed(t.Context(), w.id); err != nil {
		t.Fatal(err)
	}
	if status := say(t, signed(callback, form.Get("hub.secret"), "news")); status != http.StatusGone {
		t.Errorf("news of a feed that was removed are answered by %d", status)
	}
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func TestWhatAHubBringsAbout(t *testing.T) {
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	base := func(change func(f *article.Feed)) article.Feed {
		f := article.Feed{LastPoll: now.Add(-time.Hour), NextPoll: now.Add(5 * time.Hour), Push: &article.Push{Hub: "https://hub.example/"}}
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		feed   article.Feed
		next   time.Time
		misses int
		same   bool
	}{
		"a poll at once":        {base(func(*article.Feed) {}), now, 0, false},
		"not right after one":   {base(func(f *article.Feed) { f.LastPoll = now.Add(-time.Second) }), now.Add(between - time.Second), 0, false},
		"none of a failed feed": {base(func(f *article.Feed) { f.Failures = 1 }), now.Add(5 * time.Hour), 0, false},
		"none later":            {base(func(f *article.Feed) { f.NextPoll = now.Add(-time.Minute) }), now.Add(-time.Minute), 0, false},
		"one for many":          {base(func(f *article.Feed) { f.NextPoll, f.Push.Last = now, now.Add(-time.Second) }), now, 0, true},
		"no miss if only late":  {base(func(f *article.Feed) { f.Push.Misses, f.Push.Missed = 2, now.Add(-time.Minute) }), now, 1, false},
		"a miss if too late":    {base(func(f *article.Feed) { f.Push.Misses, f.Push.Missed = 2, now.Add(-time.Hour) }), now, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			f, changed := told(c.feed, now)
			if !f.NextPoll.Equal(c.next) || f.Push.Misses != c.misses || changed == c.same {
				t.Errorf("next poll %v and %d misses, changed %v; want %v and %d", f.NextPoll, f.Push.Misses, changed, c.next, c.misses)
			}
		})
	}
}

func FuzzCallback(f *testing.F) {
	m := newMemory()
	keys := websub.NewKeys("a secret of a test", "http://stet.example")
	known := article.Feed{ID: "f1", URL: "http://gazette.example/feed", NextPoll: time.Now().Add(time.Hour), Push: &article.Push{
		Hub: "http://hub.example/", Topic: "http://gazette.example/feed", Asked: time.Now(), Until: time.Now().Add(day),
	}}
	known.Push.Subscription = keys.Subscription(known.ID, linksOf(known))
	if err := m.PutFeed(context.Background(), known, 0); err != nil {
		f.Fatal(err)
	}
	p := New(Deps{Bus: m, Log: slog.New(slog.DiscardHandler), Visits: turn.Config{UserAgent: "stet"}, WebSub: &WebSub{Keys: keys}})
	f.Add(false, "hub.mode=subscribe&hub.topic=http://gazette.example/sport&hub.challenge=c", "sha256=00", "news")
	f.Add(true, "hub.mode=denied&hub.topic=x", "sha1=", "")
	f.Fuzz(func(t *testing.T, post bool, query, signature, body string) {
		r := httptest.NewRequest(http.MethodGet, keys.Callback(known.ID), strings.NewReader(body))
		if post {
			r.Method = http.MethodPost
		}
		r.URL.RawQuery = query
		r.Header.Set("X-Hub-Signature", signature)
		answer := httptest.NewRecorder()
		p.heard(answer, r)
		after, _, err := m.Feed(t.Context(), known.ID)
		if err != nil || !after.NextPoll.Equal(known.NextPoll) || after.Push.Hub != known.Push.Hub {
			t.Errorf("after %d: %v, %+v", answer.Code, err, after)
		}
	})
}
