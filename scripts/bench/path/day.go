package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// learned is after how many readings of its page an article counts as known: what the extraction benchmark takes too.
const learned = 3

// share is what happened at a part of the readings.
type share struct {
	readings, falsely  int // of articles that were not edited, and how many of them became revisions
	edits, found, gone int // gone: a revision came, without the text of the edit
}

func (s *share) add(o share) {
	s.readings += o.readings
	s.falsely += o.falsely
	s.edits += o.edits
	s.found += o.found
	s.gone += o.gone
}

// day reads every page again and again while its furniture changes, and then with edits in a tenth of the pages at each
// reading. Pages are served on one host for each site that they were found at, so that a site's memory is its own.
func (b *bench) day(ctx context.Context) error {
	if err := b.discovered(ctx); err != nil {
		b.row("articles", "of %d pages not all: %v", b.site.pages, err)
	}
	articles, _, err := b.indexed(ctx)
	if err != nil {
		return err
	}
	b.row("pages, hosts", "%d, %d", b.site.pages, b.site.hosts)
	b.row("pages that became articles (the first reading)", "%d", len(articles))
	var early, known, edited share
	for reading := range b.readings - 1 {
		var s share
		if articles, s, err = b.reading(ctx, fmt.Sprint("reading ", reading+2), articles, 0); err != nil {
			return err
		}
		if reading+1 < learned {
			early.add(s)
			continue
		}
		known.add(s)
	}
	for reading := range b.edited {
		var s share
		if articles, s, err = b.reading(ctx, fmt.Sprint("reading ", b.readings+reading+1, ", with edits"), articles, (b.site.pages+9)/10); err != nil {
			return err
		}
		edited.add(s)
	}
	b.falseRow(fmt.Sprintf("readings 2 to %d: false revisions", learned), early)
	b.falseRow(fmt.Sprintf("readings %d to %d, the site known: false revisions", learned+1, b.readings), known)
	b.falseRow("with a tenth of the pages edited: false revisions of the others", edited)
	b.row("with a tenth of the pages edited: found", "%d of %d", edited.found, edited.edits)
	b.row("with a tenth of the pages edited: missed", "%d", edited.edits-edited.found-edited.gone)
	b.row("with a tenth of the pages edited: a revision without the edit", "%d", edited.gone)
	return nil
}

func (b *bench) falseRow(what string, s share) {
	percent := 0.
	if s.readings > 0 {
		percent = 100 * float64(s.falsely) / float64(s.readings)
	}
	b.row(what, "%d of %d readings, %.2f %%", s.falsely, s.readings, percent)
}

// reading changes the furniture, edits some pages, has all of them looked at, and counts what came of it.
func (b *bench) reading(ctx context.Context, name string, before map[string]known, edits int) (map[string]known, share, error) {
	var s share
	if err := b.site.refurnish(ctx); err != nil {
		return nil, s, err
	}
	texts := map[string]string{}
	if edits > 0 {
		var err error
		if texts, err = b.site.editTexts(ctx, edits); err != nil {
			return nil, s, err
		}
	}
	if _, _, err := b.checkAll(ctx, before); err != nil {
		return nil, s, err
	}
	after, _, err := b.indexed(ctx)
	if err != nil {
		return nil, s, err
	}
	var alarms, missed []string
	for path, a := range after {
		text, isEdited := texts[path]
		revised := a.versions != before[path].versions
		switch {
		case !isEdited:
			s.readings++
			if revised {
				s.falsely++
				alarms = append(alarms, path+b.changeOf(ctx, a.id))
			}
		case !revised:
			s.edits++
			missed = append(missed, path)
		default:
			s.edits++
			has, err := b.holds(ctx, a.id, text)
			if err != nil {
				return nil, s, err
			}
			if has {
				s.found++
			} else {
				s.gone++
				missed = append(missed, path+" (a revision without it)")
			}
		}
	}
	slices.Sort(alarms)
	slices.Sort(missed)
	if b.list && len(alarms)+len(missed) > 0 {
		b.row(name, "false: %d, missed: %d", len(alarms), len(missed))
		for _, line := range append(alarms, missed...) {
			b.row("", "%s", line)
		}
	}
	return after, s, nil
}

// changeOf tells the first change of an article's newest revision, for people who look for what went wrong.
func (b *bench) changeOf(ctx context.Context, id string) string {
	if !b.list {
		return ""
	}
	answer, err := b.stet.Diff(ctx, id, 0, 0)
	if err != nil {
		return fmt.Sprint(": ", err)
	}
	for _, c := range answer.GetRevision().GetChanges() {
		return fmt.Sprintf(": %s %s %.70q -> %.70q", c.GetElement(), c.GetKind(), c.GetOld(), c.GetNew())
	}
	return ": nothing that is described"
}

// holds says whether an article's newest version has a text.
func (b *bench) holds(ctx context.Context, id, text string) (bool, error) {
	v, err := b.stet.Version(ctx, id, 0)
	if err != nil {
		return false, err
	}
	s := v.GetSnapshot()
	return strings.Contains(strings.Join(strings.Fields(s.GetStandfirst()+" "+s.GetBody()), " "), text), nil
}
