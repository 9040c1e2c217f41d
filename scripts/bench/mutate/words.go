package mutate

import (
	"strings"
	"unicode"
)

// Words are runs of letters and digits; marks belong to them as in the scripts of India.
func Words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
}

// Shingles counts the runs of four words; a shorter text is one run.
func Shingles(text []string) map[string]int {
	const run = 4
	counts := make(map[string]int)
	if len(text) > 0 && len(text) < run {
		counts[strings.Join(text, " ")]++
	}
	for i := 0; i+run <= len(text); i++ {
		counts[strings.Join(text[i:i+run], " ")]++
	}
	return counts
}
