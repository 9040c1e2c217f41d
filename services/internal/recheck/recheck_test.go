package recheck

import (
	"math"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestNext(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name     string
		state    State
		from, to time.Duration // after the newest look
		reason   string
		over     bool
	}{
		{"never looked at", State{FirstSeen: noon, LastChecked: noon}, 0, 0, "first time", false},
		{"right after the discovery", State{Outcome: Read, FirstSeen: noon, LastChecked: noon},
			4*time.Minute + 30*time.Second, 5*time.Minute + 30*time.Second, "soon after the discovery", false},
		{"right after a change", State{Outcome: Read, FirstSeen: noon.Add(-20 * day), LastChecked: noon, LastChanged: noon},
			4*time.Minute + 30*time.Second, 5*time.Minute + 30*time.Second, "soon after a change", false},
		{"unchanged three times", State{Outcome: Read, FirstSeen: noon.Add(-20 * time.Minute), LastChecked: noon, Unchanged: 3},
			12 * time.Minute, 15*time.Minute + 10*time.Second, "grows from 5 minutes to 1 day while nothing changes", false},
		{"looks were missed: age sets the least interval", State{Outcome: Read, FirstSeen: noon.Add(-10 * day), LastChecked: noon, Unchanged: 1},
			4 * time.Hour, 6 * time.Hour, "grows", false},
		{"discovered long after its publication", State{Outcome: Read, Published: noon.Add(-10 * day), FirstSeen: noon, LastChecked: noon},
			4 * time.Hour, 6 * time.Hour, "discovery", false},
		{"a declared publication of long ago ends nothing", State{Outcome: Read, Published: noon.Add(-9000 * day), FirstSeen: noon, LastChecked: noon, Unchanged: 2},
			21 * time.Hour, 27 * time.Hour, "grows", false},
		{"a publication yet to come", State{Outcome: Read, Published: noon.Add(day), FirstSeen: noon, LastChecked: noon},
			4 * time.Minute, 6 * time.Minute, "discovery", false},
		{"quiet for many looks", State{Outcome: Read, FirstSeen: noon.Add(-20 * day), LastChecked: noon, Unchanged: 500},
			21 * time.Hour, 27 * time.Hour, "grows", false},
		{"quiet for a month", State{Outcome: Read, FirstSeen: noon.Add(-31 * day), LastChecked: noon, Unchanged: 40},
			0, 0, "is over: nothing changed for 30 days", true},
		{"changed a month after the discovery", State{Outcome: Read, FirstSeen: noon.Add(-90 * day), LastChanged: noon.Add(-time.Hour), LastChecked: noon, Unchanged: 6},
			30 * time.Minute, 45 * time.Minute, "grows", false},
		{"first failure", State{Outcome: Failed, FirstSeen: noon, LastChecked: noon, Misses: 1},
			4*time.Minute + 30*time.Second, 5*time.Minute + 30*time.Second, "tries again", false},
		{"third failure", State{Outcome: Failed, FirstSeen: noon, LastChecked: noon, Misses: 3}, 18 * time.Minute, 22 * time.Minute, "doubling", false},
		{"many failures", State{Outcome: Failed, FirstSeen: noon, LastChecked: noon, Misses: 1000},
			5*time.Hour + 24*time.Minute, 6*time.Hour + 36*time.Minute, "5 minutes to 6 hours", false},
		{"a silent article with few failures goes on", State{Outcome: Failed, FirstSeen: noon.Add(-60 * day), LastChecked: noon, Misses: 19},
			5 * time.Hour, 7 * time.Hour, "tries again", false},
		{"a silent article with many failures", State{Outcome: Failed, FirstSeen: noon.Add(-60 * day), LastChecked: noon, Misses: 20}, 0, 0, "20 looks failed", true},
		{"gone: confirmed soon", State{Outcome: Gone, FirstSeen: noon.Add(-80 * day), LastChecked: noon, Misses: 1},
			9 * time.Minute, 11 * time.Minute, "makes sure that the page is gone", false},
		{"gone for the ninth time", State{Outcome: Gone, FirstSeen: noon, LastChecked: noon, Misses: 9}, 38 * time.Hour, 47 * time.Hour, "gone", false},
		{"gone: a week at most", State{Outcome: Gone, FirstSeen: noon, LastChecked: noon, Misses: 12}, 6 * day, 8 * day, "gone", false},
		{"gone for a month", State{Outcome: Gone, FirstSeen: noon, LastChecked: noon, Misses: 16}, 0, 0, "stayed so for 30 days", true},
		{"kept from us", State{Outcome: Blocked, FirstSeen: noon, LastChecked: noon, Misses: 2}, 18 * time.Minute, 22 * time.Minute, "kept from us", false},
		{"the host asks for an hour", State{Outcome: Failed, FirstSeen: noon, LastChecked: noon, Misses: 1, RetryAfter: time.Hour}, time.Hour, time.Hour, "the host asks", false},
		{"the host asks for less", State{Outcome: Failed, FirstSeen: noon, LastChecked: noon, Misses: 1, RetryAfter: time.Second}, 4 * time.Minute, 6 * time.Minute, "tries again", false},
		{"counts below zero", State{Outcome: Read, FirstSeen: noon, LastChecked: noon, Unchanged: -5, Misses: -5}, 4 * time.Minute, 6 * time.Minute, "", false},
		{"counts beyond all measure", State{Outcome: Gone, FirstSeen: noon, LastChecked: noon, Misses: math.MaxInt}, 0, 0, "over", true},
		{"a clock that ran back", State{Outcome: Read, FirstSeen: noon.Add(day), LastChanged: noon.Add(day), LastChecked: noon}, 4 * time.Minute, 6 * time.Minute, "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.state.Key = "an article"
			at, reason, over := Default().Next(test.state)
			if over != test.over || !strings.Contains(reason, test.reason) {
				t.Fatalf("got %q, over %v; want %q, over %v", reason, over, test.reason, test.over)
			}
			if over {
				if !at.IsZero() {
					t.Fatalf("over, and yet next at %v", at)
				}
				return
			}
			if after := at.Sub(test.state.LastChecked); after < test.from || after > test.to {
				t.Errorf("next after %v, want %v to %v", after, test.from, test.to)
			}
		})
	}
}

