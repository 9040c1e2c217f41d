package describe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/revise/units"
)

// item is a word or a mark of a text.
type item struct {
	text  string
	lower string // without the last dot of an abbreviation
	start int    // byte
	word  bool   // has a letter or a digit
	digit bool   // has a digit
}

// itemsOf cuts a text into words and marks, spaces left out.
func itemsOf(text string) []item {
	pieces := units.Words(text)
	list := make([]item, 0, len(pieces)/2+1)
	at := 0
	for _, piece := range pieces {
		if x, ok := itemOf(piece, at); ok {
			list = append(list, x)
		}
		at += len(piece)
	}
	return list
}

func itemOf(piece string, at int) (item, bool) {
	x := item{text: piece, start: at}
	space := true
	for _, char := range piece {
		x.digit = x.digit || unicode.IsDigit(char)
		x.word = x.word || unicode.IsLetter(char) || unicode.IsDigit(char)
		space = space && unicode.IsSpace(char)
	}
	x.lower = strings.ToLower(strings.TrimSuffix(piece, "."))
	return x, !space
}

func (x *item) end() int { return x.start + len(x.text) }

// capital says whether a word begins with a capital letter.
func (x *item) capital() bool {
	first, _ := utf8.DecodeRuneInString(x.text)
	return unicode.IsUpper(first)
}

// slice is the text of some items with what lies between them.
func slice(text string, list []item) string {
	if len(list) == 0 {
		return ""
	}
	return text[list[0].start:list[len(list)-1].end()]
}
