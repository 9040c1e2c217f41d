package blocks

import "strings"

// label says which candidates are the article's: those whose words stand in the truth, in its order, and then whatever
// brings the words nearer to the truth.
func (v *survey) label(truth []string) []bool {
	labels := make([]bool, len(v.candidates))
	texts := make([][]string, len(v.candidates))
	positions := make(map[string][]int)
	for i := 0; i+4 <= len(truth); i++ {
		key := strings.Join(truth[i:i+4], " ")
		positions[key] = append(positions[key], i)
	}
	after := 0
	for i, at := range v.candidates {
		texts[i] = tokens(v.segments[at].text)
		in, end := stands(texts[i], truth, positions, after)
		if labels[i] = in; in {
			after = end
		}
	}
	improve(labels, texts, shingles(truth), truth)
	return labels
}

// stands says whether most of a text is in the truth, and where it ends there.
func stands(text, truth []string, positions map[string][]int, after int) (bool, int) {
	if len(text) < 4 {
		for from := after; from <= after+3 && from+len(text) <= len(truth); from++ {
			if len(text) > 0 && strings.Join(truth[from:from+len(text)], " ") == strings.Join(text, " ") {
				return true, from + len(text)
			}
		}
		return false, after
	}
	covered, end := make([]bool, len(text)), after
	for i := 0; i+4 <= len(text); i++ {
		if found := positions[strings.Join(text[i:i+4], " ")]; len(found) > 0 {
			for j := range 4 {
				covered[i+j] = true
			}
			for _, at := range found {
				if at >= after-4 {
					end = max(end, min(at+4, after+len(text)+8))
					break
				}
			}
		}
	}
	count := 0
	for _, c := range covered {
		if c {
			count++
		}
	}
	return count*2 > len(text), end
}

// improve turns single labels around as long as the joined text comes nearer to the truth.
func improve(labels []bool, texts [][]string, want map[string]int, truth []string) {
	value := func() float64 {
		var got []string
		for i, in := range labels {
			if in {
				got = append(got, texts[i]...)
			}
		}
		p, r := overlap(want, shingles(got))
		if p+r == 0 {
			return 0
		}
		f := 2 * p * r / (p + r)
		if len(got) == len(truth) {
			f += .001
		}
		return f
	}
	best := value()
	for range 2 {
		moved := false
		for i := range labels {
			near := labels[i] || len(texts[i]) < 40 && (i > 0 && labels[i-1] || i+1 < len(labels) && labels[i+1])
			if !near {
				continue
			}
			labels[i] = !labels[i]
			if now := value(); now > best+1e-9 {
				best, moved = now, true
			} else {
				labels[i] = !labels[i]
			}
		}
		if !moved {
			break
		}
	}
}

func shingles(text []string) map[string]int {
	counts := make(map[string]int)
	if len(text) > 0 && len(text) < 4 {
		counts[strings.Join(text, " ")]++
	}
	for i := 0; i+4 <= len(text); i++ {
		counts[strings.Join(text[i:i+4], " ")]++
	}
	return counts
}

func overlap(want, got map[string]int) (precision, recall float64) {
	shared, wanted, found := 0, 0, 0
	for run, count := range got {
		found += count
		shared += min(count, want[run])
	}
	for _, count := range want {
		wanted += count
	}
	if wanted == 0 || found == 0 {
		return 0, 0
	}
	return float64(shared) / float64(found), float64(shared) / float64(wanted)
}
