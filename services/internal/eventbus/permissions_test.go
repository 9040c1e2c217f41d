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

// job is the whole job of each service, with only its own permissions: the path of one article through all of them.
type job struct {
	t    *testing.T
	ctx  context.Context
	head article.Head
	done context.CancelFunc // ends the consuming under way
}

func (j *job) must(err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
}

func (j *job) poll(bus *eventbus.Bus) {
	feed := article.Feed{ID: article.Token("https://news.example/feed"), URL: "https://news.example/feed", Source: j.head.Source}
	j.must(bus.PutFeed(j.ctx, feed, 0))
	if feeds, err := bus.Feeds(j.ctx); err != nil || len(feeds) != 1 {
		j.t.Fatalf("feeds: %v, %v", feeds, err)
	}
	j.must(bus.ArmFeedIfAbsent(j.ctx, feed.ID, time.Now()))
	j.must(bus.Consume(j.once(), eventbus.DueFeeds, 1, j.handle(func(d *eventbus.Delivery) error {
		f, revision, err := bus.Feed(j.ctx, d.Token(2))
		if err != nil {
			return err
		}
		f.Status = 200
		return errors.Join(bus.PutFeed(j.ctx, f, revision), bus.ArmFeed(j.ctx, f.ID, time.Now().Add(time.Hour)))
	})))
	guid := article.Alias{Key: article.Token("a guid"), Article: j.head.Article, Kind: article.AliasGUID, Value: "a guid", Since: moment}
	j.must(bus.PutAlias(j.ctx, guid, 0))
	j.must(bus.PublishItem(j.ctx, article.Item{Feed: feed.ID, Source: j.head.Source, Article: j.head.Article, URL: j.head.URL}))
	j.must(bus.PublishPollOutcome(j.ctx, article.PollOutcome{Feed: feed.ID, PolledAt: moment}))
	j.must(bus.Enqueue(j.ctx, eventbus.Entry{Host: feedHost, Feed: feed.ID, URL: feed.URL}))
	if a, _, err := bus.Alias(j.ctx, guid.Key); err != nil || a.Article != guid.Article {
		j.t.Fatalf("the alias is %+v, error %v", a, err)
	}
	j.must(bus.DeadLetter(j.ctx, "FEEDS", "feed.due."+feed.ID, nil, "a test"))
	j.must(bus.DeadLetter(j.ctx, "TURNS", "turn.feed."+article.Token(feedHost), nil, "a test"))
}

// feedHost is another host than that of the article, so that one's turn does not wait for the other's.
const feedHost = "feeds.example"

// handOn is the scraper's part of a feed's turn.
func (j *job) handOn(bus *eventbus.Bus) {
	j.must(bus.Consume(j.once(), eventbus.DueTurns, 1, j.handle(func(d *eventbus.Delivery) error {
		e, err := bus.NextEntry(j.ctx, d.Token(2), false)
		if err != nil {
			return err
		}
		fence, err := bus.Lease(j.ctx, d.Token(2), time.Now().Add(time.Hour), eventbus.Attempt{}, 0)
		if err != nil {
			return err
		}
		return bus.HandOn(j.ctx, d.Token(2), eventbus.Baton{Entry: e, Sequence: e.Sequence, Fence: fence})
	})))
}

// takeOver is feed-poller's.
func (j *job) takeOver(bus *eventbus.Bus) {
	j.must(bus.Consume(j.once(), eventbus.FeedTurns, 1, j.handle(func(d *eventbus.Delivery) error {
		baton, err := eventbus.ReadBaton(d.Data)
		if err != nil {
			return err
		}
		fence, err := bus.Lease(j.ctx, d.Token(2), time.Now().Add(time.Hour), eventbus.Attempt{Entry: baton.Sequence, Count: 1}, baton.Fence)
		if err != nil {
			return err
		}
		host, revision, err := bus.Host(j.ctx, baton.Entry.Host)
		if err != nil {
			return err
		}
		return errors.Join(bus.PutHost(j.ctx, host, revision), bus.RemoveEntry(j.ctx, baton.Entry), bus.RemoveEntry(j.ctx, baton.Entry),
			bus.Guard(j.ctx, d.Token(2), time.Now().Add(time.Hour), fence, true))
	})))
}

