package article

import "time"

// Feed is a subscription with its state, kept by feed-poller and query in the key-value bucket `feeds`.
type Feed struct {
	ID           string    `json:"id"`
	URL          string    `json:"url"`
	Source       string    `json:"source"`
	Title        string    `json:"title,omitempty"`
	Folder       string    `json:"folder,omitempty"`
	Paused       bool      `json:"paused,omitempty"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"lastModified,omitempty"`
	BodyHash     string    `json:"bodyHash,omitempty"`
	Via          string    `json:"via,omitempty"` // address on another host that the feed was last read at, and its validators are of
	LastPoll     time.Time `json:"lastPoll"`
	NextPoll     time.Time `json:"nextPoll"`
	LastItem     time.Time `json:"lastItem"`
	Status       int       `json:"status,omitempty"`
	Error        string    `json:"error,omitempty"`
	Warning      string    `json:"warning,omitempty"` // what was wrong with the last document that could be read
	Failures     int       `json:"failures,omitempty"`
	Items        int64     `json:"items,omitempty"`
	Gaps         int64     `json:"gaps,omitempty"`
	// What the feed asks of those who poll it. An answer that it has not changed does not repeat it.
	TTL        time.Duration  `json:"ttl,omitempty"`
	QuietHours []int          `json:"quietHours,omitempty"` // in UTC
	QuietDays  []time.Weekday `json:"quietDays,omitempty"`
	// Known maps the digest of an entry's id to the digest of what the feed says of it, newest document first and at
	// most KnownEntries of them.
	Known map[string]string `json:"known,omitempty"`
}

// KnownEntries bounds the memory a feed keeps of its entries: far above any window seen (100 items).
const KnownEntries = 500
