package feed

import (
	"cmp"
	"encoding/xml"
	"strings"
)

// parseCDF reads Microsoft's channel format, the oldest of all, which the library does not know.
func parseCDF(o outline, url string) *Document {
	channel := readEntryCDF(o.text[:o.head], url)
	document := &Document{Format: "cdf", ID: channel.ID, Title: channel.Title, Link: channel.URL, Summary: channel.Summary,
		Updated: channel.Updated, Items: []Item{}, Salvaged: o.broken}
	for _, place := range o.items[:min(len(o.items), MaxItems)] {
		item := readEntryCDF(o.text[place.from:place.to], url)
		item.ID = cmp.Or(item.URL, digest(item.Title, item.Summary))
		document.Items = append(document.Items, item)
	}
	if document.Salvaged {
		document.warn("The feed is damaged; %d intact items were read.", len(document.Items))
	}
	if len(o.items) > MaxItems {
		document.warn("The feed has more than %d items; the rest was left out.", MaxItems)
	}
	return document
}

// readEntryCDF reads an item, or what stands in a channel before its first. Names are in any case.
func readEntryCDF(text []byte, url string) (entry Item) {
	decoder := newDecoder(text)
	var path []string
	for {
		token, err := decoder.RawToken()
		if err != nil {
			entry.Title, entry.Summary = strings.TrimSpace(entry.Title), clip(entry.Summary)
			return entry
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, strings.ToLower(token.Name.Local))
			href := resolve(attributeOf(token, "href"), url)
			switch {
			case len(path) == 1:
				entry.URL, entry.Updated = href, parseDate(attributeOf(token, "lastmod"))
			case len(path) == 2 && path[1] == "a":
				entry.URL = cmp.Or(entry.URL, href)
			}
		case xml.EndElement:
			path = path[:max(0, len(path)-1)]
		case xml.CharData:
			switch strings.Join(path[min(1, len(path)):], "/") {
			case "title":
				entry.Title += string(token)
			case "abstract":
				entry.Summary += string(token)
			}
		}
	}
}
