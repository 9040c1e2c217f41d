package web

import (
	"strings"
	"unicode/utf8"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/show"
)

// Bounds of the list above the text: the text below it tells everything.
const (
	mostChanges  = 100
	firstChanges = 8   // so many at once
	longestKept  = 120 // characters of kept text between two marks
	longestTold  = 200 // characters of one text that came or went
	keptAtAnEdge = 50  // what is left beside a mark where the rest of the kept text is cut
)

// change is one line of the list above the text.
type change struct {
	Element, Kind string
	Runs          []run // its words, those that went and came marked
	Facts         []*eventv1.Fact
}

// changesOf lists what changed: what stands above the text at once, what a reader may unfold, and how many more
// changes there are.
func changesOf(r *eventv1.Revision) (first, further []change, more int) {
	words := wordsByText(r)
	all := r.GetChanges()
	if len(all) > mostChanges {
		all, more = all[:mostChanges], len(all)-mostChanges
	}
	var list []change
	for _, c := range all {
		list = append(list, change{Element: c.GetElement(), Kind: c.GetKind(), Facts: c.GetFacts(), Runs: told(c, words)})
	}
	cut := len(list)
	if cut > firstChanges+1 {
		cut = firstChanges
	}
	return list[:cut], list[cut:], more
}

// told is a change in words. A text that moved is marked nowhere, for what changed in it on the way is a line of its
// own, and of an edited one only the words that changed are: a list in which everything is coloured tells nothing.
func told(c *eventv1.Change, words map[[2]string][]*eventv1.Word) []run {
	old, new := c.GetOld(), c.GetNew()
	if c.GetKind() == "moved" && new != "" && c.GetElement() != "url" {
		return []run{{Text: cut(new, longestTold)}}
	}
	if list := words[[2]string{old, new}]; len(list) > 0 {
		var runs []run
		for _, w := range list {
			runs = append(runs, run{opName(w.GetOp()), w.GetText()})
		}
		return shortened(runs)
	}
	var runs []run
	if old != "" {
		runs = append(runs, run{"del", cut(old, longestTold)})
	}
	if new != "" {
		if len(runs) > 0 {
			runs = append(runs, run{Text: " → "})
		}
		runs = append(runs, run{"ins", cut(new, longestTold)})
	}
	return runs
}

// wordsByText are the words of the links whose text changed, by their texts: a change names no link, but it holds the
// same texts.
func wordsByText(r *eventv1.Revision) map[[2]string][]*eventv1.Word {
	out := map[[2]string][]*eventv1.Word{}
	for _, link := range r.GetLinks() {
		if link.GetKind() == eventv1.Link_SAME {
			continue
		}
		var old, new strings.Builder
		for _, w := range link.GetWords() {
			if w.GetOp() != eventv1.Word_ADDED {
				old.WriteString(w.GetText())
			}
			if w.GetOp() != eventv1.Word_DELETED {
				new.WriteString(w.GetText())
			}
		}
		out[[2]string{old.String(), new.String()}] = link.GetWords()
	}
	return out
}

// shortened cuts what stayed down to what stands beside the marks.
func shortened(runs []run) []run {
	out := make([]run, len(runs))
	for i, r := range runs {
		out[i] = r
		switch {
		case r.Op != "":
			out[i].Text = cut(r.Text, longestTold)
		case utf8.RuneCountInString(r.Text) > longestKept:
			out[i].Text = middleCut(r.Text, i > 0, i < len(runs)-1)
		}
	}
	return out
}

// middleCut leaves the ends of a text that stand beside a mark.
func middleCut(text string, head, tail bool) string {
	var b strings.Builder
	if head {
		b.WriteString(cut(text, keptAtAnEdge))
	} else {
		b.WriteString("…")
	}
	if tail {
		runes := []rune(text)
		end := string(runes[len(runes)-keptAtAnEdge:])
		if at := strings.IndexAny(end, " \n\t"); at >= 0 && at < len(end)/2 {
			end = end[at:]
		}
		b.WriteString(end)
	}
	return b.String()
}

// quoteFact says of a quotation that changed how it did, or nothing of other facts: its words are marked already, and
// both wordings once more would bury them.
func quoteFact(f *eventv1.Fact) string {
	if f.GetKind() != "quote" || f.GetOld() == "" || f.GetNew() == "" {
		return ""
	}
	switch by := words(f.GetNew()) - words(f.GetOld()); {
	case by < 0:
		return "quotation shortened by " + plural(-by, "word", "words")
	case by > 0:
		return "quotation longer by " + plural(by, "word", "words")
	}
	return "quotation reworded"
}

// verdict is what a reader must know of a revision before its text.
type verdict struct {
	Reasons, OtherReasons []string
	Coarse                string
	Flaps                 string
	VariantOf             int32
	Hidden                string // how many cosmetic changes are not shown; empty for none
}

func verdictOf(r *eventv1.Revision, hidden int) verdict {
	v := verdict{Coarse: show.Coarse(r), Flaps: show.Flaps(r), VariantOf: r.GetVariantOf()}
	v.Reasons, v.OtherReasons = show.Reasons(r)
	if hidden > 0 {
		v.Hidden = show.HiddenCosmetic(hidden)
	}
	return v
}
