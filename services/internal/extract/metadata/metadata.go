package metadata

import (
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
	"golang.org/x/text/language"
)

// MaxTitle is how many bytes a headline may have: 2 KB, ten times the longest seen.
const MaxTitle = 2 << 10

// MaxStandfirst is how many bytes a standfirst may have: longer is body text.
const MaxStandfirst = 1200

// Metadata is what a page declares. Every text is folded; see article.Snapshot for the fields.
type Metadata struct {
	Title, SharedTitle, IndexedTitle string
	Standfirst                       string
	Byline                           []string
	Section                          string
	Language                         string // BCP 47
	Published, Modified              string
	PageTitle                        string   // the title element, as it is
	ForPayOnly                       bool     // the page declares that its article is not free to read
	Descriptions                     []string // as told to search engines and networks, without repetition
	Canonical                        string   // the address the page gives itself
	Article                          bool     // it calls itself an article
	Body                             string   // the article's text as told to machines, without markup; most pages have none
	Headlines                        []string // the headline in all its forms, without repetition
	Names                            article.Names
}

// page is a tree with the parts of it that several readers need.
type page struct {
	doc    *html.Node
	metas  map[string][]string // by lower-case name or property
	linked linked
	title  string     // the title element
	head   *html.Node // the h1 that heads the article, else a heading that says its title, nil where none does
}

// Read collects a page's metadata. It never fails: what cannot be read is absent.
func Read(doc *html.Node) Metadata {
	p := page{doc: doc, metas: metas(doc), linked: readLinked(doc), title: titleElement(doc)}
	headline := p.mainHeadline()
	if p.head = headline; headline == nil {
		p.head = p.titledHeading()
	}
	m := Metadata{
		SharedTitle:  capped(p.meta("og:title"), MaxTitle),
		IndexedTitle: capped(p.linked.headline, MaxTitle),
		Byline:       p.byline(p.head),
		Section:      capped(first(p.meta("article:section"), p.linked.section), MaxTitle),
		Language:     p.language(),
		Published:    p.published(),
		Modified:     p.modified(),
		PageTitle:    capped(p.title, MaxTitle),
		ForPayOnly:   p.linked.forPayOnly,
	}
	m.Title = capped(p.headlineText(headline, m.SharedTitle), MaxTitle)
	m.Descriptions = distinct(p.meta("og:description"), p.meta("description"), p.meta("twitter:description"), p.linked.description)
	m.Body = p.linked.body
	m.Canonical = first(p.canonical(), p.meta("og:url"))
	m.Names = p.names()
	m.Article = p.linked.found || strings.EqualFold(p.meta("og:type"), "article") || p.meta("article:published_time") != ""
	m.Headlines = distinct(m.Title, m.SharedTitle, m.IndexedTitle, m.PageTitle, p.meta("twitter:title"))
	if headline != nil {
		m.Standfirst = standfirst(headline, m.Title)
	}
	return m
}

// maxMetas bounds the meta elements that are read; pages have up to about 100.
const maxMetas = 1000

func metas(doc *html.Node) map[string][]string {
	found := make(map[string][]string)
	count := 0
	for n := range dom.Elements(doc) {
		if n.Data != "meta" || count == maxMetas {
			continue
		}
		count++
		content := dom.Attr(n, "content")
		if len(content) > 4*MaxTitle {
			continue
		}
		for _, key := range []string{"property", "name", "itemprop", "http-equiv"} {
			if name := strings.ToLower(strings.TrimSpace(dom.Attr(n, key))); name != "" {
				found[name] = append(found[name], dom.Fold(content))
			}
		}
	}
	return found
}

// meta is the first non-empty value among the names.
func (p *page) meta(names ...string) string {
	for _, name := range names {
		for _, value := range p.metas[name] {
			if value != "" {
				return value
			}
		}
	}
	return ""
}

// canonical is the address in the page's canonical link.
func (p *page) canonical() string {
	for n := range dom.Elements(p.doc) {
		if n.Data == "link" && hasWord(dom.Attr(n, "rel"), "canonical") {
			return strings.TrimSpace(capped(dom.Attr(n, "href"), MaxTitle))
		}
		if n.Data == "body" {
			break
		}
	}
	return ""
}

func titleElement(doc *html.Node) string {
	for n := range dom.Elements(doc) {
		if n.Data == "title" && n.Namespace == "" && dom.Length(n) <= 4*MaxTitle {
			return dom.Text(n)
		}
	}
	return ""
}

// language prefers the root element's, which browsers use, over what is said to social networks.
func (p *page) language() string {
	var root string
	for n := range dom.Elements(p.doc) {
		if n.Data == "html" {
			root = dom.Attr(n, "lang")
			break
		}
	}
	for _, declared := range []string{root, p.linked.language, p.meta("og:locale"), p.meta("content-language")} {
		declared, _, _ = strings.Cut(strings.TrimSpace(declared), ",")
		if len(declared) > 35 { // the longest tags that RFC 5646 asks programs to hold
			continue
		}
		if tag, err := language.Parse(declared); err == nil && tag != language.Und {
			return tag.String()
		}
	}
	return ""
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// capped cuts a text at a rune boundary.
func capped(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return dom.Fold(strings.ToValidUTF8(text[:limit], ""))
}

// distinct are the texts that are there, each once and capped.
func distinct(texts ...string) []string {
	var kept []string
	for _, text := range texts {
		if text = capped(text, MaxTitle); text != "" && !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept
}
