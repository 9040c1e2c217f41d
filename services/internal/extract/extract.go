// Package extract turns a page into a snapshot of the article on it. It is a pure function of the page's bytes: no
// network, no clock, no store. What is on the page besides the article must not move the snapshot; what is in the article
// must.
//
// The inner packages are its steps: dom reads bytes into a tree, metadata reads what the page declares, blocks cuts the
// page and chooses the article's text by rules and a small model (trees), site remembers what a publisher's pages have in
// common. Here the parts are put together and judged.
package extract

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/blocks"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/metadata"
	"github.com/stetnews/stet/services/internal/extract/site"
	"golang.org/x/net/html"
)

// Name and Version are the extractor that snapshots carry. The version rises with every change that can alter a
// snapshot, because archived pages are then read again.
const (
	Name    = "stet"
	Version = "5"
)

const (
	// MaxPage is how many bytes of a page are read; the rest is left out, and the snapshot says so. 15 MB is twice what
	// the large search engines read.
	MaxPage = 15 << 20
	// MaxText is how many bytes of text a snapshot holds: with the old text, the new one and the diff of both a message
	// must stay below the bus's megabyte.
	MaxText = 300 << 10
)

// Identity names what reads a page: this program's extractor, with the digest of what people say of the source's pages.
// Equal identities read equal pages alike.
func Identity(o *Override) article.Extractor {
	e := article.Extractor{Name: Name, Version: Version}
	if o != nil {
		e.Version += "+" + o.digest
	}
	return e
}

// Page is a page as it was fetched.
type Page struct {
	URL         string
	ContentType string // the header, empty where there was none
	Body        []byte // content encodings already removed
}

// ErrNotPage says that what was fetched is no page: empty, or a document, picture, archive or data of some kind.
var ErrNotPage = errors.New("not a page")

// Known is what is known before a page is read. The zero value knows nothing.
type Known struct {
	Article  string       // a key of the article for the site's memory, the URL where it is empty
	Site     *site.Memory // of the publisher, nil at first sight
	Override *Override    // what people say of the source's pages, nil for nothing
}

// Reading is what was read from a page, with the grounds for it.
type Reading struct {
	Snapshot article.Snapshot
	Passages []blocks.Passage // every run of text of the page in order, with why it was left out
	Sureness float32          // 0 to 1, how sure the model was of its answers
}

// Extract reads a page at first sight. Its errors wrap ErrNotPage; every page, however poor, gives a snapshot, and the
// snapshot's quality says whether it is the article. Equal pages give equal snapshots.
func Extract(p Page) (article.Snapshot, error) {
	r, err := Read(p, Known{})
	return r.Snapshot, err
}

// finder holds the models, which are data of the program.
var finder = sync.OnceValue(func() *blocks.Finder {
	f, err := blocks.NewFinder()
	if err != nil {
		panic(err) // the program was built with models of another form; every test fails then
	}
	return f
})

// Read reads a page with what is known of its site. It errs as Extract does; equal pages and knowledge give equal
// readings. The site's memory is not changed: see site.Memory.Observe.
func Read(p Page, k Known) (Reading, error) {
	if err := refuse(p); err != nil {
		return Reading{}, fmt.Errorf("reading %s: %w", p.URL, err)
	}
	s := article.Snapshot{URL: p.URL, Extractor: Identity(k.Override)}
	var reasons []string
	body := p.Body
	if len(body) > MaxPage {
		body = body[:MaxPage]
		reasons = append(reasons, ReasonPageCut)
	}
	parse := dom.Parse
	if k.Override != nil {
		parse = dom.ParseWhole
	}
	doc, err := parse(dom.Decode(body, p.ContentType))
	if err != nil {
		s.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: append(reasons, ReasonTooLarge)}
		return Reading{Snapshot: s}, nil
	}
	meta := metadata.Read(doc)
	named := meta.Standfirst
	meta.Standfirst = "" // what an override says is certain
	k.Override.amend(doc, &meta)
	hints := blocks.Hints{Titles: meta.Headlines, Descriptions: meta.Descriptions, Authors: meta.Byline, Body: meta.Body,
		Standfirst: meta.Standfirst, Named: named}
	found := finder().Find(doc, hints, k.rule(doc, p.URL))
	declare(&s, meta)
	s.Standfirst = found.Standfirst
	s.Images = found.Images
	s.Blocks = rescue(found.Blocks, meta.Body)
	if limited, cut := limit(s.Blocks); cut {
		s.Blocks = limited
		reasons = append(reasons, ReasonTruncated)
	}
	s.Quality = judge(&s, evidence{doc: doc, meta: meta, url: p.URL, reasons: reasons})
	return Reading{Snapshot: s, Passages: found.Passages, Sureness: found.Sureness}, nil
}

// rule puts what people say before what the site's memory says.
func (k Known) rule(doc *html.Node, url string) blocks.Ruling {
	key := k.Article
	if key == "" {
		key = url
	}
	var remembered blocks.Ruling
	if k.Site != nil {
		remembered = k.Site.Rule(key)
	}
	return k.Override.rule(doc, remembered)
}

func declare(s *article.Snapshot, m metadata.Metadata) {
	s.Title, s.SharedTitle, s.IndexedTitle = m.Title, m.SharedTitle, m.IndexedTitle
	s.Standfirst, s.Byline, s.Section = m.Standfirst, m.Byline, m.Section
	s.Language, s.Published, s.Modified = m.Language, m.Published, m.Modified
	s.Names = m.Names
}

const (
	// rescueWords is how many words the text for machines must have to stand in for the page's own, and rescueTimes how
	// many times longer it must be: some pages show a beginning and hold the whole in their data.
	rescueWords, rescueTimes = 150, 2.5
)

// rescue takes the article's text from the page's data for machines where the page shows next to nothing of it.
func rescue(found []article.Block, told string) []article.Block {
	if told == "" || strings.Contains(told, "</") {
		return found
	}
	size := 0
	for _, b := range found {
		if b.Kind != article.Caption {
			size += len(b.Text)
		}
	}
	if len(strings.Fields(told)) < rescueWords || float64(len(told)) < rescueTimes*float64(size) {
		return found
	}
	var all []article.Block
	for line := range strings.SplitSeq(told, "\n") {
		if text := dom.Fold(line); text != "" {
			all = append(all, article.Block{Kind: article.Paragraph, Text: text})
		}
	}
	return all
}

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
