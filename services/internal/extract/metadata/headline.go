package metadata

import (
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// mainHeadline is the h1 element that heads the article, nil where none does. Logos are often h1 elements too, so each
// is judged by where it stands and by how much it shares with the titles meant for others.
func (p *page) mainHeadline() *html.Node {
	told := words(p.meta("og:title") + " " + p.linked.headline + " " + p.title)
	site := strings.ToLower(p.meta("og:site_name"))
	var best *html.Node
	most := 0
	for n := range dom.Elements(p.doc) {
		if n.Data != "h1" || dom.Length(n) > 4*MaxTitle {
			continue
		}
		text := dom.Text(n)
		if text == "" || site != "" && strings.ToLower(text) == site || dom.Hidden(n) {
			continue
		}
		if score := place(n) + overlap(words(text), told); best == nil || score > most {
			best, most = n, score
		}
	}
	if best != nil && (most <= -3 || p.generic(best)) {
		return nil
	}
	return best
}

// titledHeading is the first heading below h1 that says the title meant for others, or at least half of it, with a kicker
// at the most: some pages keep the h1 for themselves.
func (p *page) titledHeading() *html.Node {
	told := words(first(p.meta("og:title"), p.linked.headline, p.title))
	for n := range dom.Elements(p.doc) {
		if !dom.Is(n, "h2", "h3", "h4") || dom.Length(n) > 4*MaxTitle {
			continue
		}
		own := words(dom.Text(n))
		same := overlap(own, told) == 4 || overlap(told, own) == 4
		if len(own) >= 4 && same && 2*len(own) >= len(told) && len(own) <= 2*len(told) && dom.Within(n, "nav", "aside", "footer") == nil && !dom.Hidden(n) {
			return n
		}
	}
	return nil
}

// generic says whether an h1 is short and has nothing in common with what the page tells others of its headline.
func (p *page) generic(h1 *html.Node) bool {
	own := []rune(strings.ToLower(dom.Text(h1)))
	told := strings.ToLower(p.meta("og:title") + " " + p.linked.headline)
	if len(own) > 30 || len(told) < 10 {
		return false
	}
	for i := 0; i+3 <= len(own); i++ {
		if strings.Contains(told, string(own[i:i+3])) {
			return false
		}
	}
	return true
}

// place scores where an h1 stands: for the article +2, for page furniture -4, for a logo -4.
func place(h1 *html.Node) int {
	score := 0
	if dom.Within(h1, "article", "main") != nil {
		score += 2
	}
	if dom.Within(h1, "nav", "aside", "footer") != nil {
		score -= 4
	}
	for n := h1; n != nil && n != h1.Parent.Parent; n = n.Parent {
		for _, token := range dom.Tokens(n) {
			if token == "logo" || token == "site-title" || token == "site-name" || token == "masthead" {
				return score - 4
			}
		}
	}
	return score
}

// overlap gives up to 4 points for the share of a headline's words that the other titles have.
func overlap(own, told map[string]bool) int {
	if len(own) == 0 {
		return 0
	}
	shared := 0
	for word := range own {
		if told[word] {
			shared++
		}
	}
	return 4 * shared / len(own)
}

func words(text string) map[string]bool {
	found := make(map[string]bool)
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		found[word] = true
	}
	return found
}

// headlineText is the headline as the page shows it: its h1, else what it tells others.
func (p *page) headlineText(h1 *html.Node, shared string) string {
	if h1 != nil {
		return headText(h1)
	}
	if told := p.linked.headline; told != "" && strings.HasPrefix(shared, told) {
		return told // networks are told the section and the site behind it
	}
	if shared != "" {
		return withoutSite(shared, p.meta("og:site_name"))
	}
	return withoutSite(p.title, p.meta("og:site_name"))
}

// kickerNames are the names of the words above a headline that some sites put into its h1.
var kickerNames = map[string]bool{
	"kicker": true, "overline": true, "topline": true, "eyebrow": true, "supertitle": true, "surtitle": true, "pretitle": true, "roofline": true,
	"dachzeile": true, "catline": true, "tagline": true, "antetitulo": true, "occhiello": true, "spitzmarke": true, "ressort": true,
	"rubric": true, "label": true, "badge": true, "flag": true, "category": true, "premium": true, "plus": true, "sr-only": true, "visually-hidden": true,
}

