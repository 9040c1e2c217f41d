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

// translate gives what a feed says of itself.
func translate(parsed parsed, own hint, url string) *Document {
	document := &Document{
		Format:  formatOf(parsed),
		Title:   clipTo(plainTitle(parsed.Title, own.base64), maxTitle),
		Link:    resolve(parsed.Link, url),
		Summary: clip(parsed.Description),
		Updated: first(parsed.UpdatedParsed, termsDate(parsed.Extensions, "modified"), looseDate(parsed.Updated),
			parsed.PublishedParsed, termsDate(parsed.Extensions, "issued"), looseDate(parsed.Published),
			termsDate(parsed.Extensions, "created")),
		TTL: updatePeriod(parsed.Extensions),
	}
	document.Hub, document.Self = resolve(relation(parsed, "hub"), url), resolve(relation(parsed, "self"), url)
	switch original := parsed.original.(type) {
	case *atom.Feed:
		document.ID = original.ID
	case *json.Feed:
		document.ID = original.FeedURL
	case *rss.Feed:
		document.ID = own.about
		document.TTL = max(document.TTL, minutes(original.TTL))
		document.Quiet = quietOf(original.SkipHours, original.SkipDays)
	}
	return document
}

// hint is what the library's common form of an item leaves out.
type hint struct {
	about        string // rdf:about
	id, link     string // as they are written
	created      string // as it is written; a date of Atom 0.3, which the library does not know
	base64       bool   // the title is written so
	permalink    bool   // the guid is the address
	hasPublished bool
}

// complete adds what the library knows of an item and says only in the form of its format.
func (h *hint) complete(parsed parsed, i int) {
	h.hasPublished = true
	switch original := parsed.original.(type) {
	case *atom.Feed:
		if i < len(original.Entries) && original.Entries[i] != nil {
			// The library takes the update for the publication where there is none.
			h.hasPublished = original.Entries[i].PublishedParsed != nil
		}
	case *rss.Feed:
		if i < len(original.Items) && original.Items[i] != nil && original.Items[i].GUID != nil {
			said := strings.TrimSpace(original.Items[i].GUID.IsPermalink)
			h.permalink = said == "" || strings.EqualFold(said, "true")
		}
	}
}

// size is what an item takes of memory, in bytes.
func (i Item) size() int { return 100 + len(i.ID) + len(i.URL) + len(i.Title) + len(i.Summary) }

func translateItem(item *gofeed.Item, h hint, base string) Item {
	out := Item{
		ID:      cmp.Or(exactID(item.GUID, h.id), h.about),
		URL:     resolve(cmp.Or(extension(item.Extensions, "feedburner", "origLink"), item.Link), base),
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
	if out.Published.IsZero() && h.created != "" {
		out.Published = parseDate(h.created)
	}
	if out.URL == "" && h.link != "" {
		out.URL = resolve(html.UnescapeString(h.link), base)
	}
	if out.URL == "" && h.permalink {
		out.URL = absolute(item.GUID)
	}
	out.Permalink = h.permalink
	out.URL = cmp.Or(out.URL, absolute(h.about))
	return out.bounded()
}

// bounded cuts what is too long for an item and gives it an id if it has none.
func (i Item) bounded() Item {
	i.Title = clipTo(i.Title, maxTitle)
	if len(i.URL) > maxURL {
		i.URL = ""
	}
	if len(i.ID) > maxID {
		i.ID = digest(i.ID, "") // another long id with the same beginning is another
	}
	i.ID = cmp.Or(i.ID, i.URL, digest(i.Title, i.Summary))
	return i
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

// relation is where the first link of a kind leads that a feed has of its own, as it is written: in Atom one of its links,
// elsewhere an atom:link.
func relation(parsed parsed, kind string) string {
	if original, is := parsed.original.(*atom.Feed); is {
		for _, link := range original.Links {
			if link != nil && strings.EqualFold(strings.TrimSpace(link.Rel), kind) {
				return link.Href
			}
		}
		return ""
	}
	for _, space := range []string{"atom", "atom10", "a10"} {
		for _, link := range parsed.Extensions[space]["link"] {
			if strings.EqualFold(strings.TrimSpace(link.Attrs["rel"]), kind) {
				return link.Attrs["href"]
			}
		}
	}
	return ""
}

func formatOf(parsed parsed) string {
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
