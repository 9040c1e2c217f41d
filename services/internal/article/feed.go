package article

import "time"

// Feed is a subscription with its state, kept by feed-poller and query in the key-value bucket `feeds`.
type Feed struct {
	ID           string `json:"id"`
	URL          string `json:"url"`
	Source       string `json:"source"`
	Title        string `json:"title,omitempty"`
	Folder       string `json:"folder,omitempty"`
	Paused       bool   `json:"paused,omitempty"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified,omitempty"`
	BodyHash     string `json:"bodyHash,omitempty"`
	Via          string `json:"via,omitempty"` // address that the feed was last read at if not URL, and that its validators are of
	// LastWhole is when the feed was last read whole, Rhythm the usual time between news. Confirmed is how often in a row a
	// whole reading found nothing behind validators that had been believed for long, Deceptions how often it found
	// something: after the second the feed is always read whole.
	LastWhole  time.Time     `json:"lastWhole,omitzero"`
	Rhythm     time.Duration `json:"rhythm,omitempty"`
	Confirmed  int           `json:"confirmed,omitempty"`
	Deceptions int           `json:"deceptions,omitempty"`
	MaxAge     time.Duration `json:"maxAge,omitempty"` // as the last answer that spoke of it said
	// Link is the site's page. Look is an address that is asked next instead of URL, because the feed is missed there, and
	// Trail are those after it.
	Link  string   `json:"link,omitempty"`
	Look  string   `json:"look,omitempty"`
	Trail []string `json:"trail,omitempty"`
	// Backfill is the address of a sitemap that is read once before the next poll, for what was published since GapFrom and
	// may have left the feed unseen. Resume is the time of that next poll, Seen the digests of what the feed itself named.
	Backfill string    `json:"backfill,omitempty"`
	Indexed  bool      `json:"indexed,omitempty"` // Backfill comes from an index of sitemaps
	GapFrom  time.Time `json:"gapFrom,omitzero"`
	Resume   time.Time `json:"resume,omitzero"`
	Seen     []string  `json:"seen,omitempty"`
	// MovedTo is where the feed's address leads for good, and MovedSeen how many polls in a row have said so.
	MovedTo   string    `json:"movedTo,omitempty"`
	MovedSeen int       `json:"movedSeen,omitempty"`
	LastPoll  time.Time `json:"lastPoll"`
	NextPoll  time.Time `json:"nextPoll"`
	LastItem  time.Time `json:"lastItem"`
	Status    int       `json:"status,omitempty"`
	Error     string    `json:"error,omitempty"`
	Warning   string    `json:"warning,omitempty"` // what was wrong with the last document that could be read
	Failures  int       `json:"failures,omitempty"`
	Items     int64     `json:"items,omitempty"`
	Gaps      int64     `json:"gaps,omitempty"`
	// What the feed asks of those who poll it. An answer that it has not changed does not repeat it.
	TTL        time.Duration  `json:"ttl,omitempty"`
	QuietHours []int          `json:"quietHours,omitempty"` // in UTC
	QuietDays  []time.Weekday `json:"quietDays,omitempty"`
	// Push is what a hub was asked to tell of the feed; nil where none was ever found.
	Push *Push `json:"push,omitempty"`
	// Known maps the digest of an entry's id to the digest of what the feed says of it, newest document first and at
	// most KnownEntries of them.
	Known map[string]string `json:"known,omitempty"`
}

// Push is a feed's subscription at its hub (WebSub).
type Push struct {
	Hub   string `json:"hub"` // as the feed names it now, empty where it names none any more
	Topic string `json:"topic"`
	// Subscription stands for the hub, topic and callback that were asked for at Asked, the Tries-th time in a row without
	// an answer. Until is the end of what the hub granted, the zero time where it granted nothing, Renew when it is asked
	// again.
	Subscription string    `json:"subscription,omitempty"`
	Asked        time.Time `json:"asked,omitzero"`
	Tries        int       `json:"tries,omitempty"`
	Until        time.Time `json:"until,omitzero"`
	Renew        time.Time `json:"renew,omitzero"`
	// Last is when the hub last told news. Misses is how many more of the polls with news found some that it had not told
	// than some that it had; Missed is the last of these polls.
	Last   time.Time `json:"last,omitzero"`
	Misses int       `json:"misses,omitempty"`
	Missed time.Time `json:"missed,omitzero"`
	// Avoid is until when the hub is left alone, and Trouble why.
	Avoid   time.Time `json:"avoid,omitzero"`
	Trouble string    `json:"trouble,omitempty"`
}

// Pushed says whether a hub tells news of the feed, so that it is polled less.
func (f *Feed) Pushed(now time.Time) bool { return f.Push != nil && now.Before(f.Push.Until) }

// KnownEntries bounds the memory a feed keeps of its entries, and so what is taken of one document: as many as a news
// sitemap may hold, ten times the window of other feeds.
const KnownEntries = 1000
