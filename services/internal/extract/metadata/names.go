package metadata

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
)

// maxCanonical bounds the canonical links that are kept: two that differ already say nothing.
const maxCanonical = 4

// identifiers are the names under which publishers' systems write their own number of an article into a page.
var identifiers = []string{
	"article:id", "articleid", "article_id", "article-id", "contentid", "content-id", "content_id", "cms-id", "cxenseparse:recs:articleid",
	"parsely-post-id", "dc.identifier", "dcterms.identifier",
}

// names are what the page calls itself. Links outside the head are not believed: comments may hold some.
func (p *page) names() article.Names {
	n := article.Names{Identifier: first(p.linked.identifier, p.meta(identifiers...))}
	if len(n.Identifier) > MaxTitle {
		n.Identifier = ""
	}
	for e := range dom.Elements(p.doc) {
		if e.Data == "body" {
			break
		}
		if e.Data != "link" {
			continue
		}
		href := strings.TrimSpace(dom.Attr(e, "href"))
		if href == "" || len(href) > MaxTitle {
			continue
		}
		switch rel := dom.Attr(e, "rel"); {
		case hasWord(rel, "canonical") && len(n.Canonical) < maxCanonical && !slices.Contains(n.Canonical, href):
			n.Canonical = append(n.Canonical, href)
		case hasWord(rel, "amphtml") && n.AMP == "":
			n.AMP = href
		}
	}
	return n
}

// identifier is the publisher's own mark, plain or as a value with a name. An address is none: it is said elsewhere.
func identifier(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return identifier(v["value"])
	case []any:
		for _, item := range v {
			if mark := identifier(item); mark != "" {
				return mark
			}
		}
	case string:
		if mark := plain(v); !strings.Contains(mark, "://") {
			return mark
		}
	case float64:
		if v == float64(int64(v)) {
			return strconv.FormatInt(int64(v), 10)
		}
	}
	return ""
}
