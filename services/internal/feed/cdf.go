package feed

import (
	"cmp"
	"encoding/xml"
	"strings"
)

// parseCDF reads Microsoft's channel format, the oldest of all, which the library does not know.
func parseCDF(o outline, url string) *Document {
	trim := trimmer{own: o.own}
	trim.reset(new(hint), true)
	head := o.tail
	if len(o.items) > 0 {
		head = o.items[0].from
	}
	trim.add(o.text[:head])
	channel := readEntryCDF(trim.close(), url)
	document := &Document{Format: "cdf", ID: channel.ID, Title: channel.Title, Link: channel.URL, Summary: channel.Summary,
		Updated: channel.Updated, Items: []Item{}, Salvaged: o.broken}
	kept, work := 0, 0
	for _, place := range o.items {
		trim.reset(new(hint), false)
		trim.add(o.text[place.from:place.to])
		item := readEntryCDF(trim.close(), url)
		item = item.bounded()
		kept, work = kept+item.size(), work+trim.elements
		if kept > maxKept || work > maxWork {
			o.more = true
			break
		}
		document.Items = append(document.Items, item)
	}
	document.limit(o.more)
	if document.Salvaged {
		document.warn("The feed is damaged; %d intact items were read.", len(document.Items))
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

func attributeOf(tag xml.StartElement, name string) string {
	for _, attribute := range tag.Attr {
		if strings.EqualFold(attribute.Name.Local, name) {
			return strings.TrimSpace(attribute.Value)
		}
	}
	return ""
}
