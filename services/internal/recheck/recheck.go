// Package recheck decides when an article's page is looked at again. It is a pure rule over what is known of the
// article: it reads no clock, keeps no state and asks nobody.
//
// The rule is a growing interval: short after the discovery and after every change, longer with every look that
// finds nothing new, and never much shorter than the article's age calls for. Pages that are gone are confirmed soon
// and then seldom; failures back off.
package recheck

import (
	"fmt"
	"hash/fnv"
	"math"
	"time"
)

// Outcome is what the newest look at the page ended in.
type Outcome int

// The outcomes. The zero value stands for an article that was never looked at.
const (
	Never   Outcome = iota
	Read            // there was text, new or not: LastChanged and Unchanged tell
	Gone            // the page says that it is gone
	Blocked         // the page is kept from us: robots rules, a paywall, a refusal
	Failed          // no answer, or none to be read
)

// Policy holds the intervals. All of them may be scaled together (see Scaled), so that a demonstration can run a month
// in minutes. The zero Policy is that of Default.
type Policy struct {
	First  time.Duration // interval after the discovery and after a change
	Max    time.Duration // longest interval while the page stands
	Over   time.Duration // looking ends when nothing changed for so long
	Growth float64       // factor from one look that found nothing new to the next; above 1
	// Age is the least interval as a share of the time since the article was published, discovered or changed,
	// whichever came last: an article of a week is not looked at every five minutes because one look was missed.
	Age float64

	Confirm  time.Duration // interval after the first look that found the page gone
	GoneMax  time.Duration // longest interval while the page is gone
	GoneOver time.Duration // looking ends when the page stayed gone or kept from us for so long

	Retry    time.Duration // interval after the first failure; doubles with each
	RetryMax time.Duration // longest interval between failures
	Failures int           // failures in a row from which on a silent article may be over
	Least    time.Duration // no two looks are closer than this
}

// Default is the policy for the live web. A quiet article is looked at about 20 times in its first day and about 50
// times in its 30 days.
func Default() Policy {
	const day = 24 * time.Hour
	return Policy{
		First: 5 * time.Minute, Max: day, Over: 30 * day, Growth: 1.4, Age: .02,
		Confirm: 10 * time.Minute, GoneMax: 7 * day, GoneOver: 30 * day,
		Retry: 5 * time.Minute, RetryMax: 6 * time.Hour, Failures: 20,
		Least: time.Minute,
	}
}

// Scaled is the policy with every duration multiplied by a factor above 0.
func (p Policy) Scaled(factor float64) Policy {
	p = p.orDefault()
	for _, d := range []*time.Duration{&p.First, &p.Max, &p.Over, &p.Confirm, &p.GoneMax, &p.GoneOver, &p.Retry,
		&p.RetryMax, &p.Least} {
		*d = time.Duration(float64(*d) * factor)
	}
	return p
}

func (p Policy) orDefault() Policy {
	if p == (Policy{}) {
		return Default()
	}
	return p
}

// Validate says what is wrong with a policy.
func (p Policy) Validate() error {
	p = p.orDefault()
	switch {
	case p.First <= 0 || p.Max < p.First || p.Over <= 0:
		return fmt.Errorf("recheck policy: first interval %v, longest %v and end %v must rise from above 0", p.First, p.Max, p.Over)
	case !(p.Growth > 1) || math.IsInf(p.Growth, 0):
		return fmt.Errorf("recheck policy: growth %v must be above 1", p.Growth)
	case !(p.Age >= 0 && p.Age <= 1):
		return fmt.Errorf("recheck policy: share of the age %v must be 0 to 1", p.Age)
	case p.Confirm <= 0 || p.GoneMax < p.Confirm || p.GoneOver <= 0:
		return fmt.Errorf("recheck policy: intervals of a page that is gone must be above 0, and rise")
	case p.Retry <= 0 || p.RetryMax < p.Retry || p.Failures < 0 || p.Least < 0:
		return fmt.Errorf("recheck policy: intervals after failures must be above 0, and rise")
	}
	return nil
}

// State is what is known of an article after a look at it. Times that are not known are zero.
type State struct {
	Key         string    // any text that is the article's own, for the jitter
	Published   time.Time // as declared
	FirstSeen   time.Time
	LastChecked time.Time // start of the newest look; the next one is counted from here
	LastChanged time.Time // the newest look that found something new; zero before the first change
	Unchanged   int       // looks in a row that found nothing new
	Misses      int       // looks in a row that ended in Outcome, where that is not Read
	Outcome     Outcome
	RetryAfter  time.Duration // as the page's host asked, 0 where it did not
}

