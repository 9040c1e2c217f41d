package main

import (
	"hash/fnv"
	"sync"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

// rotation is a page whose furniture changes with every reading, as its site's template has it.
type rotation struct {
	plain []byte
	tree  *mutate.Tree
	seed  uint64
	parts []mutate.Mutation

	mu     sync.Mutex
	number int // of the reading in text
	text   []byte
}

// rotate plants a page. Half of the kinds of furniture stand on each site, the same on all its pages.
func rotate(p page) *rotation {
	r := &rotation{plain: p.html, tree: mutate.Plant(string(p.html), p.body), seed: digest(p.id)}
	for _, m := range mutate.Furniture() {
		if digest(p.site+"/"+m.Name)%2 == 0 {
			r.parts = append(r.parts, m)
		}
	}
	return r
}

// at gives the page as it is at a reading.
func (r *rotation) at(number int) []byte {
	if r.tree == nil {
		return r.plain
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.text == nil || r.number != number {
		text, _ := r.tree.Mutate(r.seed, number, r.parts...)
		r.text, r.number = []byte(text), number
	}
	return r.text
}

func digest(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	h2 := h.Sum64()
	return h2 ^ h2>>32
}
