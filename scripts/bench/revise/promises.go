package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// promises tests what must hold of every revision: the texts are rebuilt from it, every unit is in one place, the
// same question gets the same answer, and the way back mirrors the way there.
func (b *bench) promises() error {
	broken := map[string]int{}
	const batch = 1000
	for done := 0; done < b.many; done += batch {
		if err := b.promisesOf(b.seed+uint64(done), min(batch, b.many-done), broken); err != nil {
			return err
		}
	}
	b.row(fmt.Sprintf("promises on %d pairs", b.many), "broken")
	for _, name := range []string{"reconstruction", "partition", "determinism", "mirror"} {
		b.row(name, broken[name])
	}
	b.row()
	return nil
}

func (b *bench) promisesOf(seed uint64, number int, broken map[string]int) error {
	there, back := make([]request, number), make([]request, number)
	kinds := levels()
	for n := range number {
		c := kinds[n%len(kinds)].make(b.langs[n/len(kinds)%len(b.langs)], seed+uint64(n))
		there[n], back[n] = request{Old: c.Old, New: c.New}, request{Old: c.New, New: c.Old}
	}
	first, _, err := answers(b.stet, there, 0)
	if err != nil {
		return err
	}
	second, _, err := answers(b.stet, there, 1)
	if err != nil {
		return err
	}
	mirrored, _, err := answers(b.stet, back, 0)
	if err != nil {
		return err
	}
	for n := range number {
		var r, m revision
		if err := json.Unmarshal(first[n], &r); err != nil {
			return err
		}
		if err := json.Unmarshal(mirrored[n], &m); err != nil {
			return err
		}
		fails := map[string]bool{
			"reconstruction": !rebuilt(&r, there[n].Old.(*newsroom.Snapshot), there[n].New.(*newsroom.Snapshot)),
			"partition":      !partitioned(&r),
			"determinism":    !bytes.Equal(first[n], second[n]),
			"mirror":         !mirrors(&r, &m),
		}
		for name, fails := range fails {
			if fails {
				broken[name]++
			}
		}
	}
	return nil
}

// rebuilt says whether the units are the snapshots' texts and the links' words their units', byte for byte.
func rebuilt(r *revision, old, new *newsroom.Snapshot) bool {
	for _, l := range r.Links {
		var before, after strings.Builder
		for _, w := range l.Words {
			if w.Op != "ADDED" {
				before.WriteString(w.Text)
			}
			if w.Op != "DELETED" {
				after.WriteString(w.Text)
			}
		}
		if before.String() != joined(r.OldUnits, l.Old) || after.String() != joined(r.NewUnits, l.New) {
			return false
		}
	}
	return covered(r.OldUnits, old) && covered(r.NewUnits, new)
}

func joined(units []unit, at []int) string {
	var texts []string
	for _, i := range at {
		texts = append(texts, units[i].Text)
	}
	return strings.Join(texts, " ")
}

// covered says whether the units stand in the snapshot one after the other with nothing but space between them.
func covered(units []unit, s *newsroom.Snapshot) bool {
	rest := map[int]string{-1: s.Title, -2: s.Standfirst}
	for i, block := range s.Blocks {
		rest[i] = block.Text
	}
	for _, u := range units {
		after, found := strings.CutPrefix(strings.TrimSpace(rest[u.Block]), u.Text)
		if !found {
			return false
		}
		rest[u.Block] = after
	}
	for _, text := range rest {
		if strings.TrimSpace(text) != "" {
			return false
		}
	}
	return true
}

func partitioned(r *revision) bool {
	olds, news := slices.Clone(r.Deleted), slices.Clone(r.Added)
	for _, l := range r.Links {
		olds, news = append(olds, l.Old...), append(news, l.New...)
	}
	return once(olds, len(r.OldUnits)) && once(news, len(r.NewUnits))
}

func once(at []int, length int) bool {
	slices.Sort(at)
	for i := range at {
		if at[i] != i {
			return false
		}
	}
	return len(at) == length
}

// mirrors says whether two revisions are one another with old and new exchanged.
func mirrors(there, back *revision) bool {
	if !slices.Equal(there.Deleted, back.Added) || !slices.Equal(there.Added, back.Deleted) {
		return false
	}
	return slices.Equal(links(there, false), links(back, true))
}

// links are the links as texts, sorted, with their sides exchanged if wanted.
func links(r *revision, exchanged bool) []string {
	var list []string
	for _, l := range r.Links {
		old, new := l.Old, l.New
		kind := l.Kind
		runs := map[string][]string{}
		for _, w := range l.Words {
			op := w.Op
			if exchanged {
				op = map[string]string{"DELETED": "ADDED", "ADDED": "DELETED"}[op]
			}
			if op == "SAME" {
				op = ""
			}
			runs[op] = append(runs[op], w.Text)
		}
		if exchanged {
			old, new = new, old
			if other, ok := map[string]string{"SPLIT": "MERGED", "MERGED": "SPLIT"}[kind]; ok {
				kind = other
			}
		}
		list = append(list, fmt.Sprintf("%v %v %s %v %q %q %q", old, new, kind, l.Moved, runs[""], runs["DELETED"], runs["ADDED"]))
	}
	slices.Sort(list)
	return list
}
