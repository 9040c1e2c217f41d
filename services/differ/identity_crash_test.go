package differ

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
)

// dieEverywhere runs looks with a differ that dies at its nth call, with that call's effect and without, lets another do
// them all again, and judges what stands then. It ends where the differ outlives the looks.
func dieEverywhere(t *testing.T, before, looks []article.Check, judge func(*testing.T, *eventbus.Bus)) {
	t.Helper()
	for call, over := 1, false; !over; call++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, effect %v", call, after), func(t *testing.T) {
				bus := bustest.New(t)
				d := newDiffer(t, bus)
				mustAccount(t, d, before...)
				dying := New(d.Deps)
				bad := &crashing{Bus: bus, left: call, after: after}
				dying.Bus = bad
				for _, c := range looks {
					if dying.account(t.Context(), c) != nil {
						break
					}
				}
				over = bad.left > 0
				mustAccount(t, d, looks...)
				mustAccount(t, d, looks[len(looks)-1])
				judge(t, bus)
			})
		}
		if call > 40 {
			t.Fatal("the looks have no end")
		}
	}
}

// TestAnAddressThatBecomesAnothersWhateverCrashes: one revision tells of the move, and the looks end with one merge.
func TestAnAddressThatBecomesAnothersWhateverCrashes(t *testing.T) {
	const newer = thePaper + "/news/brask-ferry-a-tenth-dearer"
	var looks []article.Check
	for minute := 2; minute < 5; minute++ { // the third is for a crash that had the second taken from the stream
		moved := ferryAt(storyPage, minute)
		moved.FinalURL, moved.Outcome = newer, article.Moved
		looks = append(looks, moved)
	}
	dieEverywhere(t, []article.Check{ferryAt(storyPage, 0), ferryAt(newer, 1)}, looks, func(t *testing.T, bus *eventbus.Bus) {
		old, h := headOf(t, bus, storyPage), headOf(t, bus, newer)
		if old.MergedInto != h.Article || !old.Next.IsZero() || versionsOf(t, bus, storyPage) != 2 {
			t.Errorf("the older: merged into %q, looks again %v, %d versions", old.MergedInto, old.Next, versionsOf(t, bus, storyPage))
		}
		if h.MergedInto != "" || versionsOf(t, bus, newer) != 1 || len(mergesInto(t, bus, h.Article)) != 1 {
			t.Errorf("the newer: merged into %q, %d versions, merges %v", h.MergedInto, versionsOf(t, bus, newer), mergesInto(t, bus, h.Article))
		}
	})
}

// TestTellingApartWhateverCrashes: the other article is looked at by itself, and the first one stays as it was.
func TestTellingApartWhateverCrashes(t *testing.T) {
	const newer = thePaper + "/news/court-hears-the-pilot"
	other := sighted(newer, "Court hears the pilot", "grounding", 1)
	other.Article, other.Outcome, other.Readdressed = article.Token(keyOf(storyPage)), article.Moved, true
	for i := range other.Snapshot.Blocks {
		other.Snapshot.Blocks[i].Text = fmt.Sprintf("Before judge Holm the pilot explained in session %d why rope, fog and a broken lamp had misled everyone aboard.", i)
	}
	dieEverywhere(t, []article.Check{ferryAt(storyPage, 0)}, []article.Check{other}, func(t *testing.T, bus *eventbus.Bus) {
		h := headOf(t, bus, storyPage)
		if h.URL != storyPage || versionsOf(t, bus, storyPage) != 1 || h.Next.IsZero() {
			t.Errorf("it is at %s with %d versions, looks again %v", h.URL, versionsOf(t, bus, storyPage), h.Next)
		}
		if waiting, err := bus.CheckScheduled(t.Context(), article.Token(keyOf(newer))); err != nil || !waiting {
			t.Errorf("the other is looked at: %t, error %v", waiting, err)
		}
		if !slices.ContainsFunc(mergesInto(t, bus, h.Article), func(m article.Merge) bool { return !m.Undone.IsZero() }) {
			t.Error("it is not remembered that they are two")
		}
	})
}
