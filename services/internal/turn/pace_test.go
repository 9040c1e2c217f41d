package turn

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func visitor(c Config) *Visitor {
	c.Random = func() float64 { return .5 }
	if c.Now == nil {
		c.Now = func() time.Time { return noon }
	}
	return New(c, nil, nil)
}

func TestTheGap(t *testing.T) {
	v := visitor(Config{LocalGap: 50 * time.Millisecond, Local: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for _, c := range []struct {
		name string
		host eventbus.Host
		want time.Duration
	}{
		{"news.example", eventbus.Host{}, 2 * time.Second},
		{"news.example", eventbus.Host{CrawlDelay: 7 * time.Second}, 7 * time.Second},
		{"news.example", eventbus.Host{CrawlDelay: time.Hour}, 5 * time.Minute},
		{"news.example", eventbus.Host{Latency: time.Second}, 2 * time.Second},
		{"news.example", eventbus.Host{Latency: 3 * time.Second}, 6 * time.Second},
		{"news.example", eventbus.Host{Latency: time.Minute}, 40 * time.Second},
		{"127.0.0.1:8080", eventbus.Host{}, 50 * time.Millisecond},
		{"127.0.0.1:8080", eventbus.Host{Latency: 100 * time.Millisecond}, 200 * time.Millisecond},
		{"128.0.0.1", eventbus.Host{}, 2 * time.Second},
	} {
		if got := v.gap(c.name, c.host); got != c.want {
			t.Errorf("the gap of %s with %+v is %s, want %s", c.name, c.host, got, c.want)
		}
	}
}

func TestALeaseCoversTheGapAndTheExchange(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Minute, time.Hour} {
		h := eventbus.Host{CrawlDelay: delay}
		b := &recorder{host: h}
		v := New(Config{Now: func() time.Time { return noon }}, b, nil)
		turn, err := v.Look(t.Context(), eventbus.Entry{Host: "news.example", Article: "a", Sequence: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := turn.Lease(t.Context(), eventbus.Attempt{}, 0, 0); err != nil {
			t.Fatal(err)
		}
		if length := b.until.Sub(noon); length < max(turn.Gap, v.Timeout)+Margin {
			t.Errorf("with a crawl delay of %s the lease of %s is shorter than what it has to cover", delay, length)
		}
	}
}

// answers makes answers of a kind.
func answers(o politehttp.Outcome, status int) *politehttp.Response {
	return &politehttp.Response{Outcome: o, Status: status, Reason: "It happened.", Latency: 100 * time.Millisecond, Started: noon}
}

func TestABusyHostIsLeftAlone(t *testing.T) {
	v := visitor(Config{})
	h := eventbus.Host{Name: "news.example"}
	var pauses []string
	for range 13 {
		var again time.Duration
		h, again = v.learn(h, answers(politehttp.Busy, 429), noon)
		if !h.RestUntil.Equal(noon.Add(again)) {
			t.Errorf("it rests until %s, the next request comes after %s", h.RestUntil, again)
		}
		pauses = append(pauses, again.Round(time.Second).String())
	}
	// Each is 5 % above: half of the jitter, which only ever adds.
	want := "1m3s 2m6s 4m12s 8m24s 16m48s 33m36s 1h7m12s 2h14m24s 4h28m48s 8h57m36s 17h55m12s 25h12m0s 25h12m0s"
	if got := strings.Join(pauses, " "); got != want {
		t.Errorf("pauses\n%s, want\n%s", got, want)
	}
	asked := answers(politehttp.Busy, 503)
	asked.RetryAfter = 10 * time.Minute
	if _, again := v.learn(h, asked, noon); again != 10*time.Minute+30*time.Second {
		t.Errorf("asked to wait ten minutes, the next request comes after %s", again)
	}
	h, again := v.learn(h, answers(politehttp.OK, 200), noon)
	if again != 2*time.Second || h.Busy != 0 || !h.RestUntil.IsZero() || h.Trouble == "" {
		t.Errorf("after it is well: %s, %+v; want the gap, and its last trouble remembered", again, h)
	}
}

// A slow answer: the gap counts from the request, the pause that it asks for from its end.
func TestWhenTheNextRequestIs(t *testing.T) {
	b := &recorder{}
	v := New(Config{Now: func() time.Time { return noon }, Random: func() float64 { return 0 }}, b, nil)
	for _, c := range []struct {
		outcome politehttp.Outcome
		want    time.Time
	}{
		{politehttp.OK, noon.Add(3*time.Second + 100*time.Millisecond + 2*time.Second + pad)},
		{politehttp.Busy, noon.Add(10*time.Second + time.Minute + pad)},
	} {
		b.host = eventbus.Host{}
		turn, err := v.Look(t.Context(), eventbus.Entry{Host: "news.example", Article: "a", Sequence: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := turn.Lease(t.Context(), eventbus.Attempt{}, 0, 0); err != nil || !turn.Begin(t.Context()) {
			t.Fatalf("no turn, error %v", err)
		}
		answer := answers(c.outcome, 429)
		answer.Started, answer.Asked, answer.Took = noon.Add(time.Second), noon.Add(3*time.Second), 9*time.Second
		turn.End(t.Context(), turn.Learn(t.Context(), answer))
		if !b.slept.Equal(c.want) {
			t.Errorf("after %s the next request is at %s, want %s", c.outcome, b.slept, c.want)
		}
	}
}

func TestTheBreaker(t *testing.T) {
	v := visitor(Config{})
	h := eventbus.Host{Name: "news.example"}
	var pauses []string
	for i := range 8 {
		o, status := politehttp.Unreachable, 0
		if i%2 == 1 {
			o, status = politehttp.ServerError, 502
		}
		var again time.Duration
		h, again = v.learn(h, answers(o, status), noon)
		pauses = append(pauses, again.String())
	}
	// Four failures are borne at the gap; from the fifth on one probe after each pause, of which a quarter is taken off.
	if got, want := strings.Join(pauses, " "), "2s 2s 2s 2s 45s 1m30s 3m0s 6m0s"; got != want {
		t.Errorf("pauses %s, want %s", got, want)
	}
	if !strings.Contains(h.Trouble, "8 times in a row") {
		t.Errorf("the trouble is told as %q", h.Trouble)
	}
	for _, o := range []politehttp.Outcome{politehttp.Gone, politehttp.Refused, politehttp.NotModified, politehttp.ClientError} {
		if closed, again := v.learn(h, answers(o, 404), noon); closed.Failures != 0 || again != 2*time.Second {
			t.Errorf("after an answer (%s) the breaker stays open: %d failures, %s", o, closed.Failures, again)
		}
	}
	for range 40 {
		h, _ = v.learn(h, answers(politehttp.Unreachable, 0), noon)
	}
	if _, again := v.learn(h, answers(politehttp.Unreachable, 0), noon); again != 18*time.Hour {
		t.Errorf("after very many failures it is tried after %s, want three quarters of a day", again)
	}
}

func TestLatencyIsSmoothedAndWrittenWhenItIsNews(t *testing.T) {
	v := visitor(Config{})
	h, writes := eventbus.Host{Name: "news.example"}, 0
	see := func(latency time.Duration) {
		a := answers(politehttp.OK, 200)
		a.Latency = latency
		learned, _ := v.learn(h, a, noon)
		if v.worthWriting(h, learned) {
			h, writes = learned, writes+1
		}
	}
	for range 20 {
		see(100 * time.Millisecond)
	}
	if writes != 1 || h.Latency != 100*time.Millisecond {
		t.Errorf("%d writes of a steady latency, it is %s", writes, h.Latency)
	}
	for range 20 {
		see(4 * time.Second)
	}
	if gap := v.gap(h.Name, h); gap < 7*time.Second || writes > 20 {
		t.Errorf("a host that became slow is asked every %s, %d writes", gap, writes)
	}
}