func (j *job) scrape(bus *eventbus.Bus) {
	j.handOn(bus)
	entry := eventbus.Entry{Host: "news.example", Article: j.head.Article, Source: j.head.Source, URL: j.head.URL}
	enqueue := j.handle(func(*eventbus.Delivery) error { return bus.Enqueue(j.ctx, entry) })
	j.must(bus.Consume(j.once(), eventbus.NewItems, 1, enqueue))
	j.must(bus.Consume(j.once(), eventbus.DueTurns, 1, j.handle(func(d *eventbus.Delivery) error {
		e, err := bus.NextEntry(j.ctx, d.Token(2), true)
		if err != nil {
			return err
		}
		fence, err := bus.Lease(j.ctx, d.Token(2), time.Now().Add(time.Hour), eventbus.Attempt{Entry: e.Sequence, Count: 1}, 0)
		if err != nil {
			return err
		}
		if _, _, err := bus.Site(j.ctx, e.Host); eventbus.IsNotFound(err) {
			j.must(bus.PutSite(j.ctx, e.Host, []byte("what repeats"), 0))
		}
		host, revision, err := bus.Host(j.ctx, e.Host)
		if err != nil {
			return err
		}
		_, _, headErr := bus.Head(j.ctx, e.Article)
		if !eventbus.IsNotFound(headErr) {
			j.t.Errorf("reading a head that is not there: %v", headErr)
		}
		return errors.Join(bus.PutHost(j.ctx, host, revision), bus.PublishCheck(j.ctx, j.check(moment)),
			bus.RemoveEntry(j.ctx, e), bus.RemoveEntry(j.ctx, e), bus.Guard(j.ctx, d.Token(2), time.Now().Add(time.Hour), fence, false))
	})))
	if _, err := bus.Sweep(j.ctx); err != nil {
		j.t.Fatal(err)
	}
	j.must(bus.DeadLetter(j.ctx, "ITEMS", "item."+article.Token(j.head.Source)+"."+j.head.Article, nil, "a test"))
	j.must(bus.DeadLetter(j.ctx, "CHECKS", "check.due."+j.head.Article, nil, "a test"))
	j.must(bus.DeadLetter(j.ctx, "TURNS", "turn.due."+article.Token("news.example"), nil, "a test"))
}

// again queues the article when its next look is due.
func (j *job) again(bus *eventbus.Bus) {
	j.must(bus.Consume(j.once(), eventbus.DueChecks, 1, j.handle(func(*eventbus.Delivery) error {
		return bus.Enqueue(j.ctx, eventbus.Entry{Host: "news.example", Article: j.head.Article})
	})))
}

func (j *job) check(at time.Time) article.Check {
	return article.Check{Article: j.head.Article, Source: j.head.Source, URL: j.head.URL, FetchedAt: at, Outcome: article.Read}
}

func (j *job) differ(bus *eventbus.Bus) {
	j.must(bus.Consume(j.once(), eventbus.ReadChecks, 1, j.handle(func(*eventbus.Delivery) error {
		waiting, err := bus.FirstCheck(j.ctx, j.head.Article)
		if err != nil {
			return err
		}
		_, err = bus.PublishRevision(j.ctx, article.Event{Article: j.head.Article, Source: j.head.Source, Version: 1}, 0)
		if err != nil {
			return err
		}
		h := j.head
		h.Next = time.Now().Add(-2 * time.Hour)
		return errors.Join(bus.PutHead(j.ctx, h, 0), bus.RemoveCheck(j.ctx, waiting.Sequence))
	})))
	if memory, _, err := bus.Site(j.ctx, "news.example"); err != nil || string(memory) != "what repeats" {
		j.t.Errorf("the memory of the site is %q, error %v", memory, err)
	}
	h, revision, err := bus.Head(j.ctx, j.head.Article)
	j.must(err)
	if n, err := bus.SweepChecks(j.ctx, time.Now().Add(-time.Hour), 10); err != nil || n != 1 {
		j.t.Fatalf("the sweep armed %d, error %v; want 1", n, err)
	}
	h.Next = time.Now()
	j.must(bus.PutHead(j.ctx, h, revision))
	if _, _, err := bus.LastRevision(j.ctx, h.Source, h.Article); err != nil {
		j.t.Fatal(err)
	}
	j.must(errors.Join(bus.ArmCheck(j.ctx, h), bus.ArmCheckIfAbsent(j.ctx, h)))
	a, revision, err := bus.Alias(j.ctx, article.Token("a guid"))
	j.must(err)
	a.Refused = []string{"another"}
	j.must(bus.PutAlias(j.ctx, a, revision))
	j.must(bus.PutMerge(j.ctx, article.Merge{From: article.Token("a copy"), Into: h.Article, URL: "https://news.example/copy", Since: moment}, 0))
	if _, _, err := bus.Merge(j.ctx, h.Article, article.Token("a copy")); err != nil {
		j.t.Fatal(err)
	}
	j.must(bus.PublishCheckOutcome(j.ctx, article.CheckOutcome{Article: h.Article, Source: h.Source, FetchedAt: moment}))
	j.must(bus.DeadLetter(j.ctx, "SNAPSHOTS", "snapshot."+h.Article, nil, "a test"))
}

