package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold rewrites a text so that what a reader takes for the same word is the same bytes. offsets has, for every byte of
// the result and for its end, the place in the text that it came from; it is nil where the two are the same.
func fold(text string) (folded string, offsets []int32) {
	if isASCII(text) {
		return strings.ToLower(text), nil
	}
	f := folder{
		text:    text,
		out:     make([]byte, 0, len(text)+len(text)/8),
		offsets: make([]int32, 0, len(text)+len(text)/8+1),
	}
	i := 0
	for i < len(text) && len(f.out) < maxText { // a few characters stand for eighteen
		// An accent may follow an ASCII letter, so only one before another ASCII byte stands alone.
		if b := text[i]; b < utf8.RuneSelf && (i+1 == len(text) || text[i+1] < utf8.RuneSelf) {
			if b >= 'A' && b <= 'Z' {
				b |= 0x20
			}
			f.out = append(f.out, b)
			f.offsets = append(f.offsets, int32(i))
			f.strip = true
			i++
			continue
		}
		size := norm.NFKD.NextBoundaryInString(text[i:], true)
		if size <= 0 {
			size = len(text) - i
		}
		f.segment(i, i+size)
		i += size
	}
	f.offsets = append(f.offsets, int32(i))
	return string(f.out), f.offsets
}

// folder is the work of fold on texts that are not plain ASCII.
type folder struct {
	text    string
	out     []byte
	offsets []int32
	strip   bool // the last letter is of a script whose marks make no other letter
	parts   []byte
	kept    []byte
}

// segment folds the text between two boundaries of normalization: a letter and its marks.
func (f *folder) segment(start, end int) {
	f.parts = norm.NFKD.AppendString(f.parts[:0], f.text[start:end])
	f.kept = f.kept[:0]
	first, _ := utf8.DecodeRuneInString(f.text[start:])
	apart := unicode.Is(unicode.No, first) // superscripts, circled numbers and fractions stand beside a word, not in it
	if apart {
		f.kept = append(f.kept, ' ')
	}
	base := rune(0)
	for i := 0; i < len(f.parts); {
		r, size := utf8.DecodeRune(f.parts[i:])
		i += size
		f.rune(r, base)
		if !unicode.IsMark(r) {
			base = r
		}
	}
	if apart {
		f.kept = append(f.kept, ' ')
	}
	from := len(f.out)
	f.out = norm.NFC.Append(f.out, f.kept...)
	for range len(f.out) - from {
		f.offsets = append(f.offsets, int32(start))
	}
}

// rune keeps, changes or drops one character of a decomposed segment.
func (f *folder) rune(r, base rune) {
	const (
		breve   = 0x0306
		tatweel = 0x0640
	)
	switch {
	case r == utf8.RuneError || unicode.Is(unicode.Co, r):
		f.kept = append(f.kept, ' ') // private use is where the index keeps tokens of its own
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		if r == breve && (base == 'и' || base == 'И') || !f.strip && !invisible(r) {
			f.kept = utf8.AppendRune(f.kept, r)
		}
	case unicode.Is(unicode.Cf, r) || r == tatweel:
	default:
		f.strip = !unicode.IsLetter(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew)
		r = unicode.ToLower(r)
		if to, ok := letters[r]; ok {
			f.kept = append(f.kept, to...)
			return
		}
		f.kept = utf8.AppendRune(f.kept, r)
	}
}

// invisible says whether a mark only chooses the look of the sign before it.
func invisible(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r == 0x034F || r >= 0x180B && r <= 0x180F
}

// letters are those that no decomposition takes apart but readers type otherwise, and the apostrophes.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ħ': "h", 'ı': "i", 'ł': "l", 'ŧ': "t", 'þ': "th",
	'ς': "σ", '’': "'", '‘': "'", 'ʼ': "'", '‛': "'",
}
