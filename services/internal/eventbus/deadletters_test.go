package eventbus_test

import (
	"errors"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// letters gives all dead letters up to a limit.
func letters(t *testing.T, bus *eventbus.Bus, limit int) []eventbus.DeadLetter {
	t.Helper()
	var list []eventbus.DeadLetter
	err := bus.DeadLetters(t.Context(), limit, func(d eventbus.DeadLetter) error {
		list = append(list, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestDeadLettersAreListedAndRead(t *testing.T) {
	bus, _ := open(t)
	ctx := t.Context()
	if err := bus.DeadLetter(ctx, "CHECKS", "check.due.a1", []byte("one"), "line\nbreak"); err != nil {
		t.Fatal(err)
	}
	if err := bus.DeadLetter(ctx, "SNAPSHOTS", "snapshot.a2", []byte("two"), "no time"); err != nil {
		t.Fatal(err)
	}
	all := letters(t, bus, 0)
	if len(all) != 2 || len(letters(t, bus, 1)) != 1 {
		t.Fatalf("%d letters, want 2", len(all))
	}
	first := all[0]
	if first.Stream != "CHECKS" || first.Subject != "check.due.a1" || first.Reason != "line break" || string(first.Data) != "one" || first.At.IsZero() {
		t.Errorf("the first is %+v", first)
	}
	second, err := bus.ReadDeadLetter(ctx, all[1].Sequence)
	if err != nil || second.Reason != "no time" {
		t.Errorf("the second is %+v, error %v", second, err)
	}
	if _, err := bus.ReadDeadLetter(ctx, 99); !eventbus.IsNotFound(err) {
		t.Errorf("one that is not there: %v", err)
	}
	stop := errors.New("enough")
	if err := bus.DeadLetters(ctx, 0, func(eventbus.DeadLetter) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a reader that fails: %v", err)
	}
}

func TestADeadLetterIsReplayedOnceAndGone(t *testing.T) {
	bus, _ := open(t)
	ctx := t.Context()
	if err := bus.DeadLetter(ctx, "CHECKS", "check.due.a1", []byte("body"), "a bug that is mended"); err != nil {
		t.Fatal(err)
	}
	sequence := letters(t, bus, 0)[0].Sequence
	if err := bus.ReplayDeadLetter(ctx, sequence); err != nil {
		t.Fatal(err)
	}
	if due := receive(t, bus, eventbus.DueChecks); due.Subject != "check.due.a1" || string(due.Data) != "body" {
		t.Errorf("replayed is %s with %q", due.Subject, due.Data)
	}
	if left := letters(t, bus, 0); len(left) > 0 {
		t.Errorf("left are %+v", left)
	}
	if err := bus.ReplayDeadLetter(ctx, sequence); !eventbus.IsNotFound(err) {
		t.Errorf("a second replay: %v", err)
	}
}

// TestAReplayedRevisionWouldNotBeTheTruth: its stream has it still, and the end of the subject is another by now.
func TestAReplayedRevisionWouldNotBeTheTruth(t *testing.T) {
	bus, _ := open(t)
	ctx := t.Context()
	event := article.Event{Article: "a1", Source: "Gazette", Version: 1}
	sequence, err := bus.PublishRevision(ctx, event, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.DeadLetter(ctx, "REVISIONS", "revision."+article.Token("Gazette")+".a1", []byte("x"), "the index refuses it"); err != nil {
		t.Fatal(err)
	}
	dead := letters(t, bus, 0)[0].Sequence
	if err := bus.ReplayDeadLetter(ctx, dead); err == nil || !letters(t, bus, 0)[0].Stands() {
		t.Error("a revision is replayed")
	}
	if _, last, err := bus.LastRevision(ctx, "Gazette", "a1"); err != nil || last != sequence {
		t.Errorf("the stream ends with %d, error %v; want %d", last, err, sequence)
	}
	if err := bus.RemoveDeadLetter(ctx, dead); err != nil {
		t.Fatal(err)
	}
	if left := letters(t, bus, 0); len(left) > 0 {
		t.Errorf("left are %+v", left)
	}
}
