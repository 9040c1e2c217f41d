package article

import "time"

// Weight says how much a revision matters.
type Weight int

// The weights.
const (
	WeightNone Weight = iota
	Trivial
	Minor
	Substantive
)

// String is the weight as logs and metrics name it.
func (w Weight) String() string { return [...]string{"none", "trivial", "minor", "substantive"}[w] }

// LinkKind says how old units became new ones.
type LinkKind int

// The kinds of links.
const (
	Same LinkKind = iota
	Edited
	Split
	Merged
)

// Op says what happened to a run of words.
type Op int

// The operations on words.
const (
	OpSame Op = iota
	OpDeleted
	OpAdded
)

// The blocks that units outside the body belong to.
const (
	TitleBlock      = -1
	StandfirstBlock = -2
)

// Unit is a sentence, or the title, or the standfirst.
type Unit struct {
	Block int // index into the snapshot's blocks, TitleBlock or StandfirstBlock
	Text  string
}

// Word is a run of text inside a link, kept, deleted or added.
type Word struct {
	Op   Op
	Text string
}

// Link says that old and new units are the same statement. The OpSame and OpDeleted words joined are the old units'
// texts (several joined by one space), OpSame and OpAdded the new ones', byte for byte.
type Link struct {
	Old, New []int
	Kind     LinkKind
	Moved    bool
	Words    []Word
}

// Restored says that a new unit stood in an earlier version and was gone since.
type Restored struct {
	New     int
	Version int
}

// Fact is a number, date, time, name, quote, speaker, source, hedge or negation that changed.
type Fact struct{ Kind, Old, New string }

// Change describes one edit to a reader.
type Change struct {
	Element string // headline, standfirst, byline, lead, body, quotation, caption, note, image, url, state, feed headline
	Kind    string // edited, added, deleted, moved, split, merged, restored
	Facts   []Fact
	Old     string
	New     string

	Cosmetic bool // spaces, quotation marks, dashes, encoding and the like alone
}

// Disclosure is evidence of whether the publisher said that it changed the article. It is never a verdict.
type Disclosure struct {
	NoteAdded     bool
	ModifiedMoved bool
	Evidence      []string
}

// Revision is the step between two snapshots. Every unit is in exactly one link, or in Deleted or Added.
type Revision struct {
	OldUnits   []Unit
	NewUnits   []Unit
	Links      []Link
	Deleted    []int // indices into OldUnits
	Added      []int // indices into NewUnits
	Restored   []Restored
	Changes    []Change
	Weight     Weight
	Score      float64 // 0 to 1
	Disclosure Disclosure

	Reasons   []string // what Weight and Score come from
	Fallback  string   // why parts were compared by paragraphs, empty where they were not
	VariantOf int      // the earlier version whose whole text came back; 0 for none
	Returns   int      // how often that text has come back by now: from 2 on the article flaps between two texts
}

// State is what an article's page is from a version on.
type State int

// The states.
const (
	Live State = iota
	Gone
	Blocked
)

// String is the state as people read it.
func (s State) String() string { return [...]string{"live", "gone", "blocked"}[s] }

// Event is a revision with all that belongs to it: what a subscriber needs to show the change and nothing else.
type Event struct {
	Article           string
	Source            string
	URL               string
	Version           int // the version it leads to; 1 is the first
	Hash              string
	FetchedAt         time.Time
	PreviousFetchedAt time.Time // when the old version was last seen to stand; zero for the first
	State             State
	Kinds             []string
	Snapshot          Snapshot
	Revision          Revision
	Page              string // archive key of the raw page
	Withdrawn         bool   // a takedown marker
	Published         string
	Feed              string
	ContentType       string // of the raw page
	Baseline          string // hash of the text it starts from, where another extractor read the version before again
}
