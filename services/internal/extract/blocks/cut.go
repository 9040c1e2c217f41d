package blocks

import (
	"strings"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"golang.org/x/net/html"
)

// cutter gathers inline text until something that stands on its own line begins or ends.
type cutter struct {
	blocks []article.Block
	line   strings.Builder
	breaks int // line breaks in a row; two end a paragraph
}

// cut turns a tree of article text into blocks, in reading order.
func cut(content *html.Node) []article.Block {
	var c cutter
	c.children(content, article.Paragraph)
	c.flush(article.Paragraph)
	return c.blocks
}

func (c *cutter) children(n *html.Node, kind article.BlockKind) {
	for child := range n.ChildNodes() {
		c.node(child, kind)
	}
}

func (c *cutter) node(n *html.Node, kind article.BlockKind) {
	switch {
	case n.Type == html.TextNode:
		c.text(n.Data)
	case n.Type != html.ElementNode || dom.Silent(n):
	case n.Data == "br":
		c.lineBreak(kind)
	case n.Data == "table" && tabular(n):
		c.flush(kind)
		c.table(n)
	case dom.Breaking(n):
		c.flush(kind)
		inner := kindOf(n, kind)
		c.children(n, inner)
		c.flush(inner)
	default:
		c.children(n, kind)
	}
}

func (c *cutter) text(text string) {
	if strings.TrimSpace(text) != "" {
		c.breaks = 0
	}
	c.line.WriteString(text)
}

func (c *cutter) lineBreak(kind article.BlockKind) {
	c.line.WriteByte(' ')
	if c.breaks++; c.breaks > 1 {
		c.flush(kind)
	}
}

// flush ends a block. A block that repeats the one before word for word is the same passage marked up twice, as for
// narrow and wide screens.
func (c *cutter) flush(kind article.BlockKind) {
	c.breaks = 0
	c.add(kind, dom.Fold(c.line.String()))
	c.line.Reset()
}

func (c *cutter) add(kind article.BlockKind, text string) {
	if text == "" || strings.Trim(text, "*•·|_—–-=~ ") == "" {
		return
	}
	if last := len(c.blocks) - 1; last >= 0 && c.blocks[last].Text == text {
		return
	}
	if (kind == article.Paragraph || kind == article.Quotation || kind == article.Heading) && notice(text) {
		kind = article.Note
	}
	c.blocks = append(c.blocks, article.Block{Kind: kind, Text: text})
}

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

// table makes a block of each row, cells parted by a bar. Empty cells stay, so that columns keep their places.
func (c *cutter) table(table *html.Node) {
	for n := range dom.Elements(table) {
		switch n.Data {
		case "caption":
			c.add(article.Caption, dom.Text(n))
		case "tr":
			var row []string
			for child := range n.ChildNodes() {
				if dom.Is(child, "td", "th") {
					row = append(row, dom.Text(child))
				}
			}
			if strings.Join(row, "") != "" {
				c.add(article.TableRow, strings.Join(row, " | "))
			}
		}
	}
}
