// Package extract turns a page into a snapshot of the article on it. It is a pure function of the page's bytes: no
// network, no clock, no store. What is on the page besides the article must not move the snapshot; what is in the article
// must.
//
// The inner packages are its steps: dom reads bytes into a tree, metadata reads what the page declares, blocks finds and
// cuts the text. Here the parts are put together and judged.
package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/blocks"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/metadata"
)

// Name and Version are the extractor that snapshots carry. The version rises with every change that can alter a
// snapshot, because archived pages are then read again.
const (
	Name    = "trafilatura"
	Version = "1"
)

const (
	// MaxPage is how many bytes of a page are read; the rest is left out, and the snapshot says so. 15 MB is twice what
	// the large search engines read.
	MaxPage = 15 << 20
	// MaxText is how many bytes of text a snapshot holds: with the old text, the new one and the diff of both a message
	// must stay below the bus's megabyte.
	MaxText = 300 << 10
)

// Page is a page as it was fetched.
type Page struct {
	URL         string
	ContentType string // the header, empty where there was none
	Body        []byte // content encodings already removed
}

// ErrNotPage says that what was fetched is no page: empty, or a document, picture, archive or data of some kind.
var ErrNotPage = errors.New("not a page")

// Extract reads a page. Its errors wrap ErrNotPage; every page, however poor, gives a snapshot, and the snapshot's
// quality says whether it is the article. Equal pages give equal snapshots.
func Extract(p Page) (article.Snapshot, error) {
	if err := refuse(p); err != nil {
		return article.Snapshot{}, fmt.Errorf("reading %s: %w", p.URL, err)
	}
	s := article.Snapshot{URL: p.URL, Extractor: article.Extractor{Name: Name, Version: Version}}
	var reasons []string
	body := p.Body
	if len(body) > MaxPage {
		body = body[:MaxPage]
		reasons = append(reasons, ReasonPageCut)
	}
	doc, err := dom.Parse(dom.Decode(body, p.ContentType))
	if err != nil {
		s.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: append(reasons, ReasonTooLarge)}
		return s, nil
	}
	meta := metadata.Read(doc)
	found, err := blocks.Find(doc, p.URL)
	if err != nil {
		reasons = append(reasons, ReasonCrashed)
	}
	declare(&s, meta)
	s.Images = found.Images
	s.Blocks = withoutHead(found.Blocks, s.Title, s.Standfirst, s.SharedTitle)
	if limited, cut := limit(s.Blocks); cut {
		s.Blocks = limited
		reasons = append(reasons, ReasonTruncated)
	}
	s.Quality = judge(&s, evidence{doc: doc, meta: meta, url: p.URL, reasons: reasons})
	return s, nil
}

func declare(s *article.Snapshot, m metadata.Metadata) {
	s.Title, s.SharedTitle, s.IndexedTitle = m.Title, m.SharedTitle, m.IndexedTitle
	s.Standfirst, s.Byline, s.Section = m.Standfirst, m.Byline, m.Section
	s.Language, s.Published, s.Modified = m.Language, m.Published, m.Modified
}

// headBlocks is among how many blocks at the top a repetition of the headline or the standfirst is looked for.
const headBlocks = 4

// withoutHead drops the headline and the standfirst where the body repeats them at its top.
func withoutHead(all []article.Block, title, standfirst, shared string) []article.Block {
	kept := make([]article.Block, 0, len(all))
	for i, block := range all {
		if i < headBlocks && block.Kind != article.Caption {
			heading := block.Kind == article.Heading
			if same(block.Text, title) || same(block.Text, standfirst) || heading && same(block.Text, shared) {
				continue
			}
		}
		kept = append(kept, block)
	}
	return kept
}

func same(text, other string) bool { return other != "" && strings.EqualFold(text, other) }

// limit keeps the blocks that fit into MaxText, of a first block that does not fit its beginning. It says whether
// anything was left out.
func limit(all []article.Block) ([]article.Block, bool) {
	total := 0
	if len(all) > 0 && len(all[0].Text) > MaxText {
		text := dom.Fold(strings.ToValidUTF8(all[0].Text[:MaxText], ""))
		return []article.Block{{Kind: all[0].Kind, Text: text}}, true
	}
	for i, block := range all {
		if total += len(block.Text); total > MaxText {
			return all[:i:i], true
		}
	}
	return all, false
}
