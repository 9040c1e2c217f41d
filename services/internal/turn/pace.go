package turn

import (
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
)

// The bounds of the gap.
const (
	// maxCrawlDelay is the longest wish of a robots.txt that is followed; nobody means more.
	maxCrawlDelay = 5 * time.Minute
	// maxSlowness bounds the gap that a slow host gets: twice the longest exchange.
	maxSlowness = 40 * time.Second
)

// gap is the time between the starts of two requests to a host: the operator's, the host's own wish, or twice what the
// host takes to answer, so that it is busy with us half of the time at most.
func (v *Visitor) gap(name string, h eventbus.Host) time.Duration {
	gap := v.Gap
	if v.isLocal(name) {
		gap = v.LocalGap
	}
	return max(gap, min(h.CrawlDelay, maxCrawlDelay), min(2*h.Latency, maxSlowness))
}

// The pauses. A host that asks for one without saying how long gets a minute, doubled up to a day. One that does not
// answer is asked at its gap until it failed so often in a row, and from then on once after every pause: the breaker.
const (
	firstPause    = time.Minute
	maxPause      = 24 * time.Hour
	opensAt       = 5
	maxDoublings  = 11 // beyond it a minute is more than a day
	busyJitter    = .1 // of the pause, on top: never earlier than asked
	breakerJitter = .5 // of the pause, taken off: hosts that failed together are not probed together
)

// learn gives the host's record after an exchange whose last request was sent at a time, and how long after that the next
// may be. A pause counts from the end of the exchange: that is when the host asked for it.
func (v *Visitor) learn(h eventbus.Host, answer *politehttp.Response, asked time.Time) (eventbus.Host, time.Duration) {
	if answer.Status > 0 {
		h.Latency = smooth(h.Latency, answer.Latency)
	}
	pause := time.Duration(0)
	switch {
	case answer.Outcome == politehttp.Busy:
		h.Busy, h.Failures = h.Busy+1, 0
		pause = min(answer.RetryAfter, maxPause)
		if pause == 0 {
			pause = doubled(h.Busy - 1)
		}
		pause += time.Duration(busyJitter * v.Random() * float64(pause))
		h.Trouble, h.TroubleAt = answer.Reason, asked
	case answer.Outcome == politehttp.Unreachable, answer.Status >= 500:
		h.Failures++
		if h.Failures >= opensAt {
			pause = doubled(h.Failures - opensAt)
			pause -= time.Duration(breakerJitter * v.Random() * float64(pause))
		}
		h.Trouble, h.TroubleAt = answer.Reason, asked
		if h.Failures > 1 {
			h.Trouble = fmt.Sprintf("%s (%d times in a row)", answer.Reason, h.Failures)
		}
	default:
		h.Busy, h.Failures = 0, 0
	}
	h.RestUntil = time.Time{}
	if pause > 0 {
		ended := answer.Started.Add(answer.Took)
		h.RestUntil = ended.Add(pause)
		pause = h.RestUntil.Sub(asked)
	}
	return h, max(v.gap(h.Name, h), pause)
}

func doubled(times int) time.Duration { return min(firstPause<<min(times, maxDoublings), maxPause) }

// smooth is the moving average of latencies: each new one counts a quarter.
func smooth(before, now time.Duration) time.Duration {
	if before == 0 {
		return now
	}
	return before + (now-before)/4
}

// worthWriting keeps the record from being written after every request. A latency is news when it moves the gap, or where
// it does not, when it moved by an eighth and by more than anybody would notice in a gap of seconds.
func (v *Visitor) worthWriting(before, after eventbus.Host) bool {
	gap, moved := v.gap(before.Name, before), (after.Latency - before.Latency).Abs()
	return (v.gap(after.Name, after)-gap).Abs() > gap/32 || moved > before.Latency/8+20*time.Millisecond ||
		before.Busy != after.Busy || before.Failures != after.Failures || !before.RestUntil.Equal(after.RestUntil)
}
