package mutate

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Edits are the changes within an article that must be seen. The first reading is the page as it is.
func Edits() []Mutation {
	return []Mutation{
		{"a word in the first paragraph", func(t *Tree) bool { return len(t.inside) > 0 && t.newWord(t.inside[0]) }},
		{"a word in any paragraph", func(t *Tree) bool { return len(t.inside) > 0 && t.newWord(t.inside[t.random.IntN(len(t.inside))]) }},
		{"a word in the last paragraph", func(t *Tree) bool { return len(t.inside) > 0 && t.newWord(t.last()) }},
		{"a number", (*Tree).newNumber},
		{"a word in the headline", (*Tree).newHeadline},
		{"a paragraph deleted", (*Tree).deleteParagraph},
		{"a paragraph inserted", func(t *Tree) bool { return insertAfter(t.middle(), "<p>"+t.pick(additions)+"</p>") }},
		{"a short paragraph inserted", func(t *Tree) bool { return insertAfter(t.middle(), "<p>"+t.pick(shorts)+"</p>") }},
		{"a short paragraph appended", func(t *Tree) bool { return t.append("<p>" + t.pick(shorts) + "</p>") }},
		{"a correction appended, p em", func(t *Tree) bool { return t.append("<p><em>" + t.pick(corrections) + "</em></p>") }},
		{"a correction appended, div", func(t *Tree) bool {
			return t.append(`<div class="correction">` + t.pick(corrections) + "</div>")
		}},
		{"an editor's note prepended", func(t *Tree) bool {
			return len(t.inside) > 0 && t.inside[0].Data == "p" && insertBefore(t.inside[0], "<p>"+t.pick(editorsNotes)+"</p>")
		}},
	}
}

func (t *Tree) append(markup string) bool {
	return len(t.inside) > 0 && t.last().Data == "p" && insertAfter(t.last(), markup)
}

// newWord exchanges a word in the middle of the longest stretch of text; in scripts without spaces it sets one in.
func (t *Tree) newWord(n *html.Node) bool {
	longest := longestText(n)
	if longest == nil || unread[n.Data] {
		return false
	}
	fields := strings.Fields(longest.Data)
	if len(fields) < 3 {
		runes := []rune(longest.Data)
		at := len(runes) / 2
		longest.Data = string(runes[:at]) + t.pick(newWords) + string(runes[at:])
		return true
	}
	fields[len(fields)/2] = t.pick(newWords)
	longest.Data = edges(longest.Data, strings.Join(fields, " "))
	return true
}

// edges gives a text the spaces at its ends that another has.
func edges(like, text string) string {
	if strings.TrimLeftFunc(like, unicode.IsSpace) != like {
		text = " " + text
	}
	if strings.TrimRightFunc(like, unicode.IsSpace) != like {
		text += " "
	}
	return text
}

func longestText(n *html.Node) *html.Node {
	var longest *html.Node
	for inner := range n.Descendants() {
		if inner.Type == html.TextNode && (longest == nil || len(inner.Data) > len(longest.Data)) {
			longest = inner
		}
	}
	return longest
}

func (t *Tree) newNumber() bool {
	var numbers []*html.Node
	for _, n := range t.inside {
		for inner := range n.Descendants() {
			if inner.Type == html.TextNode && strings.ContainsAny(inner.Data, "0123456789") {
				numbers = append(numbers, inner)
			}
		}
	}
	if len(numbers) == 0 {
		return false
	}
	n := numbers[t.random.IntN(len(numbers))]
	at := strings.IndexAny(n.Data, "0123456789")
	digit := '0' + (n.Data[at]-'0'+3)%10
	n.Data = n.Data[:at] + string(digit) + n.Data[at+1:]
	return true
}

// newHeadline edits an h1 that is the headline beyond doubt: the only one.
func (t *Tree) newHeadline() bool {
	count := 0
	for n := range t.body.Descendants() {
		if n.Type == html.ElementNode && n.Data == "h1" {
			count++
		}
	}
	return count == 1 && len(Words(text(t.h1))) >= 4 && t.newWord(t.h1)
}

func (t *Tree) deleteParagraph() bool {
	if len(t.inside) < 4 {
		return false
	}
	n := t.inside[1+t.random.IntN(len(t.inside)-2)]
	if n.Data != "p" {
		return false
	}
	n.Parent.RemoveChild(n)
	return true
}
