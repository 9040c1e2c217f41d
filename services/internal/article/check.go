package article

import "time"

// Outcome is what one look at an article's page ended in.
type Outcome int

// The outcomes.
const (
	OutcomeUnspecified Outcome = iota
	Read
	Unchanged
	Moved
	OutcomeGone
	OutcomeBlocked
	Failed
)

// String is the outcome as events and pages name it.
func (o Outcome) String() string {
	return [...]string{"unspecified", "read", "unchanged", "moved", "gone", "blocked", "failed"}[o]
}

// Item is an entry of a feed that is new or changed there.
type Item struct {
	Feed      string // feed id
	Source    string // name of the publisher
	Article   string // article id
	URL       string
	EntryID   string // guid or atom:id, as declared
	Title     string
	Summary   string
	Published time.Time // zero where the feed says nothing
	Updated   time.Time
	SeenAt    time.Time
	Moved     bool // URL is a new address of an article that was known under another
}

// Check is one look at an article's page and its outcome.
type Check struct {
	Article      string
	Source       string
	URL          string    // the URL asked for
	FinalURL     string    // the URL that answered
	FetchedAt    time.Time // start of the fetch; orders the checks of an article
	Outcome      Outcome
	Status       int    // HTTP status, 0 where no answer came
	Reason       string // one sentence for people where there was nothing to read
	Snapshot     *Snapshot
	Page         string // archive key of the raw page
	ETag         string
	LastModified string
	Published    string // from the feed's item, RFC 3339
	Feed         string
	RetryAfter   time.Duration
	ContentType  string // the header that the page came with
	Headline     string // from the feed's item
	Readdressed  bool   // it was looked for at an address that its feed, or its other page, named for it
}

// CheckOutcome is the small record of one look and what followed.
type CheckOutcome struct {
	Article, Source, URL string
	FetchedAt            time.Time
	Outcome              Outcome
	Status               int
	Reason               string
	Changed              bool
	Version              int
	Next                 time.Time // zero when looking is over
	LeftOut              []LeftOut // as the head has them
	LeftOutTotal         int
}

// LeftOut is a passage that differs between two readings of an article and was judged to be no part of it.
type LeftOut struct {
	Text   string `json:"text"` // its beginning
	Reason string `json:"reason"`
	Before bool   `json:"before,omitempty"` // it stood in the reading before, else it stands in the newer one
}

// PollOutcome is the small record of one poll of a feed.
type PollOutcome struct {
	Feed, URL               string
	PolledAt                time.Time
	Status                  int
	Error                   string
	Items, NewItems, Change int
	Overflow                bool
	Next                    time.Time
}
