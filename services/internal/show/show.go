// Package show prints articles and their changes for people: on a terminal with colours, elsewhere with marks of plain
// text. Everything that comes from outside is made safe for a terminal on its way out.
package show

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/terminal"
)

// Printer prints to one writer. The first error of the writer is kept, and nothing is written after it. Not safe for
// concurrent use.
type Printer struct {
	Cosmetic bool // changes of marks and spaces only are shown too

	out    io.Writer
	colour bool
	err    error
}

// NewPrinter makes a printer. With colour, added words are green and underlined and deleted ones red and struck;
// without, they stand in {+ +} and [- -].
func NewPrinter(out io.Writer, colour bool) *Printer { return &Printer{out: out, colour: colour} }

// Err is the first error of the writer.
func (p *Printer) Err() error { return p.err }

// Line prints one line. Texts among the arguments are cleaned, and cannot break it.
func (p *Printer) Line(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = terminal.Clean(text)
		}
	}
	p.raw(fmt.Sprintf(format, args...) + "\n")
}

// raw writes text that is safe.
func (p *Printer) raw(text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.out, text)
	}
}

// Heading prints a line that stands out.
func (p *Printer) Heading(text string) { p.raw(p.ink(text, color.Bold) + "\n") }

// Aside prints a line that stands back.
func (p *Printer) Aside(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = terminal.Clean(text)
		}
	}
	p.raw(p.ink(fmt.Sprintf(format, args...), color.Faint) + "\n")
}

// Blank prints an empty line.
func (p *Printer) Blank() { p.raw("\n") }

// ink cleans a text and colours it.
func (p *Printer) ink(text string, attributes ...color.Attribute) string {
	text = terminal.Clean(text)
	if !p.colour || text == "" || len(attributes) == 0 {
		return text
	}
	c := color.New(attributes...)
	c.EnableColor()
	return c.Sprint(text)
}

// added marks text that came.
func (p *Printer) added(text string) string {
	if p.colour {
		return p.ink(text, color.FgGreen, color.Underline)
	}
	return "{+" + terminal.Clean(text) + "+}"
}

// deleted marks text that went.
func (p *Printer) deleted(text string) string {
	if p.colour {
		return p.ink(text, color.FgRed, color.CrossedOut)
	}
	return "[-" + terminal.Clean(text) + "-]"
}

// Marked prints pieces of text on one line, those that match standing out.
func (p *Printer) Marked(indent string, pieces []string, match []bool) {
	var b strings.Builder
	b.WriteString(indent)
	for i, piece := range pieces {
		switch {
		case !match[i]:
			b.WriteString(terminal.Clean(piece))
		case p.colour:
			b.WriteString(p.ink(piece, color.Bold, color.FgYellow))
		default:
			b.WriteString("*" + terminal.Clean(piece) + "*")
		}
	}
	p.raw(b.String() + "\n")
}

// Snapshot prints an article as it was read.
func (p *Printer) Snapshot(s *eventv1.Snapshot) {
	p.Heading(s.GetTitle())
	if s.GetStandfirst() != "" {
		p.Line("%s", s.GetStandfirst())
	}
	p.facts(s)
	for _, block := range s.GetBlocks() {
		p.Blank()
		p.Line("%s%s", prefix(block.GetKind()), block.GetText())
	}
}

// facts prints what the page says about itself, one line each.
func (p *Printer) facts(s *eventv1.Snapshot) {
	for _, fact := range [][2]string{
		{"by", strings.Join(s.GetByline(), ", ")}, {"section", s.GetSection()}, {"language", s.GetLanguage()},
		{"published", s.GetPublished()}, {"modified", s.GetModified()}, {"url", s.GetUrl()},
		{"shared as", different(s.GetSharedTitle(), s.GetTitle())},
		{"indexed as", different(s.GetIndexedTitle(), s.GetTitle())},
		{"extractor", strings.TrimSpace(s.GetExtractor().GetName() + " " + s.GetExtractor().GetVersion())},
		{"quality", quality(s.GetQuality())},
	} {
		if fact[1] != "" {
			p.Aside("%-10s %s", fact[0], fact[1])
		}
	}
}

func different(text, from string) string {
	if text == from {
		return ""
	}
	return text
}

func quality(q *eventv1.Quality) string {
	if q == nil || q.GetVerdict() == eventv1.Quality_UNSPECIFIED {
		return ""
	}
	verdict := strings.ToLower(strings.ReplaceAll(q.GetVerdict().String(), "_", " "))
	if len(q.GetReasons()) > 0 {
		verdict += " (" + strings.Join(q.GetReasons(), "; ") + ")"
	}
	return verdict
}

func prefix(kind eventv1.Block_Kind) string {
	switch kind {
	case eventv1.Block_HEADING:
		return "## "
	case eventv1.Block_QUOTATION:
		return "> "
	case eventv1.Block_LIST_ITEM:
		return "* "
	case eventv1.Block_TABLE_ROW:
		return "| "
	case eventv1.Block_CAPTION:
		return "[caption] "
	case eventv1.Block_NOTE:
		return "[note] "
	}
	return ""
}
