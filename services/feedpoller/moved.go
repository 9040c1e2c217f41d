package feedpoller

import (
	"errors"
	"net/http"
	"slices"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp"
)

const (
	// confirmations is how many polls in a row must be sent to the same place for good before the feed's address changes:
	// sites under repair say permanent for an hour.
	confirmations = 3
	// missedAfter is how many failures in a row make us look for the feed elsewhere, and again after as many more.
	missedAfter = 3
	// maxTrail is how many addresses are tried then.
	maxTrail = 5
)

// moved notes where a feed was read, and changes its address when that is confirmed.
func moved(f article.Feed, answer *politehttp.Response, forGood bool) article.Feed {
	f.Via = ""
	if answer.URL != f.URL {
		f.Via = answer.URL
	}
	switch {
	case f.Via == "" || !forGood:
		f.MovedTo, f.MovedSeen = "", 0
	case f.MovedTo != f.Via:
		f.MovedTo, f.MovedSeen = f.Via, 1
	default:
		f.MovedSeen++
	}
	if f.MovedSeen >= confirmations {
		f.URL, f.Via, f.MovedTo, f.MovedSeen = f.MovedTo, "", "", 0
	}
	return f
}

// same says whether a document is the feed that is known: it has an entry that is known, or there is nothing to know it
// by but its title, or not even that.
func same(f article.Feed, d *feed.Document) bool {
	if f.LastWhole.IsZero() {
		return true
	}
	for _, entry := range d.Items {
		if _, known := f.Known[digest(entry.ID)]; known {
			return true
		}
	}
	return len(f.Known) == 0 && d.Title != "" && d.Title == f.Title
}

// candidates are the feeds that a page points to which stands where a feed was.
func candidates(err error, f article.Feed) []string {
	var not *feed.NotAFeed
	if !errors.As(err, &not) {
		return f.Trail
	}
	var found []string
	for _, address := range not.Candidates {
		if address != f.URL && address != f.Look && !slices.Contains(found, address) && len(found) < maxTrail {
			found = append(found, address)
		}
	}
	return found
}

// missed has the feed looked for elsewhere if it was not there often enough: at what the page in its place points to,
// or else at the site's own page.
func missed(f article.Feed, answer *politehttp.Response) article.Feed {
	if f.LastWhole.IsZero() && len(f.Trail) > 0 { // somebody named a page for its feed
		return step(f)
	}
	if f.Failures%missedAfter != 0 || answer.Status != http.StatusNotFound && len(f.Trail) == 0 {
		return f
	}
	if len(f.Trail) == 0 && f.Link != "" && f.Link != f.URL {
		f.Trail = []string{f.Link}
	}
	return step(f)
}

// step takes the next address of the trail; at its end the feed's own address is asked again.
func step(f article.Feed) article.Feed {
	f.Look = ""
	if len(f.Trail) > 0 {
		f.Look, f.Trail = f.Trail[0], f.Trail[1:]
	}
	return f
}

// lookOn is what follows a look elsewhere that did not find the feed. It is no failure of the feed's own address.
func (p *Poller) lookOn(f article.Feed, answer *politehttp.Response) (article.Feed, article.PollOutcome) {
	history := feed.History{Now: answer.Started, RetryAfter: answer.RetryAfter}
	outcome := article.PollOutcome{Feed: f.ID, URL: f.Look, PolledAt: answer.Started, Status: answer.Status, Error: answer.Reason}
	f = step(f)
	if f.Look == "" { // back to where it failed, at the pace of failures
		history.Failures, history.Previous = f.Failures, f.NextPoll.Sub(f.LastPoll)
	}
	f.LastPoll = answer.Started
	f.NextPoll = p.Policy.Next(history)
	outcome.Next = f.NextPoll
	return f, outcome
}