func (j *job) index(bus *eventbus.Bus) {
	j.must(bus.Consume(j.once(), eventbus.NewRevisions, 1, j.handle(func(d *eventbus.Delivery) error {
		_, err := bus.Revision(j.ctx, d.Sequence)
		return err
	})))
	j.watch(bus)
	if end, err := bus.RevisionsEnd(j.ctx); err != nil || end != 1 {
		j.t.Errorf("the revisions end with %d, error %v; want 1", end, err)
	}
	j.must(bus.Consume(j.once(), eventbus.NewOutcomes, 1, j.handle(func(d *eventbus.Delivery) error {
		_, err := eventbus.DecodeCheckOutcome(d.Data)
		return err
	})))
	var revisions, outcomes int
	j.must(bus.ReadRevisions(j.ctx, 0, func(uint64, article.Event) error { revisions++; return nil }))
	j.must(bus.ReadCheckOutcomes(j.ctx, 0, func(uint64, article.CheckOutcome) error { outcomes++; return nil }))
	if end, err := bus.OutcomesEnd(j.ctx); revisions != 1 || outcomes != 1 || err != nil || end != 2 {
		j.t.Errorf("%d revisions and %d outcomes to %d, error %v; want 1, 1, 2", revisions, outcomes, end, err)
	}
	j.must(bus.DeadLetter(j.ctx, "REVISIONS", "revision.x.y", nil, "a test"))
	j.must(bus.DeadLetter(j.ctx, "OUTCOMES", "some.subject", nil, "a test"))
}

