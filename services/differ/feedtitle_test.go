package differ

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
)

// said is a look that the feed called for, with the headline that it has.
func said(headline string, minute int) article.Check {
	c := ferryAt(storyPage, minute)
	c.Headline = headline
	return c
}

func notModified(headline string, minute int) article.Check {
	c := said(headline, minute)
	c.Outcome, c.Status, c.Snapshot = article.Unchanged, 304, nil
	return c
}

// TestAnotherHeadlineInTheFeedIsARevision: the page says what it said, the feed does not.
func TestAnotherHeadlineInTheFeedIsARevision(t *testing.T) {
	const first, second = "Ferry fares to Brask rise", "Ferry operator cashes in"
	otherFeed, failed, changed := said(second, 1), notModified(second, 1), said(second, 1)
	otherFeed.Feed = "another"
	failed.Outcome, failed.Status = article.Failed, 502
	changed.Snapshot.Title = second
	for _, c := range []struct {
		name  string
		looks []article.Check
		want  int // versions
		kind  string
	}{
		{"the same", []article.Check{said(first, 1), said("", 2)}, 1, "first"},
		{"another", []article.Check{said(second, 1), said(second, 2)}, 2, "feed"},
		{"another, and the page was not sent again", []article.Check{notModified(second, 1), notModified(second, 2)}, 2, "feed"},
		{"other marks", []article.Check{said("Ferry fares to Brask rise!", 1)}, 1, "first"},
		{"another feed's", []article.Check{otherFeed}, 1, "first"},
		{"nothing was seen of the page", []article.Check{failed}, 1, "first"},
		{"told when something is", []article.Check{failed, said(second, 2)}, 2, "feed"},
		{"to and fro is told once", []article.Check{said(second, 1), said(first, 2), said(second, 3), said(first, 4)}, 2, "feed"},
		{"the page's headline changed with it", []article.Check{changed}, 2, "headline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bus := bustest.New(t)
			d := newDiffer(t, bus)
			mustAccount(t, d, append([]article.Check{said(first, 0)}, c.looks...)...)
			e, _, err := bus.LastRevision(t.Context(), "Paper", article.Token(keyOf(storyPage)))
			if err != nil || e.Version != c.want || !slices.Contains(e.Kinds, c.kind) {
				t.Errorf("version %d of kinds %q, error %v; want %d, %s", e.Version, e.Kinds, err, c.want, c.kind)
			}
			if c.kind == foundFeed && (feedTitleOf(e) != second || e.Revision.Weight != article.Minor) {
				t.Errorf("it tells %q with weight %d", feedTitleOf(e), e.Revision.Weight)
			}
		})
	}
}

// TestAnotherHeadlineIsToldOnceWhateverCrashes kills the differ at every call.
func TestAnotherHeadlineIsToldOnceWhateverCrashes(t *testing.T) {
	for call := 1; call <= 5; call++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, effect %v", call, after), func(t *testing.T) {
				bus := bustest.New(t)
				d := newDiffer(t, bus)
				mustAccount(t, d, said("Ferry fares to Brask rise", 0))
				dying := New(d.Deps)
				dying.Bus = &crashing{Bus: bus, left: call, after: after}
				look := said("Ferry operator cashes in", 1)
				_ = dying.account(t.Context(), look) // the other takes over, whether it died or not
				again := look
				again.FetchedAt = again.FetchedAt.Add(1)
				mustAccount(t, d, look, look, again)
				if n := versionsOf(t, bus, storyPage); n != 2 {
					t.Errorf("%d versions, want 2", n)
				}
			})
		}
	}
}
