package feed

import (
	"encoding/xml"
	"strings"
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
func parseSitemap(o outline, url string) (*Document, error) {
	document := &Document{Format: "sitemap", Items: []Item{}, Salvaged: o.broken}
	for _, place := range o.items[:min(len(o.items), MaxItems)] {
		var read entry
		if err := newDecoder(o.text[place.from:place.to]).Decode(&read); err != nil {
			document.Salvaged = true
			continue
		}
		item := Item{
			URL:       resolve(read.Location, url),
			Title:     strings.TrimSpace(read.News.Title),
			Published: parseDate(read.News.Published),
			Updated:   parseDate(read.Modified),
		}
		if item.URL == "" {
			continue
		}
		if document.Title == "" {
			document.Title = strings.TrimSpace(read.News.Publication.Name)
		}
		item.ID = item.URL
		document.Items = append(document.Items, item)
	}
	if document.Salvaged {
		document.warn("The sitemap is damaged; %d intact entries were read.", len(document.Items))
	}
	if len(o.items) > MaxItems {
		document.warn("The sitemap has more than %d entries; the rest was left out.", MaxItems)
	}
	return document, nil
}

// maxCandidates bounds what is offered to choose from.
const maxCandidates = 20

// listIndex gives the sitemaps of an index.
func listIndex(o outline, url string) []string {
	var found []string
	decoder := newDecoder(o.text)
	for len(found) < maxCandidates {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		start, is := token.(xml.StartElement)
		if !is || !strings.EqualFold(start.Name.Local, "sitemap") {
			continue
		}
		var read entry
		if err := decoder.DecodeElement(&read, &start); err != nil {
			break
		}
		if address := resolve(read.Location, url); address != "" {
			found = append(found, address)
		}
	}
	return found
}
