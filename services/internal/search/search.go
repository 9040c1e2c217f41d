// Package search is what the search index promises: documents, the query language with its one analyzer, and the
// contract that every backend keeps.
//
// A document is one version of an article together with what changed to make it. A backend (search/sqlite is one)
// compiles the same query tree and indexes the same tokens, so that every backend finds the same documents; the suite
// in search/searchtest proves it against Match, which answers a query on a single document without any index.
package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Errors by meaning. Backends wrap them; callers test with errors.Is.
var (
	// ErrNotFound says that the index has no such article or version.
	ErrNotFound = errors.New("not found in the index")
	// ErrBadCursor says that a cursor was not made by this index for this query.
	ErrBadCursor = errors.New("the page token does not belong to this search: start again without it")
	// ErrBadDocument says that a document can never be indexed: trying again is of no use.
	ErrBadDocument = errors.New("document cannot be indexed")
	// ErrUnavailable says that the index does not answer or takes nothing now: later it may.
	ErrUnavailable = errors.New("the search index is not available")
)

// Document is a version of an article as it is searched. Times are compared exactly and returned in UTC.
type Document struct {
	Article, Source, URL string
	Version              int       // 1 is the first
	Time                 time.Time // when the version was read
	Language             string    // BCP 47
	Title, Body          string    // of this version
	Added, Removed       string    // passages separated by newlines
	Kinds                []string  // first, headline, body, note, moved, gone, restored and so on
	Weight               int       // an article.Weight
	Score                float64   // 0 to 1
	State                int       // an article.State
	Published            string    // as the publisher declares it
	Hash                 string
	Feed                 string
	Sequence             uint64 // of the revision event in its stream
	Disclosed            bool   // the publisher shows that it changed the article: by a note, or by its date of change
}

// ID names the document: the article and its version.
func (d *Document) ID() string { return d.Article + "/" + strconv.Itoa(d.Version) }

// The bounds of a document, in bytes.
const (
	maxName     = 1024     // each name of an article, source, language or kind
	maxDocument = 32 << 20 // all its text
)

// Check says whether a document can be indexed; the error wraps ErrBadDocument and tells why not.
func (d *Document) Check() error {
	bad := func(why string) error { return fmt.Errorf("%w: %q %s", ErrBadDocument, d.ID(), why) }
	switch {
	case d.Article == "":
		return bad("names no article")
	case len(d.Article) > maxName || len(d.Source) > maxName || len(d.Language) > maxName:
		return bad("has a name of more than 1,024 bytes")
	case len(d.Title)+len(d.Body)+len(d.Added)+len(d.Removed) > maxDocument:
		return bad("has more than 32 MiB of text")
	case d.Version < 1:
		return bad("has a version below 1")
	case d.Time.Year() < 1970 || d.Time.Year() > 2200:
		return bad("has a time outside the years 1970 to 2200")
	case math.IsNaN(d.Score) || d.Score < 0 || d.Score > 1:
		return bad("has a score outside 0 to 1")
	}
	for _, kind := range d.Kinds {
		if len(kind) > maxName {
			return bad("has a kind of more than 1,024 bytes")
		}
	}
	return nil
}

// Writer puts documents into an index.
type Writer interface {
	// Write stores the documents and returns nil only when all are durable. It is idempotent: what is stored already
	// changes nothing, a document with the ID of a stored one replaces it, except that a stored document of a higher
	// Sequence stays. The month of a version's Time (UTC) never changes.
	//
	// An error that is an Unstored (errors.As) speaks for single documents: those that it does not name are durable.
	// Any other error leaves open which are: all are to be written again.
	Write(ctx context.Context, documents []Document) error
	// Delete removes every version of an article, and is content when there is none.
	Delete(ctx context.Context, article string) error
}

// Order says which hits come first.
type Order int

// The orders.
const (
	// Newest is by Time, latest first, exact to the millisecond; the order inside one millisecond is the backend's
	// own, and stable.
	Newest Order = iota
	// Relevance ranks the newest RelevanceWindow matches by how well they fit. Pages beyond the first may shift when
	// documents are written between them.
	Relevance
)

// RelevanceWindow is how many of the newest matches Relevance ranks; older ones are not returned in that order.
const RelevanceWindow = 5000

// Limits of a page of hits.
const (
	DefaultLimit = 20
	MaxLimit     = 200
)

// Request is a search.
type Request struct {
	Query     Query  // nil finds everything
	Order     Order  // Newest where not said
	Limit     int    // hits on a page; DefaultLimit where not positive, at most MaxLimit
	Cursor    string // Next of the page before
	WithTotal bool   // count all matches
	WithBody  bool   // fill Body
	Highlight bool   // fill Excerpts
}

// PageSize is the limit that holds for a wanted number of hits.
func PageSize(limit int) int {
	if limit <= 0 {
		return DefaultLimit
	}
	return min(limit, MaxLimit)
}

// Piece is a stretch of an excerpt.
type Piece struct {
	Text  string
	Match bool
}

// Excerpt is a part of a document's field with the matches in it. The texts of its pieces, joined, stand in the field.
type Excerpt struct {
	Field  string // title, body, added or removed
	Pieces []Piece
}

// Hit is a document that was found, without Body unless it was asked for.
type Hit struct {
	Document
	Excerpts []Excerpt
}

// Result is a page of hits.
type Result struct {
	Hits  []Hit
	Next  string // cursor of the next page, empty on the last
	Total int64  // of all pages, if asked for
}

// Counts is how much an index holds.
type Counts struct {
	Articles  int64
	Versions  int64
	Revisions int64 // versions that are not the first of their article
}

// Searcher finds documents.
type Searcher interface {
	// Search returns a page of hits, or an error that wraps ErrBadCursor.
	Search(ctx context.Context, request Request) (Result, error)
	// Versions lists an article's versions without Body, newest first, and the cursor of the next page. An unknown
	// article has none.
	Versions(ctx context.Context, article string, limit int, cursor string) (documents []Document, next string, err error)
	// Get returns one version whole, 0 being the newest, or an error that wraps ErrNotFound.
	Get(ctx context.Context, article string, version int) (Document, error)
	// Count returns the size of the index.
	Count(ctx context.Context) (Counts, error)
}
