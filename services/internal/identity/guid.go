package identity

import (
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// Entry is what a feed says of an article.
type Entry struct {
	ID        string
	URL       string
	Title     string
	Published time.Time
	Permalink bool // the id is declared to be the address
}

// GUIDs are the ids of a feed's entries that can identify: those that are no address, and that no other entry has.
func GUIDs(entries []Entry) map[string]bool {
	count := map[string]int{}
	for _, e := range entries {
		count[e.ID]++
	}
	good := map[string]bool{}
	for _, e := range entries {
		if count[e.ID] == 1 && e.ID != "" && !isAddress(e) {
			good[e.ID] = true
		}
	}
	return good
}

// isAddress says whether an entry's id is an address that changes with the entry's.
func isAddress(e Entry) bool {
	id, err := urls.Parse(e.ID, "")
	if err != nil || !id.IsWeb() {
		return false
	}
	u, err := urls.Parse(e.URL, "")
	return e.Permalink || err == nil && id.Canonical == u.Canonical
}

// halfAlike is how alike the headlines of an entry must be whose date does not show that it is the same.
const halfAlike = .5

// SameEntry says whether an entry under a known id is the entry that was known by it, although it leads elsewhere now. Some
// feeds number their entries by place, so that the id alone shows nothing.
func SameEntry(known article.Alias, e Entry) (bool, string) {
	switch {
	case !known.Quarantined.IsZero():
		return false, "the feed gives this id to many entries"
	case !SameSite(known.Address, e.URL):
		return false, "the feed's entry leads to another site now"
	case !e.Published.IsZero() && e.Published.Equal(known.Published):
		return true, "the feed's entry has a new address, and its id and date as before"
	case Titles(known.Headline, e.Title) >= halfAlike:
		return true, "the feed's entry has a new address, its id as before and a headline like the one before"
	}
	return false, "the feed gives the id of one entry to another"
}
