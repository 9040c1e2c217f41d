package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/stetnews/stet/services/internal/politehttp/charset"
)

func encode(t *testing.T, text string, as encoding.Encoding) string {
	t.Helper()
	encoded, err := as.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestDecode(t *testing.T) {
	const html = "text/html; charset="
	wide := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	for _, test := range []struct{ name, body, contentType, text, charset string }{
		{"plain", "Zürich", "", "Zürich", "utf-8"},
		{"utf-8 under a wrong header", "Zürich", html + "iso-8859-1", "Zürich", "utf-8"},
		{"utf-8 mark", "\xef\xbb\xbfZürich", html + "iso-8859-1", "Zürich", "utf-8"},
		{"utf-16 mark", "\xff\xfe" + encode(t, "Zürich", wide), "", "Zürich", "utf-16le"},
		{"utf-16 without mark", encode(t, "<p>Zürich</p>", wide), "", "<p>Zürich</p>", "utf-16le"},
		{"header", encode(t, "Новости", charmap.Windows1251), html + "windows-1251", "Новости", "windows-1251"},
		{"header twice", encode(t, "Łódź", charmap.ISO8859_2), html + "iso-8859-2; charset=iso-8859-2", "Łódź", "iso-8859-2"},
		{"header over meta", `<meta charset="koi8-r">` + encode(t, "Новости", charmap.Windows1251), html + "windows-1251",
			`<meta charset="koi8-r">Новости`, "windows-1251"},
		{"meta", `<meta charset="gb18030">` + encode(t, "新闻报道", simplifiedchinese.GB18030), "text/html",
			`<meta charset="gb18030">新闻报道`, "gb18030"},
		{"late meta", "<html>" + strings.Repeat(" ", 2000) + `<meta charset="iso-8859-2">` + encode(t, "Łódź", charmap.ISO8859_2),
			"", "<html>" + strings.Repeat(" ", 2000) + `<meta charset="iso-8859-2">Łódź`, "iso-8859-2"},
		{"xml declaration", `<?xml version="1.0" encoding="ISO-8859-2"?><a>` + encode(t, "Łódź", charmap.ISO8859_2), "text/xml",
			`<?xml version="1.0" encoding="ISO-8859-2"?><a>Łódź`, "iso-8859-2"},
		{"meta of another width", `<meta charset="utf-16">caf` + "\xe9", "", `<meta charset="utf-16">café`, "windows-1252"},
		{"seven bits", encode(t, "新聞", japanese.ISO2022JP), html + "iso-2022-jp", "新聞", "iso-2022-jp"},
		{"no label", "caf\xe9 \x93quoted\x94", "", "café “quoted”", "windows-1252"},
		{"unknown label", "caf\xe9", html + "klingon", "café", "windows-1252"},
		{"a stray byte", "Zürich, Genève, Köln, caf\xe9", html + "utf-8", "Zürich, Genève, Köln, café", "utf-8"},
		{"labelled utf-8 but is not", "caf\xe9", html + "utf-8", "café", "windows-1252"},
		{"empty", "", "", "", "utf-8"},
	} {
		text, name := charset.Decode([]byte(test.body), test.contentType)
		if string(text) != test.text || name != test.charset {
			t.Errorf("%s: %.60q as %s, want %.60q as %s", test.name, text, name, test.text, test.charset)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("caf\xe9"), "text/html; charset=utf-8")
	f.Add([]byte("\xff\xfe<\x00\xd8"), "")
	f.Add([]byte("\x1b$B\x1b("), "a; charset=\"iso-2022-jp")
	f.Add([]byte("\x00\x00\xfe\xff\x00\x11\xff\xff"), "charset=,;")
	f.Add([]byte(`<?xml encoding="hz-gb-2312"?>~{`+"\x80"), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		text, name := charset.Decode(body, contentType)
		if !utf8.Valid(text) {
			t.Errorf("not UTF-8: %q", text)
		}
		if name == "" {
			t.Error("the charset has no name")
		}
	})
}
