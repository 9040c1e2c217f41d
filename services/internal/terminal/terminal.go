// Package terminal makes text from strangers safe to show on a terminal: without escape sequences, control characters
// and marks that turn the reading direction, nothing in a headline can move the cursor, set the window's title or hide
// a word. It knows nothing about what the text means.
package terminal

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Lines cleans a text of several lines. Line breaks and tabs stay, whatever else commands a terminal goes; bytes that
// are not UTF-8 become U+FFFD.
func Lines(s string) string { return scrub(s, true) }

// Clean cleans a text for one line: like Lines, with every line break and tab turned into a space.
func Clean(s string) string { return scrub(s, false) }

// Is says whether what is written to w is seen on a terminal.
func Is(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// JSON writes JSON to w with every character that commands a terminal written as \u and four digits. The document
// stays the same; valid JSON holds such characters in strings only.
func JSON(w io.Writer, document []byte) error {
	text := string(document)
	at := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && commands(r) })
	if at < 0 {
		_, err := w.Write(document)
		return err
	}
	var b strings.Builder
	for _, r := range text {
		if r != '\n' && r != '\t' && r != '\r' && commands(r) {
			const digits = "0123456789abcdef"
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(digits[r>>shift&15])
			}
			continue
		}
		b.WriteRune(r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func scrub(s string, lines bool) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		if n := sequence(s); n > 0 {
			s = s[n:]
			continue
		}
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == '\r' && strings.HasPrefix(s[size:], "\n"): // the line feed follows
		case r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			b.WriteByte(pick(lines, '\n'))
		case r == '\t':
			b.WriteByte(pick(lines, '\t'))
		case !commands(r):
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

func pick(keep bool, c byte) byte {
	if keep {
		return c
	}
	return ' '
}

// plain says that there is nothing to clean: printable ASCII, as most text is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// commands says that a character acts on a terminal, or on the order in which the text around it is shown, instead of
// being shown itself.
func commands(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r <= 0x9f: // C0, DEL, C1
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // embeddings, overrides, isolates
		return true
	case r == 0x2028 || r == 0x2029: // line and paragraph separator
		return true
	}
	return false
}

// longest bounds the text that a sequence may swallow, so that one that never ends hides no more than its beginning.
const longest = 4096

// sequence is the length of the escape sequence at the beginning of s, 0 where there is none. An introducer without an
// end counts alone: without it the rest is harmless, and worth reading.
func sequence(s string) int {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == 0x1b && len(s) > 1:
		return escape(s)
	case r == 0x9b:
		return size + parameters(s[size:])
	case r == 0x90 || r == 0x98 || r == 0x9d || r == 0x9e || r == 0x9f:
		return size + upToEnd(s[size:])
	}
	return 0
}

func escape(s string) int {
	switch c := s[1]; {
	case c == '[':
		return 2 + parameters(s[2:])
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_':
		return 2 + upToEnd(s[2:])
	case c >= 0x20 && c <= 0x2f: // ESC, intermediates, final
		i := 1
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
			i++
		}
		if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
			i++
		}
		return i
	case c >= 0x30 && c <= 0x7e:
		return 2
	}
	return 1
}

// parameters is the length of a control sequence after its introducer: parameters, intermediates, one final byte.
func parameters(s string) int {
	i := 0
	for i < len(s) && i < longest && s[i] >= 0x20 && s[i] <= 0x3f {
		i++
	}
	if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
		return i + 1
	}
	return 0
}

// upToEnd is the length of a string command after its introducer, up to and with BEL or ST on the same line.
func upToEnd(s string) int {
	for i := 0; i < len(s) && i < longest; i++ {
		switch {
		case s[i] == '\n':
			return 0
		case s[i] == 0x07:
			return i + 1
		case strings.HasPrefix(s[i:], "\x1b\\"), strings.HasPrefix(s[i:], "\u009c"):
			return i + 2
		}
	}
	return 0
}
