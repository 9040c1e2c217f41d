package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// noise measures whether what says nothing is told to be nothing or trivial.
func (b *bench) noise() error {
	type result struct {
		trivial, all int
		example      string
	}
	byClass := map[string]*result{}
	var requests []request
	var noises []newsroom.Noise
	for _, l := range b.langs {
		for n := range uint64(max(1, b.cases/4)) {
			for _, noise := range newsroom.Noises(l, b.seed+n) {
				noises = append(noises, noise)
				requests = append(requests, request{Old: noise.Old, New: noise.New})
			}
		}
	}
	answers, err := revisions(b.stet, requests)
	if err != nil {
		return err
	}
	for i, noise := range noises {
		r := byClass[noise.Class]
		if r == nil {
			r = &result{}
			byClass[noise.Class] = r
		}
		r.all++
		if weight := answers[i].Weight; weight == "" || weight == "NONE" || weight == "TRIVIAL" {
			r.trivial++
		} else if r.example == "" {
			r.example = noise.Old.Language
		}
	}
	b.row("noise told trivial or nothing", "share")
	trivial := 0
	for _, class := range slices.Sorted(maps.Keys(byClass)) {
		r := byClass[class]
		trivial += r.trivial
		if r.trivial < r.all || b.list {
			b.row(class, fmt.Sprintf("%d of %d", r.trivial, r.all), r.example)
		}
	}
	b.row(fmt.Sprintf("all %d classes", len(byClass)), fmt.Sprintf("%d of %d", trivial, len(noises)))
	b.row()
	return nil
}

// facts measures whether the facts that were changed are told, and whether a correction is.
func (b *bench) facts() error {
	cases, answers, err := b.ask(still, b.langs)
	if err != nil {
		return err
	}
	found, all := map[string]int{}, map[string]int{}
	for i, c := range cases {
		if c.Notice {
			all["correction"]++
			if answers[i].Disclosure.NoteAdded {
				found["correction"]++
			}
		}
		for _, fact := range c.Facts {
			kind := fact.Kind + " " + c.Old.Language
			all[kind]++
			all[fact.Kind]++
			if told(&answers[i], fact) {
				found[kind]++
				found[fact.Kind]++
			} else if b.list {
				fmt.Printf("%s: no fact %+v\n", c.Name, fact)
			}
		}
	}
	b.row("facts told with old and new", "share")
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		b.row(kind, fmt.Sprintf("%.3f (%d of %d)", share(found[kind], all[kind]), found[kind], all[kind]))
	}
	b.row()
	return nil
}

// told says whether a revision tells a fact: its kind, and texts that hold the old and the new one.
func told(r *revision, fact newsroom.Fact) bool {
	holds := func(text, part string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(part)) || (part != "" && similar(text, part))
	}
	for _, change := range r.Changes {
		for _, f := range change.Facts {
			if f.Kind == fact.Kind && holds(f.Old, fact.Old) && holds(f.New, fact.New) {
				return true
			}
		}
	}
	return false
}

// similar compares without marks and spaces: a quotation is told with the marks inside it.
func similar(a, b string) bool {
	return strings.Join(tokens(a), "") == strings.Join(tokens(b), "")
}

// order measures whether the score puts changes that matter before those that do not.
func (b *bench) order() error {
	names, requests := []string{}, []request{}
	for _, l := range b.langs {
		for n := range uint64(b.cases) {
			for _, step := range newsroom.Steps(l, b.seed+n) {
				names = append(names, step.Class)
				requests = append(requests, request{Old: step.Old, New: step.New})
			}
		}
	}
	answers, err := revisions(b.stet, requests)
	if err != nil {
		return err
	}
	sums, counts := map[string]float64{}, map[string]int{}
	weights := map[string]map[string]int{}
	for i, name := range names {
		sums[name] += answers[i].Score
		counts[name]++
		if weights[name] == nil {
			weights[name] = map[string]int{}
		}
		weights[name][answers[i].Weight]++
	}
	b.row("one edit alone", "mean score", "weights")
	order := slices.SortedFunc(maps.Keys(sums), func(x, y string) int {
		if sums[x]/float64(counts[x]) > sums[y]/float64(counts[y]) {
			return -1
		}
		return 1
	})
	for _, name := range order {
		b.row(name, sums[name]/float64(counts[name]), strings.Trim(fmt.Sprint(weights[name]), "map[]"))
	}
	b.row()
	return nil
}
