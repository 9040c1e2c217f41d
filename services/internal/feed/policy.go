package feed

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The defaults of Policy: feeds are polled hourly at most unless their reader knows the site wants it otherwise.
const (
	DefaultMin = time.Hour
	DefaultMax = 24 * time.Hour
	// maxFloor bounds what a site may ask for; longer pauses have been seen, and were mistakes.
	maxFloor = 24 * time.Hour
	// wholeFeeds is how much rarer those feeds are polled that must be read whole every time. Some say once a day; who
	// watches news would miss what changes within hours, and a packed feed is a tenth of the page that it leads to.
	wholeFeeds = 2
)

// Policy bounds the interval between two polls of a feed. The zero Policy has the defaults.
type Policy struct{ Min, Max time.Duration }

// History is what is known of a feed right after a poll.
type History struct {
	Now      time.Time
	NewItems int  // that were not known before this poll
	Items    int  // in the document
	Overflow bool // none of the items was known before: some may have come and gone unseen
	Gone     bool // the site said that the feed is gone for good (410)
	// Whole says that the site gives nothing to ask with whether the feed has changed, so that every poll is a whole feed.
	Whole    bool
	Failures int // polls in a row that failed, this one included
	// RetryAfter, MaxAge and TTL are the pauses that the site asked for, 0 if none.
	RetryAfter, MaxAge, TTL time.Duration
	Quiet                   Quiet         // when the site asked not to be polled
	Previous                time.Duration // the interval before this poll; 0 for the first
}

// Next says when to poll again; the zero time means never. News halve the interval and an overflow quarters it, a poll
// without news lengthens it by half, a failure doubles it; Min and Max bound it. A pause that the site asked for is
// kept even beyond Max, to a day, and its quiet hours and days are waited for. A feed that must be read whole is polled
// half as often at most.
func (p Policy) Next(h History) time.Time {
	if h.Gone {
		return time.Time{}
	}
	shortest := cmp.Or(max(p.Min, 0), DefaultMin)
	if h.Whole {
		shortest *= wholeFeeds
	}
	longest := max(cmp.Or(max(p.Max, 0), DefaultMax), shortest)
	interval := min(max(h.Previous, shortest), longest)
	switch {
	case h.Failures > 0:
		interval *= 2
	case h.Previous <= 0:
		// The first poll finds everything new, which says nothing of the pace.
	case h.Overflow:
		interval /= 4
	case h.NewItems > 0:
		interval /= 2
	default:
		interval += interval / 2
	}
	interval = min(max(interval, shortest), longest)
	asked := min(max(h.RetryAfter, h.MaxAge, h.TTL), maxFloor)
	return h.Quiet.After(h.Now.Add(max(interval, asked)))
}

// The bounds of how long a site is believed that nothing has changed.
const (
	shortestBelief = 3 * 24 * time.Hour
	longestBelief  = 30 * 24 * time.Hour
	beliefRhythms  = 20
)

// Belief is how long a site is believed that says by validators that nothing has changed; then the feed is read whole
// once, for some servers say it for ever. rhythm is the usual time between news, 0 where it is not known, confirmed how
// often in a row a whole reading found that it was true.
func Belief(rhythm time.Duration, confirmed int) time.Duration {
	belief := longestBelief
	if rhythm > 0 {
		belief = min(max(min(rhythm, longestBelief)*beliefRhythms, shortestBelief), longestBelief)
	}
	return min(belief<<min(confirmed, 4), longestBelief)
}

// Freshness is how long an answer may be taken for current: a 304 that does not say leaves what the last whole answer
// said.
func Freshness(h http.Header, now time.Time, before time.Duration, unchanged bool) time.Duration {
	if unchanged && h.Get("Cache-Control") == "" && h.Get("Expires") == "" {
		return before
	}
	return MaxAge(h, now)
}

// MaxAge is how long an answer may be taken for current by its Cache-Control or Expires, 0 if they do not say. Age is
// taken off, and Expires is read against the site's own Date, whose clock may be wrong.
func MaxAge(h http.Header, now time.Time) time.Duration {
	const bound = 365 * 24 * time.Hour
	for directive := range strings.SplitSeq(strings.ToLower(strings.Join(h.Values("Cache-Control"), ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.TrimSpace(name) {
		case "no-cache", "no-store":
			return 0
		case "max-age":
			return max(0, seconds(value)-seconds(h.Get("Age")))
		}
	}
	expires, err := http.ParseTime(h.Get("Expires"))
	if err != nil {
		return 0 // among them "0", which means already stale
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, expires.Sub(now)), bound)
}

func seconds(text string) time.Duration {
	count, err := strconv.Atoi(strings.Trim(text, ` "`))
	if err != nil || count < 0 {
		return 0
	}
	return time.Duration(min(count, 365*24*3600)) * time.Second
}
