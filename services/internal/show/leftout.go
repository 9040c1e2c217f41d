package show

import (
	"fmt"
	"strings"
)

// LeftOut is a run of text of a page that is not the article's.
type LeftOut struct {
	Text, Reason string
	Score        float32 // probability that it is the article's after all, 0 where a rule decided
}

// leftOutLimit is how many bytes of a left-out text are printed.
const leftOutLimit = 160

// LeftOut prints what of a page was left out, grouped as it stands on the page: one reason, then its texts.
func (p *Printer) LeftOut(all []LeftOut) {
	if len(all) == 0 {
		return
	}
	p.Blank()
	p.Heading(fmt.Sprintf("Left out (%d)", len(all)))
	reason := ""
	for _, l := range all {
		if l.Reason != reason {
			reason = l.Reason
			p.Aside("- %s", reason)
		}
		text := l.Text
		if len(text) > leftOutLimit {
			text = strings.ToValidUTF8(text[:leftOutLimit], "") + "…"
		}
		if l.Score > 0 {
			p.Line("    %s (%.2f)", text, l.Score)
			continue
		}
		p.Line("    %s", text)
	}
}
