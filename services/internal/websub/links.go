package websub

import (
	"net/http"
	"strings"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// Bounds of what an answer's Link headers may make us read.
const (
	maxLinkHeader = 8 << 10
	maxLinks      = 50
	// maxAddress bounds hub and topic, which are kept with the feed and sent on.
	maxAddress = 2 << 10
)

// Links is where a feed says that news of it are told: the hub, and the topic, by which the hub knows the feed. Both are
// absolute, or empty.
type Links struct{ Hub, Topic string }

// Usable gives the links with the topic that is meant, address being where the feed was read: the zero Links if there is
// no hub on the web, or one that is too long to keep.
func (l Links) Usable(address string) Links {
	if l.Topic == "" {
		l.Topic = address
	}
	for _, text := range []string{l.Hub, l.Topic} {
		if u, err := urls.Parse(text, ""); err != nil || !u.IsWeb() || len(text) > maxAddress {
			return Links{}
		}
	}
	return l
}

// Or takes the other's link where there is none: an answer's header goes before the feed's own words.
func (l Links) Or(other Links) Links {
	if l.Hub == "" {
		l.Hub = other.Hub
	}
	if l.Topic == "" {
		l.Topic = other.Topic
	}
	return l
}

// FromHeader reads the Link headers (RFC 8288) of an answer that came from an address. The first link of a kind counts.
func FromHeader(h http.Header, address string) (found Links) {
	text := strings.Join(h.Values("Link"), ",")
	text = text[:min(len(text), maxLinkHeader)]
	for range maxLinks {
		target, relations, rest, ok := nextLink(text)
		if !ok {
			return found
		}
		text = rest
		for relation := range strings.FieldsSeq(strings.ToLower(relations)) {
			switch {
			case relation == "hub" && found.Hub == "":
				found.Hub = absolute(target, address)
			case relation == "self" && found.Topic == "":
				found.Topic = absolute(target, address)
			}
		}
	}
	return found
}

func absolute(target, base string) string {
	u, err := urls.Parse(strings.TrimSpace(target), base)
	if err != nil || !u.IsWeb() {
		return ""
	}
	return u.Href
}

// nextLink takes the first link off a header: <target>; name=value; name="value", and what follows its comma.
func nextLink(text string) (target, relations, rest string, ok bool) {
	from := strings.IndexByte(text, '<')
	if from < 0 {
		return "", "", "", false
	}
	target, text, ok = strings.Cut(text[from+1:], ">")
	if !ok {
		return "", "", "", false
	}
	for {
		text = strings.TrimLeft(text, " \t")
		if !strings.HasPrefix(text, ";") {
			_, text, _ = strings.Cut(text, ",")
			return target, relations, text, true
		}
		var name, value string
		name, value, text = parameter(text[1:])
		if strings.EqualFold(name, "rel") && relations == "" {
			relations = value
		}
	}
}

// parameter takes name=value off a text; the value may be in quotes, and then hold commas and semicolons.
func parameter(text string) (name, value, rest string) {
	end := strings.IndexAny(text, "=;,")
	if end < 0 {
		return strings.TrimSpace(text), "", ""
	}
	name = strings.TrimSpace(text[:end])
	if text[end] != '=' {
		return name, "", text[end:]
	}
	text = strings.TrimLeft(text[end+1:], " \t")
	if !strings.HasPrefix(text, `"`) {
		end = strings.IndexAny(text, ";,")
		if end < 0 {
			end = len(text)
		}
		return name, strings.TrimSpace(text[:end]), text[end:]
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return name, b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return name, b.String(), ""
}
