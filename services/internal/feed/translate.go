package feed

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// source is what is known of a document beside what the library read.
type source struct {
	url   string
	about string // rdf:about of the channel
	items []span
	// base64 says that the feed's title is written so.
	base64 bool
}

func translate(parsed *gofeed.Feed, from source) *Document {
	document := &Document{
		Format:  formatOf(parsed),
		Title:   plainTitle(parsed.Title, from.base64),
		Link:    resolve(parsed.Link, from.url),
		Summary: clip(parsed.Description),
		Updated: first(parsed.UpdatedParsed, termsDate(parsed.Extensions, "modified"), looseDate(parsed.Updated),
			parsed.PublishedParsed, termsDate(parsed.Extensions, "issued"), looseDate(parsed.Published)),
		TTL: updatePeriod(parsed.Extensions),
	}
	switch original := parsed.OriginalFeed().(type) {
	case *atom.Feed:
		document.ID = original.ID
	case *json.Feed:
		document.ID = original.FeedURL
	case *rss.Feed:
		document.ID = from.about
		document.TTL = max(document.TTL, minutes(original.TTL))
		document.Quiet = quietOf(original.SkipHours, original.SkipDays)
	}
	document.Items = make([]Item, 0, len(parsed.Items))
	for i, item := range parsed.Items {
		if item == nil {
			continue
		}
		hint := hintOf(parsed, i)
		if len(from.items) == len(parsed.Items) {
			found := from.items[i]
			hint.about, hint.id, hint.link, hint.base64 = found.about, found.id, found.link, found.base64
		}
		document.Items = append(document.Items, translateItem(item, hint, from.url))
	}
	return document
}

// hint is what the library's common form of an item leaves out.
type hint struct {
	about        string
	id, link     string // as they are written
	base64       bool   // the title is written so
	permalink    bool   // the guid is the address
	hasPublished bool
}

func hintOf(parsed *gofeed.Feed, i int) hint {
	switch original := parsed.OriginalFeed().(type) {
	case *atom.Feed:
		if i < len(original.Entries) && original.Entries[i] != nil {
			// The library takes the update for the publication where there is none.
			return hint{hasPublished: original.Entries[i].PublishedParsed != nil}
		}
	case *rss.Feed:
		if i < len(original.Items) && original.Items[i] != nil && original.Items[i].GUID != nil {
			said := strings.TrimSpace(original.Items[i].GUID.IsPermalink)
			return hint{permalink: said == "" || strings.EqualFold(said, "true"), hasPublished: true}
		}
	}
	return hint{hasPublished: true}
}

func translateItem(item *gofeed.Item, h hint, base string) Item {
	out := Item{
		ID:      cmp.Or(exactID(item.GUID, h.id), h.about),
		URL:     resolve(item.Link, base),
		Title:   cmp.Or(plainTitle(item.Title, h.base64), extension(item.Extensions, "media", "title")),
		Summary: clip(cmp.Or(item.Description, item.Content)),
		Updated: first(item.UpdatedParsed, termsDate(item.Extensions, "modified"), looseDate(item.Updated)),
	}
	if h.hasPublished {
		out.Published = first(item.PublishedParsed, looseDate(item.Published))
	}
	if out.Published.IsZero() {
		out.Published = first(termsDate(item.Extensions, "issued"), termsDate(item.Extensions, "created"))
	}
	if out.URL == "" && h.link != "" {
		out.URL = resolve(html.UnescapeString(h.link), base)
	}
	if out.URL == "" && h.permalink {
		out.URL = absolute(item.GUID)
	}
	out.URL = cmp.Or(out.URL, absolute(h.about))
	out.ID = cmp.Or(out.ID, out.URL, digest(out.Title, out.Summary))
	return out
}

// exactID is an item's id letter for letter: the parser writes those that look like addresses in a form of its own, and
// ids are compared and never visited. Only what is no address by itself is completed by its xml:base.
func exactID(parsed, written string) string {
	parsed = strings.TrimSpace(parsed)
	if written == "" || strings.ContainsAny(written, "<") {
		return parsed
	}
	written = strings.TrimSpace(html.UnescapeString(written))
	if absolute(written) == "" && absolute(parsed) != "" {
		return parsed
	}
	return written
}

