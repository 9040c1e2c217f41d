package feed

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/stetnews/stet/services/internal/politehttp/charset"
)

// The bounds of what is read.
const (
	// MaxBytes is the largest document read.
	MaxBytes = 15 << 20
	// MaxItems is how many items of a document are read, the first ones. The largest feeds meant for polling have some
	// thousands; the parser takes about 40 µs for each.
	MaxItems = 20_000
	// MaxSummary is how much of an item's summary is kept, in bytes.
	MaxSummary = 64 << 10
	// maxTitle, maxID and maxURL are how much of these is kept; what is longer helps nobody.
	maxTitle = 8 << 10
	maxID    = 4 << 10
	maxURL   = 8 << 10
	// maxKept is how much is kept of all items together, in bytes.
	maxKept = 10 << 20
)

var (
	// ErrEmpty says that there was nothing to read.
	ErrEmpty = errors.New("the feed is empty: the site sent no text at all")
	// ErrTooLarge says that the document exceeds MaxBytes.
	ErrTooLarge = errors.New("the feed is larger than 15 MB")
)

// Document is a feed as it was read. Texts are as the feed wrote them, entities decoded: they may hold HTML and are
// hostile. Addresses are absolute where the feed's own address was given.
type Document struct {
	Format  string // rss2.0, rss1.0, atom1.0, json1.1, sitemap, …
	ID      string // as declared; empty where the format has none
	Title   string
	Link    string // the site it belongs to
	Summary string
	Updated time.Time // zero where it is not declared
	Items   []Item    // in the document's order
	// Salvaged says that the document was damaged and only its intact items are here.
	Salvaged bool
	Warnings []string      // sentences for people
	TTL      time.Duration // how long the feed asks not to be fetched again; 0 if it does not
	Quiet    Quiet         // when the feed asks not to be fetched
	// Hub is where one can ask to be told of news (WebSub), Self the address that the feed calls its own; empty where they
	// are not declared.
	Hub, Self string
}

// Item is an entry of a feed.
type Item struct {
	Permalink bool   // the id is declared to be the address
	ID        string // as declared, else the URL, else a digest of the title; unique only by the feed's grace
	URL       string // empty where the entry leads nowhere
	Title     string
	Summary   string
	Published time.Time // zero where it is not declared
	Updated   time.Time // zero where it is not declared
}

// NotAFeed says that a document is something else.
type NotAFeed struct {
	Reason     string   // one sentence
	Candidates []string // addresses of feeds that the document points to
}

// Error says what the document is and what to do.
func (e *NotAFeed) Error() string {
	switch len(e.Candidates) {
	case 0:
		return e.Reason + " Look on the site for a link named RSS, Atom or feed."
	case 1:
		return e.Reason + " It points to a feed; use that address: " + e.Candidates[0]
	default:
		return e.Reason + " It points to feeds; use one of: " + strings.Join(e.Candidates, " ")
	}
}

// Parse reads a feed from the body of an answer. contentType is the header's value, url the feed's address; both may be
// empty. A damaged document gives what is intact in it. The error is ErrEmpty, ErrTooLarge, a *NotAFeed, or says what
// is wrong with the document.
func Parse(body []byte, contentType, url string) (*Document, error) {
	if len(body) > MaxBytes {
		return nil, ErrTooLarge
	}
	text, _ := charset.DecodeAtMost(body, contentType, MaxBytes)
	text = bytes.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' })
	if len(text) == 0 {
		return nil, ErrEmpty
	}
	if text[0] == '{' {
		return parseJSON(text, url)
	}
	outline, err := sketch(text)
	if err != nil {
		return nil, err
	}
	switch outline.kind {
	case kindFeed:
		return parseFeed(outline, url)
	case kindSitemap:
		return parseSitemap(outline, url), nil
	case kindCDF:
		return parseCDF(outline, url), nil
	case kindIndex:
		return nil, &NotAFeed{Reason: "This is an index of sitemaps, not a feed.", Candidates: listIndex(outline, url)}
	case kindHTML:
		return nil, &NotAFeed{Reason: "This is a web page, not a feed.", Candidates: Discover(text, url)}
	default:
		return nil, &NotAFeed{Reason: "This is neither a feed nor a web page.", Candidates: nil}
	}
}

func (d *Document) warn(format string, arguments ...any) {
	d.Warnings = append(d.Warnings, fmt.Sprintf(format, arguments...))
}
