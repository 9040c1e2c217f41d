package feed

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

var reference = regexp.MustCompile(`&#(?:[xX][0-9a-fA-F]{1,8}|[0-9]{1,9});`)

// repair removes what XML forbids and no reader would miss: control characters, as they are and as references. Of the
// other references, those to plain characters are resolved, since the parser leaves some of them. The text must be
// valid UTF-8.
func repair(text []byte) []byte {
	if bytes.ContainsFunc(text, func(r rune) bool { return !legal(r) }) {
		text = bytes.Map(func(r rune) rune {
			if legal(r) {
				return r
			}
			return -1
		}, text)
	}
	if !bytes.Contains(text, []byte("&#")) {
		return text
	}
	return reference.ReplaceAllFunc(text, repairReference)
}

// repairReference drops references to what is no character. Those to 128–159 mean windows-1252 everywhere but in the
// standard.
func repairReference(written []byte) []byte {
	digits, base := string(written[2:len(written)-1]), 10
	if strings.HasPrefix(strings.ToLower(digits), "x") {
		digits, base = digits[1:], 16
	}
	value, err := strconv.ParseInt(digits, base, 64)
	switch {
	case err != nil || value > utf8.MaxRune || !legal(rune(value)):
		return nil
	case value >= 0x80 && value < 0xa0:
		return []byte(string(charmap.Windows1252.DecodeByte(byte(value))))
	case !strings.ContainsRune(`<>&"'`, rune(value)) && unicode.In(rune(value), unicode.Letter, unicode.Digit, unicode.Punct):
		return []byte(string(rune(value)))
	}
	return written
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
