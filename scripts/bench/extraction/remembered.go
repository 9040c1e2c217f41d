package main

import (
	"encoding/json"
	"fmt"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

// course is one mutation on one site: what is remembered of the site, from reading to reading.
type course struct {
	memory json.RawMessage
	last   map[int]json.RawMessage // the newest snapshot of each page, by index
}

// history are the courses of a table, by mutation and site.
type history struct {
	*bench
	courses map[string]*course
}

// remembered reads every site's pages several times while its furniture changes as learn says, handing the site's memory
// from one reading to the next, and then the pair that counts.
func (b *bench) remembered(mutations []mutate.Mutation, pair func(page, mutate.Mutation) (string, string),
	learn func(mutate.Mutation) mutate.Mutation, badIfChanged bool) ([]tally, error) {
	tallies := make([]tally, len(mutations))
	h := history{b, make(map[string]*course)}
	for reading := range learning {
		render := func(i, j int) string { return b.mutate(b.pages[j], learn(mutations[i]), reading) }
		if err := h.round(len(mutations), render, nil); err != nil {
			return nil, err
		}
	}
	first := func(i, j int) string {
		if old, now := pair(b.pages[j], mutations[i]); now != "" {
			return old
		}
		return ""
	}
	if err := h.round(len(mutations), first, nil); err != nil {
		return nil, err
	}
	second := func(i, j int) string {
		old, now := pair(b.pages[j], mutations[i])
		if old == "" {
			return ""
		}
		return now
	}
	err := h.round(len(mutations), second, func(i, j int, a answer) {
		tallies[i].count(b.pages[j], a.Changed == badIfChanged)
		if b.list && a.Changed == badIfChanged {
			fmt.Fprintf(b.out, "site known, %s: %s\n", mutations[i].Name, b.pages[j].id)
		}
	})
	return tallies, err
}

// turns are sets of pages, by index, in which each site has one page at most, so that a turn can be read at once.
func (b *bench) turns() [][]int {
	var turns [][]int
	seen := make(map[string]int)
	for j, p := range b.pages {
		at := seen[p.site]
		seen[p.site]++
		for len(turns) <= at {
			turns = append(turns, nil)
		}
		turns[at] = append(turns[at], j)
	}
	return turns
}

// round reads every page once under every mutation. What the answers remember is kept after each turn.
func (h history) round(mutations int, render func(i, j int) string, take func(i, j int, a answer)) error {
	for _, turn := range h.turns() {
		var answers []answer
		err := ask(h.stets, func(yield func(request) bool) {
			for i := range mutations {
				for _, j := range turn {
					if r := h.request(i, j, render(i, j)); r.html != "" && !yield(r) {
						return
					}
				}
			}
		}, func(a answer) { answers = append(answers, a) })
		if err != nil {
			return err
		}
		for _, a := range answers {
			i, j := indices(a.ID)
			h.keep(i, j, a)
			if take != nil {
				take(i, j, a)
			}
		}
	}
	return nil
}

func (h history) key(i, j int) string { return fmt.Sprint(i, " ", h.pages[j].site) }

func (h history) request(i, j int, html string) request {
	r := request{id: fmt.Sprint(i, " ", j), url: h.pages[j].url, publisher: h.pages[j].site, html: html, site: json.RawMessage(`""`)}
	if c := h.courses[h.key(i, j)]; c != nil {
		r.site, r.previous = c.memory, c.last[j]
	}
	return r
}

func (h history) keep(i, j int, a answer) {
	c := h.courses[h.key(i, j)]
	if c == nil {
		c = &course{last: make(map[int]json.RawMessage)}
		h.courses[h.key(i, j)] = c
	}
	c.memory, c.last[j] = a.Site, a.Raw
}