// headText is the text of an h1 without a kicker.
func headText(h1 *html.Node) string {
	var b strings.Builder
	cut := false
	for child := range h1.ChildNodes() {
		if child.Type == html.ElementNode && kicker(child) {
			cut = true
			continue
		}
		b.WriteString(" " + dom.Text(child) + " ")
	}
	if !cut {
		return dom.Text(h1) // as it is, so that no space comes between inline elements
	}
	text := strings.Trim(dom.Fold(b.String()), " :|·-–—")
	if whole := dom.Text(h1); 5*len(text) < 3*len(whole) {
		return whole // a kicker is shorter than what it stands above
	}
	return text
}

func kicker(n *html.Node) bool {
	for _, token := range dom.Tokens(n) {
		if kickerNames[token] {
			return true
		}
	}
	return false
}

var titleBars = []string{" | ", " – ", " — ", " - ", " · ", " » ", " « ", " :: "}

// withoutSite takes a site's name off the end of a page's title: the name the page declares, else what follows the last
// bar where it is at most four words, and shorter than the rest unless the bar is upright, which no headline has.
func withoutSite(title, site string) string {
	at, bar := -1, ""
	for _, b := range titleBars {
		if i := strings.LastIndex(title, b); i > at {
			at, bar = i, b
		}
	}
	if at < 0 {
		return title
	}
	head, tail := strings.TrimSpace(title[:at]), strings.TrimSpace(title[at+len(bar):])
	declared := site != "" && strings.Contains(strings.ToLower(tail), strings.ToLower(site))
	if head != "" && (declared || len(strings.Fields(tail)) <= 4 && (bar == " | " || len(tail) < len(head))) {
		return head
	}
	return title
}

// standfirstNames are the names newsrooms give the sentence below the headline.
var standfirstNames = map[string]bool{
	"standfirst": true, "dek": true, "deck": true, "subtitle": true, "sub-title": true, "subheadline": true,
	"sub-headline": true, "subheading": true, "sub-heading": true, "subhead": true, "strapline": true,
	"description": true, "lead": true, "lede": true, "chapo": true, "summary": true, "alternative-headline": true,
	"intro": true, "excerpt": true, "abstract": true, "vorspann": true, "bajada": true, "entradilla": true,
	"sottotitolo": true, "ingress": true, "manchet": true, "underrubrik": true, "lid": true, "ondertitel": true,
}

// nearby is how many elements after the headline are searched for the standfirst: a share bar has about 30.
const nearby = 60

// standfirst is the text of the element that is named as one and follows the headline closely.
func standfirst(h1 *html.Node, title string) string {
	passed := 0
	for n := following(h1, h1); n != nil && passed < nearby; n = following(n, nil) {
		if n.Type != html.ElementNode {
			continue
		}
		passed++
		if dom.Is(n, "h1", "aside", "footer") {
			return ""
		}
		if !named(n) || dom.Length(n) > 2*MaxStandfirst || dom.Within(n, "figure", "nav", "ul", "a") != nil || dom.Hidden(n) {
			continue
		}
		if text := dom.Text(n); len(text) >= 20 && len(text) <= MaxStandfirst && text != title && !holdsMore(n) {
			return text
		}
	}
	return ""
}

// following is the next node in document order; below is skipped where it is the node itself.
func following(n, below *html.Node) *html.Node {
	if n != below && n.FirstChild != nil {
		return n.FirstChild
	}
	for ; n != nil; n = n.Parent {
		if n.NextSibling != nil {
			return n.NextSibling
		}
	}
	return nil
}

func named(n *html.Node) bool {
	if !dom.Is(n, "p", "div", "h2", "h3", "h4", "span", "section", "strong", "header") {
		return false
	}
	tokens := dom.Tokens(n)
	for _, token := range tokens {
		switch token {
		case "image", "photo", "caption", "media", "video", "author", "body", "tag", "meta", "related":
			return false
		}
	}
	for _, token := range tokens {
		if standfirstNames[token] {
			return true
		}
	}
	return false
}

// holdsMore says whether an element is a wrapper: of several paragraphs, a picture or a list.
func holdsMore(n *html.Node) bool {
	paragraphs := 0
	for inner := range dom.Elements(n) {
		if dom.Is(inner, "figure", "img", "video", "time", "h1") {
			return true
		}
		if dom.Is(inner, "p") {
			paragraphs++
		}
	}
	return paragraphs > 2
}
