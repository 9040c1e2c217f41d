package metadata

import (
	"regexp"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// maxDate is how many bytes a declared date may have.
const maxDate = 64

// zoned are forms that say an offset from UTC.
var zoned = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05Z0700",
	time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "20060102T150405Z0700", "2006-01-02T15:04:05Z07",
}

// publishedNames are the meta elements that tell when an article was published, the most trusted first.
var publishedNames = []string{
	"article:published_time", "og:published_time", "article:published", "datepublished", "parsely-pub-date", "sailthru.date",
	"dc.date.issued", "dcterms.created", "dcterms.date", "dc.date", "dc.terms.issued", "date", "pubdate", "publishdate", "publish-date",
	"publish_date", "publication_date", "publicationdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "article.published", "article:publicationdate", "iso-8601-publish-date",
	"vf:published", "firstpublished", "lastmodifieddate",
}

// published asks the JSON-LD, the meta elements, the time elements, and last the lines that stand by the headline. A time
// in the JSON-LD without its zone is told by the meta element that has it, if one says the same time.
func (p *page) published() string {
	if found := date(p.linked.published); found != "" {
		return first(p.zonedAs(found), found)
	}
	for _, key := range publishedNames {
		for _, value := range p.metas[key] {
			if found := date(value); readable(found) {
				return found
			}
		}
	}
	if found := first(p.timeElement("datepublished"), p.titleDate()); found != "" {
		return found
	}
	printed, address := p.printedDate(), p.addressDate()
	if address != "" && !strings.HasPrefix(printed, address) {
		return address // what is printed near the headline may be the day of which the story tells
	}
	return printed
}

// modified asks the JSON-LD, the meta elements and the time elements.
func (p *page) modified() string {
	told := first(date(p.linked.modified), date(p.meta("article:modified_time", "og:updated_time", "last-modified", "dc.date.modified", "article:modified")))
	if told == "" {
		return p.timeElement("datemodified")
	}
	return told
}

// zonedAs is the date of a meta element with a zone that is a time without one: by the clock, or in UTC.
func (p *page) zonedAs(bare string) string {
	bare = strings.Replace(bare, " ", "T", 1)
	if _, err := time.Parse(time.RFC3339, bare); err == nil || len(bare) < len(toMinute) {
		return ""
	}
	for _, key := range publishedNames {
		for _, value := range p.metas[key] {
			found := date(value)
			at, err := time.Parse(time.RFC3339, found)
			if err == nil && (at.Format(toMinute) == bare[:len(toMinute)] || at.UTC().Format(toMinute) == bare[:len(toMinute)]) {
				return found
			}
		}
	}
	return ""
}

// toMinute is a time up to the minute, as JSON-LD writes it.
const toMinute = "2006-01-02T15:04"

// datedAddress matches a day in the path of an address, the month in digits or by its English name.
var datedAddress = regexp.MustCompile(`(?i)/(20\d\d)[/-](\d{1,2}|[a-z]{3,9})[/-](\d{1,2})(?:/|-|$)`)

// addressDate is the day in the address that the page gives itself.
func (p *page) addressDate() string {
	m := datedAddress.FindStringSubmatch(first(p.canonical(), p.meta("og:url")))
	if m == nil {
		return ""
	}
	month := number(m[2])
	if month == 0 {
		month = monthOf(m[2])
	}
	return stamp(m[1], month, m[3], "", "", "")
}

// readable says whether a date came out in a form that programs read.
func readable(date string) bool {
	return len(date) >= 10 && date[4] == '-' && date[7] == '-'
}

// zones are the offsets, in hours, of the abbreviations that one zone has or that publishers use for one alone.
var zones = map[string]int{
	"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "MSK": 3, "JST": 9, "KST": 9, "EST": -5, "EDT": -4,
	"PST": -8, "PDT": -7, "GMT": 0, "UTC": 0,
}

// abbreviated are forms that name the zone by an abbreviation.
var abbreviated = []string{"Mon Jan 2 15:04:05 MST 2006", "Mon, 2 Jan 2006 15:04:05 MST", "2006-01-02 15:04:05 MST", "2006-01-02T15:04:05 MST"}

func abbreviation(text string) (time.Time, bool) {
	for _, form := range abbreviated {
		at, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		name, _ := at.Zone()
		if hours, ok := zones[name]; ok {
			zone := time.FixedZone("", hours*3600)
			return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone), true
		}
	}
	return time.Time{}, false
}

// universal are forms that name the zone, which is read only where it is UTC: other abbreviations are ambiguous.
var universal = []string{
	"Mon, 2 Jan 2006 15:04:05 UTC", "Mon, 2 Jan 2006 15:04:05 GMT", "2006-01-02 15:04:05 UTC", "2006-01-02T15:04:05 UTC",
}

// date brings a declared date into RFC 3339 with the offset that was declared. A date without a time or without an
// offset stays as it was declared, as none may be invented; so does one in another form. A text without a digit is none.
func date(declared string) string {
	text := dom.Fold(declared)
	if len(text) > maxDate || !strings.ContainsAny(text, "0123456789") {
		return ""
	}
	for _, form := range zoned {
		if at, err := time.Parse(form, text); err == nil {
			return format(at, text)
		}
	}
	for _, form := range universal {
		if at, err := time.Parse(form, text); err == nil {
			return format(at.UTC(), text)
		}
	}
	if at, ok := abbreviation(text); ok {
		return format(at, text)
	}
	return text
}

func format(at time.Time, declared string) string {
	if at.Year() < 1 || at.Year() > 9999 {
		return declared
	}
	return at.Format(time.RFC3339)
}

// timeElement is the date of the first element with the itemprop. For the date of publication any time element inside an
// article stands in, as nothing else on the page says it.
func (p *page) timeElement(itemprop string) string {
	loose := ""
	for n := range dom.Elements(p.doc) {
		value := first(dom.Attr(n, "datetime"), dom.Attr(n, "content"))
		if value == "" {
			continue
		}
		if strings.EqualFold(dom.Attr(n, "itemprop"), itemprop) {
			if found := date(value); found != "" {
				return found
			}
		}
		if loose == "" && itemprop == "datepublished" && n.Data == "time" && dom.Within(n, "article", "main") != nil &&
			dom.Within(n, "aside", "nav", "footer") == nil {
			loose = date(value)
		}
	}
	return loose
}

// DateOf is the date an element tells: by its datetime or content attribute, else as it is printed.
func DateOf(n *html.Node, language string) string {
	text := dom.Text(n)
	return first(date(first(dom.Attr(n, "datetime"), dom.Attr(n, "content"))), printed(text[:min(len(text), printedLimit)], language), date(text))
}