// plainTitle undoes the coding of a title. The parser does for content only what Atom 0.3 also allows for titles.
func plainTitle(title string, coded bool) string {
	title = strings.TrimSpace(title)
	if !coded {
		return title
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(title), ""))
	if err != nil || !utf8.Valid(decoded) {
		return title
	}
	return strings.TrimSpace(string(decoded))
}

// extension is the value of the first element of that name.
func extension(extensions ext.Extensions, space, name string) string {
	if elements := extensions[space][name]; len(elements) > 0 {
		return strings.TrimSpace(elements[0].Value)
	}
	return ""
}

func formatOf(parsed *gofeed.Feed) string {
	version := strings.TrimSpace(parsed.FeedVersion)
	if parsed.FeedType == "json" {
		version = version[strings.LastIndexByte(version, '/')+1:]
		if version == "1" {
			version = "1.0"
		}
	}
	return parsed.FeedType + clipTo(version, 20)
}

// resolve gives the absolute address, and "" for what leads nowhere on the web. Without a base, a relative one stays.
func resolve(link, base string) string {
	link = strings.TrimSpace(link)
	if link == "" {
		return ""
	}
	address, err := urls.Parse(link, base)
	if err != nil && base != "" {
		address, err = urls.Parse(link, "")
	}
	switch {
	case err == nil && address.IsWeb():
		return address.Href
	case err != nil && base == "":
		return clipTo(link, urls.MaxLength)
	}
	return ""
}

// absolute is a text if it is an address of the web.
func absolute(text string) string {
	if address, err := urls.Parse(strings.TrimSpace(text), ""); err == nil && address.IsWeb() {
		return address.Href
	}
	return ""
}

// digest stands for an item that has neither id nor address. The same words give the same digest.
func digest(title, summary string) string {
	sum := sha256.Sum256([]byte(cmp.Or(title, summary)))
	return "sha256:" + hex.EncodeToString(sum[:12])
}

func first(times ...*time.Time) time.Time {
	for _, t := range times {
		if t != nil && !t.IsZero() {
			return t.UTC()
		}
	}
	return time.Time{}
}

func termsDate(extensions ext.Extensions, name string) *time.Time {
	for _, prefix := range []string{"dcterms", "dcterm", "http://purl.org/dc/terms/"} {
		for _, element := range extensions[prefix][name] {
			if date := parseDate(element.Value); !date.IsZero() {
				return &date
			}
		}
	}
	return nil
}

// parseDate reads the profile of ISO 8601 that the web uses.
func parseDate(text string) time.Time {
	layouts := [...]string{
		time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly,
		time.RFC1123Z, time.RFC1123, "2006-01", "2006",
	}
	text = strings.TrimSpace(text)
	for _, layout := range layouts {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC()
		}
	}
	return time.Time{}
}

// maxTTL bounds what a feed may ask for, so that it cannot silence us.
const maxTTL = 24 * time.Hour

func minutes(text string) time.Duration {
	count, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || count <= 0 {
		return 0
	}
	return time.Duration(min(count, int(maxTTL/time.Minute))) * time.Minute
}

// updatePeriod reads the syndication module: so many times (one, if not said) in a period.
func updatePeriod(extensions ext.Extensions) time.Duration {
	value := func(name string) string { return strings.ToLower(extension(extensions, "sy", name)) }
	period := map[string]time.Duration{
		"hourly": time.Hour, "daily": maxTTL, "weekly": maxTTL, "monthly": maxTTL, "yearly": maxTTL,
	}[value("updatePeriod")]
	if frequency, err := strconv.Atoi(value("updateFrequency")); err == nil && frequency > 1 {
		period /= time.Duration(min(frequency, 24*60))
	}
	return period
}

func clip(text string) string { return clipTo(strings.TrimSpace(text), MaxSummary) }

func clipTo(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}
