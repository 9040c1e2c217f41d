package dom

import "strings"

// headPart is where in a page's head the thinner is. A usual head has a hundred elements of which a dozen are read, and as
// the parser adds what stands there without looking at what stood before, the others can go whole. It ends with
// the first thing that only stands in bodies, and never begins where the page does not say so itself.
type headPart uint8

const (
	beforeHead headPart = iota
	inHead
	inHeadNoscript // whose elements are left to the parser
	behindHead
)

// between tells of the text between two tags.
func (t *thinner) between(from, to int) {
	switch {
	case from == to || t.head == behindHead:
	case !t.blank(from, to):
		t.head = behindHead
	case t.head == inHead && !t.whole:
		t.leaveOut(from, to)
	}
}

// open tells of the start tag of an element, and closed of an end tag.
func (t *thinner) open(name string) {
	switch {
	case t.head == behindHead, t.head == beforeHead && name == "html":
	case t.head == beforeHead && name == "head":
		t.head = inHead
	case t.head == inHead && name == "noscript":
		t.head = inHeadNoscript
	case t.head == inHead && (name == "title" || name == "base" || name == "script"):
	case t.head != beforeHead && (name == "meta" || name == "link" || name == "style"):
	default:
		t.head = behindHead
	}
}

func (t *thinner) closed(name string) {
	switch {
	case t.head == inHeadNoscript && name == "noscript":
		t.head = inHead
	case t.head != beforeHead && (name == "title" || name == "script" || name == "style"):
	default:
		t.head = behindHead
	}
}

// spare leaves out an element of the head that nobody asks for, from its start tag, and gives the place behind it; -1
// where it stays.
func (t *thinner) spare(name string, at, end int) int {
	if t.head != inHead || t.whole || t.tells() {
		return -1
	}
	switch name {
	case "link":
		t.leaveOut(at, end)
		return end
	case "script", "style":
		close, needed := closing(t.text, end, name), false
		if name == "script" {
			close, needed = t.code(at, end)
			needed = needed || !t.scripted // that the page has scripts at all is of interest
			t.scripted = true
		}
		if close < 0 || needed {
			return -1
		}
		_, _, behind := tag(t.text, close+2, nil)
		if behind >= 0 {
			t.leaveOut(at, behind)
		}
		return behind
	}
	return -1
}

// tells says whether the tag read last has an attribute for which its element is read in the head: a value of its own, or
// a relation to other pages.
func (t *thinner) tells() bool {
	for _, a := range t.attrs {
		switch strings.ToLower(t.text[a.at:a.named]) {
		case "itemprop", "content", "datetime":
			return true
		case "rel":
			value := strings.ToLower(t.text[a.from:a.to])
			if strings.Contains(value, "canonical") || strings.Contains(value, "amphtml") || strings.Contains(value, "&") {
				return true
			}
		}
	}
	return false
}
