package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// TestEachServiceDoesItsWholeJobWithItsOwnPermissions runs once with each of the two that may operate.
func TestEachServiceDoesItsWholeJobWithItsOwnPermissions(t *testing.T) {
	for _, c := range []struct{ operator, other eventbus.Role }{
		{eventbus.Query, eventbus.Operator}, {eventbus.Operator, eventbus.Query},
	} {
		t.Run(c.operator.Name(), func(t *testing.T) { wholeJob(t, c.operator, c.other) })
	}
}

func wholeJob(t *testing.T, operator, other eventbus.Role) {
	s := startOne(t)
	told := &record{}
	s.SetLoggerV2(tracer{told}, false, true, false)
	provision(t, 0, s)
	nc, _, _ := connectAs(t, eventbus.Provisioner, s)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	alter(t, js, "TURNS", func(c *jetstream.StreamConfig) { c.MaxBytes = 1 << 20 })
	if changes := provision(t, 0, s); len(changes) != 1 {
		t.Errorf("mending one bound changes %q", changes)
	}
	j := &job{t: t, ctx: t.Context(), head: article.Head{
		Article: article.Token("https://news.example/1"), Source: "Gazette", URL: "https://news.example/1", Version: 1,
	}}
	for _, service := range []struct {
		role eventbus.Role
		work func(*eventbus.Bus)
	}{
		{eventbus.FeedPoller, j.poll}, {eventbus.Scraper, j.scrape}, {eventbus.FeedPoller, j.takeOver}, {eventbus.Differ, j.differ}, {eventbus.Scraper, j.again}, {eventbus.Indexer, j.index},
		{eventbus.Query, j.query}, {eventbus.Reader, j.follow}, {operator, j.operate},
	} {
		bus, nc, seen := openAs(t, service.role, s)
		if err := bus.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if skew, err := bus.ClockSkew(t.Context()); err != nil || skew.Abs() > time.Minute {
			t.Errorf("the clock of this machine differs from itself by %s, error %v", skew, err)
		}
		service.work(bus)
		// What the server refused before is told before this.
		if err := nc.Publish("the.end", nil); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the refusal at the end is logged", func() bool { return seen.has("NATS refuses", "subject=the.end") })
		for _, line := range seen.lines() {
			if strings.Contains(line, "NATS refuses") && !strings.Contains(line, "subject=the.end") {
				t.Errorf("%s may not do its job: %s", service.role.Name(), line)
			}
		}
	}
	idle(t, told, other)
}

// tracer keeps the protocol lines that a server traces.
type tracer struct{ to *record }

func (t tracer) Tracef(format string, v ...any) { _, _ = fmt.Fprintf(t.to, format+"\n", v...) }
func (t tracer) Noticef(string, ...any)         {}
func (t tracer) Warnf(string, ...any)           {}
func (t tracer) Fatalf(string, ...any)          {}
func (t tracer) Errorf(string, ...any)          {}
func (t tracer) Debugf(string, ...any)          {}

// published is a line of a publish: the name of the connection, which is the user, and the subject.
var published = regexp.MustCompile(`:go:([a-z-]+)".*<<- \[H?PUB (\S+)`)

// seldom are permissions for what a test does not bring about: flow control of a long listing, and a reader's or a
// listing's consumer that is made anew after a trouble.
var seldom = regexp.MustCompile(`^\$JS\.FC\.|^\$JS\.API\.CONSUMER\.(INFO|DELETE)\.[A-Z]+\.\*$|^\$JS\.API\.CONSUMER\.CREATE\.KV_[a-z]+$`)

// idle finds permissions that a role's whole job did not use: the role should not have them.
func idle(t *testing.T, told *record, other eventbus.Role) {
	t.Helper()
	used := map[string][]string{} // subjects by user
	for _, line := range told.lines() {
		if m := published.FindStringSubmatch(line); m != nil {
			used[m[1]] = append(used[m[1]], m[2])
		}
	}
	for _, role := range eventbus.Roles() {
		if role.Name() == other.Name() {
			continue // had not its whole job
		}
		for _, allowed := range role.Permissions().Publish {
			need := slices.ContainsFunc(used[role.Name()], func(s string) bool { return server.SubjectsCollide(s, allowed) })
			if !need && !seldom.MatchString(allowed) {
				t.Errorf("%s may publish %s and does not need it", role.Name(), allowed)
			}
		}
	}
}

