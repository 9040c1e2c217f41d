package describe

import "strings"

// persons are the people that the texts introduce with a title.
type persons map[string]string // title to the last word of a name, empty where it is not one person's

// meant says whether a text that does not name somebody means them all the same: it gives the last word of their name
// where no other name holds it, or the title that the article introduces them with.
func (p persons) meant(name, text string, mentions []mention) bool {
	last := name[strings.LastIndexByte(name, ' ')+1:]
	lower := strings.ToLower(text)
	if len(lower) == len(text) && standsAt(last, lower, func(at int) bool { return !inName(at, mentions) }) {
		return true
	}
	if last == name || !strings.Contains(lower, "the ") {
		return false
	}
	for title, of := range p {
		if of == last && stands("the "+title, lower) {
			return true
		}
	}
	return false
}

// inName says whether a byte of a text stands in one of the names found there.
func inName(at int, mentions []mention) bool {
	for _, m := range mentions {
		if m.kind == nameFact && at >= m.at && at < m.at+len(m.text) {
			return true
		}
	}
	return false
}

// unlessMeant leaves out names that the other text means without naming them.
func (p persons) unlessMeant(list []mention, text string, mentions []mention) (named []mention) {
	for _, m := range list {
		if !p.meant(m.key, text, mentions) {
			named = append(named, m)
		}
	}
	return named
}
