package dom

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxParts bounds how many parts of a streamed page are put into their places.
const maxParts = 1000

// streamed says whether a page may have parts of its own: whether it holds "S: in quotes. The letter is looked for first,
// as quotes are everywhere.
func streamed(text string) bool {
	for {
		at := strings.Index(text, "S:")
		if at < 0 || at > 0 && text[at-1] == '"' {
			return at > 0
		}
		text = text[at+2:]
	}
}

// settle puts a page together that its server sent in parts: React sends what is late in hidden elements (id S:3) behind
// the rest, and a script moves it to the place held for it (a template with the id B:3 or P:3). Readers without scripts
// would take the article for hidden. It says whether it moved anything.
func settle(doc *html.Node) bool {
	places := make(map[string]*html.Node)
	var parts []*html.Node
	for n := range Elements(doc) {
		id := Attr(n, "id")
		switch {
		case len(id) < 3 || id[1] != ':' || len(parts) == maxParts:
		case n.Data == "template" && (id[0] == 'B' || id[0] == 'P'):
			places[id[2:]] = n
		case n.Data == "div" && id[0] == 'S' && hasAttr(n, "hidden"):
			parts = append(parts, n)
		}
	}
	for _, part := range parts {
		show(part)
		if place := places[Attr(part, "id")[2:]]; place != nil && !holds(part, place) && holds(doc, place) {
			move(part, place)
		}
	}
	return len(parts) > 0
}

func hasAttr(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func show(n *html.Node) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "hidden" })
}

func holds(upper, lower *html.Node) bool {
	for ; lower != nil; lower = lower.Parent {
		if lower == upper {
			return true
		}
	}
	return false
}

// move puts a part before its place and takes out what was shown while the part was awaited: all up to a comment that
// says so.
func move(part, place *html.Node) {
	for child := part.FirstChild; child != nil; child = part.FirstChild {
		part.RemoveChild(child)
		place.Parent.InsertBefore(child, place)
	}
	if !strings.HasPrefix(Attr(place, "id"), "B:") {
		return
	}
	end := place.NextSibling
	for end != nil && !(end.Type == html.CommentNode && end.Data == "/$") {
		end = end.NextSibling
	}
	for n := place.NextSibling; end != nil && n != end; n = place.NextSibling {
		if holds(n, part) {
			return // the part itself is no part of what is shown while it is awaited
		}
		place.Parent.RemoveChild(n)
	}
}
