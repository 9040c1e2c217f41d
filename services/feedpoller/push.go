package feedpoller

import (
	"cmp"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/websub"
)

const (
	// pushedPoll is how long the poll of a feed waits at least while a hub tells its news, unless the operator's longest
	// interval is shorter: what the hub forgets is seen six hours late.
	pushedPoll = 6 * time.Hour
	// askAgain is how long a hub has for its answer before it is asked again, and maxTries how often it is.
	askAgain = 5 * time.Hour
	maxTries = 3
	// maxMisses is how many more times a hub may fail to tell news than tell them.
	maxMisses = 3
	// leaveAlone is how long a hub is left alone that failed, refused, or was not worth it.
	leaveAlone = 7 * 24 * time.Hour
	// late is how long after a poll the news that it found may still be told: a poll can be faster than a hub.
	late = 10 * time.Minute
	// between is the least time between a poll and the next one that a hub brings about: a hub that repeats itself must not
	// make us a burden to the publisher.
	between = time.Minute
)

// links are what a document and its answer say about a hub.
func links(d *feed.Document, header websub.Links, address string) websub.Links {
	return header.Or(websub.Links{Hub: d.Hub, Topic: d.Self}).Usable(address)
}

// naming notes which hub the feed names. A subscription at another one ends.
func naming(f article.Feed, l websub.Links) article.Feed {
	switch {
	case f.Push == nil && l.Hub == "":
	case f.Push == nil:
		f.Push = &article.Push{Hub: l.Hub, Topic: l.Topic}
	case f.Push.Hub != l.Hub || f.Push.Topic != l.Topic:
		// When it was last asked is kept, so that a feed that names another hub each time has none asked more often.
		f.Push = &article.Push{Hub: l.Hub, Topic: l.Topic, Asked: f.Push.Asked}
	}
	return f
}

// pace is how a feed is polled while a hub tells its news, as long as that is well: every six hours, unless the site or
// the operator wants it otherwise. It is not asked earlier to renew a lease; that has time for three polls.
func (p *Poller) pace(f article.Feed, h feed.History) (feed.Policy, feed.History) {
	if p.WebSub == nil || !f.Pushed(h.Now) || h.Failures > 0 {
		return p.Policy, h
	}
	interval := min(pushedPoll, cmp.Or(max(p.Policy.Max, 0), feed.DefaultMax))
	h.Whole = false // it is seldom enough
	return feed.Policy{Min: interval, Max: interval}, h
}

// announced counts what a poll found against what the hub had told: a miss where it had told nothing since the poll
// before, one less where it had. A hub that misses too much is given up. before is the time of the poll before, the zero
// time for the first.
func (p *Poller) announced(f article.Feed, before time.Time, o article.PollOutcome) article.Feed {
	if p.WebSub == nil {
		f.Push = nil // there was one once
	}
	if !f.Pushed(o.PolledAt) || before.IsZero() || o.NewItems == 0 || f.Push.Asked.After(before) { // it had not promised yet
		return f
	}
	push := *f.Push
	switch {
	case push.Last.After(before):
		push.Misses = max(0, push.Misses-1)
	default:
		push.Misses++
		push.Missed = o.PolledAt
	}
	if push.Misses >= maxMisses {
		p.Log.Info("a hub did not tell news of a feed too often: the feed is polled as if there were none", "feed", f.ID, "hub", push.Hub)
		push = givenUp(push, o.PolledAt, "The hub did not tell the feed's news.")
	}
	f.Push = &push
	return f
}

// givenUp ends a subscription and leaves the hub alone for a while.
func givenUp(push article.Push, now time.Time, why string) article.Push {
	return article.Push{
		Hub: push.Hub, Topic: push.Topic, Asked: push.Asked, Last: push.Last, Avoid: now.Add(leaveAlone), Trouble: why,
	}
}

// told notes that the hub told news, and has the feed polled for them: at once, unless it was just polled. A feed that
// fails keeps the pace of failures, whatever its hub says. False says that this changes nothing.
func told(f article.Feed, now time.Time) (article.Feed, bool) {
	push, at := *f.Push, latest(now, f.LastPoll.Add(between))
	if push.Last.After(f.LastPoll) && now.Sub(push.Last) < between && !f.NextPoll.After(at) {
		return f, false
	}
	push.Last = now
	if !push.Missed.IsZero() && now.Sub(push.Missed) < late {
		push.Misses, push.Missed = max(0, push.Misses-1), time.Time{}
	}
	f.Push = &push
	switch {
	case f.Failures > 0 || f.NextPoll.IsZero():
	case f.Backfill != "": // a sitemap is read first
		f.Resume = earliest(f.Resume, at)
	default:
		f.NextPoll = earliest(f.NextPoll, at)
	}
	return f, true
}

// heardMeanwhile gives a feed that was polled with what its hub said during the poll, as it is there.
func heardMeanwhile(before, polled, there article.Feed) article.Feed {
	polled.Push = merged(before.Push, polled.Push, there.Push)
	if polled.Push != nil && polled.Push.Last.After(polled.LastPoll) { // the poll may have come too early
		polled, _ = told(polled, polled.Push.Last)
	}
	return polled
}

// merged brings together what a poll and what a hub did to a subscription meanwhile: each field as it was changed, by
// the poll if both did.
func merged(before, polled, there *article.Push) *article.Push {
	if before == nil || there == nil || polled == nil || polled.Hub != before.Hub || polled.Topic != before.Topic {
		return polled
	}
	push := *there
	if polled.Misses != before.Misses || !polled.Missed.Equal(before.Missed) {
		push.Misses, push.Missed = polled.Misses, polled.Missed
	}
	if !polled.Avoid.Equal(before.Avoid) { // given up
		last := push.Last
		push = *polled
		push.Last = last
	}
	return &push
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
