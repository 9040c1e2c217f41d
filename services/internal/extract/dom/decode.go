package dom

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// metaWindow is how much of a page is searched for a declaration of its character set. The standard asks for 1 KB;
// pages that put scripts first are common.
const metaWindow = 64 << 10

// detectWindow bounds the statistical guess; the frequencies of a language are clear long before.
const detectWindow = 64 << 10

// spoiltShare is the largest share of undecodable runes a declared character set may leave: 1 in 50. Above it the
// declaration is taken to be wrong and the next source is asked.
const spoiltShare = 50

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]{0,400}?charset\s*=\s*["']?\s*([a-z0-9_:.\-]+)`)

// Decode turns the bytes of a page into UTF-8 text without control characters. It asks, in this order: the byte order
// mark, whether the bytes are UTF-8 already, the Content-Type header, the page's meta element, and the statistics of
// the bytes. It always answers; what no encoding explains becomes U+FFFD.
func Decode(body []byte, contentType string) string {
	return clean(decode(body, contentType))
}

func decode(body []byte, contentType string) string {
	if text, ok := decodeMarked(body); ok {
		return text
	}
	declared := headerCharset(contentType)
	escapes := bytes.IndexByte(body, 0x1b) >= 0 // ISO-2022 is ASCII to look at
	if !escapes && utf8.Valid(body) {
		return string(body)
	}
	if validUTF8(body) && !escapes {
		return strings.ToValidUTF8(string(body), "")
	}
	for _, label := range []string{declared, pageCharset(body)} {
		if text, ok := decodeAs(body, label); ok {
			return text
		}
	}
	if validUTF8(body) {
		return strings.ToValidUTF8(string(body), "")
	}
	if text, ok := decodeAs(body, guess(body)); ok {
		return text
	}
	text, _ := decodeWith(body, "windows-1252")
	return text
}

// decodeMarked reads a page that begins with a byte order mark.
func decodeMarked(body []byte) (string, bool) {
	for _, mark := range []struct{ bytes, label string }{
		{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"},
	} {
		if rest, ok := bytes.CutPrefix(body, []byte(mark.bytes)); ok {
			text, err := decodeWith(rest, mark.label)
			return text, err == nil
		}
	}
	return "", false
}

// validUTF8 forgives a rune cut in half by the limit on a page's size.
func validUTF8(body []byte) bool {
	for cut := 0; cut < utf8.UTFMax && cut <= len(body); cut++ {
		if cut > 0 && body[len(body)-cut] < utf8.RuneSelf {
			return false
		}
		if utf8.Valid(body[:len(body)-cut]) {
			return true
		}
	}
	return false
}

func headerCharset(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

func pageCharset(body []byte) string {
	found := metaCharset.FindSubmatch(body[:min(len(body), metaWindow)])
	if found == nil {
		return ""
	}
	label := strings.ToLower(string(found[1]))
	if strings.HasPrefix(label, "utf-16") {
		return "utf-8" // a meta element that could be read as ASCII does not stand in UTF-16
	}
	return label
}

// decodeAs refuses an unknown label, and one that leaves too much of the page unread.
func decodeAs(body []byte, label string) (string, bool) {
	if label == "" {
		return "", false
	}
	text, err := decodeWith(body, label)
	if err != nil {
		return "", false
	}
	foreign, spoilt := 0, 0
	for _, r := range text {
		if r == utf8.RuneError {
			spoilt++
		}
		if r >= utf8.RuneSelf {
			foreign++
		}
	}
	return text, spoilt*spoiltShare <= foreign
}

func decodeWith(body []byte, label string) (string, error) {
	coding, name := charset.Lookup(label)
	if coding == nil || name == "replacement" {
		return "", encoding.ErrInvalidUTF8
	}
	text, err := coding.NewDecoder().Bytes(body)
	return string(text), err
}

// guess names the likeliest character set. Equal confidences are settled by name, because the detector's own order
// differs from run to run.
func guess(body []byte) string {
	found, err := chardet.NewHtmlDetector().DetectAll(body[:min(len(body), detectWindow)])
	if err != nil {
		return ""
	}
	best := chardet.Result{}
	for _, result := range found {
		if result.Confidence > best.Confidence ||
			result.Confidence == best.Confidence && result.Charset < best.Charset {
			best = result
		}
	}
	return best.Charset
}

// clean drops control characters, which no page needs and which would travel on into terminals and logs. Line ends of all
// kinds become line feeds.
func clean(text string) string {
	at := unclean(text)
	if at < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for at >= 0 {
		out = append(out, text[:at]...)
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == '\r' || r == '\f' || r == '\v' {
			out = append(out, '\n')
		}
		text = text[at+size:]
		at = unclean(text)
	}
	return string(append(out, text...))
}

// unclean is where the first character is that does not stay as it is, -1 where all do.
func unclean(text string) int {
	for i := 0; i < len(text); i++ {
		for i+8 <= len(text) && plainBytes(text[i:i+8]) {
			i += 8
		}
		if i == len(text) {
			break
		}
		switch c := text[i]; {
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			return i
		case c == 0xc2 && i+1 < len(text) && text[i+1] < 0xa0: // U+0080 to U+009F
			return i
		}
	}
	return -1
}

// plainBytes says whether none of eight bytes is a control character or 0xc2, where those above ASCII begin. Eight are
// looked at as one number, for this runs over every byte of a page.
func plainBytes(text string) bool {
	_ = text[7]
	w := uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	zero := func(x uint64) uint64 { return (x - ones) & ^x & highs } // a high bit where a byte of x is zero
	return (w-ones*' ')&^w&highs|zero(w^ones*0x7f)|zero(w^ones*0xc2) == 0
}
