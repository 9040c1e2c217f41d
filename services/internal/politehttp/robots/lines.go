package robots

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/politehttp/charset"
)

const (
	// maxLine bounds one line in bytes; longer ones are dropped, since a rule cut in half says something else.
	maxLine = 16 << 10
	// maxDelay is beyond any gap that is honoured; a longer one is a mistake, and dropped.
	maxDelay = time.Hour
)

type kind int

const (
	userAgent kind = iota + 1
	allow
	disallow
	crawlDelay
)

// line is a line of robots.txt that says something.
type line struct {
	number int    // from 1
	text   string // without comment
	kind   kind
	name   string        // of a userAgent line, in lower case
	path   pattern       // of a rule
	delay  time.Duration // of a crawlDelay line
}

// readLines keeps the lines that belong to groups.
func readLines(body []byte) []line {
	text := readText(body)
	var lines []line
	for number := 1; text != ""; number++ {
		var raw string
		raw, text = cutLine(text)
		if len(raw) > maxLine {
			continue
		}
		read, ok := readLine(raw)
		if !ok || len(lines) == 0 && read.kind != userAgent {
			continue
		}
		read.number = number
		lines = append(lines, read)
		if index, found := read.path.withoutIndex(); found && read.kind == allow {
			read.path = index
			lines = append(lines, read)
		}
	}
	return lines
}

// readText cuts a body to its bound, at the end of a line, and takes off its byte order mark, even a broken one.
func readText(body []byte) string {
	if len(body) >= MaxBytes { // of one that is just as long, the caller may have cut the rest
		body = body[:1+bytes.LastIndexAny(body[:MaxBytes], "\r\n")]
	}
	if bytes.HasPrefix(body, []byte("\xff\xfe")) || bytes.HasPrefix(body, []byte("\xfe\xff")) {
		// Some editors write UTF-16. The standard does not know it, but what is meant is plain.
		body, _ = charset.Decode(body, "")
	}
	for _, b := range []byte("\xef\xbb\xbf") {
		if len(body) == 0 || body[0] != b {
			break
		}
		body = body[1:]
	}
	return string(body)
}

// cutLine cuts at the first line end: LF, CR, or both.
func cutLine(text string) (line, rest string) {
	at := strings.IndexAny(text, "\r\n")
	switch {
	case at < 0:
		return text, ""
	case strings.HasPrefix(text[at:], "\r\n"):
		return text[:at], text[at+2:]
	}
	return text[:at], text[at+1:]
}

func readLine(raw string) (read line, ok bool) {
	text, _, _ := strings.Cut(raw, "#")
	read.text = strings.TrimSpace(text)
	key, value, found := strings.Cut(read.text, ":")
	if !found {
		// The colon is often forgotten. Only two words in a line can be a key and its value.
		words := strings.Fields(read.text)
		if len(words) != 2 {
			return read, false
		}
		key, value = words[0], words[1]
	}
	value = strings.TrimSpace(value)
	switch read.kind = kindOf(key); read.kind {
	case userAgent:
		read.name = nameOf(value)
	case allow, disallow:
		read.path = newPattern(value)
	case crawlDelay:
		seconds, err := strconv.ParseFloat(value, 64)
		// Written so that NaN fails too.
		if err != nil || !(seconds >= 0 && seconds <= maxDelay.Seconds()) {
			return read, false
		}
		read.delay = time.Duration(seconds * float64(time.Second))
	default:
		return read, false
	}
	return read, true
}

// misspelt are ways to write "disallow" that are frequent enough to be understood everywhere.
var misspelt = []string{"dissallow", "dissalow", "disalow", "diasllow", "disallaw"}

// kindOf reads a key. What begins with a known one is taken for it ("disallowed"), as the parser that most publishers
// test with does.
func kindOf(key string) kind {
	key = strings.ToLower(strings.TrimSpace(key))
	starts := func(known ...string) bool {
		for _, k := range known {
			if strings.HasPrefix(key, k) {
				return true
			}
		}
		return false
	}
	switch {
	case starts("user-agent", "useragent", "user agent"):
		return userAgent
	case starts("allow"):
		return allow
	case starts("disallow"), starts(misspelt...):
		return disallow
	case key == "crawl-delay" || key == "crawldelay":
		return crawlDelay
	}
	return 0
}

// nameOf is the product token that a value starts with. Its characters are letters, "_" and "-", so that versions and
// what follows them are left out; a star alone means everybody. The empty name is nobody's.
func nameOf(value string) string {
	if word, _, _ := strings.Cut(strings.ReplaceAll(value, "\t", " "), " "); word == everybody {
		return everybody
	}
	end := strings.IndexFunc(value, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-'
	})
	if end >= 0 {
		value = value[:end]
	}
	return strings.ToLower(value)
}
