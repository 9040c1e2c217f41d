package launch

// Nearest is the known name that a mistyped one most likely means, empty where none is near: at most a third of its
// letters, and never more than three, are wrong.
func Nearest(name string, known []string) string {
	best, least := "", min(max(len(name)/3, 1), 3)+1
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to put in, take out or exchange (Levenshtein). Names are short; what is far longer
// than any of them is simply far.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
