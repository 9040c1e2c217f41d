// Package robots reads a site's robots.txt as RFC 9309 says and tells whether an address may be asked for, and by which
// line. It fetches and caches nothing: the caller brings the status and the body of the answer.
package robots

import (
	"net/http"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// MaxBytes is how much of a robots.txt is read; RFC 9309 asks for 500 KiB at least. The rest is not looked at.
const MaxBytes = 500 << 10

// MaxAge is how long rules may be used after they were fetched (RFC 9309, section 2.4).
const MaxAge = 24 * time.Hour

// Unreachable stands as the Rule of a decision where robots.txt could not be read and so everything is forbidden.
const Unreachable = "unreachable"

// everybody is the name of the group for those who have none of their own.
const everybody = "*"

// Rules are what a site's robots.txt says. They are immutable and safe for concurrent use. The zero Rules allow all.
type Rules struct {
	unreachable bool
	lines       []line
}

// Decision says whether an agent may ask for an address, and why.
type Decision struct {
	Allowed bool
	// Line is the number of the deciding line, from 1; 0 where none decided.
	Line int
	// Rule is that line without its comment, as valid UTF-8; or Unreachable; or empty.
	Rule string
	// CrawlDelay is the gap between requests that the agent's groups ask for, the longest of several; 0 if none.
	CrawlDelay time.Duration
}

// Parse reads the answer to a request for robots.txt; status 0 means that no answer came. A missing file (4xx, or
// redirects without end) allows everything; a failing server (5xx, no answer) forbids everything, as RFC 9309 says:
// taking an outage for consent is how crawlers become a nuisance. Lines that cannot be understood are skipped.
func Parse(status int, body []byte) *Rules {
	switch {
	case status >= http.StatusMultipleChoices && status < http.StatusInternalServerError:
		return &Rules{}
	case status < http.StatusOK || status >= http.StatusInternalServerError:
		return &Rules{unreachable: true}
	}
	return &Rules{lines: readLines(body)}
}

// Decide says whether agent, a product token such as "stet", may ask for the address; a version behind a slash is no
// part of the token. The empty address is the site's front page; one that is not of the web is not allowed. The file
// robots.txt itself may always be fetched for its rules, without asking here; asked about as a page, it is one.
func (r *Rules) Decide(agent, url string) Decision {
	path := "/"
	if url != "" {
		address, err := urls.Parse(url, "")
		if err != nil || !address.IsWeb() {
			return Decision{}
		}
		path = address.Request()
	}
	if r.unreachable {
		return Decision{Rule: Unreachable}
	}
	best, delay := r.decide(r.groupOf(agent), normalPath(path))
	decision := Decision{Allowed: best.kind != disallow, CrawlDelay: delay}
	if best.number > 0 {
		decision.Line, decision.Rule = best.number, strings.ToValidUTF8(best.text, "\uFFFD")
	}
	return decision
}

// groupOf is the name of the groups that hold for an agent: its own where there is one, even if it has no rules.
func (r *Rules) groupOf(agent string) string {
	name, _, _ := strings.Cut(agent, "/")
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" {
		return everybody
	}
	for _, l := range r.lines {
		if l.kind == userAgent && l.name == name {
			return name
		}
	}
	return everybody
}

// decide finds, among all groups of a name, the rule that decides about a path (the longest; where two are as long, the
// one that allows) and the longest delay. The zero line says that no rule decides.
func (r *Rules) decide(name, path string) (best line, delay time.Duration) {
	var rules, delays members
	for _, l := range r.lines {
		switch l.kind {
		case userAgent:
			rules.open(l.name == name)
			delays.open(l.name == name)
		case crawlDelay:
			// It is no record of the standard, so it must not end a list of agents for the rules that follow; but the
			// agents named after it have not been given this delay.
			if delays.hold() {
				delay = max(delay, l.delay)
			}
		default:
			delays.hold()
			if rules.hold() && l.beats(best) && l.path.matches(path) {
				best = l
			}
		}
	}
	return best, delay
}

func (l line) beats(other line) bool {
	if l.path.length != other.path.length {
		return l.path.length > other.path.length
	}
	return l.kind == allow && other.kind == disallow
}

// members says whether the group being read is the wanted one: agents open it, and the first agent after one of its
// rules opens the next.
type members struct{ wanted, closing bool }

func (m *members) open(wanted bool) {
	m.wanted = wanted || m.wanted && !m.closing
	m.closing = false
}

func (m *members) hold() bool {
	m.closing = true
	return m.wanted
}
