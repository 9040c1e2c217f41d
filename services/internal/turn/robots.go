package turn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/robots"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

const (
	// robotsRetry is when a robots.txt is asked for again that could not be read.
	robotsRetry = 10 * time.Minute
	// maxStale is how long rules are obeyed after they were read while the file cannot be read again: the time that
	// RFC 9309 (2.3.1.4) gives as an example of long. They are the site's own word; after it there is none, and we stay out.
	maxStale = 30 * 24 * time.Hour
)

// RobotsDue says whether the turn goes to robots.txt first.
func (t *Turn) RobotsDue() bool { return robotsDue(t.Host, t.visitor.Now()) }

func robotsDue(h eventbus.Host, now time.Time) bool {
	if h.RobotsTrouble != "" || h.RobotsVia != "" || !haveRules(h) {
		return now.Sub(h.RobotsTried) >= robotsRetry
	}
	return now.Sub(h.RobotsAt) >= robots.MaxAge
}

// haveRules says whether rules were ever read. A status of 5xx is of a stet that stored those too.
func haveRules(h eventbus.Host) bool { return h.RobotsStatus > 0 && h.RobotsStatus < 500 }

// RobotsURL is where the rules for the entry stand.
func (t *Turn) RobotsURL() (string, error) {
	u, err := urls.Parse("/robots.txt", t.Entry.URL)
	if err != nil {
		return "", fmt.Errorf("the address of robots.txt for %q: %w", t.Entry.URL, err)
	}
	return u.Href, nil
}

// RobotsRead stores the answer to the request for robots.txt, and gives the time from it to the next request.
func (t *Turn) RobotsRead(ctx context.Context, answer *politehttp.Response) (time.Duration, error) {
	h, again := t.learn(answer)
	if err := t.put(ctx, t.visitor.withRules(h, answer, t.Start)); err != nil {
		return 0, err
	}
	return max(again, t.visitor.gap(t.Host.Name, t.Host)), nil
}

// withRules gives a host's record after an answer for its robots.txt.
func (v *Visitor) withRules(h eventbus.Host, answer *politehttp.Response, at time.Time) eventbus.Host {
	h.RobotsTried, h.RobotsTrouble, h.RobotsVia = at, "", ""
	status := robotsStatus(answer)
	if status == 0 {
		h.RobotsTrouble = answer.Reason
		return h
	}
	h.RobotsAt, h.RobotsStatus, h.Robots = at, status, nil
	if answer.Outcome == politehttp.OK {
		h.Robots = answer.Body
	}
	h.CrawlDelay = rules(h).Decide(v.UserAgent, "").CrawlDelay
	return h
}

// maxRobotsHops is how many redirects of robots.txt are followed from host to host (RFC 9309, 2.3.1.2).
const maxRobotsHops = 5

// robotsWait is how often a host is looked at whose robots.txt waits for another's turn.
const robotsWait = 15 * time.Second

// RobotsElsewhere notes that robots.txt redirects to another host. It gives the entry to queue there, which is to be
// queued first, and false where that leads nowhere.
func (t *Turn) RobotsElsewhere(answer *politehttp.Response) (eventbus.Entry, bool) {
	u, err := urls.Parse(answer.RedirectedTo, "")
	next := eventbus.Entry{Rules: t.Entry.Rules, Hops: t.Entry.Hops + 1}
	if t.Entry.Rules == "" {
		next.Rules, next.Hops = t.Entry.Host, 1
	}
	if err != nil || !u.IsWeb() || next.Hops > maxRobotsHops {
		return next, false
	}
	next.Host, next.URL, next.Article = u.Host, u.Href, article.Token("robots.txt of "+next.Rules)
	return next, true
}

// RobotsQueued notes where robots.txt waits, and gives the time from the request to the next one.
func (t *Turn) RobotsQueued(ctx context.Context, answer *politehttp.Response, at string) (time.Duration, error) {
	h, again := t.learn(answer)
	h.RobotsTried, h.RobotsVia = t.Start, at
	if err := t.put(ctx, h); err != nil {
		return 0, err
	}
	return again, nil
}

// RobotsAwaited says whether nothing may be asked before robots.txt has had its turn at another host, and for how long
// the host is to be left alone until it is looked at again.
func (t *Turn) RobotsAwaited() (time.Duration, bool) {
	return robotsWait, t.Host.RobotsVia != "" && !haveRules(t.Host) && !t.RobotsDue()
}

// putTries bounds how often the record of another host is written again that its own visitor has written meanwhile.
const putTries = 5

// RobotsOf stores the answer for the robots.txt of another host, for which this visit was.
func (t *Turn) RobotsOf(ctx context.Context, name string, answer *politehttp.Response) (err error) {
	for range putTries {
		h, revision, lookErr := t.visitor.bus.Host(ctx, name)
		if lookErr != nil {
			return lookErr
		}
		h = t.visitor.withRules(h, answer, t.Start)
		h.Gap = t.visitor.gap(name, h)
		if err = t.visitor.bus.PutHost(ctx, h, revision); !errors.Is(err, eventbus.ErrConflict) {
			break
		}
	}
	return err
}

// robotsStatus is the status that decides about access: 0 where the file could not be read.
func robotsStatus(r *politehttp.Response) int {
	switch r.Outcome {
	case politehttp.Busy, politehttp.Unreachable, politehttp.Blocked:
		return 0
	case politehttp.BadRedirect, politehttp.TooLarge, politehttp.BadEncoding:
		return 404 // no usable rules: as if there were none
	}
	if r.Status >= 500 {
		return 0
	}
	return r.Status
}

func rules(h eventbus.Host) *robots.Rules { return robots.Parse(h.RobotsStatus, h.Robots) }

// Allowed asks the host's rules about the entry. Where they keep it out, why names the rule and its line; where they
// would and the operator decided otherwise, it says that too.
func (t *Turn) Allowed() (allowed bool, why string) {
	h := t.Host
	if !haveRules(h) || h.RobotsTrouble != "" && t.visitor.Now().Sub(h.RobotsAt) >= maxStale {
		// The reason of an override is about the site's rules, not about its troubles.
		trouble := h.RobotsTrouble
		if trouble == "" {
			trouble = "It was not read yet."
		}
		return false, fmt.Sprintf("robots.txt of %s cannot be read, which keeps us out until it can: %s", h.Name, trouble)
	}
	decision := rules(h).Decide(t.visitor.UserAgent, t.Entry.URL)
	if decision.Allowed {
		return true, ""
	}
	why = fmt.Sprintf("robots.txt of %s keeps us out by %q in line %d", h.Name, decision.Rule, decision.Line)
	if h.RobotsTrouble != "" {
		why += ", as it was on " + h.RobotsAt.UTC().Format("2 January 2006") + " (it cannot be read now)"
	}
	if reason := t.visitor.Overrides[t.Entry.Source]; reason != "" {
		return true, why + "; not obeyed for this source: " + reason
	}
	return false, why
}
