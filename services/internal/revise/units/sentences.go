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
	start := 0
	boundary := func(at int) {
		if at <= start { // the one before was moved past it
			return
		}
		at = shift(text, start, at)
		if at > start && !rules.joins(text[start:at], ahead(text, at)) {
			emit(text[start:at])
			start = at
		}
	}
	end := 0
	pieces := sentences.FromString(text)
	for pieces.Next() {
		if from := pieces.Start(); from > 0 && from >= end {
			boundary(from)
		}
		beforeNumbers(text[pieces.Start():pieces.End()], func(at int) { boundary(pieces.Start() + at) })
		end = pieces.End()
	}
	emit(text[start:])
	return list
}

// farthest bounds what is read of the text after a boundary to judge it: a few words decide.
const farthest = 256

func ahead(text string, at int) string { return text[at:min(len(text), at+farthest)] }

// beforeNumbers calls a function for every place in a piece where a new sentence could begin with a number. UAX 29
// takes "It was so in 1920. 345 people came." for one sentence: what decides there is the next letter, a small one.
func beforeNumbers(piece string, found func(at int)) {
	for at := 0; ; {
		dot := strings.Index(piece[at:], ". ")
		if dot < 0 {
			return
		}
		at += dot + 2
		first, _ := utf8.DecodeRuneInString(strings.TrimLeft(piece[at:], ` "“‘«(`))
		if unicode.IsDigit(first) || unicode.Is(unicode.Sc, first) {
			found(at)
		}
	}
}

// shift moves a boundary past a guillemet that closes what stands before it, or back before a mark that opens what
// follows: where no space follows a full stop, UAX 29 gives the next quotation's mark to the sentence before.
func shift(text string, start, at int) int {
	if more := closing(text[start:at], ahead(text, at)); more > 0 {
		return at + more
	}
	for at > start {
		last, size := utf8.DecodeLastRuneInString(text[start:at])
		if !opensSentence(last) || closesGerman(text[start:at-size], last) {
			break
		}
		at -= size
	}
	return at
}

// opensSentence says whether a mark can only open: what it opens is the next sentence's.
func opensSentence(mark rune) bool {
	switch mark {
	case '“', '‘', '「', '『', '《', '（', '(', '【', '„', '‚':
		return true
	}
	return false
}

// closesGerman says whether a high mark closes what a low one opened: „so“.
func closesGerman(before string, mark rune) bool {
	before = before[max(0, len(before)-4096):]
	switch mark {
	case '“':
		return strings.LastIndex(before, "„") > strings.LastIndex(before, "“")
	case '‘':
		return strings.LastIndex(before, "‚") > strings.LastIndex(before, "‘")
	}
	return false
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
	case closesQuote(last):
		// "Why?" she asked. "Why?" Brandt asked.
		return unicode.IsLower(first) || r.attributes(next) || attributesWithoutSpaces(previous[:len(previous)-size], next)
	case last == '?' || last == '!':
		return unicode.IsLower(first) // Yahoo! said so.
	}
	return false
}

// attributes says whether a text begins by telling who said what was quoted before it: a name and a verb of saying.
func (r *rules) attributes(next string) bool {
	rest := next[:min(len(next), 120)]
	for n := 0; n < 5 && rest != ""; n++ {
		word := firstWord(rest)
		if n == 0 && (word == "" || !strings.HasPrefix(rest, word) || r.starters[strings.ToLower(word)]) {
			return false
		}
		if n > 0 && r.saying[word] {
			return true
		}
		at := strings.Index(rest, word) + len(word)
		if strings.ContainsAny(rest[:at], ".?!\"“”„«»") {
			return false
		}
		rest = rest[at:]
	}
	return false
}

// attributesWithoutSpaces is the same for Chinese and Japanese: after a question or a call the teller follows at once.
func attributesWithoutSpaces(quoted, next string) bool {
	if last, _ := utf8.DecodeLastRuneInString(quoted); last != '？' && last != '！' && last != '，' {
		return false
	}
	if strings.HasPrefix(next, "と") {
		return true
	}
	count := 0
	for _, char := range next {
		if strings.ContainsRune("说問问道喊說", char) {
			return true
		}
		if count++; count > 12 || !unicode.IsLetter(char) {
			return false
		}
	}
	return false
}

func closesQuote(r rune) bool {
	switch r {
	case '"', '\'', '”', '’', '»', '“', '‘', '›', '」', '』':
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