// forbidden are things that would do harm, each with the roles that may do them all the same.
var forbidden = []struct {
	subject string
	allowed []string
}{
	{"revision.s.a", []string{"differ", "operator", "query"}},
	{"snapshot.a", []string{"scraper", "operator", "query"}},
	{"item.s.a", []string{"feed-poller", "operator", "query"}},
	{"check.at.a", []string{"differ"}},
	{"frontier.h.a", []string{"scraper"}},
	{"frontier.h.feed.f", []string{"feed-poller"}},
	{"turn.at.h", []string{"feed-poller", "scraper"}},
	{"turn.feed.h", []string{"operator", "query", "scraper"}},
	{"dead.FEEDS.x", []string{"feed-poller"}},
	{"outcome.check.s.a", []string{"differ"}},
	{"$KV.articles.a", []string{"differ", "operator", "query"}},
	{"$KV.feeds.f", []string{"feed-poller", "query"}},
	{"$KV.hosts.h", []string{"feed-poller", "scraper"}},
	{"$JS.API.STREAM.CREATE.MINE", []string{"provisioner"}},
	{"$JS.API.STREAM.UPDATE.REVISIONS", []string{"provisioner"}},
	{"$JS.API.STREAM.DELETE.REVISIONS", nil},
	{"$JS.API.STREAM.PURGE.REVISIONS", nil},
	{"$JS.API.STREAM.MSG.DELETE.REVISIONS", []string{"operator", "query"}},
	{"$JS.API.STREAM.MSG.GET.SNAPSHOTS", []string{"differ", "operator", "query"}},
	{"$JS.API.CONSUMER.DELETE.REVISIONS.indexer", nil},
	{"$JS.API.CONSUMER.CREATE.REVISIONS.indexer", []string{"provisioner"}},
	{"$JS.API.CONSUMER.MSG.NEXT.REVISIONS.indexer", []string{"indexer"}},
	{"$JS.API.CONSUMER.MSG.NEXT.SNAPSHOTS.differ", []string{"differ"}},
	{"$JS.ACK.REVISIONS.indexer.1.1.1.1.1", []string{"indexer"}},
	{"anything.else", nil},
}

func TestWhatAServiceMayNotDoIsRefusedAndLoggedByName(t *testing.T) {
	s := startOne(t)
	for _, role := range eventbus.Roles() {
		nc, _, seen := connectAs(t, role, s)
		for _, f := range forbidden {
			if err := nc.Publish(f.subject, nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, subject := range []string{">", "revision.>", "_INBOX_someone.>", "$JS.API.>"} {
			if _, err := nc.SubscribeSync(subject); err != nil {
				t.Fatal(err)
			}
		}
		// Refusals are told in order: when that of the last is there, all are.
		eventually(t, "the last refusal is logged", func() bool {
			return seen.has("action=Subscription", "subject=$JS.API.>", "service="+role.Name())
		})
		for _, f := range forbidden {
			refused := slices.ContainsFunc(seen.lines(), func(line string) bool {
				return strings.Contains(line, "service="+role.Name()+" action=Publish") && strings.HasSuffix(line, "subject="+f.subject)
			})
			if allowed := slices.Contains(f.allowed, role.Name()); refused == allowed {
				t.Errorf("%s publishes %s: refused %v, want %v", role.Name(), f.subject, refused, !allowed)
			}
		}
		if refused := seen.has("action=Subscription", "subject=revision.>"); refused == (role.Name() == "reader") {
			t.Errorf("%s listens to all revisions: refused %v", role.Name(), refused)
		}
	}
}

func TestAPasswordMayBeAHash(t *testing.T) {
	setPasswords(t)
	t.Setenv(eventbus.Scraper.PasswordVariable(), `"$2b$04$abcdefghijklmnopqrstuuSwPCPP2X868iZMbm9FM4HhZ/50ehocK"`) // of 0-scraper
	s := startServer(t, "single.conf", nil)
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server did not start")
	}
	connectAs(t, eventbus.Scraper, s)
}

func TestAWrongPasswordIsRefused(t *testing.T) {
	s := startOne(t)
	_, err := nats.Connect(s.ClientURL(), nats.UserInfo("scraper", "wrong"))
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestWhatIsNotSetUpIsSaid(t *testing.T) {
	s := startOne(t)
	nc, log, _ := connectAs(t, eventbus.Scraper, s)
	_, err := eventbus.Open(t.Context(), nc, eventbus.Scraper, log)
	if !errors.Is(err, eventbus.ErrNotProvisioned) || !strings.Contains(err.Error(), "stet provision") {
		t.Fatalf("opening what is not there: %v", err)
	}
	provision(t, 0, s)
	bus, err := eventbus.Open(t.Context(), nc, eventbus.Scraper, log)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := bus.LastRevision(t.Context(), "Gazette", "a"); err == nil || !strings.Contains(err.Error(), "does not use the stream REVISIONS") {
		t.Errorf("a method beyond the role: %v", err)
	}
}

func TestWhyNothingAnswersIsSaid(t *testing.T) {
	s := startOne(t)
	nc, log, seen := connectAs(t, eventbus.Reader, s)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // the refusal has no answer to wait for
	defer cancel()
	_, err := eventbus.Open(ctx, nc, eventbus.Scraper, log)
	if err == nil || !strings.Contains(err.Error(), "may not ask") {
		t.Errorf("opening with another user: %v", err)
	}
	eventually(t, "the refusal is logged", func() bool { return seen.has("service=reader", "subject=$JS.API.STREAM.INFO.ITEMS") })
	sys, err := nats.Connect(s.ClientURL(), nats.UserInfo("sys", secret("sys")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sys.Close)
	for _, open := range []func() error{
		func() error { _, err := eventbus.Open(t.Context(), sys, eventbus.Scraper, log); return err },
		func() error {
			_, err := eventbus.Provision(t.Context(), sys, eventbus.ProvisionOptions{})
			return err
		},
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), "JetStream is off") {
			t.Errorf("an account without JetStream: %v", err)
		}
	}
}
