// Package charset turns the bytes of a page or feed into UTF-8. It trusts the bytes before the labels on them: what is
// valid UTF-8 is UTF-8, whatever a header says, because no other text passes that test by accident.
package charset

import (
	"bytes"
	"errors"
	"io"
	"math"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// UTF8 is the name of the charset that needs no conversion.
const UTF8 = "utf-8"

// fallback is what unlabelled text of the web mostly is, and what it can always be read as.
const fallback = "windows-1252"

// prescan is how much of a document is searched for a declaration; the HTML standard says 1024, and pages exceed it.
const prescan = 4096

var (
	meta        = regexp.MustCompile(`(?i)<meta\s[^>]*?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})`)
	declaration = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)
)

// Decode gives the body as valid UTF-8 without byte order mark, and the name of the charset it was read as. It asks in
// this order: byte order mark, the pattern of UTF-16 and UTF-32, valid UTF-8, the charset of contentType (the header's
// value, may be empty), the document's own <meta> or XML declaration, and windows-1252 at last. The result may share
// memory with body.
func Decode(body []byte, contentType string) (text []byte, name string) {
	return DecodeAtMost(body, contentType, math.MaxInt)
}

// DecodeAtMost is Decode for those who keep little: the text is cut at the limit, in bytes, which decoding can exceed by
// three times the body.
func DecodeAtMost(body []byte, contentType string, limit int) (text []byte, name string) {
	d := decoder{limit}
	text, name = d.decode(body, contentType)
	return cut(text, limit), name
}

// cut ends a text at a character.
func cut(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// decoder makes no text longer than its limit by more than a few bytes.
type decoder struct{ limit int }

func (d decoder) decode(body []byte, contentType string) (text []byte, name string) {
	if text, name, found := d.decodeWide(body); found {
		return text, name
	}
	labels := []string{headerLabel(contentType), declaredLabel(body), metaLabel(body)}
	if utf8.Valid(body) {
		if escaped := escapedLabel(body, labels); escaped != "" {
			return d.decodeAs(body, escaped)
		}
		return body, UTF8
	}
	for _, label := range labels {
		switch canonical := canonicalName(label); {
		case canonical == "" || strings.HasPrefix(canonical, "utf-16") || canonical == "replacement":
			// UTF-16 would have been seen in the bytes; a label that is unknown says nothing.
		case canonical == UTF8:
			if mostlyUTF8(body) {
				return d.repair(body), UTF8
			}
		default:
			return d.decodeAs(body, canonical)
		}
	}
	if mostlyUTF8(body) {
		return d.repair(body), UTF8
	}
	return d.decodeAs(body, fallback)
}

// decodeWide reads the forms that show in the first bytes.
func (d decoder) decodeWide(body []byte) (text []byte, name string, found bool) {
	little, big := unicode.LittleEndian, unicode.BigEndian
	starts := func(mark string) bool { return bytes.HasPrefix(body, []byte(mark)) }
	switch {
	case starts("\xef\xbb\xbf"):
		return d.repair(body[3:]), UTF8, true
	case starts("\xff\xfe\x00\x00"), starts("<\x00\x00\x00"):
		return d.convert(body, utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)), "utf-32le", true
	case starts("\x00\x00\xfe\xff"), starts("\x00\x00\x00<"):
		return d.convert(body, utf32.UTF32(utf32.BigEndian, utf32.UseBOM)), "utf-32be", true
	case starts("\xff\xfe"), starts("<\x00"), starts("{\x00"):
		return d.convert(body, unicode.UTF16(little, unicode.UseBOM)), "utf-16le", true
	case starts("\xfe\xff"), starts("\x00<"), starts("\x00{"):
		return d.convert(body, unicode.UTF16(big, unicode.UseBOM)), "utf-16be", true
	}
	return nil, "", false
}

// escapedLabel is the label of a charset that writes its characters in seven bits and so passes for UTF-8.
func escapedLabel(body []byte, labels []string) string {
	if !bytes.Contains(body, []byte("\x1b$")) && !bytes.Contains(body, []byte("\x1b(")) {
		return ""
	}
	for _, label := range labels {
		if canonicalName(label) == "iso-2022-jp" {
			return "iso-2022-jp"
		}
	}
	return ""
}

func (d decoder) decodeAs(body []byte, name string) ([]byte, string) {
	found, canonical := charset.Lookup(name)
	if found == nil {
		return d.repair(body), UTF8
	}
	return d.convert(body, found), canonical
}

func (d decoder) convert(body []byte, from encoding.Encoding) []byte {
	reader := transform.NewReader(bytes.NewReader(body), from.NewDecoder())
	text := make([]byte, 0, min(len(body)+len(body)/8+bytes.MinRead, d.limit))
	for len(text) < d.limit {
		text = slices.Grow(text, min(bytes.MinRead, d.limit-len(text)))
		n, err := reader.Read(text[len(text):min(cap(text), d.limit)])
		text = text[:len(text)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return d.repair(body)
		}
	}
	return d.repair(cut(bytes.TrimPrefix(text, []byte("\ufeff")), d.limit))
}

// repair makes text valid UTF-8. A stray byte is read as windows-1252: in text that is UTF-8 elsewhere, such bytes are
// quotes and letters pasted in from old documents.
func (d decoder) repair(text []byte) []byte {
	if utf8.Valid(text) {
		return text
	}
	out := make([]byte, 0, min(len(text)+len(text)/8+64, d.limit))
	for len(text) > 0 && len(out) < d.limit {
		r, size := utf8.DecodeRune(text)
		if r != utf8.RuneError || size > 1 {
			out = append(out, text[:size]...)
		} else {
			out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(text[0]))
		}
		text = text[size:]
	}
	return out
}

// mostlyUTF8 says whether the text has more well-formed characters of several bytes than broken ones.
func mostlyUTF8(text []byte) bool {
	good, bad := 0, 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			bad++
		case size > 1:
			good++
		}
		text = text[size:]
	}
	return good > bad
}

func headerLabel(contentType string) string {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err == nil {
		return parameters["charset"]
	}
	// Some servers write the parameter twice, or leave the type out; the label is still there.
	_, label, _ := strings.Cut(strings.ToLower(contentType), "charset=")
	label, _, _ = strings.Cut(label, ";")
	return strings.Trim(label, ` "',`)
}

func declaredLabel(body []byte) string {
	if match := declaration.FindSubmatch(body[:min(len(body), prescan)]); match != nil {
		return string(match[1])
	}
	return ""
}

func metaLabel(body []byte) string {
	if match := meta.FindSubmatch(body[:min(len(body), prescan)]); match != nil {
		return string(match[1])
	}
	return ""
}

func canonicalName(label string) string {
	_, name := charset.Lookup(label)
	return name
}
