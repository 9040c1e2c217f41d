package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

// metadata measures what stands around the body, on the pages whose truth has it. Texts are right if their words are
// the same in the same order, authors if the set of names is, and a time if it is the same minute (of the same day, where
// the truth has no zone: the same clock).
func (b *bench) metadata() error {
	var set []page
	for _, p := range b.pages {
		if p.truth.full {
			set = append(set, p)
		}
	}
	answers, err := b.read(set)
	if err != nil {
		return err
	}
	fields := []struct {
		name  string
		asked func(truth) bool
		right func(truth, snapshot) bool
		show  func(truth, snapshot) string
	}{
		{"title, as h1", func(t truth) bool { return t.Title != "" },
			func(t truth, s snapshot) bool { return sameWords(t.Title, s.Title) },
			func(t truth, s snapshot) string { return fmt.Sprintf("%.120q, got %.120q", t.Title, s.Title) }},
		{"title, in one of its three forms", func(t truth) bool { return t.Title != "" },
			func(t truth, s snapshot) bool {
				return sameWords(t.Title, s.Title) || sameWords(t.Title, s.SharedTitle) || sameWords(t.Title, s.IndexedTitle)
			},
			func(t truth, s snapshot) string { return fmt.Sprintf("%.120q, got %.120q", t.Title, s.SharedTitle) }},
		{"standfirst", func(t truth) bool { return len(mutate.Words(strings.Join(t.Standfirst, " "))) > 0 },
			func(t truth, s snapshot) bool { return sameWords(strings.Join(t.Standfirst, " "), s.Standfirst) },
			func(t truth, s snapshot) string { return fmt.Sprintf("%.150q, got %.150q", t.Standfirst, s.Standfirst) }},
		{"authors", func(t truth) bool { return len(t.Byline) > 0 },
			func(t truth, s snapshot) bool { return slices.Equal(names(t.Byline), names(s.Byline)) },
			func(t truth, s snapshot) string { return fmt.Sprintf("%q, got %q", t.Byline, s.Byline) }},
		{"published", func(t truth) bool { return t.Published != "" },
			func(t truth, s snapshot) bool { return sameTime(t.Published, s.Published) },
			func(t truth, s snapshot) string { return fmt.Sprintf("%q, got %q", t.Published, s.Published) }},
	}
	table := b.table("metadata, % right", "field", "pages dev", "right dev", "pages held", "right held")
	for _, f := range fields {
		var count tally
		for _, p := range set {
			if !f.asked(p.truth) {
				continue
			}
			s := answers[p.id].Snapshot
			ok := f.right(p.truth, s)
			count.count(p, ok)
			if b.list && !ok && !p.held {
				fmt.Fprintf(b.out, "%s, %s: %s\n", f.name, p.id, f.show(p.truth, s))
			}
		}
		table.row(f.name, fmt.Sprint(count.cases[0]), percent(count.bad[0], count.cases[0]), fmt.Sprint(count.cases[1]), percent(count.bad[1], count.cases[1]))
	}
	table.end()
	return nil
}

func sameWords(a, b string) bool {
	return slices.Equal(mutate.Words(strings.ToLower(a)), mutate.Words(strings.ToLower(b)))
}

func names(list []string) []string {
	var found []string
	for _, name := range list {
		found = append(found, strings.Join(mutate.Words(strings.ToLower(name)), " "))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func sameTime(want, got string) bool {
	for _, form := range []string{"2006-01-02 15:04:05.999999Z07:00", "2006-01-02 15:04Z07:00"} {
		if a, err := time.Parse(form, want); err == nil {
			b, err := time.Parse(time.RFC3339, got)
			return err == nil && a.Truncate(time.Minute).Equal(b.Truncate(time.Minute))
		}
	}
	clock := strings.Replace(want, " ", "T", 1)
	return len(clock) >= 16 && strings.HasPrefix(strings.Replace(got, " ", "T", 1), clock[:16]) ||
		strings.HasSuffix(clock, "T00:00:00") && strings.HasPrefix(got, clock[:10])
}

// snippetTable looks for texts that must and must not be on pages of a second set. A text is found if its letters and
// digits, small and without spaces, are a part of the standfirst and text so written; captions do not count.
func (b *bench) snippetTable() error {
	if b.snippets == "" {
		return nil
	}
	var labels map[string]struct {
		File          string
		With, Without []string
	}
	raw, err := os.ReadFile(filepath.Join(b.snippets, "labels.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &labels); err != nil {
		return err
	}
	var set []page
	for url, label := range labels {
		html, err := os.ReadFile(filepath.Join(b.snippets, "pages", label.File))
		if err == nil && label.File != "" {
			p := newPage(url, string(html), truth{URL: url})
			if b.part == "" || p.held == (b.part == "held") {
				set = append(set, p)
			}
		}
	}
	answers, err := b.read(set)
	if err != nil {
		return err
	}
	table := b.table("snippets", "part", "pages", "precision", "recall", "F1")
	for _, held := range []bool{false, true} {
		chosen := parts(set, held)
		if len(chosen) == 0 {
			continue
		}
		found, wrong, missed := 0, 0, 0
		for _, p := range chosen {
			body := squeeze(answers[p.id].Snapshot.Standfirst + answers[p.id].Snapshot.body())
			for _, snippet := range labels[p.id].With {
				if strings.Contains(body, squeeze(snippet)) {
					found++
				} else {
					missed++
				}
			}
			for _, snippet := range labels[p.id].Without {
				if strings.Contains(body, squeeze(snippet)) {
					wrong++
				}
			}
		}
		precision, recall := share(found, found+wrong), share(found, found+missed)
		table.row(map[bool]string{false: "developed on", true: "held out"}[held], fmt.Sprint(len(chosen)),
			fmt.Sprintf("%.3f", precision), fmt.Sprintf("%.3f", recall), fmt.Sprintf("%.3f", 2*precision*recall/(precision+recall)))
	}
	table.end()
	return nil
}

func squeeze(text string) string { return strings.Join(mutate.Words(strings.ToLower(text)), "") }
