package feed

import (
	"bytes"
	"regexp"
)

const (
	atom03 = "http://purl.org/atom/ns#"
	atom10 = "http://www.w3.org/2005/Atom"
)

// feedTag is the start of the root element of Atom, with its prefix.
var feedTag = regexp.MustCompile(`<(?:([A-Za-z_][\w.-]*):)?feed\s[^<>]*>`)

// atomic gives a root element named feed the namespace of Atom where it has another: those of drafts, of misreadings and
// of the format's earlier names are all over the web, and the parser would skip every element of theirs.
func atomic(text []byte) []byte {
	place := feedTag.FindSubmatchIndex(text)
	if place == nil {
		return text
	}
	tag, name := text[place[0]:place[1]], "xmlns"
	if place[2] >= 0 {
		name += ":" + string(text[place[2]:place[3]])
	}
	// No quote can stand in the value of the other kind of quote in a way that matters: the first of its kind ends it.
	attribute := regexp.MustCompile(`\s` + regexp.QuoteMeta(name) + `\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	found := attribute.FindSubmatchIndex(tag)
	if found == nil {
		return text
	}
	from, to := found[2], found[3]
	if from < 0 {
		from, to = found[4], found[5]
	}
	namespace := atom10
	if bytes.Contains(tag, []byte(`version="0.`)) {
		namespace = atom03
	}
	if said := string(bytes.TrimSpace(tag[from:to])); said == atom03 || said == atom10 {
		return text
	}
	from, to = place[0]+from, place[0]+to
	return append(append(bytes.Clone(text[:from]), namespace...), text[to:]...)
}
