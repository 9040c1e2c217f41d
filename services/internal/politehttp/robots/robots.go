// Package robots reads a site's robots.txt and says whether an address may be asked for. It fetches and caches
// nothing: the caller brings the status and the body of the answer.
package robots

import (
	"bytes"
	"time"

	"github.com/temoto/robotstxt"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// MaxBytes is how much of a robots.txt is read; RFC 9309 asks for 500 KiB at least. The rest is not looked at.
const MaxBytes = 500 << 10

// MaxAge is how long rules may be used after they were fetched (RFC 9309, section 2.4).
const MaxAge = 24 * time.Hour

// Unreachable stands as the Rule of a decision where robots.txt could not be read and so everything is forbidden.
const Unreachable = "unreachable"

// Rules are what a site's robots.txt says. They are immutable and safe for concurrent use. The zero Rules allow all.
type Rules struct {
	unreachable bool
	data        *robotstxt.RobotsData // nil: no rules
	lines       []line
}

// Decision says whether an agent may ask for an address, and why.
type Decision struct {
	Allowed bool
	// Line is the number of the deciding line, from 1; 0 where none decided.
	Line int
	// Rule is that line without its comment, Unreachable, or empty.
	Rule string
	// CrawlDelay is the gap between requests that the agent's group asks for, 0 if none.
	CrawlDelay time.Duration
}

// Parse reads the answer to a request for robots.txt; status 0 means that no answer came. A missing file (4xx, or
// redirects without end) allows everything; a failing server (5xx, no answer) forbids everything, as RFC 9309 says:
// taking an outage for consent is how crawlers become a nuisance. Lines that cannot be understood are skipped.
func Parse(status int, body []byte) *Rules {
	switch {
	case status >= 300 && status < 500:
		return &Rules{}
	case status < 200 || status >= 500:
		return &Rules{unreachable: true}
	}
	body = bytes.TrimPrefix(body[:min(len(body), MaxBytes)], []byte("\xef\xbb\xbf"))
	lines := readLines(body)
	return &Rules{data: parse(lines), lines: lines}
}

// parse hands the understood lines to the library: it refuses a whole file for one line that it does not understand.
func parse(lines []line) (data *robotstxt.RobotsData) {
	defer func() {
		if recover() != nil {
			data = nil
		}
	}()
	data, err := robotstxt.FromBytes(clean(lines))
	if err != nil {
		return nil
	}
	return data
}

// Decide says whether agent, a product token such as "stet", may ask for the address. An address that is not of the
// web is not allowed; robots.txt itself always is.
func (r *Rules) Decide(agent, url string) Decision {
	address, err := urls.Parse(url, "")
	if err != nil || !address.IsWeb() {
		return Decision{}
	}
	path := address.Request()
	switch {
	case path == "/robots.txt":
		return Decision{Allowed: true}
	case r.unreachable:
		return Decision{Rule: Unreachable}
	case r.data == nil:
		return Decision{Allowed: true}
	}
	group := r.data.FindGroup(agent)
	decision := Decision{Allowed: group.Test(path), CrawlDelay: max(0, group.CrawlDelay)}
	if deciding, found := explain(r.lines, question{agent, path, decision.Allowed}); found {
		decision.Line, decision.Rule = deciding.number, deciding.text
	}
	return decision
}
