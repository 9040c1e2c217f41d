package dom

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
)

const (
	// maxAttributes is how many attributes the elements of a tree may have: the largest news pages have about 60,000.
	maxAttributes = 200_000
	// maxFormatted is how many elements the parser may have to make anew, see load.
	maxFormatted = 5 * MaxNodes
)

// load counts what a page's tags will make of it, before it is parsed. Elements for bold and the like that are not closed
// are what hurts: the parser makes all of them anew in every paragraph that follows, so that a page of 40 KB grows to a
// tree of gigabytes.
type load struct {
	elements, attributes, formatted int
	open                            []string // elements for formatting and marks where they may end, in order
}

// formatting says whether an element goes on behind the end of what it began in.
func formatting(name string) bool {
	switch name {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return true
	}
	return false
}

// bounding says whether nothing goes on behind an element's end that began in it.
func bounding(name string) bool {
	switch name {
	case "td", "th", "caption", "table", "applet", "object", "marquee", "template":
		return true
	}
	return false
}

func (l *load) err() error {
	if l.elements > MaxNodes || l.attributes > maxAttributes || l.formatted > maxFormatted {
		return fmt.Errorf("parsing page: %w: %d elements, %d attributes, formatted anew %d times", ErrTooLarge, l.elements, l.attributes, l.formatted)
	}
	return nil
}

func (l *load) start(name string, attributes int) {
	l.elements++
	l.attributes += attributes
	l.formatted += len(l.open)
	switch {
	case name == "a" || name == "nobr":
		l.close(name) // it cannot stand in another one
		l.open = append(l.open, name)
	case formatting(name):
		l.open = append(l.open, name)
	case name == "td" || name == "th" || name == "caption":
		if at := l.bound(); at >= 0 && l.open[at] != "table" {
			l.open = l.open[:at] // the cell before was not closed
		}
		l.open = append(l.open, name)
	case bounding(name):
		l.open = append(l.open, name)
	}
}

func (l *load) end(name string) {
	l.formatted += len(l.open)
	switch {
	case name == "p" || name == "br":
		l.elements++ // the end alone makes one
	case formatting(name):
		l.close(name)
	case bounding(name):
		for at := len(l.open) - 1; at >= 0; at-- {
			if l.open[at] == name {
				l.open = l.open[:at]
				break
			}
		}
	}
}

// close takes out the newest of a name since the last bound.
func (l *load) close(name string) {
	for at := len(l.open) - 1; at > l.bound(); at-- {
		if l.open[at] == name {
			l.open = append(l.open[:at], l.open[at+1:]...)
			return
		}
	}
}

// bound is where the last bounding element stands, -1 without one.
func (l *load) bound() int {
	at := len(l.open) - 1
	for at >= 0 && !bounding(l.open[at]) {
		at--
	}
	return at
}

// rest counts a part that is left to the parser as it is.
func (l *load) rest(text string) {
	z := html.NewTokenizer(strings.NewReader(text))
	for l.err() == nil {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag, attributes := string(name), 0
			for more {
				_, _, more = z.TagAttr()
				attributes++
			}
			l.start(tag, attributes)
			z.NextIsNotRawText() // count too much rather than too little
		case html.EndTagToken:
			name, _ := z.TagName()
			l.end(string(name))
		}
	}
}
