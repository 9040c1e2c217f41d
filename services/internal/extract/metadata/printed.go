package metadata

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// The forms of dates as they are printed. The clock, where there is one, follows the day within a few characters.
var (
	dayFirst  = regexp.MustCompile(`\b(\d{1,2})[./-](\d{1,2})[./-](20\d\d)(?:\D{1,14}(\d{1,2})[:.h](\d{2})\b)?`)
	shortYear = regexp.MustCompile(`\b(\d{2})\.(\d{2})\.(\d{2})\b(?:\D{1,14}(\d{1,2})[:.](\d{2})\b)?`)
	yearFirst = regexp.MustCompile(`(20\d\d)(?:[./-]|年|년)\s?(\d{1,2})(?:[./-]|月|월)\s?(\d{1,2})(?:日|일)?(?:\D{0,6}(\d{1,2}):(\d{2}))?`)
	dayMonth  = regexp.MustCompile(`(?i)\b(\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?(\p{L}{3,12})\.?,?\s+(?:de\s+)?(20\d\d)(?:\D{1,14}(\d{1,2})[:.h](\d{2})\b)?`)
	monthDay  = regexp.MustCompile(`(?i)\b(\p{L}{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,\s+(20\d\d)(?:\D{1,14}(\d{1,2}):(\d{2})\s?([ap]\.?m)?)?`)
)

// months are the beginnings of their names, in lower case, in languages that write dates with Latin or Cyrillic letters.
var months = func() map[string]int {
	all := make(map[string]int)
	for month, list := range []string{
		"jan ene gen янв січ sty led sau oca", "feb fév fev fév лют фев lut úno şub", "mar mär maa мар бер břez bře", "apr abr avr кві апр kwi dub nis huh", "may mai maj mei mag мая май тра kvě tou",
		"jun juin giu kes июн чер cze haz čer", "jul juil lug hei июл лип lip čvc tem", "aug ago aoû авг сер sie srp ağu elo", "sep set сен вер wrz zář eyl syy",
		"oct okt ott out окт жов paź říj eki lok", "nov ноя лис lis kas mar", "dec dez dic déc дек гру gru pro ara jou",
	} {
		for _, name := range strings.Fields(list) {
			if _, taken := all[name]; !taken {
				all[name] = month + 1
			}
		}
	}
	return all
}()

func monthOf(name string) int {
	runes := []rune(strings.ToLower(name))
	for _, length := range []int{4, 3} {
		if len(runes) >= length {
			if month, ok := months[string(runes[:length])]; ok {
				return month
			}
		}
	}
	return 0
}

// printed reads the first date in a text: the day, with the clock where it follows. The month comes first in numbers
// only where the language is that of the United States.
func printed(text, language string) string {
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		return stamp(m[1], number(m[2]), m[3], m[4], m[5], "")
	}
	if m := dayFirst.FindStringSubmatch(text); m != nil {
		day, month := m[1], m[2]
		if language == "en-US" || number(month) > 12 {
			day, month = month, day
		}
		return stamp(m[3], number(month), day, m[4], m[5], "")
	}
	if m := shortYear.FindStringSubmatch(text); m != nil {
		if found := stamp("20"+m[3], number(m[2]), m[1], m[4], m[5], ""); found != "" {
			return found
		}
	}
	if m := dayMonth.FindStringSubmatch(text); m != nil && monthOf(m[2]) > 0 {
		return stamp(m[3], monthOf(m[2]), m[1], m[4], m[5], "")
	}
	if m := monthDay.FindStringSubmatch(text); m != nil && monthOf(m[1]) > 0 {
		return stamp(m[3], monthOf(m[1]), m[2], m[4], m[5], m[6])
	}
	return ""
}

func number(text string) int {
	n, _ := strconv.Atoi(text) // the forms let digits through only
	return n
}

func stamp(year string, month int, day, hour, minute, half string) string {
	d := number(day)
	if month < 1 || month > 12 || d < 1 || d > 31 {
		return ""
	}
	date := fmt.Sprintf("%s-%02d-%02d", year, month, d)
	if hour == "" {
		return date
	}
	h := number(hour)
	switch {
	case half != "" && (half[0] == 'p' || half[0] == 'P') && h < 12:
		h += 12
	case half != "" && (half[0] == 'a' || half[0] == 'A') && h == 12:
		h = 0
	}
	if h > 23 || number(minute) > 59 {
		return date
	}
	return fmt.Sprintf("%sT%02d:%s:00", date, h, minute)
}

// dateNames are words in the names of elements that hold a date.
var dateNames = map[string]bool{
	"date": true, "time": true, "published": true, "pubdate": true, "timestamp": true, "datum": true, "fecha": true, "data": true, "dateline": true, "meta": true,
	"byline": true, "info": true, "publish": true, "datetime": true, "posted": true, "author": true, "source": true, "post": true, "created": true,
	"tarih": true, "dato": true, "lineinfo": true, "data-publicacao": true, "zeit": true, "fechas": true, "published-at": true, "stand": true,
}

// printedLimit is how many bytes of text an element with a printed date may have, and printedNear how many elements
// around the headline are looked at.
const (
	printedLimit = 160
	printedNear  = 150
)

// titleDate is a date that ends the page's title, behind a bar.
func (p *page) titleDate() string {
	for _, title := range []string{p.title, p.meta("og:title")} {
		if tail := titleTail(title); len(tail) <= 12 {
			if found := printed(tail, ""); len(found) == len("2006-01-02") {
				return found
			}
		}
	}
	return ""
}

// printedDate is the date printed near the headline, in an element named for it.
func (p *page) printedDate() string {
	if p.head == nil {
		return ""
	}
	language := p.language()
	passed := 0
	for n := p.head.Parent; n != nil && passed < printedNear; n = following(n, nil) {
		if n.Type != html.ElementNode {
			continue
		}
		passed++
		if !dateNamed(n) || dom.Length(n) > 3*printedLimit || dom.Within(n, "aside", "nav", "footer") != nil {
			continue
		}
		if text := dom.Text(n); len(text) <= printedLimit {
			if found := printed(text, language); found != "" {
				return found
			}
		}
	}
	return ""
}

func dateNamed(n *html.Node) bool {
	if n.Data == "time" {
		return true
	}
	for _, token := range dom.Tokens(n) {
		if dateNames[token] {
			return true
		}
	}
	return false
}
