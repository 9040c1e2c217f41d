package main

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

// tally counts cases and failures of one mutation, by part.
type tally struct{ cases, bad [2]int }

func (t *tally) count(p page, bad bool) {
	side := 0
	if p.held {
		side = 1
	}
	t.cases[side]++
	if bad {
		t.bad[side]++
	}
}

func percent(bad, cases int) string {
	if cases == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", 100*float64(bad)/float64(cases))
}

// seed is different for every page and mutation, and the same in every run.
func seed(p page, m mutate.Mutation) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, p.id, "/", m.Name)
	return h.Sum64()
}

// mutate gives a page as it is at one reading, empty where the page has no place for the mutation.
func (b *bench) mutate(p page, m mutate.Mutation, reading int) string {
	t := b.pattern(p)
	if t == nil {
		return ""
	}
	text, done := t.Mutate(seed(p, m), reading, m)
	if done == 0 {
		return ""
	}
	return text
}

// plain is a page as it is, written anew.
func (b *bench) plain(p page) string {
	if t := b.pattern(p); t != nil {
		return t.Plain()
	}
	return ""
}

// pattern parses a page once.
func (b *bench) pattern(p page) *mutate.Tree {
	if t, ok := b.patterns[p.id]; ok {
		return t
	}
	if b.patterns == nil {
		b.patterns = make(map[string]*mutate.Tree)
	}
	t := mutate.Plant(p.html, p.truth.ArticleBody)
	b.patterns[p.id] = t
	return t
}

const (
	// learning is how many readings of each of a site's articles come before the pair that counts "with site memory".
	learning = 3
	// firstReading numbers the readings that count, apart from the learning ones.
	firstReading = 100
)

func (b *bench) furnitureTables() error {
	mutations := mutate.Furniture()
	first, err := b.pairs(mutations, func(p page, m mutate.Mutation) (string, string) {
		return b.mutate(p, m, firstReading), b.mutate(p, m, firstReading+1)
	}, true)
	if err != nil {
		return err
	}
	b.stabilityTable("false revisions under changes of furniture at first sight, % of readings", mutations, first)
	if b.first {
		return nil
	}
	known, err := b.remembered(mutations, func(p page, m mutate.Mutation) (string, string) {
		return b.mutate(p, m, firstReading), b.mutate(p, m, firstReading+1)
	}, func(m mutate.Mutation) mutate.Mutation { return m }, true)
	if err != nil {
		return err
	}
	b.stabilityTable("false revisions under changes of furniture with the site known, % of readings", mutations, known)
	return nil
}

func (b *bench) editTables() error {
	mutations := mutate.Edits()
	pair := func(p page, m mutate.Mutation) (string, string) { return b.plain(p), b.mutate(p, m, firstReading) }
	first, err := b.pairs(mutations, pair, false)
	if err != nil {
		return err
	}
	b.stabilityTable("missed edits inside the article at first sight, % of readings", mutations, first)
	around := mutate.Furniture()[len(mutate.Furniture())-1]
	if b.first {
		return nil
	}
	known, err := b.remembered(mutations, pair, func(mutate.Mutation) mutate.Mutation { return around }, false)
	if err != nil {
		return err
	}
	b.stabilityTable("missed edits inside the article with the site known, % of readings", mutations, known)
	return nil
}

func (b *bench) stabilityTable(title string, mutations []mutate.Mutation, tallies []tally) {
	t := b.table(title, "mutation", "pages dev", "dev", "pages held", "held", "all")
	var sum tally
	line := func(name string, c tally) {
		t.row(name, fmt.Sprint(c.cases[0]), percent(c.bad[0], c.cases[0]), fmt.Sprint(c.cases[1]), percent(c.bad[1], c.cases[1]),
			percent(c.bad[0]+c.bad[1], c.cases[0]+c.cases[1]))
	}
	for i, m := range mutations {
		line(m.Name, tallies[i])
		for side := range 2 {
			sum.cases[side] += tallies[i].cases[side]
			sum.bad[side] += tallies[i].bad[side]
		}
	}
	line("all", sum)
	t.end()
}

// pairs reads both pages of every case at first sight. Bad is a difference where there should be none, or none where
// there should be one.
func (b *bench) pairs(mutations []mutate.Mutation, pair func(page, mutate.Mutation) (string, string), badIfChanged bool) ([]tally, error) {
	tallies := make([]tally, len(mutations))
	waiting := make(map[string]answer)
	err := ask(b.stets, func(yield func(request) bool) {
		for i, m := range mutations {
			for j, p := range b.pages {
				old, now := pair(p, m)
				if old == "" || now == "" {
					continue
				}
				id := fmt.Sprint(i, " ", j)
				if !yield(request{id: id + " old", url: p.url, publisher: p.site, html: old}) || !yield(request{id: id + " new", url: p.url, publisher: p.site, html: now}) {
					return
				}
			}
		}
	}, func(a answer) {
		other, ok := strings.CutSuffix(a.ID, " old")
		if ok {
			other += " new"
		} else {
			other = strings.TrimSuffix(a.ID, " new") + " old"
		}
		before, ok := waiting[other]
		if !ok {
			waiting[a.ID] = a
			return
		}
		delete(waiting, other)
		i, j := indices(a.ID)
		changed := before.Snapshot.identity() != a.Snapshot.identity()
		tallies[i].count(b.pages[j], changed == badIfChanged)
		if b.list && changed == badIfChanged {
			told := difference(before.Snapshot, a.Snapshot)
			if !badIfChanged {
				told = edited(pair(b.pages[j], mutations[i]))
			}
			fmt.Fprintf(b.out, "first sight, %s: %s %s\n", mutations[i].Name, b.pages[j].id, told)
		}
	})
	return tallies, err
}

func indices(id string) (mutation, page int) {
	fields := strings.Fields(id)
	mutation, _ = strconv.Atoi(fields[0]) // we made the id
	page, _ = strconv.Atoi(fields[1])
	return mutation, page
}

// edited shows the first passage of two pages that differs.
func edited(old, now string) string {
	before, after := mutate.Passages(old), mutate.Passages(now)
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			return fmt.Sprintf("%.200q -> %.200q", before[i], after[i])
		}
	}
	return ""
}

// difference shows the first thing that differs.
func difference(old, now snapshot) string {
	before, after := strings.Split(old.identity(), "\x00"), strings.Split(now.identity(), "\x00")
	for i := 0; i < len(before) || i < len(after); i++ {
		var o, n string
		if i < len(before) {
			o = before[i]
		}
		if i < len(after) {
			n = after[i]
		}
		if o != n {
			return fmt.Sprintf("%d: %.90q -> %.90q", i, o, n)
		}
	}
	return ""
}
