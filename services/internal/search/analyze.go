package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// AnalyzerVersion changes whenever Analyze gives other tokens for some text: an index of another version is rebuilt.
const AnalyzerVersion = 1

const (
	maxToken = 128     // runes; what is longer is cut, in index and query alike
	maxText  = 1 << 20 // bytes of a field that are searchable; far above any article
)

// Token is a word of a text as it is indexed.
type Token struct {
	Text       string
	Start, End int // the bytes of the text it stands for
	// Tail marks the single last sign of a run written without spaces. Such a run is indexed as overlapping pairs of
	// signs and then its last sign, so that a query of one sign finds it at any place.
	Tail bool
}

// Analyze cuts a text into the tokens that are indexed and searched. Case, accents, compatibility forms and
// invisible characters make no difference; words are those of Unicode's annex 29; Chinese, Japanese, Korean, Thai and
// the other scripts without spaces become pairs. Nothing is stemmed and no word is left out. Any bytes are taken; what
// lies beyond the first megabyte is not.
func Analyze(text string) []Token {
	if len(text) > maxText {
		end := maxText
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	folded, offsets := fold(text)
	c := &cutter{text: folded, offsets: offsets, tokens: make([]Token, 0, len(folded)/6+1)}
	for segments := words.FromString(folded); segments.Next(); {
		c.segment(segments.Start(), segments.End())
	}
	c.flush()
	return c.tokens
}

// cutter turns the segments of a folded text into tokens.
type cutter struct {
	text    string
	offsets []int32 // of each byte of text in the original, and the end; nil where they are the same
	tokens  []Token
	signs   []int // starts of the signs of the open run without spaces
	end     int   // of that run
}

// segment takes a word of annex 29 apart where the script changes between words and runs.
func (c *cutter) segment(start, end int) {
	if first := c.text[start]; first < utf8.RuneSelf && isASCII(c.text[start:end]) {
		if end-start > 1 || first >= 'a' && first <= 'z' || first >= '0' && first <= '9' {
			c.word(start, end)
		}
		return
	}
	word := start
	dense := false
	for i, r := range c.text[start:end] {
		at := start + i
		if unicode.IsMark(r) {
			if dense {
				c.end = at + utf8.RuneLen(r)
			}
			continue
		}
		was := dense
		if dense = isDense(r); !dense {
			if was {
				word = at
			}
			continue
		}
		if !was && word < at {
			c.word(word, at)
		}
		c.sign(at, at+utf8.RuneLen(r))
	}
	if !dense {
		c.word(word, end)
	}
}

// sign adds a sign to the run, opening a new one where they do not touch.
func (c *cutter) sign(start, end int) {
	if len(c.signs) > 0 && c.end != start {
		c.flush()
	}
	c.signs = append(c.signs, start)
	c.end = end
}

// flush closes the run and makes its pairs and its tail.
func (c *cutter) flush() {
	for i := range c.signs {
		end := c.end
		if i+2 < len(c.signs) {
			end = c.signs[i+2]
		}
		c.add(c.signs[i], end, i == len(c.signs)-1)
	}
	c.signs = c.signs[:0]
}

// word adds a token without the punctuation around it, if anything is left.
func (c *cutter) word(start, end int) {
	solid := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
	text := c.text[start:end]
	first := strings.IndexFunc(text, solid)
	if first < 0 {
		return
	}
	last := strings.LastIndexFunc(text, func(r rune) bool { return solid(r) || unicode.IsMark(r) })
	_, size := utf8.DecodeRuneInString(text[last:])
	c.flush()
	c.add(start+first, start+last+size, false)
}

func (c *cutter) add(start, end int, tail bool) {
	token := Token{Text: c.text[start:end], Start: start, End: end, Tail: tail}
	if len(token.Text) > maxToken {
		runes := 0
		for i := range token.Text {
			if runes++; runes > maxToken {
				token.Text = token.Text[:i]
				break
			}
		}
	}
	if c.offsets != nil {
		token.Start = int(c.offsets[start])
		token.End = int(c.offsets[end])
		// The end of a token is the start of what follows it, less what folding left out between: walk to the first
		// byte that came of another place.
		for i := end; i < len(c.offsets) && token.End <= token.Start; i++ {
			token.End = int(c.offsets[i])
		}
	}
	c.tokens = append(c.tokens, token)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// dense are the scripts that put no spaces between words, and Hangul, whose words carry their particles.
var dense = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

// isDense says whether a letter belongs to a script whose runs are indexed as pairs.
func isDense(r rune) bool {
	const prolonged = 'ー' // of no script, though used only in Japanese
	return r >= 0x0E00 && (r == prolonged || unicode.IsLetter(r) && unicode.In(r, dense...))
}
