package article

import "time"

// Head is the state of an article, kept by the differ in the key-value bucket `articles` (at most about 1 KB as
// JSON). The revision stream is the truth, the head is its cache.
type Head struct {
	Article      string    `json:"article"`
	Source       string    `json:"source"`
	URL          string    `json:"url"`
	Title        string    `json:"title,omitempty"`
	Version      int       `json:"version"`
	Sequence     uint64    `json:"seq"` // of the newest revision in its stream
	Hash         string    `json:"hash,omitempty"`
	Past         []string  `json:"past,omitempty"` // hashes of the versions before, oldest first, a bounded number
	State        State     `json:"state,omitempty"`
	FetchedAt    time.Time `json:"fetchedAt"` // the newest accounted check
	FirstSeen    time.Time `json:"firstSeen"`
	ChangedAt    time.Time `json:"changedAt"`
	Published    string    `json:"published,omitempty"`
	Feed         string    `json:"feed,omitempty"`
	Next         time.Time `json:"next"` // zero when looking is over
	NextReason   string    `json:"nextReason,omitempty"`
	Outcome      Outcome   `json:"outcome"`
	Status       int       `json:"status,omitempty"`
	Reason       string    `json:"reason,omitempty"`
	Changed      bool      `json:"changed,omitempty"` // the newest accounted check made the newest version
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"lastModified,omitempty"`
	Misses       int       `json:"misses,omitempty"`    // checks in a row that said gone, or failed
	Unchanged    int       `json:"unchanged,omitempty"` // checks in a row that found nothing new
	Tombstone    string    `json:"tombstone,omitempty"` // why it was taken down, empty while it stands

	// The newest version's text is what readings are compared with, or that text as another extractor read it from the same
	// page: Baseline is its hash then. Extractor names what read it; empty in heads that are older than this member.
	Extractor   string `json:"extractor,omitempty"`
	Baseline    string `json:"baseline,omitempty"`
	Page        string `json:"page,omitempty"` // archive key of the newest version's raw page
	ContentType string `json:"contentType,omitempty"`

	// Resolved says that it was decided that this is an article of its own; MergedInto that it is the same as that one, for
	// MergedBecause, and not looked at any more. A merged article keeps the versions it has.
	Resolved      bool      `json:"resolved,omitempty"`
	MergedInto    string    `json:"mergedInto,omitempty"`
	MergedBecause string    `json:"mergedBecause,omitempty"`
	MergedBy      AliasKind `json:"mergedBy,omitempty"`

	// FeedTitle is the headline as the article's feed has it, and FeedTitleBefore the one before: a feed that goes to and fro
	// between two is told once.
	FeedTitle       string `json:"feedTitle,omitempty"`
	FeedTitleBefore string `json:"feedTitleBefore,omitempty"`

	// Pending is what the newest look found that a second look must find too before it is believed, empty for nothing.
	Pending string `json:"pending,omitempty"`

	LeftOut      []LeftOut `json:"leftOut,omitempty"` // at the newest reading, the first few
	LeftOutTotal int       `json:"leftOutTotal,omitempty"`
}

// Compared is the hash of the text that the next reading is compared with.
func (h *Head) Compared() string {
	if h.Baseline != "" {
		return h.Baseline
	}
	return h.Hash
}
