package metadata

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// maxAuthors bounds a byline, and maxName the bytes of one name.
const (
	maxAuthors = 20
	maxName    = 200
)

var (
	nameLead = regexp.MustCompile(`(?i)^(?:(?:by|von|par|por|di|door|av|af|written by|words by)\s+|(?:text|texte|texto|testo|tekst|words|author|autor|autorin|auteur|autore|yazar|текст|автор)\s*:\s*|autorin/autor\s+)+`)
	nameBar  = regexp.MustCompile(`(?i)\s*(?:[,;|]|\s/\s|\s(?:and|und|et|y|e|en|och|og|&)\s)\s*`)
	// shortName is a reporter's sign behind the name, and pictureName what a caption left there.
	// role is what somebody is, told as if it were one more name.
	role        = regexp.MustCompile(`(?i)\b(?:writer|reporter|correspondent|editor|staff|contributor|columnist|producer|journalist|redakteur(?:in)?|korrespondent(?:in)?|reporterin)s?$`)
	shortName   = regexp.MustCompile(`\s*\(\p{L}{2,4}\.?\)$`)
	pictureName = regexp.MustCompile(`(?i)^\(|\b(?:image|images|photo|foto|getty|istock|shutterstock)\b|\)$`)
)

// byline asks the JSON-LD, then the meta elements, then the elements by the headline that name themselves the author's;
// the first that knows a person answers. The publisher's own name stands only where nothing else does.
func (p *page) byline(h1 *html.Node) []string {
	house := ""
	for _, told := range [][]string{
		p.linked.authors, p.metas["author"], p.metas["article:author"], p.metas["parsely-author"], p.metas["byl"], p.metas["dc.creator"],
		p.metas["dcterms.creator"], p.metas["sailthru.author"], p.metas["cxenseparse:author"], p.metas["article:author_name"],
	} {
		names := tidy(told)
		if len(names) == 1 && p.publisher(names[0]) {
			if house == "" {
				house = names[0]
			}
			continue
		}
		if len(names) > 0 {
			return names
		}
	}
	if names := p.shownByline(h1); len(names) > 0 {
		return names
	}
	if names := p.onlySigned(); len(names) > 0 {
		return names
	}
	if house != "" {
		return []string{house}
	}
	return nil
}

// publisher says whether a name is the publisher's.
func (p *page) publisher(name string) bool {
	name = strings.ToLower(name)
	for _, house := range append([]string{p.meta("og:site_name"), p.linked.publisher}, titleTail(p.title)) {
		house = strings.ToLower(house)
		if house != "" && (strings.Contains(house, name) || len(house) > 3 && strings.Contains(name, house)) {
			return true
		}
	}
	if at, err := url.Parse(first(p.canonical(), p.meta("og:url"))); err == nil {
		host, _, _ := strings.Cut(strings.TrimPrefix(at.Hostname(), "www."), ".")
		if host != "" && strings.NewReplacer(" ", "", "-", "").Replace(name) == strings.ReplaceAll(host, "-", "") {
			return true
		}
	}
	return strings.Contains(name, "www.") || strings.HasPrefix(name, "redaktion") || strings.HasSuffix(name, "redaktion")
}

// titleTail is what stands behind the last bar of a page's title: usually the site's name.
func titleTail(title string) string {
	for _, bar := range titleBars {
		if at := strings.LastIndex(title, bar); at >= 0 {
			return strings.TrimSpace(title[at+len(bar):])
		}
	}
	return ""
}

// authorNames are words in the names of elements that hold an author's name, and notAuthorNames those of elements that
// hold something about one.
var (
	authorNames = map[string]bool{
		"author": true, "authors": true, "byline": true, "autor": true, "auteur": true, "autore": true, "writer": true, "contributor": true,
		"autorin": true, "redakteur": true, "firma": true, "forfatter": true, "author-name": true, "bylines": true, "reporter": true, "signature": true,
		"autores": true, "kirjoittaja": true, "yazar": true, "editor": true, "journalist": true, "authorname": true, "authorlink": true,
	}
	notAuthorNames = map[string]bool{
		"bio": true, "description": true, "image": true, "img": true, "photo": true, "avatar": true, "social": true, "related": true, "comment": true,
		"comments": true, "date": true, "time": true, "follow": true, "role": true, "job": true, "teaser": true, "card": true, "more": true,
	}
)

