package feed

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// maxReference is the longest reference to a character by its number.
const maxReference = len("&#x0010ffff;")

// appendText writes text without what XML forbids and no reader would miss: control characters, as they are and as
// references. Of the other references, those to plain characters are resolved, since the parser leaves some of them. The
// text must be valid UTF-8. Unless it is for a CDATA section, what could be taken for markup is escaped, and the document's
// own entities are resolved.
func appendText(out, text []byte, verbatim bool, own *entities) []byte {
	from := 0
	for i := 0; i < len(text); i++ {
		var instead []byte
		length := 1
		switch c := text[i]; {
		case c == '&' && i+1 < len(text) && text[i+1] == '#':
			if instead, length = repairReference(text[i:]); length == 0 {
				continue
			}
		case c == '&' && !verbatim:
			value, size := own.resolve(text[i:])
			if size == 0 {
				continue
			}
			instead, length = appendText(nil, []byte(value), false, nil), size
		case c == '<' && !verbatim:
			instead = []byte("&lt;")
		case c == '>' && !verbatim && i >= 2 && text[i-1] == ']' && text[i-2] == ']':
			instead = []byte("&gt;")
		case c < ' ' && !isBlank(c): // gone
		case c == 0xef && i+2 < len(text) && text[i+1] == 0xbf && text[i+2] >= 0xbe: // U+FFFE and U+FFFF
			length = 3
		default:
			continue
		}
		out = append(append(out, text[from:i]...), instead...)
		i += length - 1
		from = i + 1
	}
	return append(out, text[from:]...)
}

// repairReference gives what the reference at the beginning of a text is written as, and its length; 0 if it stays.
// Those to what is no character are dropped, those to 128–159 mean windows-1252 everywhere but in the standard.
func repairReference(text []byte) (instead []byte, length int) {
	end := bytes.IndexByte(text[:min(len(text), maxReference)], ';')
	if end < 3 {
		return nil, 0
	}
	digits, base := strings.ToLower(string(text[2:end])), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	value, err := strconv.ParseUint(digits, base, 40)
	switch {
	case err != nil:
		return nil, 0
	case value > utf8.MaxRune || !legal(rune(value)):
		return nil, end + 1
	case value >= 0x80 && value < 0xa0:
		return []byte(string(charmap.Windows1252.DecodeByte(byte(value)))), end + 1
	case !strings.ContainsRune(`<>&"'`, rune(value)) && unicode.In(rune(value), unicode.Letter, unicode.Digit, unicode.Punct):
		return []byte(string(rune(value))), end + 1
	}
	return nil, 0
}

// legal is what XML 1.0 calls a character.
func legal(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return true
	case r < 0x20, r >= 0xd800 && r < 0xe000, r == 0xfffe, r == 0xffff:
		return false
	}
	return r <= utf8.MaxRune
}
