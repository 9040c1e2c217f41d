package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stetnews/stet/services/internal/recheck"
	"github.com/stetnews/stet/services/internal/show"
)

type recheckRequest struct {
	ID         json.RawMessage `json:"id"`
	Source     string          `json:"source"`
	Published  string          `json:"published"`
	Discovered string          `json:"discovered"`
	Checks     []struct {
		At      time.Time `json:"at"`
		Changed bool      `json:"changed"`
	} `json:"checks"` // the first is the discovery copy
	Hints []struct {
		At time.Time `json:"at"`
	} `json:"hints"` // when the feed said that the article changed
}

type recheckAnswer struct {
	Next          string  `json:"next,omitempty"`
	ExpectedEdits float64 `json:"expectedEdits"`
	Reason        string  `json:"reason"`
	Over          bool    `json:"over,omitempty"`
}

func recheckTool() Tool {
	return Tool{Name: "recheck", Arguments: "[REQUEST|-]", Help: "when stet would look again at an article with a given history",
		Line: recheckLine,
		One: func(ctx context.Context, from Sources, args []string, _ Options) (Answer, error) {
			name, err := only(args)
			if err != nil {
				return nil, err
			}
			in, err := from.read(ctx, name)
			if err != nil {
				return nil, err
			}
			return recheckLine(in.Body)
		}}
}

func recheckLine(line []byte) (Answer, error) {
	var r recheckRequest
	if err := request(line, &r); err != nil {
		return nil, err
	}
	state, changes, err := r.state()
	if err != nil {
		return nil, err
	}
	next, reason, over := recheck.Policy{}.Next(state)
	if hint := r.hint(state.LastChecked); !hint.IsZero() && (over || hint.Before(next)) {
		next, reason, over = hint, "looks at once, since the feed says that the article changed", false
	}
	if over {
		return recheckAnswer{Reason: reason, Over: true}, nil
	}
	return recheckAnswer{Next: stamp(next), Reason: reason, ExpectedEdits: expected(state, changes, next)}, nil
}

// state is what the history comes to.
func (r recheckRequest) state() (state recheck.State, changes int, err error) {
	state = recheck.State{Key: r.Source + " " + string(r.ID)}
	if state.Published, err = date("published", r.Published); err != nil {
		return state, 0, err
	}
	if state.FirstSeen, err = date("discovered", r.Discovered); err != nil {
		return state, 0, err
	}
	slices.SortStableFunc(r.Checks, func(a, b struct {
		At      time.Time `json:"at"`
		Changed bool      `json:"changed"`
	}) int {
		return a.At.Compare(b.At)
	})
	for i, c := range r.Checks {
		state.Outcome, state.LastChecked = recheck.Read, c.At
		switch {
		case i == 0 && state.FirstSeen.IsZero():
			state.FirstSeen = c.At
		case i > 0 && c.Changed:
			changes++
			state.LastChanged, state.Unchanged = c.At, 0
		case i > 0:
			state.Unchanged++
		}
	}
	if state.FirstSeen.IsZero() {
		return state, 0, errors.New(`the request has neither "discovered" nor "checks"`)
	}
	return state, changes, nil
}

// hint is the first hint after the newest look, zero if there is none.
func (r recheckRequest) hint(after time.Time) time.Time {
	var first time.Time
	for _, h := range r.Hints {
		if h.At.After(after) && (first.IsZero() || h.At.Before(first)) {
			first = h.At
		}
	}
	return first
}

// expected is the number of edits expected between the newest look and the next one, by the plainest estimate: the
// article goes on changing as often as it did since it was found. One edit in one day, added to what was seen, stands
// for what is not known yet.
func expected(s recheck.State, changes int, next time.Time) float64 {
	seen := max(s.LastChecked.Sub(s.FirstSeen), 0) + 24*time.Hour
	wait := max(next.Sub(s.LastChecked), 0)
	if s.LastChecked.IsZero() {
		return 0
	}
	return float64(changes+1) * wait.Hours() / seen.Hours()
}

// date reads a time as pages declare it, empty for unknown.
func date(member, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is %.100q, and should be a time such as 2026-03-01T12:00:00Z", member, text)
}

// People prints when and why.
func (a recheckAnswer) People(p *show.Printer) {
	if a.Over {
		p.Line("no more looks: %s", a.Reason)
		return
	}
	p.Line("next look %s: %s", a.Next, a.Reason)
	p.Line("expected edits until then: %.2f", a.ExpectedEdits)
}