// watch reads the first revision and stops.
func (j *job) watch(bus *eventbus.Bus) {
	stop := errors.New("seen")
	err := bus.WatchRevisions(j.ctx, 0, true, func(_ uint64, e article.Event) error {
		if e.Article != j.head.Article {
			j.t.Errorf("a revision of %s", e.Article)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		j.t.Fatal(err)
	}
}

// follow reads the newest revision by its number beside.
func (j *job) follow(bus *eventbus.Bus) {
	j.watch(bus)
	if e, err := bus.Revision(j.ctx, 1); err != nil || e.Version != 1 {
		j.t.Errorf("revision 1 is %+v, error %v", e, err)
	}
}

// hosts looks at how the hosts are.
func (j *job) hosts(bus *eventbus.Bus) {
	count := 0
	j.must(bus.Hosts(j.ctx, func(eventbus.Host) error { count++; return nil }))
	if _, _, err := bus.Host(j.ctx, feedHost); err != nil || count != 2 {
		j.t.Errorf("%d hosts, error %v; want 2", count, err)
	}
	if at, _, err := bus.Turn(j.ctx, article.Token(feedHost)); err != nil || !at.Attempt.PagesFirst {
		j.t.Errorf("the turn of the feed's host is %+v, error %v", at, err)
	}
	queues, err := bus.Queues(j.ctx)
	j.must(err)
	if q, err := bus.Queue(j.ctx, article.Token("news.example")); err != nil || q != queues[article.Token("news.example")] || q.Pages != 1 {
		j.t.Errorf("at the article's host waits %+v, among all %+v, error %v", q, queues, err)
	}
}

func (j *job) query(bus *eventbus.Bus) {
	j.hosts(bus)
	if memory, _, err := bus.Site(j.ctx, "news.example"); err != nil || string(memory) != "what repeats" { // to read archived pages again
		j.t.Errorf("the memory of the site is %q, error %v", memory, err)
	}
	h, _, err := bus.Head(j.ctx, j.head.Article)
	j.must(err)
	if standing, err := bus.Standing(j.ctx, article.Token("a guid")); err != nil || standing.Article != h.Article {
		j.t.Errorf("the guid leads to %q, error %v", standing.Article, err)
	}
	j.must(bus.Merges(j.ctx, h.Article, func(m article.Merge) error {
		m, revision, err := bus.Merge(j.ctx, m.Into, m.From)
		if err != nil {
			return err
		}
		return bus.PutMerge(j.ctx, m, revision)
	}))
	count := 0
	j.must(bus.Heads(j.ctx, func(article.Head) error { count++; return nil }))
	if count != 1 {
		j.t.Errorf("%d heads, want 1", count)
	}
	if memory, _, err := bus.Site(j.ctx, "news.example"); err != nil || string(memory) != "what repeats" {
		j.t.Errorf("the memory of the site is %q, error %v", memory, err)
	}
	if _, err := bus.CheckNow(j.ctx, h); err != nil {
		j.t.Fatal(err)
	}
	j.follow(bus)
	if _, _, err := bus.Site(j.ctx, "news.example"); err != nil { // for reading pages again
		j.t.Errorf("what is remembered of a site: %v", err)
	}
	state, err := bus.State(j.ctx)
	if err != nil || len(state.Streams) < 9 || len(state.Consumers) != 8 {
		j.t.Errorf("the bus tells of %d streams and %d consumers, error %v", len(state.Streams), len(state.Consumers), err)
	}
	feeds, err := bus.Feeds(j.ctx)
	j.must(err)
	if _, _, err := bus.Site(j.ctx, "news.example"); err != nil && !eventbus.IsNotFound(err) {
		j.t.Error(err)
	}
	looks, polls := 0, 0
	j.must(bus.ChecksOf(j.ctx, j.head.Article, func(article.CheckOutcome) { looks++ }))
	j.must(bus.PollsOf(j.ctx, feeds[0].ID, func(article.PollOutcome) { polls++ }))
	if looks != 1 || polls != 1 {
		j.t.Errorf("%d looks and %d polls are remembered, want 1 and 1", looks, polls)
	}
	f, revision, err := bus.Feed(j.ctx, feeds[0].ID)
	j.must(err)
	j.must(bus.PutFeed(j.ctx, f, revision))
	j.must(bus.ArmFeed(j.ctx, f.ID, time.Now().Add(time.Hour)))
	j.must(errors.Join(bus.DisarmFeed(j.ctx, f.ID), bus.DisarmFeed(j.ctx, f.ID), bus.DeleteFeed(j.ctx, f.ID)))
}

func (j *job) operate(bus *eventbus.Bus) {
	var replayed, refused int
	j.must(bus.DeadLetters(j.ctx, 0, func(d eventbus.DeadLetter) error {
		if d.Stream != "REVISIONS" && d.Stream != "OUTCOMES" {
			replayed++
			return bus.ReplayDeadLetter(j.ctx, d.Sequence)
		}
		refused++
		if err := bus.ReplayDeadLetter(j.ctx, d.Sequence); err == nil || !strings.Contains(err.Error(), "reindex") {
			j.t.Errorf("replaying what the index refused: %v", err)
		}
		return bus.RemoveDeadLetter(j.ctx, d.Sequence)
	}))
	if replayed != 6 || refused != 2 {
		j.t.Errorf("%d dead letters replayed, %d refused; want 6, 2", replayed, refused)
	}
	_, err := bus.Erase(j.ctx, eventbus.Takedown{Article: j.head.Article, Reason: "asked for", At: moment})
	j.must(err)
}

// once ends when the handler of handle is done.
func (j *job) once() context.Context {
	ctx, cancel := context.WithTimeout(j.t.Context(), time.Minute)
	j.done = cancel
	return ctx
}

func (j *job) handle(work func(*eventbus.Delivery) error) func(context.Context, *eventbus.Delivery) error {
	return func(_ context.Context, d *eventbus.Delivery) error {
		defer j.done()
		if err := work(d); err != nil {
			j.t.Errorf("handling %s: %v", d.Subject, err)
		}
		return nil
	}
}

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
