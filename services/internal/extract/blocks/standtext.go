package blocks

import (
	"regexp"
	"strings"
)

// standText joins the standfirst's segments and marks them as such.
func (c *choice) standText(found []int32) string {
	var texts []string
	for _, at := range found {
		text := c.segments[at].text
		c.segments[at].reason = ReasonStand
		if len(texts) == 0 || texts[len(texts)-1] != text {
			texts = append(texts, text)
		}
	}
	return c.unsigned(placed.ReplaceAllString(strings.Join(texts, " "), ""))
}

// placed matches the place that some pages print before a standfirst, parted from it by a dot or bar.
var placed = regexp.MustCompile(`^\p{Lu}[\p{L}./-]*(?: [\p{L}./-]+){0,3} ?[·•|] `)

// byWords are the words before an author's name, andWords those between two.
var (
	byWords  = tokenSet("by von par por di da door av af text texte texto testo tekst")
	andWords = tokenSet("and und et y e en och og &")
)

// unsigned is a text without the line with the authors that ends it on some pages: "Von Ada Quill und Ben Oar".
func (c *choice) unsigned(text string) string {
	rest := text
	for range c.hints.Authors {
		cut := withoutLast(rest, c.hints.Authors)
		if cut == rest {
			break
		}
		at := strings.LastIndexByte(cut, ' ') + 1
		last := strings.ToLower(strings.TrimSuffix(cut[at:], ":"))
		if before := strings.TrimRight(cut[:at], " –—-|·"); byWords[last] && endsSentence(before) {
			return before
		}
		if rest = strings.TrimRight(cut, ","); andWords[last] {
			rest = strings.TrimRight(cut[:at], " ")
		}
	}
	return text
}

// withoutLast is a text without the name that ends it, if one does.
func withoutLast(text string, names []string) string {
	for _, name := range names {
		if at := len(text) - len(name); name != "" && at > 0 && strings.EqualFold(text[at:], name) {
			return strings.TrimRight(text[:at], " ")
		}
	}
	return text
}
