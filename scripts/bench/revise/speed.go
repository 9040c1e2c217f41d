package main

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// speed measures how long a processor works on one revision, with reading the request and writing the answer, and how
// much memory the filter holds. It is the processor's time and not the clock's, so that other programs do not count.
func (b *bench) speed() error {
	english := newsroom.Languages()[0]
	short := newsroom.Sized(english, b.seed, 10, 3)
	long := newsroom.Sized(english, b.seed, 200, 30)
	huge := newsroom.Sized(english, b.seed, 5000, 700)
	others := newsroom.Sized(english, b.seed+1, 5000, 0)
	b.row("speed on one core, with its JSON", "ms", "most memory, MB")
	for _, x := range []struct {
		name     string
		old, new *newsroom.Snapshot
		times    int
	}{
		{"10 paragraphs, 3 edited", short.Old, short.New, 1000},
		{"200 paragraphs, 30 edited", long.Old, long.New, 100},
		{"5,000 paragraphs, 700 edited", huge.Old, huge.New, 3},
		{"5,000 paragraphs, 5,000 others", huge.Old, others.Old, 3},
	} {
		took, memory, err := b.timed(x.old, x.new, x.times)
		if err != nil {
			return err
		}
		idle, _, err := b.timed(x.old, nil, x.times)
		if err != nil {
			return err
		}
		b.row(x.name, fmt.Sprintf("%.2f (from nothing to the same: %.2f)", took, idle), fmt.Sprintf("%.0f", float64(memory)/1e6))
	}
	b.row()
	return nil
}

// timed gives the milliseconds that one revision of many takes; without a new version, those of a first version.
func (b *bench) timed(old, new *newsroom.Snapshot, times int) (float64, int64, error) {
	r := request{Old: old, New: new}
	if new == nil {
		r = request{New: old}
	}
	run := func(times int) (cost, error) {
		requests := make([]request, times)
		for i := range requests {
			requests[i] = r
		}
		_, spent, err := answers(b.stet, requests, 1)
		return spent, err
	}
	start, err := run(1)
	if err != nil {
		return 0, 0, err
	}
	all, err := run(times + 1)
	if err != nil {
		return 0, 0, err
	}
	return float64(all.work-start.work) / float64(time.Millisecond) / float64(times), start.memory, nil
}

// real measures pairs of real revisions: how long they take, and whether the promises hold.
func (b *bench) real() error {
	if b.data == "" {
		return nil
	}
	pairs, err := load(b.data)
	if err != nil {
		return fmt.Errorf("reading %s: %w", b.data, err)
	}
	b.row("pairs of real revisions", "pairs", "ms each", "broken promises")
	for _, set := range pairs {
		texts, spent, err := answers(b.stet, set.requests, 1)
		if err != nil {
			return err
		}
		broken := 0
		for i, text := range texts {
			var r revision
			if err := json.Unmarshal(text, &r); err != nil {
				return err
			}
			if !rebuilt(&r, set.requests[i].Old.(*newsroom.Snapshot), set.requests[i].New.(*newsroom.Snapshot)) || !partitioned(&r) {
				broken++
			}
		}
		b.row(set.language, len(texts), float64(spent.work)/float64(time.Millisecond)/float64(len(texts)), broken)
	}
	return nil
}

// set is the pairs of one language.
type set struct {
	language string
	requests []request
}

func load(file string) ([]set, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return pairsIn(z)
}
