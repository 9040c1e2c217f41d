package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// open gives a bus with everything and the streams under it.
func open(t *testing.T) (*eventbus.Bus, jetstream.JetStream) {
	t.Helper()
	nc, js := inside(t)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	bus, err := eventbus.Open(t.Context(), nc, eventbus.Everything, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return bus, js
}

// stored are the subjects that hold messages of an article, with their number: "revision.x.a 2".
func stored(t *testing.T, js jetstream.JetStream, id string) []string {
	t.Helper()
	var found []string
	names := js.StreamNames(t.Context())
	for name := range names.Name() {
		stream, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter(">"))
		if err != nil {
			t.Fatal(err)
		}
		for subject, n := range info.State.Subjects {
			if strings.HasSuffix(subject, "."+id) {
				found = append(found, fmt.Sprintf("%s %d", subject, n))
			}
		}
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

// story puts messages of an article wherever they can stand.
func story(t *testing.T, bus *eventbus.Bus, id, url string) {
	t.Helper()
	ctx := t.Context()
	h := article.Head{Article: id, Source: "Gazette", URL: url, Title: "Mayor resigns", Version: 2, Next: time.Now().Add(time.Hour)}
	first, err := bus.PublishRevision(ctx, article.Event{Article: id, Source: "Gazette", Version: 1, Hash: "h1", Page: "p1"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bus.PublishRevision(ctx, article.Event{Article: id, Source: "Gazette", Version: 2, Hash: "h2", Page: "p2"}, first); err != nil {
		t.Fatal(err)
	}
	_, err = bus.CheckNow(ctx, h)
	check := article.Check{Article: id, Source: "Gazette", URL: url, FetchedAt: moment, Outcome: article.Read, Page: "p3"}
	err = errors.Join(err, bus.PutHead(ctx, h, 0), bus.ArmCheck(ctx, h), bus.PublishCheck(ctx, check),
		bus.Enqueue(ctx, eventbus.Entry{Host: "news.example", Article: id, URL: url}),
		bus.PublishCheckOutcome(ctx, article.CheckOutcome{Article: id, Source: "Gazette", FetchedAt: moment}),
		bus.DeadLetter(ctx, "SNAPSHOTS", "snapshot."+id, []byte("x"), "a test"),
		bus.DeadLetter(ctx, "ITEMS", "item."+article.Token("Gazette")+"."+id, []byte("x"), "a test"))
	for _, source := range []string{"Gazette", "Courier"} { // two publishers' feeds name it
		err = errors.Join(err, bus.PublishItem(ctx, article.Item{Feed: source, Article: id, Source: source, URL: url}))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// markers are what may be left of an article.
func markers(id string, sources ...string) []string {
	left := []string{"$KV.articles." + id + " 1"}
	for _, s := range sources {
		left = append(left, "revision."+article.Token(s)+"."+id+" 1")
	}
	slices.Sort(left)
	return left
}

func TestATakedownLeavesATombstoneAndMarkers(t *testing.T) {
	bus, js := open(t)
	id, other := article.Token("https://news.example/1"), article.Token("https://news.example/2")
	story(t, bus, id, "https://news.example/1")
	story(t, bus, other, "https://news.example/2")
	before := stored(t, js, other)
	var forgotten []eventbus.Reference
	down := eventbus.Takedown{Article: id, Reason: "asked for\nby its author", At: moment, Forget: func(_ context.Context, r eventbus.Reference) error {
		forgotten = append(forgotten, r)
		return nil
	}}
	h, err := bus.Erase(t.Context(), down)
	if err != nil {
		t.Fatal(err)
	}
	if h.Tombstone != "asked for by its author" || !h.ChangedAt.Equal(moment) || h.Title != "" || h.URL != "" {
		t.Errorf("the tombstone is %+v", h)
	}
	want := []eventbus.Reference{
		{Article: id, Version: 1, Hash: "h1", Page: "p1"}, {Article: id, Version: 2, Hash: "h2", Page: "p2"}, {Article: id, Page: "p3"},
	}
	if !slices.Equal(forgotten, want) {
		t.Errorf("to forget: %+v, want %+v", forgotten, want)
	}
	if left := stored(t, js, id); !slices.Equal(left, markers(id, "Gazette", "Courier")) {
		t.Errorf("left is %q", left)
	}
	last, sequence, err := bus.LastRevision(t.Context(), "Gazette", id)
	if err != nil || !last.Withdrawn || !last.FetchedAt.Equal(moment) {
		t.Errorf("the newest revision is %+v, error %v", last, err)
	}
	if after := stored(t, js, other); !slices.Equal(after, before) {
		t.Errorf("another article had %q and has %q", before, after)
	}
	down.Reason, down.At = "another", moment.Add(time.Hour)
	again, err := bus.Erase(t.Context(), down)
	if err != nil || again.Tombstone != h.Tombstone || !again.ChangedAt.Equal(h.ChangedAt) {
		t.Errorf("the second time the tombstone is %+v, error %v", again, err)
	}
	if _, now, err := bus.LastRevision(t.Context(), "Gazette", id); err != nil || now != sequence {
		t.Errorf("the second time made another marker: %d, before %d, error %v", now, sequence, err)
	}
}

func TestATakedownThatIsInterruptedGoesOn(t *testing.T) {
	bus, js := open(t)
	id := article.Token("https://news.example/1")
	story(t, bus, id, "https://news.example/1")
	calls := map[eventbus.Reference]int{}
	broken := true
	down := eventbus.Takedown{Article: id, Reason: "asked for", At: moment, Forget: func(_ context.Context, r eventbus.Reference) error {
		calls[r]++
		if broken && r.Version == 2 {
			return errors.New("the archive does not answer")
		}
		return nil
	}}
	if _, err := bus.Erase(t.Context(), down); err == nil {
		t.Fatal("an archive that does not answer is no error")
	}
	broken = false
	if _, err := bus.Erase(t.Context(), down); err != nil {
		t.Fatal(err)
	}
	if n := calls[eventbus.Reference{Article: id, Version: 2, Hash: "h2", Page: "p2"}]; n != 2 {
		t.Errorf("version 2 was to be forgotten %d times, want twice", n)
	}
	if left := stored(t, js, id); !slices.Equal(left, markers(id, "Gazette", "Courier")) {
		t.Errorf("left is %q", left)
	}
}

func TestATakedownOfWhatWasNeverRead(t *testing.T) {
	bus, js := open(t)
	id := article.Token("https://news.example/1")
	if err := bus.PublishItem(t.Context(), article.Item{Article: id, Source: "Gazette", URL: "https://news.example/1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.Erase(t.Context(), eventbus.Takedown{Article: id, At: moment}); err != nil {
		t.Fatal(err)
	}
	if left := stored(t, js, id); !slices.Equal(left, markers(id, "Gazette")) {
		t.Errorf("left is %q", left)
	}
	if _, err := bus.Erase(t.Context(), eventbus.Takedown{Article: "*", At: moment}); err == nil {
		t.Error("all articles at once can be taken down")
	}
}

// TestACheckInFlightDoesNotResurrect takes an article down before, between and after the steps of a differ's commit,
// which goes on in its ignorance and is delivered again at the end.
func TestACheckInFlightDoesNotResurrect(t *testing.T) {
	for _, known := range []bool{false, true} {
		for at := range 7 {
			t.Run(fmt.Sprintf("known %v, before step %d", known, at), func(t *testing.T) {
				bus, js := open(t)
				f := &flight{bus: bus, id: article.Token("https://news.example/1")}
				if err := bus.PublishItem(t.Context(), article.Item{Article: f.id, Source: "Gazette", URL: "https://news.example/1"}); err != nil {
					t.Fatal(err)
				}
				if known {
					f.at = moment
					if err := f.run(t.Context(), -1, nil); err != nil {
						t.Fatal(err)
					}
				}
				f.at = moment.Add(time.Hour)
				down := eventbus.Takedown{Article: f.id, Reason: "asked for", At: moment.Add(2 * time.Hour)}
				takedown := func() error { _, err := bus.Erase(t.Context(), down); return err }
				if err := f.run(t.Context(), at, takedown); err != nil {
					t.Fatal(err)
				}
				if err := f.run(t.Context(), -1, nil); err != nil { // the redelivery
					t.Fatal(err)
				}
				h, _, err := bus.Head(t.Context(), f.id)
				if err != nil || h.Tombstone == "" {
					t.Errorf("the head is %+v, error %v", h, err)
				}
				for _, s := range stored(t, js, f.id) {
					if strings.HasPrefix(s, "revision.") && !slices.Contains(markers(f.id, "Gazette"), s) {
						t.Errorf("left is %s", s)
					}
				}
				if last, _, err := bus.LastRevision(t.Context(), "Gazette", f.id); err != nil || !last.Withdrawn {
					t.Errorf("the newest revision is %+v, error %v", last, err)
				}
				if err := takedown(); err != nil { // after the longest redelivery
					t.Fatal(err)
				}
				if left := stored(t, js, f.id); !slices.Equal(left, markers(f.id, "Gazette")) {
					t.Errorf("in the end %q is left", left)
				}
			})
		}
	}
}

// flight is a differ's commit of one check, in its steps.
type flight struct {
	bus *eventbus.Bus
	id  string
	at  time.Time

	head     article.Head
	revision uint64
	over     bool
}

// run does the steps, and something else before one of them.
func (f *flight) run(ctx context.Context, before int, other func() error) error {
	*f = flight{bus: f.bus, id: f.id, at: f.at}
	for i, step := range []func(context.Context) error{f.reading, f.look, f.publish, f.put, f.arm, f.outcome, func(context.Context) error { return nil }} {
		if i == before {
			if err := other(); err != nil {
				return err
			}
		}
		if f.over && i > 0 {
			continue
		}
		if err := step(ctx); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

func (f *flight) reading(ctx context.Context) error {
	return f.bus.PublishCheck(ctx, article.Check{Article: f.id, Source: "Gazette", FetchedAt: f.at, Outcome: article.Read})
}

func (f *flight) look(ctx context.Context) error {
	h, revision, err := f.bus.Head(ctx, f.id)
	if err != nil && !eventbus.IsNotFound(err) {
		return err
	}
	f.head, f.revision, f.over = h, revision, h.Tombstone != "" || !f.at.After(h.FetchedAt)
	return nil
}

func (f *flight) publish(ctx context.Context) error {
	e := article.Event{Article: f.id, Source: "Gazette", Version: f.head.Version + 1, FetchedAt: f.at}
	sequence, err := f.bus.PublishRevision(ctx, e, f.head.Sequence)
	if eventbus.Refused(err) {
		last, _, err := f.bus.LastRevision(ctx, "Gazette", f.id)
		f.over = true
		if err == nil && !last.Withdrawn {
			return errors.New("refused by something that is no marker")
		}
		return err
	}
	f.head = article.Head{
		Article: f.id, Source: "Gazette", Version: e.Version, Sequence: sequence, FetchedAt: f.at, Next: time.Now().Add(time.Hour),
	}
	return err
}

func (f *flight) put(ctx context.Context) error {
	err := f.bus.PutHead(ctx, f.head, f.revision)
	if errors.Is(err, eventbus.ErrConflict) {
		f.over = true // the next look finds the tombstone
		return nil
	}
	return err
}

func (f *flight) arm(ctx context.Context) error { return f.bus.ArmCheck(ctx, f.head) }

func (f *flight) outcome(ctx context.Context) error {
	return f.bus.PublishCheckOutcome(ctx, article.CheckOutcome{Article: f.id, Source: "Gazette", FetchedAt: f.at})
}
