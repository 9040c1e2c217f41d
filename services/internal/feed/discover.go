package feed

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// feedTypes are the media types by which pages point to their feeds.
var feedTypes = []string{
	"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json",
	"application/xml", "text/xml",
}

// maxPage is how much of a page is searched; what points to feeds stands at its head.
const maxPage = 1 << 20

// Discover gives the addresses of the feeds that a web page declares in its <link> elements, in the page's order, each
// once and at most 20. page is UTF-8, url its address.
func Discover(page []byte, url string) []string {
	var found []string
	base := url
	tokens := html.NewTokenizer(bytes.NewReader(page[:min(len(page), maxPage)]))
	tokens.SetMaxBuf(1 << 20)
	for len(found) < maxCandidates {
		switch tokens.Next() {
		case html.ErrorToken:
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			switch token.Data {
			case "base":
				if href := resolve(linkAttribute(token, "href"), url); href != "" {
					base = href
				}
			case "link":
				address := alternate(token, base)
				if address != "" && !slices.Contains(found, address) {
					found = append(found, address)
				}
			}
		}
	}
	return found
}

// alternate is where a <link> to a feed leads.
func alternate(token html.Token, base string) string {
	relations := strings.Fields(strings.ToLower(linkAttribute(token, "rel")))
	kind, _, _ := strings.Cut(strings.ToLower(linkAttribute(token, "type")), ";")
	if !slices.Contains(relations, "alternate") && !slices.Contains(relations, "feed") {
		return ""
	}
	if !slices.Contains(feedTypes, strings.TrimSpace(kind)) && !slices.Contains(relations, "feed") {
		return ""
	}
	return resolve(linkAttribute(token, "href"), base)
}

func linkAttribute(token html.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// SitemapsOf gives the sitemaps that a robots.txt names, those of news first, at most 20. url is the address of any page
// of its site.
func SitemapsOf(robots []byte, url string) []string {
	var found []string
	for line := range bytes.Lines(robots) {
		name, value, named := strings.Cut(string(line), ":")
		if !named || !strings.EqualFold(strings.TrimSpace(name), "sitemap") {
			continue
		}
		if address := resolve(value, url); address != "" && !slices.Contains(found, address) {
			found = append(found, address)
		}
	}
	slices.SortStableFunc(found, newsFirst)
	return found[:min(len(found), maxCandidates)]
}

func newsFirst(a, b string) int { return ofNews(a) - ofNews(b) }

// ofNews is 0 for an address that speaks of news, else 1.
func ofNews(address string) int {
	if strings.Contains(strings.ToLower(address), "news") {
		return 0
	}
	return 1
}

// RobotsOf is where the robots.txt of a page's site is.
func RobotsOf(url string) string { return resolve("/robots.txt", url) }

// WellKnown are the places where a site may keep a feed that its pages do not name, the most usual first.
func WellKnown(url string) []string {
	var places []string
	for _, path := range []string{"/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml"} {
		if address := resolve(path, url); address != "" {
			places = append(places, address)
		}
	}
	return places
}
