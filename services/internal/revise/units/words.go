package units

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// Words cuts a text into words, marks and runs of space: joined they are the text, byte for byte. The boundaries are
// those of UAX 29, less those inside amounts of money, percentages, times, dates, hyphenated words, abbreviations
// with dots and URLs, so that no mark of a change falls inside one of them.
func Words(text string) []string {
	list := make([]string, 0, len(text)/4+1)
	start := 0
	add := func(from, to int) {
		if len(list) > 0 && glued(text, start, from, to) {
			list[len(list)-1] = text[start:to]
			return
		}
		start = from
		list = append(list, text[from:to])
	}
	end := 0
	pieces := words.FromString(text)
	for pieces.Next() {
		from, to := max(pieces.Start(), end), pieces.End()
		if from >= to {
			continue
		}
		if address := addressLength(text, from); address > 0 {
			start = from
			list = append(list, text[from:from+address])
			end = from + address
			if end < to {
				start = end
				list = append(list, text[end:to])
			}
			continue
		}
		add(from, to)
		end = to
	}
	return list
}

// addressLength is the length of the URL that starts at a position, 0 where none does.
func addressLength(text string, from int) int {
	rest := text[from:]
	if !strings.HasPrefix(rest, "http") && !strings.HasPrefix(rest, "www") {
		return 0
	}
	if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") && !strings.HasPrefix(rest, "www.") {
		return 0
	}
	if end := strings.IndexFunc(rest, func(r rune) bool { return unicode.IsSpace(r) || r == '<' || r == '>' }); end >= 0 {
		rest = rest[:end]
	}
	return len(strings.TrimRight(rest, ".,;:!?)]}'\"”’»"))
}

// glued says whether the piece text[from:to] belongs to the word text[start:from] before it.
func glued(text string, start, from, to int) bool {
	before, size := utf8.DecodeLastRuneInString(text[start:from])
	first, width := utf8.DecodeRuneInString(text[from:to])
	one := width == to-from // the piece is a single character
	switch {
	case unicode.IsDigit(first) && (unicode.Is(unicode.Sc, before) || before == '#'):
		return true
	case unicode.IsDigit(before) && one && (first == '%' || first == '‰' || first == '°' || unicode.Is(unicode.Sc, first)):
		return true
	case unicode.IsDigit(first) && size == from-start && (before == '-' || before == '+' || before == '−'):
		return start == 0 || opens(text, start)
	case one && first == '.' && from-start > 1 && dotted(text[start:from]):
		return true
	case one && binds(first):
		return wordly(before) && followed(text, to, first)
	case size < from-start && binds(before):
		// The mark before was glued already, so what follows it belongs to the word too.
		return wordly(first)
	}
	return false
}

// dotted says whether a word is single letters with dots between them: U.S, a.m.
func dotted(word string) bool {
	letters := 0
	for part := range strings.SplitSeq(word, ".") {
		if char, size := utf8.DecodeRuneInString(part); size != len(part) || !unicode.IsLetter(char) {
			return false
		}
		letters++
	}
	return letters > 1
}

// binds says whether a character between two words without spaces makes them one.
func binds(r rune) bool {
	switch r {
	case '-', '\u2010', '\u2011', '–', ':', '/', '@', '\'', '’', '.', ',':
		return true
	}
	return false
}

// followed says whether the mark before a position binds to what stands there. Colons, slashes, dots, commas and
// long dashes bind digits only.
func followed(text string, to int, mark rune) bool {
	next, _ := utf8.DecodeRuneInString(text[to:])
	switch mark {
	case ':', '/', '.', ',', '–':
		before, _ := utf8.DecodeLastRuneInString(text[:to-utf8.RuneLen(mark)])
		return unicode.IsDigit(next) && unicode.IsDigit(before)
	}
	return wordly(next)
}

// opens says whether a sign at a position starts a number: it stands after a space or an opening mark.
func opens(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	return unicode.IsSpace(before) || strings.ContainsRune(`([{"“‘„«`, before)
}

func wordly(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) && !alone(r)
}

// alone says whether a letter belongs to a script that is written without spaces.
func alone(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao,
		unicode.Khmer, unicode.Myanmar)
}

// Tokens are the words of a text as two texts are compared by: letters and digits only, lower-case, apostrophes
// straight. A number keeps its inner points, commas and colons. Scripts written without spaces give one token a letter.
func Tokens(text string) []string {
	list := make([]string, 0, len(text)/6+1)
	for from := 0; from < len(text); {
		char, size := utf8.DecodeRuneInString(text[from:])
		if alone(char) {
			list = append(list, text[from:from+size])
			from += size
			continue
		}
		if !wordly(char) {
			from += size
			continue
		}
		to := tokenEnd(text, from)
		list = append(list, strings.ReplaceAll(strings.ToLower(text[from:to]), "’", "'"))
		from = to
	}
	return list
}

// tokenEnd is where the token that starts at a position ends.
func tokenEnd(text string, from int) int {
	var before rune
	for at := from; at < len(text); {
		char, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case wordly(char) || unicode.Is(unicode.Mn, char):
		case char == '\'' || char == '’':
			if next, _ := utf8.DecodeRuneInString(text[at+size:]); !unicode.IsLetter(next) || alone(next) {
				return at
			}
		case char == '.' || char == ',' || char == ':':
			next, _ := utf8.DecodeRuneInString(text[at+size:])
			if !unicode.IsDigit(before) || !unicode.IsDigit(next) {
				return at
			}
		default:
			return at
		}
		before = char
		at += size
	}
	return len(text)
}
