package newssite

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// validator says what ETag a house's pages carry.
type validator int

const (
	noETag      validator = iota
	editionETag           // stands until the story is edited, whatever the furniture does
	pageETag              // differs on every request, for the furniture is in it
)

// house is the habit of a publisher: how it looks, links, feeds and admits its edits.
type house struct {
	name         string
	layout       string // a template in templates/
	language     string
	feedPath     string
	feed         feedFormat
	etag         validator
	lastModified bool
	gzip         bool
	path         func(story *Story, slug string) string
	admits       func(Kind) bool // whether dateModified follows an edit of that kind
	sections     []string
	robots       string
}

// houses are the four that every site has; further publishers repeat them under other names.
var houses = [...]house{
	{
		name: "The Harbour Gazette", layout: "gazette.html", language: "en",
		feedPath: "/rss.xml", feed: rss, etag: editionETag, lastModified: true,
		path: func(s *Story, slug string) string {
			return "/news/" + s.Published.UTC().Format("2006/01/02") + "/" + slug
		},
		admits:   func(Kind) bool { return true },
		sections: []string{"News", "Council", "Transport", "Environment", "Culture", "Letters"},
		robots:   "User-agent: *\nDisallow: /search\nDisallow: /account/\n",
	},
	{
		name: "Northmoor Courier", layout: "courier.html", language: "en",
		feedPath: "/feeds/all.rss", feed: rssContent, etag: noETag, gzip: true,
		path: func(s *Story, slug string) string {
			return fmt.Sprintf("/%s/%s-%d", pathWord(s.Section), slug, 10000+hash(s.ID)%90000)
		},
		admits:   func(k Kind) bool { return k != Typo && k != ParagraphMoved },
		sections: []string{"Weather", "Sport", "Health", "Business", "Farming", "Jobs"},
		robots:   "User-agent: *\nDisallow: /comments/\nDisallow: /*?print=\n\nUser-agent: greedybot\nDisallow: /\n",
	},
	{
		name: "Tagblatt Weidenau", layout: "tagblatt.html", language: "de",
		feedPath: "/atom.xml", feed: atom, etag: editionETag,
		path: func(s *Story, slug string) string {
			return "/" + pathWord(s.Section) + "/" + slug + ".html"
		},
		admits:   func(k Kind) bool { return k == Correction },
		sections: []string{"Lokales", "Region", "Wirtschaft", "Kultur", "Leserbriefe", "Anzeigen"},
		robots:   "# Tagblatt Weidenau\nUser-agent: *\nDisallow: /intern/\nDisallow: /suche\n",
	},
	{
		name: "Isle Evening Post", layout: "post.html", language: "en",
		feedPath: "/feed.json", feed: jsonFeed, etag: pageETag, lastModified: false,
		path: func(s *Story, slug string) string {
			return fmt.Sprintf("/story/%d/%s", 1000+hash(s.ID)%9000, slug)
		},
		admits:   func(Kind) bool { return false },
		sections: []string{"Politics", "Transport", "Courts", "Life", "Tides", "Obituaries"},
		robots:   "User-agent: *\nAllow: /story/\nDisallow: /cgi-bin/\n",
	},
}

// towns and titles name the publishers beyond the first four.
var (
	towns  = [...]string{"Calder Reach", "Ostmark", "Pennant Bay", "Larkhill", "Wexmere", "Dunvale", "Tarn Cross"}
	titles = [...]string{"Herald", "Observer", "Mercury", "Echo", "Chronicle"}
)

// houseAt gives the habit and the name of the publisher with that index.
func houseAt(index int) (*house, string) {
	h := &houses[index%len(houses)]
	if index < len(houses) {
		return h, h.name
	}
	n := index - len(houses)
	name := towns[n%len(towns)] + " " + titles[n/len(towns)%len(titles)]
	if round := n / (len(towns) * len(titles)); round > 0 {
		name += fmt.Sprintf(" %d", round+1)
	}
	return h, name
}

func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum64()
}

// pathWord is a section as a path segment; sections in other scripts share one.
func pathWord(section string) string {
	word := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.ToLower(section))
	if word == "" {
		return "community"
	}
	return word
}
