package robots

import "strings"

// pattern is the path of a rule, in the form that paths are compared in.
type pattern struct {
	text     string // every "*" in it stands for anything
	anchored bool   // it must match to the end of the path
	length   int    // in octets, which is how specific it is; 0 matches nothing
}

func newPattern(value string) pattern {
	text, anchored := strings.CutSuffix(value, "$")
	text = normal(text)
	p := pattern{text: text, anchored: anchored, length: len(text)}
	if anchored {
		p.length++
	}
	return p
}

// withoutIndex is the pattern of the folder whose index page this pattern names: who allows the one means the other,
// and servers show them as the same page.
func (p pattern) withoutIndex() (pattern, bool) {
	slash := strings.LastIndexByte(p.text, '/')
	if slash < 0 || !strings.HasPrefix(p.text[slash:], "/index.htm") {
		return pattern{}, false
	}
	return pattern{text: p.text[:slash+1], anchored: true, length: slash + 2}, true
}

// matches says whether the pattern covers a path, in one pass over it: taking each piece between stars at its first
// place is enough, because a star may stand for anything; only a piece that must end the path is taken at its last.
func (p pattern) matches(path string) bool {
	piece, rest, more := strings.Cut(p.text, "*")
	if !strings.HasPrefix(path, piece) {
		return false
	}
	path = path[len(piece):]
	for more {
		piece, rest, more = strings.Cut(rest, "*")
		if !more && p.anchored {
			return strings.HasSuffix(path, piece)
		}
		at := strings.Index(path, piece)
		if at < 0 {
			return false
		}
		path = path[at+len(piece):]
	}
	return !p.anchored || path == ""
}

// normalPath is a path in the form that patterns are compared with. A star in it is no wildcard.
func normalPath(path string) string { return normal(strings.ReplaceAll(path, "*", "%2A")) }

// normal writes a text in the one of its spellings that RFC 9309 compares: an escape of a character that needs none is
// undone, and every octet that may not stand in an address is escaped, in upper case. A "$" needs no escape here: the
// one that means the end has been taken off.
func normal(text string) string {
	plain := func(c byte) bool { return isUnreserved(c) || strings.IndexByte(reserved, c) >= 0 }
	var out strings.Builder
	out.Grow(len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		value, escaped := unescape(text[i:])
		switch {
		case escaped:
			i += 2
			if isUnreserved(value) || value == '$' {
				out.WriteByte(value)
			} else {
				escape(&out, value)
			}
		case plain(c):
			out.WriteByte(c)
		default:
			escape(&out, c)
		}
	}
	return out.String()
}

// reserved are the characters that mean something in an address where they stand, and something else escaped.
const reserved = ":/?#[]@!$&'()*+,;="

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

func escape(out *strings.Builder, c byte) {
	const digits = "0123456789ABCDEF"
	out.WriteByte('%')
	out.WriteByte(digits[c>>4])
	out.WriteByte(digits[c&15])
}

// unescape reads the escape that a text starts with.
func unescape(text string) (value byte, ok bool) {
	if len(text) < 3 || text[0] != '%' {
		return 0, false
	}
	high, low := digit(text[1]), digit(text[2])
	return high<<4 | low&15, high < 16 && low < 16
}

// digit is the value of a hexadecimal digit, 16 for anything else.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