// TestQuietLife follows an article that never changes: its looks grow apart, are few, and end.
func TestQuietLife(t *testing.T) {
	for _, scale := range []float64{1, 1.0 / 3600} {
		policy := Default().Scaled(scale)
		state := State{Key: "quiet", Outcome: Read, FirstSeen: noon, LastChecked: noon}
		looks, firstDay := 0, 0
		for {
			at, _, over := policy.Next(state)
			if over {
				break
			}
			if !at.After(state.LastChecked) {
				t.Fatalf("look %d: next %v is not after %v", looks, at, state.LastChecked)
			}
			if looks++; looks > 1000 {
				t.Fatal("looking does not end")
			}
			if at.Sub(noon) < time.Duration(float64(24*time.Hour)*scale) {
				firstDay++
			}
			state.LastChecked = at
			state.Unchanged++
		}
		if firstDay < 10 || firstDay > 30 || looks < 35 || looks > 70 {
			t.Errorf("scale %v: %d looks on the first day, %d in all", scale, firstDay, looks)
		}
	}
}

func TestJitterIsTheKeysOwn(t *testing.T) {
	state := State{Key: "one", Outcome: Read, FirstSeen: noon, LastChecked: noon, Unchanged: 4}
	first, _, _ := Default().Next(state)
	again, _, _ := Default().Next(state)
	if !first.Equal(again) {
		t.Errorf("the same state gave %v and %v", first, again)
	}
	different := map[time.Time]bool{}
	for _, key := range []string{"one", "two", "three", "four", "five"} {
		state.Key = key
		at, _, _ := Default().Next(state)
		different[at] = true
	}
	if len(different) < 4 {
		t.Errorf("five keys gave %d times", len(different))
	}
}

func TestValidate(t *testing.T) {
	if err := (Policy{}).Validate(); err != nil {
		t.Errorf("the zero policy is that of Default: %v", err)
	}
	at, _, _ := Policy{}.Next(State{Outcome: Read, FirstSeen: noon, LastChecked: noon})
	want, _, _ := Default().Next(State{Outcome: Read, FirstSeen: noon, LastChecked: noon})
	if !at.Equal(want) {
		t.Errorf("the zero policy looks at %v, the default at %v", at, want)
	}
	for name, change := range map[string]func(*Policy){
		"first":   func(p *Policy) { p.First = 0 },
		"longest": func(p *Policy) { p.Max = p.First - 1 },
		"growth":  func(p *Policy) { p.Growth = 1 },
		"nan":     func(p *Policy) { p.Growth = math.NaN() },
		"age":     func(p *Policy) { p.Age = -1 },
		"confirm": func(p *Policy) { p.Confirm = 0 },
		"retry":   func(p *Policy) { p.RetryMax = 0 },
	} {
		p := Default()
		change(&p)
		if p.Validate() == nil {
			t.Errorf("%s: a bad policy passed", name)
		}
	}
}
