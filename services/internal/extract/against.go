package extract

import (
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/article"
)

// The reasons of a reading that is suspicious beside the one before.
const (
	ReasonTextLost     = "most of the text is gone"
	ReasonNoText       = "no text is left"
	ReasonOtherArticle = "another article stands at this address"
)

const (
	// lostShare is below which share of the former weight a text counts as lost.
	lostShare = .2
	// sharedWords is below which share of common words two texts are of different articles, if the headlines are too.
	sharedWords = .15
)

// Against compares a reading with the one before it and gives reasons to read again before it becomes a version: an
// article is seldom rewritten, and a broken page often looks like one. Nothing speaks against a first reading.
func Against(old, now *article.Snapshot) []string {
	before, after := old.Body(), now.Body()
	if weight(before) < 2*shortText {
		return nil
	}
	var reasons []string
	if after == "" {
		return []string{ReasonNoText} // an article of nothing is a broken page, however often it is looked at
	}
	if float64(weight(after)) < lostShare*float64(weight(before)) {
		reasons = append(reasons, ReasonTextLost)
	}
	if weight(after) >= shortText && common(before, after) < sharedWords && common(old.Title, now.Title) < .5 {
		reasons = append(reasons, ReasonOtherArticle)
	}
	return reasons
}

// common is the share of the smaller text's distinct words, or of its characters where words are not parted by spaces,
// that the other has. Words of three letters or fewer are in all texts of a language.
func common(a, b string) float64 {
	left, right := vocabulary(a), vocabulary(b)
	if len(left) > len(right) {
		left, right = right, left
	}
	if len(left) == 0 {
		return 0
	}
	shared := 0
	for word := range left {
		if right[word] {
			shared++
		}
	}
	return float64(shared) / float64(len(left))
}

func vocabulary(text string) map[string]bool {
	all := make(map[string]bool)
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		runes := []rune(word)
		if unicode.In(runes[0], unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
			for i := 0; i+3 <= len(runes); i++ {
				all[string(runes[i:i+3])] = true
			}
			continue
		}
		if len(runes) > 3 {
			all[word] = true
		}
	}
	return all
}