const (
	// bylineNear is how many elements around the headline are looked at for the authors.
	bylineNear = 220
	// bylineLimit is how many bytes of text an element with authors may have.
	bylineLimit = 240
)

// shownByline is what the page shows of its authors near the headline.
func (p *page) shownByline(h1 *html.Node) []string {
	if h1 == nil || h1.Parent == nil {
		return p.markedAuthors()
	}
	start := h1.Parent
	if start.Parent != nil && !dom.Is(start, "article", "main", "body") {
		start = start.Parent
	}
	passed := 0
	for n := start; n != nil && passed < bylineNear; n = following(n, nil) {
		if n.Type != html.ElementNode {
			continue
		}
		passed++
		if !authorNamed(n) && !signed(n) || dom.Length(n) > 2*bylineLimit || dom.Within(n, "aside", "nav", "footer", "figure", "figcaption") != nil {
			continue
		}
		if names := shownNames(n); len(names) > 0 {
			return tidy(append(names, fellowNames(n)...))
		}
	}
	return p.markedAuthors()
}

// authorPage matches the address of a page about an author. Package dom leaves out addresses that cannot match: a new
// word is added to its authorPaths too.
var authorPage = regexp.MustCompile(`(?i)/(?:authors?|autor|autore[sn]?|autorin(?:nen)?|auteurs?|autori|redakteure?|redaktorer|journalists?|journalistes?|reporters?|writers?|contributors?|columnists?|forfattere?|skribenter?)/(?:[^/?#]+/)*[^/?#]+`)

// signature matches the words before a name, with the capital that begins it, in a line that tells nothing else.
var signature = regexp.MustCompile(`^(?i:(?:by|von|par|por|door|text|texte|texto|testo|tekst|words by|written by|autorin/autor)(?:\s*:\s*|\s+)|(?:author|autor|autorin|auteur|autore|yazar|автор)\s*:\s*)[\p{Lu}\p{Lo}]`)

// signed says whether an element without a telling name is a link to an author's page or a line like "By Ada Quill".
func signed(n *html.Node) bool {
	switch {
	case n.Data == "a":
		return authorPage.MatchString(dom.Attr(n, "href"))
	case dom.Is(n, "p", "div", "span", "address", "li", "small") && dom.Length(n) <= bylineLimit:
		return signature.MatchString(dom.Text(n))
	}
	return false
}

// signedNear is how many bytes a line with authors that stands anywhere may have.
const signedNear = 80

// onlySigned are the names in the lines like "By Ada Quill" anywhere on a page, where all of them tell the same: teasers of
// other stories have several.
func (p *page) onlySigned() []string {
	var only []string
	for n := range dom.Elements(p.doc) {
		if !dom.Is(n, "p", "li", "span", "small", "address") || dom.Length(n) > signedNear || !signature.MatchString(dom.Text(n)) || dom.Within(n, "aside", "nav", "footer") != nil {
			continue
		}
		names := people(tidy([]string{dom.Text(n)}))
		if len(names) == 0 {
			continue
		}
		if only != nil && !slices.Equal(only, names) {
			return nil
		}
		only = names
	}
	return only
}

// fellowNames are the names in the elements after one with an author that are named as it is: one for each further author.
func fellowNames(n *html.Node) []string {
	class := dom.Attr(n, "class")
	if class == "" {
		return nil
	}
	var names []string
	for next := n.NextSibling; next != nil && len(names) < maxAuthors; next = next.NextSibling {
		if next.Type == html.ElementNode && next.Data == n.Data && dom.Attr(next, "class") == class && dom.Length(next) <= 2*bylineLimit {
			names = append(names, shownNames(next)...)
		}
	}
	return names
}

