package dom

import (
	"bytes"
	"encoding/binary"
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
	if utf8.Valid(body) && unclean(body) < 0 && !bytes.HasPrefix(body, []byte(byteOrderMark)) {
		return string(body) // most pages
	}
	return clean(decode(body, contentType))
}

const byteOrderMark = "\xef\xbb\xbf"

func decode(body []byte, contentType string) []byte {
	if text, ok := decodeMarked(body); ok {
		return text
	}
	declared := headerCharset(contentType)
	escapes := bytes.IndexByte(body, 0x1b) >= 0 // ISO-2022 is ASCII to look at
	if !escapes && utf8.Valid(body) {
		return body
	}
	if validUTF8(body) && !escapes {
		return bytes.ToValidUTF8(body, nil)
	}
	for _, label := range []string{declared, pageCharset(body)} {
		if text, ok := decodeAs(body, label); ok {
			return text
		}
	}
	if validUTF8(body) {
		return bytes.ToValidUTF8(body, nil)
	}
	if text, ok := decodeAs(body, guess(body)); ok {
		return text
	}
	text, _ := decodeWith(body, "windows-1252")
	return text
}

// decodeMarked reads a page that begins with a byte order mark.
func decodeMarked(body []byte) ([]byte, bool) {
	for _, mark := range []struct{ bytes, label string }{
		{byteOrderMark, "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"},
	} {
		if rest, ok := bytes.CutPrefix(body, []byte(mark.bytes)); ok {
			text, err := decodeWith(rest, mark.label)
			return text, err == nil
		}
	}
	return nil, false
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
func decodeAs(body []byte, label string) ([]byte, bool) {
	if label == "" {
		return nil, false
	}
	text, err := decodeWith(body, label)
	if err != nil {
		return nil, false
	}
	foreign, spoilt := 0, 0
	for _, r := range string(text) {
		if r == utf8.RuneError {
			spoilt++
		}
		if r >= utf8.RuneSelf {
			foreign++
		}
	}
	return text, spoilt*spoiltShare <= foreign
}

func decodeWith(body []byte, label string) ([]byte, error) {
	coding, name := charset.Lookup(label)
	if coding == nil || name == "replacement" {
		return nil, encoding.ErrInvalidUTF8
	}
	return coding.NewDecoder().Bytes(body)
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
func clean(text []byte) string {
	at := unclean(text)
	if at < 0 {
		return string(text)
	}
	var out strings.Builder
	out.Grow(len(text))
	for at >= 0 {
		out.Write(text[:at])
		r, size := utf8.DecodeRune(text[at:])
		if r == '\r' || r == '\f' || r == '\v' {
			out.WriteByte('\n')
		}
		text = text[at+size:]
		at = unclean(text)
	}
	out.Write(text)
	return out.String()
}

// ones and highs are the lowest and the highest bit of each of eight bytes.
const ones, highs = 0x0101010101010101, 0x8080808080808080

// unclean is where the first character is that does not stay as it is, -1 where all do. It runs over every byte of a page,
// so it looks at eight at a time.
func unclean(text []byte) int {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		w := binary.LittleEndian.Uint64(text[i:])
		if (w|(w-ones*' ')|(w+ones))&highs != 0 && !calm(w) { // the first is quicker, and true of most
			if at := uncleanIn(text, i, i+8); at >= 0 {
				return at
			}
		}
	}
	return uncleanIn(text, i, len(text))
}

func uncleanIn(text []byte, from, to int) int {
	for i := from; i < to; i++ {
		switch c := text[i]; {
		case c < ' ' && c != '\n' && c != '\t' || c == 0x7f:
			return i
		case c == 0xc2 && i+1 < len(text) && text[i+1] < 0xa0: // U+0080 to U+009F
			return i
		}
	}
	return -1
}

// calm says whether none of eight bytes is a control character, or 0xc2, where those above ASCII begin. Each line sets the
// high bits of the bytes it is about.
func calm(w uint64) bool {
	low := w &^ highs
	control := ^(low + ones*(0x80-' ')) &^ w
	feed := ^((low ^ ones*'\n') + ones*0x7f)
	tab := ^((low ^ ones*'\t') + ones*0x7f)
	last := (low + ones) &^ w // 0x7f
	lead := ^((low ^ ones*(0xc2-0x80)) + ones*0x7f) & w
	return (control&^feed&^tab|last|lead)&highs == 0
}
