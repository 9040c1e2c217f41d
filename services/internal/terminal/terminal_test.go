package terminal

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, test := range []struct{ name, in, text, line string }{
		{"plain", "Mayor resigns", "Mayor resigns", "Mayor resigns"},
		{"other scripts", "市長が辞任 – résumé", "市長が辞任 – résumé", "市長が辞任 – résumé"},
		{"line breaks", "a\nb\tc\r\nd\re\u2028f", "a\nb\tc\nd\ne\nf", "a b c d e f"},
		{"colour", "\x1b[31mred\x1b[0m", "red", "red"},
		{"title with bell", "a\x1b]0;owned\x07b", "ab", "ab"},
		{"title with terminator", "a\x1b]8;;http://x\x1b\\b", "ab", "ab"},
		{"device string", "a\x1bPq#0\x1b\\b", "ab", "ab"},
		{"never ends", "a\x1b]0;the whole story", "a0;the whole story", "a0;the whole story"},
		{"ends in another line", "a\x1b]x\nb\x07c", "ax\nbc", "ax bc"},
		{"eight-bit", "a\u009b31mb\u009d0;t\u009cc", "abc", "abc"},
		{"raw eight-bit byte", "a\x9b31mb", "a\ufffd31mb", "a\ufffd31mb"},
		{"character set", "a\x1b(0b\x1bcd", "abd", "abd"},
		{"escape at the end", "a\x1b", "a", "a"},
		{"broken sequence", "a\x1b[31", "a31", "a31"},
		{"escape in a sequence", "a\x1b[3\x1b[0mb", "a3b", "a3b"},
		{"controls", "a\x00\x07\x08\x0b\x7fb", "ab", "ab"},
		{"reading direction", "a\u202egnp.exe\u2066b\u2069", "agnp.exeb", "agnp.exeb"},
		{"marks of Hebrew text stay", "א\u200f1", "א\u200f1", "א\u200f1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Lines(test.in); got != test.text {
				t.Errorf("Lines is %q, want %q", got, test.text)
			}
			if got := Clean(test.in); got != test.line {
				t.Errorf("Clean is %q, want %q", got, test.line)
			}
		})
	}
}

func TestLongSequenceHidesLittle(t *testing.T) {
	in := "\x1b]" + strings.Repeat("x", 2*longest) + "\x07"
	if got := Lines(in); len(got) != 2*longest {
		t.Errorf("%d letters are left of %d", len(got), 2*longest)
	}
}

func TestJSONStaysTheSame(t *testing.T) {
	text := "a\u009b31m \u202e b\u007f \n é"
	document, err := json.MarshalIndent(map[string]string{"title": text}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := JSON(&out, document); err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(out.String()), &back); err != nil || back["title"] != text {
		t.Errorf("%q came back from %s: %v", back["title"], out.String(), err)
	}
	if strings.ContainsAny(out.String(), "\u009b\u202e\u007f") || !strings.Contains(out.String(), `\u009b`) {
		t.Errorf("still dangerous: %q", out.String())
	}
}

func TestIs(t *testing.T) {
	if Is(&strings.Builder{}) {
		t.Error("a builder is no terminal")
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"\x1b[31m", "\x1b]0;t\x07", "\u009b1m", "\x9b", "a\r\n\u2028", "\x1b\x1b[m", "\u202e", "\x1bP\x1b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, out := range []string{Lines(in), Clean(in)} {
			if !utf8.ValidString(out) {
				t.Errorf("%q is not UTF-8", out)
			}
			if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && r != '\t' && commands(r) }); i >= 0 {
				t.Errorf("%q still commands at %d", out, i)
			}
			if again := Lines(out); again != out {
				t.Errorf("cleaned again, %q became %q", out, again)
			}
		}
		if strings.ContainsAny(Clean(in), "\n\t") {
			t.Errorf("Clean(%q) has several lines", in)
		}
	})
}
