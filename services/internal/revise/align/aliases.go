package align

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/article"
)

// aliasWeight is what a title adds for the name that it stands for. A name itself weighs one.
const aliasWeight = .8

// definite are the articles that make a title stand for a person: "the mayor".
var definite = map[string]bool{"the": true, "der": true, "die": true, "le": true, "la": true, "el": true, "il": true, "o": true, "a": true, "de": true, "het": true}

// findAliases learns from the texts which title stands for which name: after "Mayor Anna Brandt", "the mayor" is
// Brandt, as long as no other mayor is named. Both versions are read, so that either may introduce the name.
func (m *matcher) findAliases(sides ...[]article.Unit) {
	names := titles(sides...)
	m.titles = names
	ids := make(map[string]int32, len(names))
	for id, word := range m.words {
		ids[word] = int32(id)
	}
	m.aliases = map[int32]int32{}
	for title, name := range names {
		from, known := ids[title]
		to, named := ids[name]
		if name != "" && known && named && !m.stop[from] {
			m.aliases[from] = to
		}
	}
}

// titles are the titles that stand before names in some texts, in lower case, each with the last word of the name that
// it introduces; empty where it is not one person's.
func titles(sides ...[]article.Unit) map[string]string {
	names := map[string]string{}
	for _, side := range sides {
		for _, u := range side {
			if u.Block != article.TitleBlock {
				introduce(u.Text, names)
			}
		}
	}
	return names
}

// introduce finds the titles that stand before a first and a last name.
func introduce(text string, names map[string]string) {
	var before [2]string // the two words before
	for word := range strings.FieldsSeq(text) {
		last := strings.ToLower(strings.TrimRightFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }))
		if before[0] != "" && capital(before[1]) && capital(word) && lettersOnly(before[0]) && lettersOnly(before[1]) && last != "" {
			title := strings.ToLower(before[0])
			if name, known := names[title]; known && name != last {
				last = ""
			}
			names[title] = last
		}
		before[0], before[1] = before[1], word
	}
}

func capital(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(first) && len(word) > size
}

func lettersOnly(word string) bool {
	return strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// alias is the name that the token at a position stands for.
func (m *matcher) alias(tokens []int32, n int) (int32, bool) {
	if n == 0 || len(m.aliases) == 0 || !definite[m.words[tokens[n-1]]] {
		return 0, false
	}
	name, ok := m.aliases[tokens[n]]
	return name, ok
}