// Next says when to look at the article again and, in one plain sentence, why. Over means that looking has ended: the
// time is zero then. The interval is moved by up to a tenth, always the same for one key and number of looks, so that
// articles found together are not all looked at together.
func (p Policy) Next(s State) (at time.Time, reason string, over bool) {
	p = p.orDefault()
	if s.Outcome == Never {
		return s.FirstSeen, "looks for the first time", false
	}
	interval, reason, over := p.interval(s)
	if over {
		return time.Time{}, reason, true
	}
	interval = time.Duration(float64(interval) * jitter(s))
	if s.RetryAfter > interval {
		interval = s.RetryAfter
		reason = "waits as long as the host asks"
	}
	return s.LastChecked.Add(max(interval, p.Least, time.Nanosecond)), reason, false
}

func (p Policy) interval(s State) (interval time.Duration, reason string, over bool) {
	fresh := s.fresh()
	quiet := s.LastChecked.Sub(fresh)
	switch s.Outcome {
	case Gone, Blocked:
		word := "gone"
		if s.Outcome == Blocked {
			word = "kept from us"
		}
		if p.waited(s.Misses) >= p.GoneOver {
			return 0, fmt.Sprintf("is over: the page is %s and stayed so for %s", word, plain(p.GoneOver)), true
		}
		interval = grown(p.Confirm, p.GoneMax, 2, s.Misses-1)
		return interval, fmt.Sprintf("makes sure that the page is %s, from every %s to every %s", word,
			plain(p.Confirm), plain(p.GoneMax)), false
	case Failed:
		if s.Misses >= p.Failures && quiet > p.Over {
			return 0, fmt.Sprintf("is over: the last %d looks failed and nothing changed for %s", s.Misses, plain(p.Over)), true
		}
		return grown(p.Retry, p.RetryMax, 2, s.Misses-1),
			fmt.Sprintf("tries again after a failure, doubling from %s to %s", plain(p.Retry), plain(p.RetryMax)), false
	}
	if quiet > p.Over {
		return 0, fmt.Sprintf("is over: nothing changed for %s", plain(p.Over)), true
	}
	age := quiet
	if s.LastChanged.IsZero() && !s.Published.IsZero() && s.Published.Before(fresh) {
		age = s.LastChecked.Sub(s.Published)
	}
	interval = max(grown(p.First, p.Max, p.Growth, s.Unchanged), time.Duration(p.Age*float64(age)))
	if s.Unchanged == 0 {
		since := "the discovery"
		if !s.LastChanged.IsZero() {
			since = "a change"
		}
		return min(interval, p.Max), "looks soon after " + since, false
	}
	return min(interval, p.Max), fmt.Sprintf("grows from %s to %s while nothing changes", plain(p.First), plain(p.Max)), false
}

// waited is how long a page has been missed after some looks in a row, jitter aside, up to GoneOver.
func (p Policy) waited(misses int) (sum time.Duration) {
	for n := 0; n < misses-1 && sum < p.GoneOver; n++ {
		sum += grown(p.Confirm, p.GoneMax, 2, n)
	}
	return sum
}

// fresh is the time from which on nothing changed as far as is known, never after the newest look: the newest change,
// or the discovery. A declared time of publication can be any and ends nothing.
func (s State) fresh() time.Time {
	fresh := s.FirstSeen
	if s.LastChanged.After(fresh) {
		fresh = s.LastChanged
	}
	if fresh.IsZero() || fresh.After(s.LastChecked) {
		return s.LastChecked
	}
	return fresh
}

// grown is an interval that grew some times by a factor, up to a longest.
func grown(first, longest time.Duration, factor float64, times int) time.Duration {
	length := float64(first) * math.Pow(factor, float64(max(0, times)))
	if !(length < float64(longest)) {
		return longest
	}
	return time.Duration(length)
}

// jitter is a factor of 0.9 to 1.1 made of the key and the number of looks.
func jitter(s State) float64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s/%d/%d", s.Key, s.Unchanged, s.Misses)
	// The lowest bits of FNV mix best; a thousand steps are plenty.
	return .9 + .2*float64(hash.Sum64()%1001)/1000
}

// plain is a duration as people say it.
func plain(d time.Duration) string {
	count := func(n float64, unit string) string {
		if n = math.Round(n*10) / 10; n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%g %ss", n, unit)
	}
	switch {
	case d >= 24*time.Hour:
		return count(d.Hours()/24, "day")
	case d >= time.Hour:
		return count(d.Hours(), "hour")
	case d >= time.Minute:
		return count(d.Minutes(), "minute")
	}
	return count(d.Seconds(), "second")
}
