package eventbus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

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
