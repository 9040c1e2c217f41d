package eventbus_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

func TestReadingEndsWithWhatStands(t *testing.T) {
	bus, _ := open(t)
	ctx := t.Context()
	read := func(after uint64) []string {
		t.Helper()
		var seen []string
		if err := bus.ReadRevisions(ctx, after, func(sequence uint64, e article.Event) error {
			seen = append(seen, fmt.Sprintf("%d %s", sequence, e.Article))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return seen
	}
	if seen := read(0); len(seen) > 0 {
		t.Errorf("an empty stream has %q", seen)
	}
	ids := []string{article.Token("1"), article.Token("2"), article.Token("3")}
	for _, id := range ids {
		if _, err := bus.PublishRevision(ctx, article.Event{Article: id, Source: "Gazette", Version: 1}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if seen := read(0); !slices.Equal(seen, []string{"1 " + ids[0], "2 " + ids[1], "3 " + ids[2]}) {
		t.Errorf("all is %q", seen)
	}
	if seen := read(2); !slices.Equal(seen, []string{"3 " + ids[2]}) {
		t.Errorf("after the second is %q", seen)
	}
	if seen := read(3); len(seen) > 0 {
		t.Errorf("after the last is %q", seen)
	}
	// What a takedown deleted at the end is not waited for.
	if err := bus.PublishCheckOutcome(ctx, article.CheckOutcome{Article: ids[0], Source: "Gazette", FetchedAt: moment}); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.Erase(ctx, eventbus.Takedown{Article: ids[0], At: moment}); err != nil {
		t.Fatal(err)
	}
	if seen := read(0); !slices.Equal(seen, []string{"2 " + ids[1], "3 " + ids[2], "4 " + ids[0]}) {
		t.Errorf("after a takedown all is %q", seen)
	}
	for what, end := range map[string]func() (uint64, error){
		"4": func() (uint64, error) { return bus.RevisionsEnd(ctx) }, "0": func() (uint64, error) { return bus.OutcomesEnd(ctx) },
	} {
		if at, err := end(); err != nil || fmt.Sprint(at) != what {
			t.Errorf("the end is %d, error %v; want %s", at, err, what)
		}
	}
	if err := bus.ReadCheckOutcomes(ctx, 0, func(uint64, article.CheckOutcome) error { return errors.New("there is one") }); err != nil {
		t.Error(err)
	}
}
