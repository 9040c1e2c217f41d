package search

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Unstored is the error of a Write that stored a part of its documents: why each of the others is not stored, by its
// place in what was written. An error that wraps ErrBadDocument is for ever, any other may pass.
type Unstored map[int]error

// Error tells how many, and the first reason.
func (u Unstored) Error() string {
	places := slices.Sorted(maps.Keys(u))
	return fmt.Sprintf("%d documents are not stored, the first: %v", len(u), u[places[0]])
}

// Unwrap gives the reasons.
func (u Unstored) Unwrap() []error {
	return slices.Collect(maps.Values(u))
}

// Reasons takes the error of a Write apart: why each of n documents was not stored, nil for those that were.
func Reasons(err error, n int) []error {
	reasons := make([]error, n)
	var some Unstored
	partly := errors.As(err, &some)
	for i := range reasons {
		if reasons[i] = err; partly {
			reasons[i] = some[i]
		}
	}
	return reasons
}

// Batch is what a backend makes of the documents of a Write: those to store, and the outcomes of all.
type Batch struct {
	Documents []*Document // that pass Check, of each ID the one that is to stand
	places    map[string][]int
	unstored  Unstored
}

// NewBatch checks documents and leaves out those that another one of the batch replaces.
func NewBatch(documents []Document) *Batch {
	b := &Batch{places: make(map[string][]int, len(documents)), unstored: Unstored{}}
	at := make(map[string]int, len(documents))
	for i := range documents {
		d := &documents[i]
		if err := d.Check(); err != nil {
			b.unstored[i] = err
			continue
		}
		id := d.ID()
		b.places[id] = append(b.places[id], i)
		if first, twice := at[id]; !twice {
			at[id] = len(b.Documents)
			b.Documents = append(b.Documents, d)
		} else if d.Sequence >= b.Documents[first].Sequence {
			b.Documents[first] = d
		}
	}
	return b
}

// Fail notes why a document of the batch, and those that it replaces, are not stored.
func (b *Batch) Fail(d *Document, why error) {
	for _, place := range b.places[d.ID()] {
		b.unstored[place] = why
	}
}

// Err is what Write returns: an Unstored, or nil if every document is stored.
func (b *Batch) Err() error {
	if len(b.unstored) == 0 {
		return nil
	}
	return b.unstored
}
