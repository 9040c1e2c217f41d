package describe

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// key is equal for two texts that differ only in spaces, marks, quotation marks, encoding and case. Question marks,
// and the marks that belong to a number, count.
func key(text string) string {
	text = units.Repair(text)
	var b strings.Builder
	for _, word := range units.Words(text) {
		if strings.ContainsFunc(word, unicode.IsDigit) {
			b.WriteString(strings.ToLower(strings.TrimRight(word, ".,:;!")))
			b.WriteByte(' ')
			continue
		}
		tokens := units.Tokens(word)
		for _, token := range tokens {
			b.WriteString(strings.ReplaceAll(token, "'", ""))
			b.WriteByte(' ')
		}
		if len(tokens) == 0 {
			b.WriteString(bearing(word))
		}
	}
	return b.String()
}

// bearing keeps the characters of a word without letters that carry meaning.
func bearing(word string) string {
	return strings.Map(func(r rune) rune {
		if r == '?' || r == '？' || r == '؟' {
			return '?'
		}
		if unicode.Is(unicode.Sc, r) || unicode.Is(unicode.So, r) || r == '%' || r == '+' || r == '=' {
			return r
		}
		return -1
	}, word)
}

// stamp is a line that only says when the page was published or updated.
var stamp = regexp.MustCompile(`(?i)^((first |last )?(published|updated|modified|posted)( on| at)?\b[\s:]*[^.!?]{0,60}|\d+ (second|minute|min|hour|day)s? ago)\.?$`)

func isStamp(text string) bool { return len(text) < 120 && stamp.MatchString(text) }

// Cosmetic says whether a change touches only spaces, marks, quotation marks, encoding, case or a line that says when
// the page was updated.
func Cosmetic(c *article.Change) bool {
	switch c.Kind {
	case moved:
		return isStamp(c.Old)
	case added, deleted, restored:
		if c.Old == "" || c.New == "" {
			return c.Element != image && (key(c.Old+c.New) == "" || isStamp(c.Old+c.New))
		}
	}
	return key(c.Old) == key(c.New) || (isStamp(c.Old) && isStamp(c.New))
}

// notes open a correction, a clarification or an editor's note, in the languages whose wording is known.
var notes = regexp.MustCompile(`(?i)^[\s\[(*—–-]*((corrections?|clarifications?|erratum|errata|korrektur|berichtigung|richtigstellung|rectificatif|correctif|correcci[óo]n|fe de erratas|fe de errores|aclaraci[óo]n)( \([^)]{0,40}\)| \d[\d/. -]{0,20}|, [^:.]{0,40})?\s*[:—–]|(editor|editors)['’]?s?['’]? note\b|note (de la rédaction|from the editors?)\b|nota (del editor|de la redacción)\b|anmerkung der redaktion\b|hinweis der redaktion\b|(this|the) (article|story|report|piece|headline|post) (was|has been) (amended|corrected|clarified)\b|(this|the) (article|story|report|piece|headline|post) (was|has been) (updated|changed|edited|revised) (on|to (correct|clarify|remove|reflect|amend))\b|(an|a previous|the original) (earlier )?version of this (article|story|report|piece|headline|post)\b|in einer (früheren|vorherigen) (version|fassung)\b|une version (précédente|antérieure)\b|una versión anterior\b)`)

func isNote(text string) bool { return notes.MatchString(text) }
