package eventbus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
)

var moment = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func TestARevisionIsStoredOnlyAfterItsPredecessor(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	event := article.Event{Article: "a1", Source: "Gazette", Version: 1, FetchedAt: moment}
	first, err := bus.PublishRevision(ctx, event, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bus.PublishRevision(ctx, event, 0); !eventbus.Refused(err) {
		t.Fatalf("a second first revision: %v, want refused", err)
	}
	event.Version = 2
	if _, err := bus.PublishRevision(ctx, event, first); err != nil {
		t.Fatal(err)
	}
	last, sequence, err := bus.LastRevision(ctx, "Gazette", "a1")
	if err != nil || last.Version != 2 {
		t.Fatalf("the newest revision is %d at %d, error %v; want 2", last.Version, sequence, err)
	}
	if _, _, err := bus.LastRevision(ctx, "Gazette", "a2"); !eventbus.IsNotFound(err) {
		t.Errorf("no revision: %v, want not found", err)
	}
}

func TestHeadsAreComparedAndSwapped(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	h := article.Head{Article: "a1", Version: 1}
	if err := bus.PutHead(ctx, h, 0); err != nil {
		t.Fatal(err)
	}
	if err := bus.PutHead(ctx, h, 0); !errors.Is(err, eventbus.ErrConflict) {
		t.Fatalf("a second first head: %v, want a conflict", err)
	}
	_, revision, err := bus.Head(ctx, "a1")
	if err != nil {
		t.Fatal(err)
	}
	h.Version = 2
	if err := bus.PutHead(ctx, h, revision); err != nil {
		t.Fatal(err)
	}
	if err := bus.PutHead(ctx, h, revision); !errors.Is(err, eventbus.ErrConflict) {
		t.Fatalf("an outdated head: %v, want a conflict", err)
	}
}

func TestEqualReadingsAreTwoChecks(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	check := article.Check{Article: "a1", FetchedAt: moment, Outcome: article.Read, Snapshot: &article.Snapshot{Title: "same"}}
	for range 2 { // the same check twice is one
		if err := bus.PublishCheck(ctx, check); err != nil {
			t.Fatal(err)
		}
	}
	check.FetchedAt = moment.Add(time.Second) // the same text later is another
	if err := bus.PublishCheck(ctx, check); err != nil {
		t.Fatal(err)
	}
	var seen []time.Time
	for {
		c, err := bus.FirstCheck(ctx, "a1")
		if eventbus.IsNotFound(err) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, c.FetchedAt)
		if err := bus.RemoveCheck(ctx, c.Sequence); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 2 || !seen[0].Equal(moment) {
		t.Errorf("checks at %v, want two, the older first", seen)
	}
}

func TestOneLeaseAHost(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	entry := eventbus.Entry{Host: "news.example", Article: "a1", URL: "https://news.example/1"}
	for range 2 { // a doubled enqueue joins the entry that waits
		if err := bus.Enqueue(ctx, entry); err != nil {
			t.Fatal(err)
		}
	}
	token := article.Token(entry.Host)
	got, err := bus.NextEntry(ctx, token, false)
	if err != nil || got.Article != "a1" {
		t.Fatalf("the next entry is %+v, error %v", got, err)
	}
	until := time.Now().Add(time.Hour)
	fence, err := bus.Lease(ctx, token, until, eventbus.Attempt{Entry: got.Sequence, Count: 1}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bus.Lease(ctx, token, until, eventbus.Attempt{}, 0); !eventbus.Refused(err) {
		t.Fatalf("a second lease: %v, want refused", err)
	}
	if err := bus.Enqueue(ctx, eventbus.Entry{Host: entry.Host, Article: "a2"}); err != nil {
		t.Fatalf("enqueueing under a lease: %v", err)
	}
	if err := bus.RemoveEntry(ctx, got); err != nil {
		t.Fatal(err)
	}
	if err := bus.RemoveEntry(ctx, got); err != nil {
		t.Fatalf("removing twice: %v", err)
	}
	if err := bus.Guard(ctx, token, time.Now(), fence+1, false); !eventbus.Refused(err) {
		t.Fatalf("re-arming with a wrong fence: %v, want refused", err)
	}
	if err := bus.Guard(ctx, token, time.Now(), fence, false); err != nil {
		t.Fatal(err)
	}
	due := receive(t, bus, eventbus.DueTurns)
	if due.Token(2) != token {
		t.Errorf("due is %s, want the host %s", due.Subject, token)
	}
}

func TestFeedsAndPagesWaitInLinesOfTheirOwn(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	token := article.Token("news.example")
	for _, e := range []eventbus.Entry{
		{Article: "a1"}, {Article: "a2"}, {Feed: "f1"}, {Feed: "f2"}, {Feed: "f1", URL: "again"},
	} {
		e.Host = "news.example"
		if err := bus.Enqueue(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	queue, err := bus.Queue(ctx, token)
	if err != nil || queue != (eventbus.Queue{Pages: 2, Feeds: 2}) {
		t.Errorf("%+v waits, error %v", queue, err)
	}
	var order []string
	for _, pagesFirst := range []bool{false, true, true, true, true} {
		e, err := bus.NextEntry(ctx, token, pagesFirst)
		if eventbus.IsNotFound(err) {
			order = append(order, "none")
			continue
		}
		if err != nil || e.IsFeed() != (e.Article == "") {
			t.Fatal(e, err)
		}
		order = append(order, e.Article+e.Feed+e.URL)
		if err := bus.RemoveEntry(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(order, " "), "f1 a1 a2 f2 none"; got != want {
		t.Errorf("the order is %q, want %q", got, want)
	}
}

func TestASecondCheckNowJoinsTheFirst(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	h := article.Head{Article: "a1", URL: "https://news.example/1"}
	for i, want := range []bool{true, false} {
		asked, err := bus.CheckNow(ctx, h)
		if err != nil || asked != want {
			t.Fatalf("call %d: asked %v, error %v; want %v", i, asked, err, want)
		}
	}
}

func TestASchedulePublishesItsCheck(t *testing.T) {
	bus, ctx := bustest.New(t), t.Context()
	h := article.Head{Article: "a1", URL: "https://news.example/1", Next: time.Now().Add(time.Hour)}
	if err := bus.ArmCheck(ctx, h); err != nil {
		t.Fatal(err)
	}
	h.Next = time.Now()
	if err := bus.ArmCheckIfAbsent(ctx, h); err != nil { // one stands: this changes nothing
		t.Fatal(err)
	}
	if err := bus.ArmCheck(ctx, h); err != nil { // this replaces it
		t.Fatal(err)
	}
	due := receive(t, bus, eventbus.DueChecks)
	if due.Subject != "check.due.a1" || len(due.Data) == 0 {
		t.Errorf("due is %s with %d bytes", due.Subject, len(due.Data))
	}
}

func TestPoisonIsKeptAndAnErrorComesAgain(t *testing.T) {
	bus := bustest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, id := range []string{"poison", "again"} {
		if err := bus.PublishItem(ctx, article.Item{Article: id, Source: "Gazette", URL: "https://news.example/" + id}); err != nil {
			t.Fatal(err)
		}
	}
	deliveries := map[string]int{}
	err := bus.Consume(ctx, eventbus.NewItems, 1, func(_ context.Context, d *eventbus.Delivery) error {
		id := d.Token(2)
		deliveries[id] = d.Deliveries
		switch {
		case id == "poison":
			return &eventbus.Poison{Err: errors.New("no address")}
		case d.Deliveries == 1:
			panic("the first try fails")
		default:
			cancel()
			return nil
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if deliveries["poison"] != 1 || deliveries["again"] != 2 {
		t.Errorf("deliveries %v, want the poison once and the other twice", deliveries)
	}
}

// receive takes one message of a consumer.
func receive(t *testing.T, bus *eventbus.Bus, c eventbus.Consumer) *eventbus.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got *eventbus.Delivery
	err := bus.Consume(ctx, c, 1, func(_ context.Context, d *eventbus.Delivery) error {
		got = d
		cancel()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got == nil {
		t.Fatal("nothing came within a minute")
	}
	return got
}