func authorNamed(n *html.Node) bool {
	if !dom.Is(n, "a", "p", "div", "span", "address", "li", "ul", "strong", "b", "em", "section", "cite") {
		return false
	}
	found := n.Data == "a" && hasWord(dom.Attr(n, "rel"), "author")
	for _, token := range dom.Tokens(n) {
		if notAuthorNames[token] {
			return false
		}
		found = found || authorNames[token]
	}
	return found
}

// shownNames are the names in an element: of its links where it has any that name people, else of its text.
func shownNames(n *html.Node) []string {
	var linked []string
	for inner := range dom.Elements(n) {
		if inner.Data == "a" && dom.Length(inner) <= maxName {
			linked = append(linked, dom.Text(inner))
		}
	}
	if names := people(tidy(linked)); len(names) > 0 {
		return names
	}
	text := dom.Text(n)
	if len(text) > bylineLimit {
		return nil
	}
	if at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsDigit(r) || r == '|' || r == '•' || r == '·' }); at > 0 {
		text = text[:at]
	}
	return people(tidy([]string{text}))
}

// people keeps what looks like the name of a person: two to five words that begin with capital letters where the script
// has them. It gives nothing where anything else stands among them.
func people(names []string) []string {
	for _, name := range names {
		fields := strings.Fields(name)
		capitals := 0
		for _, field := range fields {
			if r, _ := utf8.DecodeRuneInString(field); unicode.IsUpper(r) || !unicode.IsLower(r) && unicode.IsLetter(r) {
				capitals++
			}
		}
		if len(fields) > 5 || len(fields) < 2 && !unicode.In([]rune(name)[0], unicode.Han, unicode.Hangul) || capitals*2 <= len(fields) || len(name) > 80 || strings.ContainsFunc(name, unicode.IsDigit) || strings.ContainsAny(name, ".!?:") && !initials.MatchString(name) {
			return nil
		}
	}
	return names
}

// initials are the points that names have.
var initials = regexp.MustCompile(`^(?:[^.!?:]|\b\p{L}{1,4}\.)+$`)

// markedAuthors are the elements that are marked as the author's for programs, anywhere but beside the article.
func (p *page) markedAuthors() []string {
	var names []string
	for n := range dom.Elements(p.doc) {
		isAuthor := n.Data == "a" && hasWord(dom.Attr(n, "rel"), "author") || hasWord(dom.Attr(n, "itemprop"), "author")
		if isAuthor && dom.Length(n) <= 4*maxName && dom.Within(n, "aside", "nav", "footer") == nil {
			names = append(names, dom.Text(n))
		}
		if len(names) == maxAuthors {
			break
		}
	}
	names = tidy(names)
	for _, name := range names {
		if len(strings.Fields(name)) > 5 || len(name) > 80 {
			return nil // a sentence about a video is no author
		}
	}
	return names
}

func hasWord(text, word string) bool {
	for _, field := range strings.Fields(text) {
		if strings.EqualFold(field, word) {
			return true
		}
	}
	return false
}

// tidy parts texts that hold several names, and drops what is no name (addresses, numbers), a name's second mention and
// the word "by".
func tidy(texts []string) []string {
	var names []string
	seen := make(map[string]bool)
	for _, text := range texts {
		if len(text) > maxAuthors*maxName || strings.Contains(text, "://") {
			continue
		}
		for _, part := range nameBar.Split(text, -1) {
			name := strings.Trim(nameLead.ReplaceAllString(dom.Fold(part), ""), " ,;|")
			name = shortName.ReplaceAllString(name, "")
			if pictureName.MatchString(name) {
				continue
			}
			if len(names) > 0 && role.MatchString(name) {
				continue
			}
			key := strings.ToLower(name)
			if !strings.ContainsFunc(name, unicode.IsLetter) || len(name) > maxName || strings.ContainsAny(name, "@\\<>") ||
				seen[key] {
				continue
			}
			seen[key] = true
			if names = append(names, name); len(names) == maxAuthors {
				return names
			}
		}
	}
	return names
}
