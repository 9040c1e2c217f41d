package article

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// BlockKind says what a block of text is on its page.
type BlockKind int

// The kinds of blocks.
const (
	BlockUnspecified BlockKind = iota
	Paragraph
	Heading
	Quotation
	ListItem
	TableRow
	Caption
	Note
)

// Block is one block of an article's text, without markup, spaces folded.
type Block struct {
	Kind BlockKind
	Text string
}

// Image is a picture of an article.
type Image struct {
	Stem    string // path without size and query, so that a re-cropped picture stays the same
	Caption string
}

// Extractor names the program that made a snapshot.
type Extractor struct{ Name, Version string }

// String is the name with the version: "stet/2". It is empty for an extractor that nobody named.
func (e Extractor) String() string {
	if e == (Extractor{}) {
		return ""
	}
	return e.Name + "/" + e.Version
}

// Verdict says whether a snapshot can be trusted to be the article.
type Verdict int

// The verdicts.
const (
	VerdictUnspecified Verdict = iota
	OK
	Suspect
	NotAnArticle
)

// String is the verdict as logs and metrics name it.
func (v Verdict) String() string {
	return [...]string{"unspecified", "ok", "suspect", "not an article"}[v]
}

// Quality is a verdict with its reasons.
type Quality struct {
	Verdict Verdict
	Reasons []string
}

// Snapshot is the normalized article that a check read.
type Snapshot struct {
	URL          string
	Title        string // headline on the page (h1)
	SharedTitle  string // og:title
	IndexedTitle string // JSON-LD headline
	Standfirst   string
	Byline       []string
	Section      string
	Language     string // BCP 47
	Published    string // as declared, RFC 3339 where it could be read
	Modified     string
	Blocks       []Block
	Images       []Image
	Extractor    Extractor
	Quality      Quality
	Names        Names `json:",omitzero"`
}

// Body is the article's text as a reader reads it: blocks joined by blank lines, captions left out.
func (s *Snapshot) Body() string {
	var b strings.Builder
	for _, block := range s.Blocks {
		if block.Kind == Caption || block.Text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(block.Text)
	}
	return b.String()
}

// Hash is the digest of what makes a version: title, standfirst, byline and blocks. Dates, language, images, the
// shared and indexed titles and the extractor do not make a version of their own.
func (s *Snapshot) Hash() string {
	h := sha256.New()
	field := func(name, text string) {
		h.Write([]byte(name))
		h.Write([]byte{0})
		h.Write([]byte(text))
		h.Write([]byte{0})
	}
	field("title", s.Title)
	field("standfirst", s.Standfirst)
	for _, name := range s.Byline {
		field("byline", name)
	}
	for _, block := range s.Blocks {
		field(string(rune('a'+int(block.Kind))), block.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
