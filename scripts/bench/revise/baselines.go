package main

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// tokens are the words of a sentence, lower-case; a letter of a script without spaces is a word.
func tokens(text string) []string {
	var list []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			list = append(list, word.String())
			word.Reset()
		}
	}
	for _, char := range strings.ToLower(text) {
		switch {
		case unicode.Is(unicode.Han, char):
			flush()
			list = append(list, string(char))
		case unicode.IsLetter(char) || unicode.IsDigit(char) || unicode.Is(unicode.M, char):
			word.WriteRune(char)
		default:
			flush()
		}
	}
	flush()
	return list
}

// byPosition pairs equal sentences that stand in one order, and between them the others by their place: what the
// pages do that show two versions side by side.
func byPosition(old, new []newsroom.Sentence) [][2]int {
	texts := func(list []newsroom.Sentence) []string {
		var texts []string
		for _, s := range list {
			texts = append(texts, s.Text)
		}
		return texts
	}
	var edges [][2]int
	i, j := 0, 0
	gap := func(toI, toJ int) {
		for i < toI && j < toJ {
			edges = append(edges, [2]int{i, j})
			i++
			j++
		}
		i, j = toI, toJ
	}
	for _, pair := range common(texts(old), texts(new)) {
		gap(pair[0], pair[1])
		edges = append(edges, pair)
		i, j = i+1, j+1
	}
	gap(len(old), len(new))
	return edges
}

// ratios are how much every old sentence is like every new one.
func ratios(old, new []newsroom.Sentence) [][]float64 {
	var news [][]string
	for _, s := range new {
		news = append(news, tokens(s.Text))
	}
	table := make([][]float64, len(old))
	for i, s := range old {
		words := tokens(s.Text)
		table[i] = make([]float64, len(news))
		for j := range news {
			table[i][j] = ratio(words, news[j])
		}
	}
	return table
}

// byBestPartner lets every sentence of either side take the partner most alike, unless it is less than a cutoff.
func byBestPartner(ratios [][]float64, cutoff float64) [][2]int {
	found := map[[2]int]bool{}
	bestOld := map[int]int{} // by new sentence
	for i, row := range ratios {
		best := -1
		for j, r := range row {
			if r < cutoff {
				continue
			}
			if best < 0 || r > row[best] {
				best = j
			}
			if o, ok := bestOld[j]; !ok || r > ratios[o][j] {
				bestOld[j] = i
			}
		}
		if best >= 0 {
			found[[2]int{i, best}] = true
		}
	}
	for j, i := range bestOld {
		found[[2]int{i, j}] = true
	}
	var edges [][2]int
	for edge := range found {
		edges = append(edges, edge)
	}
	return edges
}

// oneToOne takes the pairs most alike first, each sentence once.
func oneToOne(ratios [][]float64, cutoff float64) [][2]int {
	var all [][2]int
	for i, row := range ratios {
		for j, r := range row {
			if r >= cutoff {
				all = append(all, [2]int{i, j})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b [2]int) int { return cmp.Compare(ratios[b[0]][b[1]], ratios[a[0]][a[1]]) })
	olds, news := map[int]bool{}, map[int]bool{}
	var edges [][2]int
	for _, edge := range all {
		if !olds[edge[0]] && !news[edge[1]] {
			olds[edge[0]], news[edge[1]] = true, true
			edges = append(edges, edge)
		}
	}
	return edges
}

// ratio is twice the words in matching blocks over all words (Ratcliff and Obershelp).
func ratio(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(matching(a, b)) / float64(len(a)+len(b))
}

func matching(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	length, endA, endB := 0, 0, 0
	row := make([]int, len(b)+1)
	for i := range a {
		for j := len(b); j > 0; j-- { // from behind, so that the row still holds the last line's figures
			row[j] = 0
			if a[i] == b[j-1] {
				row[j] = row[j-1] + 1
				if row[j] > length {
					length, endA, endB = row[j], i+1, j
				}
			}
		}
	}
	if length == 0 {
		return 0
	}
	return length + matching(a[:endA-length], b[:endB-length]) + matching(a[endA:], b[endB:])
}

// common is a longest common sequence, as pairs of indices.
func common(a, b []string) [][2]int {
	longest := make([][]int32, len(a)+1)
	for i := range longest {
		longest[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}
