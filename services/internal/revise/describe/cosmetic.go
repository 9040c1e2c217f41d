package describe

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
			b.WriteString(strings.ToLower(oneDash(strings.TrimRight(word, ".,:;!"))))
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

// oneDash writes the dashes inside a range or a result in one way: 3–2 is 3-2. A sign at the start stays.
func oneDash(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return word[:size] + dashes.Replace(word[size:])
}

// dashes is read only.
var dashes = strings.NewReplacer("–", "-", "\u2010", "-", "\u2011", "-", "−", "-")

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

// stamp is a line that only says when the page was published or updated: it opens with such a word and holds a figure
// or a day.
var (
	stamp = regexp.MustCompile(`(?i)^((first |last |zuletzt |laatst )?(published|updated|modified|posted|aktualisiert|veröffentlicht|stand:|publié|mis à jour|actualizado|publicado|aggiornato|pubblicato|atualizado|bijgewerkt|обновлено|опубликовано|अपडेट किया गया|अपडेट|प्रकाशित|آخر تحديث|نشر في|更新时间|更新于|发布时间|更新日時|更新日)[\s:：][^.!?。]{0,60}|\d+ (second|minute|min|hour|day)s? ago|vor \d+ (minuten?|stunden?|tag(en)?)|il y a \d+ (minutes?|heures?|jours?)|hace \d+ (minutos?|horas?|días?)|\d+ (минут|минуты|час|часа|часов|дней|дня) назад)[.。]?$`)
	dated = regexp.MustCompile(`(?i)\d|\b(noon|midnight|today|yesterday|just now|(mon|tues|wednes|thurs|fri|satur|sun)day)\b`)
)

func isStamp(text string) bool {
	return len(text) < 160 && stamp.MatchString(text) && dated.MatchString(text)
}

// Cosmetic says whether a change touches only spaces, marks, quotation marks, encoding, case or a line that says when
// the page was updated.
func Cosmetic(c *article.Change) bool {
	switch c.Kind {
	case moved:
		return isStamp(c.Old)
	case added, deleted, restored:
		if c.Old == "" || c.New == "" {
			return c.Element != image && (wordless(c.Old+c.New) || isStamp(c.Old+c.New))
		}
	}
	return sameWords(c.Old, c.New) && key(c.Old) == key(c.New) || (isStamp(c.Old) && isStamp(c.New))
}

// wordless says whether a text is spaces and marks only.
func wordless(text string) bool {
	meant := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return strings.IndexFunc(text, meant) < 0 && key(text) == ""
}

// sameWords says whether two texts hold the same words. It is quicker than comparing keys, and seldom true.
func sameWords(old, new string) bool {
	a, b := units.Tokens(units.Repair(old)), units.Tokens(units.Repair(new))
	return slices.EqualFunc(a, b, func(x, y string) bool {
		return x == y || strings.ReplaceAll(x, "'", "") == strings.ReplaceAll(y, "'", "")
	})
}

// notes open a correction, a clarification or an editor's note, in the languages whose wording is known.
var notes = regexp.MustCompile(`(?i)^[\s\[(*—–-]*((corrections?|clarifications?|erratum|errata|korrektur|berichtigung|richtigstellung|rectificatif|correctif|correcci[óo]n|fe de erratas|fe de errores|aclaraci[óo]n|correzione|rettifica|correção|esclarecimento|correctie|rectificatie|исправление|уточнение|सुधार|स्पष्टीकरण|تصحيح|توضيح|更正|澄清|订正|訂正)( \([^)]{0,40}\)| \d[\d/. -]{0,20}|, [^:.]{0,40})?\s*[:：—–]|(editor|editors)['’]?s?['’]? note\b|note (de la rédaction|from the editors?)\b|nota (del editor|de la redacción)\b|anmerkung der redaktion\b|hinweis der redaktion\b|(this|the) (article|story|report|piece|headline|post) (was|has been) (amended|corrected|clarified)\b|(this|the) (article|story|report|piece|headline|post) (was|has been) (updated|changed|edited|revised) (on|to (correct|clarify|remove|reflect|amend))\b|(an|a previous|the original) (earlier )?version of this (article|story|report|piece|headline|post)\b|in einer (früheren|vorherigen) (version|fassung)\b|une version (précédente|antérieure)\b|una versión anterior\b)`)

func isNote(text string) bool { return notes.MatchString(text) }
