package extract

import (
	"bytes"
	"fmt"
	"mime"
	"strings"
)

// binaryStarts are the first bytes of what servers deliver under an article's address by mistake.
var binaryStarts = []string{
	"%PDF-", "\x89PNG\r\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "RIFF", "PK\x03\x04", "\x1f\x8b", "\x7fELF", "ID3", "OggS",
	"\x00\x00\x01\x00", "\xd0\xcf\x11\xe0", "wOFF", "wOF2", "BZh", "7z\xbc\xaf", "\x28\xb5\x2f\xfd", "{\\rtf",
}

// htmlStarts are the beginnings, in lower case, of what is a page whatever the header says.
var htmlStarts = []string{"<!doctype html", "<html", "<head", "<body", "<!--", "<article", "<h1", "<title", "<meta"}

// sniffed is how many bytes are looked at to tell text from data.
const sniffed = 2048

// refuse says why something is no page, nil where it may be one. The bytes weigh more than the header.
func refuse(p Page) error {
	start := bytes.TrimLeft(bytes.TrimPrefix(p.Body[:min(len(p.Body), sniffed)], []byte("\xef\xbb\xbf")), " \t\r\n\f")
	if len(start) == 0 && len(bytes.TrimSpace(p.Body)) == 0 {
		return fmt.Errorf("%w: no content", ErrNotPage)
	}
	for _, magic := range binaryStarts {
		if bytes.HasPrefix(start, []byte(magic)) {
			return fmt.Errorf("%w: binary content", ErrNotPage)
		}
	}
	lower := strings.ToLower(string(start[:min(len(start), 32)]))
	for _, begin := range htmlStarts {
		if strings.HasPrefix(lower, begin) {
			return nil
		}
	}
	if !pageType(p.ContentType) {
		return fmt.Errorf("%w: content type %.80q", ErrNotPage, p.ContentType)
	}
	if data(start) {
		return fmt.Errorf("%w: binary content", ErrNotPage)
	}
	return nil
}

// pageType says whether a content type may be a page's. One that cannot be read decides nothing.
func pageType(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return true
	}
	switch kind {
	case "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "":
		return true
	case "application/octet-stream", "application/x-unknown", "binary/octet-stream":
		return true // a server that does not know; the bytes decide
	}
	return false
}

// data says whether bytes are no text in any encoding: control characters that no text has. UTF-16, where every second
// byte may be zero, announces itself.
func data(start []byte) bool {
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return false
	}
	strange := 0
	for _, b := range start {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1b {
			strange++
		}
	}
	return strange*20 > len(start)
}
