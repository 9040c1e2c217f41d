package metadata

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/extract/dom"
)

// maxAuthors bounds a byline, and maxName the bytes of one name.
const (
	maxAuthors = 20
	maxName    = 200
)

var (
	nameLead = regexp.MustCompile(`(?i)^(?:(?:by|von|par|por|di|door|av|af)\s+)+`)
	nameBar  = regexp.MustCompile(`(?i)\s*(?:[,;|/]|\s(?:and|und|et|y|e|en|och|og|&)\s)\s*`)
)

// byline asks the JSON-LD, then the meta elements, then the links that name themselves the author's; the first that
// knows any author answers.
func (p *page) byline() []string {
	if names := tidy(p.linked.authors); len(names) > 0 {
		return names
	}
	for _, key := range []string{"author", "article:author", "parsely-author", "byl", "dc.creator", "sailthru.author"} {
		if names := tidy(p.metas[key]); len(names) > 0 {
			return names
		}
	}
	var linkedNames []string
	for n := range dom.Elements(p.doc) {
		isAuthor := n.Data == "a" && hasWord(dom.Attr(n, "rel"), "author") || hasWord(dom.Attr(n, "itemprop"), "author")
		if isAuthor && dom.Length(n) <= 4*maxName && dom.Within(n, "aside", "nav", "footer") == nil {
			linkedNames = append(linkedNames, dom.Text(n))
		}
		if len(linkedNames) == maxAuthors {
			break
		}
	}
	return tidy(linkedNames)
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
