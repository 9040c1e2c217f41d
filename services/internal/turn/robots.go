package turn

import (
	"context"
	"fmt"
	"time"

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
	if h.RobotsTrouble != "" || !haveRules(h) {
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
	h.RobotsTried, h.RobotsTrouble = t.Start, ""
	if status := robotsStatus(answer); status == 0 {
		h.RobotsTrouble = answer.Reason
	} else {
		h.RobotsAt, h.RobotsStatus, h.Robots = t.Start, status, nil
		if answer.Outcome == politehttp.OK {
			h.Robots = answer.Body
		}
		h.CrawlDelay = rules(h).Decide(t.visitor.UserAgent, t.Entry.URL).CrawlDelay
	}
	if err := t.put(ctx, h); err != nil {
		return 0, err
	}
	return max(again, t.visitor.gap(h.Name, h)), nil
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
