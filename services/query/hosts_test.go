package query

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

func (p *port) hosts(name string) []*queryv1.Host {
	p.t.Helper()
	var all []*queryv1.Host
	for h, err := range p.client.EachHost(p.t.Context(), name) {
		p.must(err)
		all = append(all, h)
	}
	return all
}

// TestHostsAreTold brings each host into a state of its own.
func TestHostsAreTold(t *testing.T) {
	p := newPort(t)
	ctx, now := t.Context(), day // the service's clock stands still
	for _, h := range []eventbus.Host{
		{Name: "busy.example", Busy: 2, RestUntil: now.Add(time.Hour), Trouble: "The site asks to come back later (503).", TroubleAt: now.Add(-time.Minute)},
		{Name: "dead.example", Failures: 7, RestUntil: now.Add(time.Hour), Trouble: "dead.example refuses connections."},
		{Name: "idle.example", Gap: 2 * time.Second, Latency: 300 * time.Millisecond, CrawlDelay: time.Second, RobotsStatus: 200, RobotsAt: now, Robots: []byte("User-agent: *")},
		{Name: "gap.example", RobotsTrouble: "It did not answer."},
		{Name: "visited.example"}, {Name: "again.example"},
	} {
		p.must(p.bus.PutHost(ctx, h, 0))
	}
	for i, e := range []eventbus.Entry{{Host: "gap.example"}, {Host: "gap.example"}, {Host: "stranger.example"}} {
		e.Article, e.URL = fmt.Sprint("a", i), "https://"+e.Host
		p.must(p.bus.Enqueue(ctx, e))
	}
	p.must(p.bus.Enqueue(ctx, eventbus.Entry{Host: "gap.example", Feed: "f", URL: "https://gap.example/feed"}))
	p.must(p.bus.Guard(ctx, article.Token("gap.example"), now.AddDate(10, 0, 0), 0, false))
	for name, count := range map[string]int{"visited.example": 1, "again.example": 2} {
		_, err := p.bus.Lease(ctx, article.Token(name), now.AddDate(10, 0, 0), eventbus.Attempt{Entry: 9, Count: count}, 0)
		p.must(err)
	}
	want := []struct {
		name  string
		state queryv1.Host_State
		why   string
		next  bool
	}{
		{"again.example", queryv1.Host_VISITED, "number 2", true},
		{"busy.example", queryv1.Host_RESTING, "come back later (503)", true},
		{"dead.example", queryv1.Host_RESTING, "7 times in a row", true},
		{"gap.example", queryv1.Host_WAITING, "gap since the last request", true},
		{"idle.example", queryv1.Host_IDLE, "Nothing waits", false},
		{"stranger.example", queryv1.Host_WAITING, "for a scraper", false},
		{"visited.example", queryv1.Host_VISITED, "under way.", true},
	}
	all := p.hosts("")
	if len(all) != len(want) {
		t.Fatalf("%d hosts, want %d", len(all), len(want))
	}
	for i, w := range want {
		h := all[i]
		if h.GetName() != w.name || h.GetState() != w.state || !strings.Contains(h.GetWhy(), w.why) || (h.GetNextTurn() != nil) != w.next {
			t.Errorf("host %d is %v, want %+v", i, h, w)
		}
	}
	if h := all[3]; h.GetPages() != 2 || h.GetFeeds() != 1 || h.GetRobotsTrouble() == "" {
		t.Errorf("two pages and a feed wait at %v", h)
	}
	if h := all[4]; h.GetGap().AsDuration() != 2*time.Second || h.GetLatency().AsDuration() != 300*time.Millisecond ||
		h.GetCrawlDelay().AsDuration() != time.Second || h.GetRobotsStatus() != 200 || h.GetRobotsAt().AsTime() != now {
		t.Errorf("what is known of it is not told: %v", h)
	}
	if some := p.hosts("IDLE"); len(some) != 1 || some[0].GetName() != "idle.example" {
		t.Errorf("by a part of its name: %v", some)
	}
}

func TestHostsComeInPages(t *testing.T) {
	p := newPort(t)
	const many = usualHosts + 20
	for i := range many {
		p.must(p.bus.PutHost(t.Context(), eventbus.Host{Name: fmt.Sprintf("h%03d.example", i)}, 0))
	}
	all := p.hosts("")
	for i, h := range all {
		if h.GetName() != fmt.Sprintf("h%03d.example", i) {
			t.Fatalf("host %d is %s", i, h.GetName())
		}
	}
	if len(all) != many {
		t.Errorf("%d hosts, want %d", len(all), many)
	}
}
