package dom

import (
	"errors"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct{ body, header, want string }{
		"mark":            {"\xef\xbb\xbfgrün", "text/html; charset=iso-8859-1", "grün"},
		"utf-16":          {"\xff\xfeg\x00r\x00\xfc\x00n\x00", "", "grün"},
		"utf-8 first":     {"grün", "text/html; charset=iso-8859-1", "grün"},
		"header":          {"gr\xfcn", "text/html; charset=iso-8859-1", "grün"},
		"meta":            {"<meta charset=windows-1251>\xec\xee\xf1\xf2", "", "<meta charset=windows-1251>мост"},
		"header is wrong": {"<meta charset=windows-1251>\xec\xee\xf1\xf2", "text/html; charset=utf-8", "<meta charset=windows-1251>мост"},
		"escapes":         {"\x1b$B66\x1b(B", "text/html; charset=iso-2022-jp", "橋"},
		"cut rune":        {"gr\xc3\xbcn\xc3", "", "grün"},
		"controls":        {"a\x00b\x07c\r\nd", "", "abc\n\nd"},
		"unknown":         {"a", "text/html; charset=klingon", "a"},
	} {
		if got := Decode([]byte(c.body), c.header); got != c.want {
			t.Errorf("%s: Decode = %q, want %q", name, got, c.want)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"  a\n\t b\u00a0c ": "a b c",
		"Cafe\u0301":        "Café",
		"so\u00adft\u200b":  "soft",
		"e\u200b\u0301":     "é",
		"می\u200cخواهم":     "می\u200cخواهم",
		"a\u200db":          "ab",
		"\u200c \u200c":     "",
		"\u202aab\u202c":    "ab",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParseRefusesDepth(t *testing.T) {
	if _, err := Parse(strings.Repeat("<div>", MaxDepth+10)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v, want ErrTooLarge", err)
	}
	if _, err := Parse(strings.Repeat("<div>", 100)); err != nil {
		t.Errorf("a hundred levels refused: %v", err)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("a\u0301\u200d\u200d \u200ce")
	f.Add("\xff\u1100\u200b\u1161")
	f.Add("Grün \u00a0 на мосту\x07,\u2026 橋は「閉鎖」 다리\v\u0085x")
	f.Fuzz(func(t *testing.T, text string) {
		once := Fold(text)
		if slow := foldAny(text); once != slow {
			t.Errorf("folding %q gives %q the short way and %q the long way", text, once, slow)
		}
		if twice := Fold(once); twice != once {
			t.Errorf("folding %q again changes %q to %q", text, once, twice)
		}
	})
}

func TestUnclean(t *testing.T) {
	for _, beside := range []string{"a", "~", " ", "\n\t", "ü", "\u00a0", "界"} { // at every place among eight bytes
		for before := range 17 {
			for r := range rune(0x100) {
				text := []byte(strings.Repeat(beside, before) + string(r) + beside)
				want := -1
				if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
					want = before * len(beside)
				}
				if got := unclean(text); got != want {
					t.Fatalf("unclean(%q) = %d, want %d", text, got, want)
				}
			}
		}
	}
}
