package metadata

import (
	"encoding/json"
	"strings"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

const (
	// maxBody bounds the article's text in a script.
	maxBody = 300 << 10
	// maxScript is how much of one JSON-LD script is read. Some sites repeat the whole article in it.
	maxScript = 2 << 20
	// maxScripts bounds the JSON-LD scripts of a page; pages have up to about 10.
	maxScripts = 40
	// maxLinkedDepth bounds the search for the article inside a script: graphs and lists, not the whole tree.
	maxLinkedDepth = 6
	// maxLinkedItems bounds the objects looked at in one script.
	maxLinkedItems = 2000
)

// linked is what a page's JSON-LD says of its article.
type linked struct {
	headline, section, language string
	published, modified         string
	authors                     []string
	forPayOnly                  bool
	description, body           string
	publisher                   string
	identifier                  string // the publisher's own
	found                       bool
}

// readLinked reads the first article found in the page's JSON-LD. Malformed scripts are passed over.
func readLinked(doc *html.Node) linked {
	scripts := 0
	for n := range dom.Elements(doc) {
		kind, _, _ := strings.Cut(dom.Attr(n, "type"), ";")
		if n.Data != "script" || !strings.EqualFold(strings.TrimSpace(kind), "application/ld+json") {
			continue
		}
		if scripts++; scripts > maxScripts {
			break
		}
		value, ok := parseScript(n)
		if !ok {
			continue
		}
		search := searcher{people: make(map[string]string)}
		search.walk(value, 0)
		if search.article != nil {
			return search.read()
		}
	}
	return linked{}
}

// parseScript tolerates what sites commonly get wrong: comments around the JSON, a semicolon behind it, and line breaks
// inside strings.
func parseScript(n *html.Node) (any, bool) {
	if n.FirstChild == nil || len(n.FirstChild.Data) > maxScript {
		return nil, false
	}
	text := strings.TrimSpace(n.FirstChild.Data)
	for _, wrapper := range []string{"<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["} {
		text = strings.TrimPrefix(text, wrapper)
	}
	for _, wrapper := range []string{"-->", "//]]>", "/*]]>*/", "]]>", ";"} {
		text = strings.TrimSuffix(strings.TrimSpace(text), wrapper)
	}
	data := []byte(text)
	for i, c := range data {
		if c < ' ' {
			data[i] = ' '
		}
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, false
	}
	return value, true
}

// searcher looks for the article in a script and keeps the people that it may point to by @id.
type searcher struct {
	article map[string]any
	people  map[string]string
	items   int
}

func (s *searcher) walk(value any, depth int) {
	if s.items++; depth > maxLinkedDepth || s.items > maxLinkedItems {
		return
	}
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			s.walk(item, depth+1)
		}
	case map[string]any:
		if id, name := plain(v["@id"]), plain(v["name"]); id != "" && name != "" {
			s.people[id] = name
		}
		if s.article == nil && isArticle(v["@type"]) {
			s.article = v
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"} {
			if inner, ok := v[key]; ok && !listOfOthers(v, key) {
				s.walk(inner, depth+1)
			}
		}
	}
}

// listOfOthers says whether a key leads to other stories: the items of a list that is not the page's own article.
func listOfOthers(v map[string]any, key string) bool {
	return (key == "itemListElement" || key == "item") && len(types(v["@type"])) > 0
}

func isArticle(value any) bool {
	for _, kind := range types(value) {
		switch {
		case strings.HasSuffix(kind, "Article"), kind == "BlogPosting", kind == "LiveBlogPosting", kind == "Report",
			kind == "ReviewNewsArticle", kind == "BackgroundNewsArticle", kind == "SocialMediaPosting":
			return true
		}
	}
	return false
}

func types(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v[strings.LastIndexAny(v, "/#:")+1:]}
	case []any:
		var all []string
		for _, item := range v {
			if text, ok := item.(string); ok {
				all = append(all, types(text)...)
			}
		}
		return all
	}
	return nil
}

func (s *searcher) read() linked {
	a := s.article
	found := linked{
		found:       true,
		headline:    first(plain(a["headline"]), plain(a["name"])),
		section:     plain(a["articleSection"]),
		language:    plain(a["inLanguage"]),
		published:   plain(a["datePublished"]),
		modified:    plain(a["dateModified"]),
		forPayOnly:  denied(a["isAccessibleForFree"]),
		description: plain(a["description"]),
		identifier:  identifier(a["identifier"]),
	}
	if house := s.names(a["publisher"], 0); len(house) > 0 {
		found.publisher = house[0]
	}
	if body, ok := a["articleBody"].(string); ok && len(body) <= maxBody {
		found.body = html.UnescapeString(body)
	}
	for _, key := range []string{"author", "creator"} {
		if found.authors = s.names(a[key], 0); len(found.authors) > 0 {
			break
		}
	}
	return found
}

// names are the names of people and organisations, however they are given.
func (s *searcher) names(value any, depth int) []string {
	if depth > 3 {
		return nil
	}
	switch v := value.(type) {
	case string:
		return []string{plain(v)}
	case []any:
		var all []string
		for _, item := range v[:min(len(v), maxAuthors)] {
			all = append(all, s.names(item, depth+1)...)
		}
		return all
	case map[string]any:
		if name, listed := v["name"].([]any); listed {
			return s.names(name, depth+1)
		}
		if name := first(plain(v["name"]), s.people[plain(v["@id"])]); name != "" {
			return []string{name}
		}
	}
	return nil
}

// plain is a value as folded text without markup; of a list the first.
func plain(value any) string {
	switch v := value.(type) {
	case string:
		if len(v) > 4*MaxTitle {
			return ""
		}
		return dom.Fold(html.UnescapeString(v))
	case []any:
		for _, item := range v {
			if text := plain(item); text != "" {
				return text
			}
		}
	}
	return ""
}

func denied(value any) bool {
	switch v := value.(type) {
	case bool:
		return !v
	case string:
		return strings.EqualFold(v, "false")
	}
	return false
}
