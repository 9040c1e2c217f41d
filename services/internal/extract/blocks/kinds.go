package blocks

import (
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// kindOf is the kind of the text directly in an element. Inside a quotation, a list item or a caption a plain paragraph
// stays what it is in.
func kindOf(n *html.Node, outer article.BlockKind) article.BlockKind {
	switch n.Data {
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return article.Heading
	case "blockquote":
		return article.Quotation
	case "li", "dd", "dt":
		if outer == article.Quotation {
			return outer
		}
		return article.ListItem
	case "figcaption", "caption":
		return article.Caption
	}
	return outer
}

// tabular says whether a table holds data: rows of several short cells. A table that lays out a page holds text in
// paragraphs, or another table.
func tabular(table *html.Node) bool {
	rows, wide := 0, 0
	for n := range dom.Elements(table) {
		switch n.Data {
		case "table":
			return false
		case "td", "th":
			if paragraphs(n) > 2 {
				return false
			}
		case "tr":
			rows++
			if cells(n) > 1 {
				wide++
			}
		}
	}
	return rows > 0 && wide*2 >= rows
}

func paragraphs(cell *html.Node) int {
	count := 0
	for n := range dom.Elements(cell) {
		if dom.Is(n, "p", "div", "ul", "blockquote") {
			count++
		}
	}
	return count
}

func cells(row *html.Node) int {
	count := 0
	for child := range row.ChildNodes() {
		if dom.Is(child, "td", "th") {
			count++
		}
	}
	return count
}
