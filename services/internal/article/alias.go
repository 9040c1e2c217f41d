package article

import "time"

// AliasKind says what makes a key stand for an article.
type AliasKind string

// The kinds of aliases.
const (
	AliasAddress    AliasKind = "address"    // the address it was first found under
	AliasRedirect   AliasKind = "redirect"   // where its address leads
	AliasCanonical  AliasKind = "canonical"  // what its page calls its own address
	AliasAMP        AliasKind = "amp"        // the other of a pair of pages for large and small screens
	AliasIdentifier AliasKind = "identifier" // the publisher's own number or name for it
	AliasGUID       AliasKind = "guid"       // the feed's
)

// Alias says which article a key leads to, kept in the bucket `aliases` under the token of the key. Who is first has it.
type Alias struct {
	Key     string    `json:"key"`               // token
	Article string    `json:"article,omitempty"` // empty where nobody could claim the key yet
	Kind    AliasKind `json:"kind"`
	Value   string    `json:"value,omitempty"` // the key in full; empty after a takedown
	Since   time.Time `json:"since"`

	// Sketch is of the article's text when it took the key, so that another one that comes for the same key can be
	// compared before the first one has a version.
	Sketch Sketch `json:"sketch,omitzero"`
	// Refused are the articles whose claim was refused, a bounded number: when there are many, the key says nothing.
	Refused     []string  `json:"refused,omitempty"`
	Quarantined time.Time `json:"quarantined,omitzero"`

	// What the feed said, for a guid: the entry's address, headline and date.
	Address   string    `json:"address,omitempty"`
	Headline  string    `json:"headline,omitempty"`
	Published time.Time `json:"published,omitzero"`

	// Newer is a newer address of the article that a feed named, on the alias of its first address.
	Newer string `json:"newer,omitempty"`
}

// Sketch is what two readings are compared by where their texts are not at hand.
type Sketch struct {
	Title     string   `json:"title,omitempty"`
	Sentences []uint32 `json:"sentences,omitempty"` // the smallest digests, in order
	Total     int      `json:"total,omitempty"`     // of different sentences
}

// Merge records that an article is the same as another one. It stays when the two are split, so that they are not merged
// again.
type Merge struct {
	From   string    `json:"from"` // the article that is no more looked at
	Into   string    `json:"into"`
	URL    string    `json:"url,omitempty"` // of From; empty after a takedown
	Title  string    `json:"title,omitempty"`
	Source string    `json:"source,omitempty"`
	Feed   string    `json:"feed,omitempty"`
	Kind   AliasKind `json:"kind"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Undone time.Time `json:"undone,omitzero"`
}

// Names are what a page calls itself.
type Names struct {
	Canonical  []string `json:",omitempty"` // the addresses in its canonical links, as they are written
	AMP        string   `json:",omitempty"` // of its page for small screens, as it is written
	Identifier string   `json:",omitempty"` // the publisher's own, as told to machines
}
