package metadata

import (
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/extract/dom"
)

// maxDate is how many bytes a declared date may have.
const maxDate = 64

// zoned are forms that say an offset from UTC.
var zoned = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05Z0700",
	time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700", "20060102T150405Z0700", "2006-01-02T15:04:05Z07",
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
