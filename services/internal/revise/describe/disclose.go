package describe

import (
	"slices"

	"github.com/stetnews/stet/services/internal/article"
)

// disclose gathers what the publisher says of the change: a correction note, a line that says when the page was
// updated, the declared time of modification. A first version has nothing to disclose.
func (t *teller) disclose() {
	if len(t.r.OldUnits) == 1 && t.r.OldUnits[0].Text == "" && len(t.old.Byline) == 0 {
		return
	}
	d := &t.r.Disclosure
	say := func(text string) { d.Evidence = append(d.Evidence, text) }
	for i := range t.r.Changes {
		c := &t.r.Changes[i]
		switch {
		case c.Element == note && c.New != "" && c.Kind != moved && !(c.Old != "" && isNote(c.Old)):
			d.NoteAdded = true
			say("a note was added: " + short(c.New))
		case c.Element == note && c.Old != "" && c.New == "":
			say("a note was removed: " + short(c.Old))
		case c.Element == note && c.Kind != moved:
			say("a note was changed: " + short(c.New))
		case isStamp(c.New) && c.Old != c.New:
			say("a line gives the time of the update: " + short(c.New))
		}
	}
	switch {
	case t.new.Modified != "" && t.old.Modified == "":
		d.ModifiedMoved = true
		say("a modification time was declared: " + short(t.new.Modified))
	case t.new.Modified != "" && t.new.Modified != t.old.Modified:
		d.ModifiedMoved = true
		say("the declared modification time moved from " + short(t.old.Modified) + " to " + short(t.new.Modified))
	}
	if t.r.Weight >= article.Minor {
		t.sayWhatIsMissing(say)
	}
}

// sayWhatIsMissing names the signs that were looked for and not found.
func (t *teller) sayWhatIsMissing(say func(string)) {
	d := &t.r.Disclosure
	told := slices.ContainsFunc(t.r.Changes, func(c article.Change) bool { return c.Element == note && c.New != "" })
	if !d.NoteAdded && !told {
		say("no note on the change was added")
	}
	switch {
	case d.ModifiedMoved:
	case t.new.Modified == "":
		say("no modification time is declared")
	default:
		say("the declared modification time did not move from " + short(t.new.Modified))
	}
}

// short cuts a text for a line of evidence.
func short(text string) string {
	count := 0
	for i := range text {
		if count++; count > 200 {
			return text[:i] + "…"
		}
	}
	return text
}
