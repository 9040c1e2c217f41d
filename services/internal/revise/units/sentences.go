package units

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// Split cuts a text into its sentences. The boundaries are those of UAX 29, less the false ones after abbreviations,
// initials, ordinals and quoted questions; a closing guillemet stays with its sentence. The sentences carry no space
// at their ends, and only space lies between them. The language is a BCP 47 tag; an unknown one is read as English.
func Split(text, language string) []string {
	rules := rulesOf(language)
	var list []string
	emit := func(piece string) {
		if piece = strings.TrimSpace(piece); piece != "" {
			list = append(list, piece)
		}
	}
	start, end := 0, 0
	pieces := sentences.FromString(text)
	for pieces.Next() {
		from, to := pieces.Start(), pieces.End()
		if from < end { // a closing mark was taken from this piece
			from = end
		}
		if from > start {
			from += closing(text[start:from], text[from:to])
			if !rules.joins(text[start:from], text[from:to]) {
				emit(text[start:from])
				start = from
			}
		}
		end = max(to, from)
	}
	emit(text[start:])
	return list
}

// closing is the number of bytes at the start of next that close a guillemet left open in previous, with the space
// before and after it. A quotation is looked for in the last 4 KB: longer ones are none.
func closing(previous, next string) int {
	rest := strings.TrimLeftFunc(next, unicode.IsSpace)
	if !strings.HasPrefix(rest, "»") {
		return 0
	}
	if previous = previous[max(0, len(previous)-4096):]; strings.LastIndex(previous, "«") <= strings.LastIndex(previous, "»") {
		return 0
	}
	rest = strings.TrimLeftFunc(strings.TrimPrefix(rest, "»"), unicode.IsSpace)
	return len(next) - len(rest)
}

// joins says whether a boundary between two pieces is false.
func (r *rules) joins(previous, next string) bool {
	previous = strings.TrimRightFunc(previous, unicode.IsSpace)
	next = strings.TrimLeftFunc(next, unicode.IsSpace)
	if previous == "" || next == "" {
		return true
	}
	first, _ := utf8.DecodeRuneInString(next)
	last, size := utf8.DecodeLastRuneInString(previous)
	switch {
	case last == '.':
		return r.joinsAfterDot(previous[:len(previous)-size], next)
	case last == '?' || last == '!' || closesQuote(last):
		// "Why?" she asked. Yahoo! said so.
		return unicode.IsLower(first)
	}
	return false
}

func closesQuote(r rune) bool {
	switch r {
	case '"', '\'', '”', '’', '»', '“', '‘', '›':
		return true
	}
	return false
}

// joinsAfterDot judges a boundary by the last word before its dot and the first word after it.
func (r *rules) joinsAfterDot(previous, next string) bool {
	word := lastWord(previous)
	if word == "" {
		return false
	}
	lower := strings.ToLower(word)
	if r.always[lower] {
		return true
	}
	starts := r.starters[strings.ToLower(firstWord(next))]
	if digits(word) {
		// "1. First of the list"; in German also ordinals: "am 3. Oktober".
		return len(word) == len(previous) || (r.ordinals && len(word) <= 2 && !starts)
	}
	return (r.often[lower] || initials(word)) && !starts
}

// lastWord is the run without spaces and opening marks that a text ends in, at most 24 bytes of it.
func lastWord(text string) string {
	from := len(text)
	for from > 0 && len(text)-from < 24 {
		char, size := utf8.DecodeLastRuneInString(text[:from])
		if !unicode.IsLetter(char) && !unicode.IsDigit(char) && char != '.' {
			break
		}
		from -= size
	}
	return text[from:]
}

func firstWord(text string) string {
	text = strings.TrimLeftFunc(text, func(char rune) bool { return !unicode.IsLetter(char) })
	for i, char := range text {
		if !unicode.IsLetter(char) {
			return text[:i]
		}
	}
	return text
}

func digits(word string) bool {
	for _, char := range word {
		if char < '0' || char > '9' {
			return false
		}
	}
	return word != ""
}

// initials says whether a word is capital letters with dots between them: J, J.K, U.S.
func initials(word string) bool {
	letter := false
	for _, char := range word {
		switch {
		case !letter && unicode.IsUpper(char):
			letter = true
		case letter && char == '.':
			letter = false
		default:
			return false
		}
	}
	return letter
}
