package main

import (
	"slices"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

// result sums up the bodies of a set of pages.
type result struct {
	pages, answered, titled, bodied, exact int
	precision, recall                      float64 // sums over the pages
}

func (r result) f1() (f1, precision, recall, accuracy float64) {
	if r.pages == 0 {
		return 0, 0, 0, 0
	}
	n := float64(r.pages)
	precision, recall = r.precision/n, r.recall/n
	if precision+recall > 0 {
		f1 = 2 * precision * recall / (precision + recall)
	}
	return f1, precision, recall, float64(r.exact) / n
}

// compare measures the text without captions, which snapshots keep apart.
func compare(set []page, answers map[string]answer) result {
	sum := result{pages: len(set)}
	for _, p := range set {
		a, ok := answers[p.id]
		if ok {
			sum.answered++
		}
		if a.Snapshot.Title != "" {
			sum.titled++
		}
		body := a.Snapshot.body()
		if body != "" {
			sum.bodied++
		}
		want, got := mutate.Words(p.truth.ArticleBody), mutate.Words(body)
		if slices.Equal(want, got) {
			sum.exact++
		}
		precision, recall := score(mutate.Shingles(want), mutate.Shingles(got))
		sum.precision += precision
		sum.recall += recall
	}
	return sum
}

// score is the precision and the recall of one page. Where there is nothing to find or nothing found, the measure that
// has no denominator is 1 if both texts are empty and 0 if not.
func score(want, got map[string]int) (precision, recall float64) {
	shared, wanted, found := 0, 0, 0
	for run, count := range got {
		found += count
		shared += min(count, want[run])
	}
	for _, count := range want {
		wanted += count
	}
	if wanted == 0 && found == 0 {
		return 1, 1
	}
	return share(shared, found), share(shared, wanted)
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
