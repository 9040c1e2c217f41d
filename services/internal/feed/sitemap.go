package feed

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// entry is a <url> of a sitemap or a <sitemap> of an index.
type entry struct {
	Location string `xml:"loc"`
	Modified string `xml:"lastmod"`
	News     struct {
		Title       string `xml:"title"`
		Published   string `xml:"publication_date"`
		Publication struct {
			Name string `xml:"name"`
		} `xml:"publication"`
	} `xml:"news"`
}

// parseSitemap reads a sitemap as a feed; news sitemaps bring titles and dates.
func parseSitemap(o outline, url string) *Document {
	document := &Document{Format: "sitemap", Items: []Item{}, Salvaged: o.broken}
	kept := 0
	eachEntry(o, func(read entry, ok bool) bool {
		item := Item{
			URL:       resolve(read.Location, url),
			Title:     strings.TrimSpace(read.News.Title),
			Published: parseDate(read.News.Published),
			Updated:   parseDate(read.Modified),
		}
		document.Salvaged = document.Salvaged || !ok
		if item.URL == "" {
			return true
		}
		if document.Title == "" {
			document.Title = strings.TrimSpace(read.News.Publication.Name)
		}
		item = item.bounded()
		kept += item.size()
		document.Items = append(document.Items, item)
		return kept < maxKept
	})
	document.limit(o.more || kept >= maxKept)
	if document.Salvaged {
		document.warn("The sitemap is damaged; %d intact entries were read.", len(document.Items))
	}
	return document
}

// eachEntry reads the entries of a sitemap or an index until visit says no; ok tells those that could be read.
func eachEntry(o outline, visit func(read entry, ok bool) bool) {
	trim := trimmer{own: o.own}
	work := 0
	for _, place := range o.items {
		var read entry
		trim.reset(new(hint), false)
		trim.add(o.text[place.from:place.to])
		err := newDecoder(trim.close()).Decode(&read)
		if work += trim.elements; work > maxWork || !visit(read, err == nil) {
			return
		}
	}
}

// maxCandidates bounds what is offered to choose from.
const maxCandidates = 20

// listIndex gives the sitemaps of an index: those of news first, then those that changed last.
func listIndex(o outline, url string) []string {
	type sitemap struct {
		address  string
		modified time.Time
	}
	var found []sitemap
	eachEntry(o, func(read entry, _ bool) bool {
		if address := resolve(read.Location, url); address != "" {
			found = append(found, sitemap{address, parseDate(read.Modified)})
		}
		return true
	})
	slices.SortStableFunc(found, func(a, b sitemap) int {
		return cmp.Or(newsFirst(a.address, b.address), b.modified.Compare(a.modified))
	})
	var addresses []string
	for _, s := range found[:min(len(found), maxCandidates)] {
		addresses = append(addresses, s.address)
	}
	return addresses
}
