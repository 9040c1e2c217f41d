package show

import (
	"fmt"
	"strings"

	"github.com/fatih/color"
	"github.com/stetnews/stet/proto/stet/event/v1"
)

// mostChanges bounds the lines that tell changes above the text: the text tells them all.
const mostChanges = 30

// changes prints the facts that changed, and what changed outside the text: byline, pictures, address, state.
func (p *Printer) changes(r *eventv1.Revision) {
	var lines []string
	for _, c := range r.GetChanges() {
		switch c.GetElement() {
		case "byline", "image", "url", "state", "feed headline":
			lines = append(lines, fmt.Sprintf("%s %s: %s", p.ink(c.GetElement()), p.ink(c.GetKind()), p.fromTo(c.GetOld(), c.GetNew())))
		}
		for _, f := range c.GetFacts() {
			lines = append(lines, fmt.Sprintf("%s: %s %s", p.ink(c.GetElement()), p.ink(f.GetKind()), p.fromTo(f.GetOld(), f.GetNew())))
		}
	}
	for n, line := range lines {
		if n == mostChanges {
			p.Aside("  … and %d more", len(lines)-n)
			return
		}
		p.raw("  " + line + "\n")
	}
}

// fromTo marks what went and what came.
func (p *Printer) fromTo(old, new string) string {
	text := ""
	if old != "" {
		text = p.deleted(old)
	}
	if new != "" {
		text += p.added(new)
	}
	return text
}

// mark tells what a reader cannot see in the words of a link: where it stood, that it was parted or joined, that it
// is back.
func (p *Printer) mark(link *eventv1.Link, oldBlock, newBlock int, way string, restored map[int32]int32) string {
	var marks []string
	if link.GetMoved() {
		marks = append(marks, movedFrom(oldBlock, newBlock, way))
	}
	switch link.GetKind() {
	case eventv1.Link_SPLIT:
		marks = append(marks, "split")
	case eventv1.Link_MERGED:
		marks = append(marks, "merged")
	}
	for _, j := range link.GetNew() {
		if version := restored[j]; version > 0 {
			marks = append(marks, fmt.Sprintf("back from version %d", version))
			break
		}
	}
	return p.marks(marks)
}

func movedFrom(old, new int, way string) string {
	moved := strings.TrimSpace("moved " + way)
	switch {
	case old == -2:
		return moved + " from the standfirst"
	case old < 0:
		return moved
	case old == new:
		return moved + " within the paragraph"
	}
	return fmt.Sprintf("%s from paragraph %d", moved, old+1)
}

func (p *Printer) marks(marks []string) string {
	if len(marks) == 0 {
		return ""
	}
	return p.ink("("+strings.Join(marks, ", ")+") ", color.FgCyan)
}

// restored is the versions that new units are back from.
func restored(r *eventv1.Revision) map[int32]int32 {
	list := make(map[int32]int32, len(r.GetRestored()))
	for _, x := range r.GetRestored() {
		list[x.GetNew()] = x.GetVersion()
	}
	return list
}
