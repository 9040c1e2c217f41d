package blocks

import (
	"strings"
	"unicode"
)

// The signs of furniture in a text alone, without its page.
const (
	SignMore    = "leads to another story"
	SignOffer   = "asks the reader for something"
	SignTime    = "tells how long ago"
	SignCounter = "a counter"
)

// offerWords is up to how many words a text with the phrases of an offer is one; an article may speak of newsletters.
const offerWords = 30

// Sign says why a text is furniture whatever page it stands on, empty where nothing speaks for it. Notices of
// corrections never are.
func Sign(text string) string {
	if notice(text) {
		return ""
	}
	count := countWords(text)
	says := phrasesIn(text)
	plain := plainText(text)
	switch {
	case furnitureTexts[plain]:
		return ReasonFurniture
	case says&saysMore != 0 && count <= offerWords && !strings.ContainsAny(text, "“”„«»\""):
		return SignMore
	case says&(saysSignUp|saysAd|saysShare|saysConsent) != 0 && says&saysYou != 0 && count <= offerWords, says&saysSignUp != 0 && count <= 12:
		return SignOffer
	case says&saysTime != 0 && count <= 8 && strings.ContainsFunc(text, unicode.IsDigit):
		return SignTime
	case count <= 3 && strings.ContainsFunc(text, unicode.IsDigit) && !endsSentence(text) && len(text) < 30:
		return SignCounter
	}
	return ""
}

// Notice says whether a text begins as a newsroom's notice of a correction does, or as an editor's note.
func Notice(text string) bool { return notice(text) }

// Story says whether a text reads like an article's: long enough, and ended like a sentence.
func Story(text string) bool {
	return float32(len(text))/9 >= 9 && endsSentence(text) && Sign(text) == ""
}

// Shape is a digest of a text's letters, digits folded into one, so that counters and times do not move it.
func Shape(text string) uint64 {
	return hashText(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '0'
		}
		return r
	}, plainText(text)))
}

// Digest is a digest of a text's letters and digits.
func Digest(text string) uint64 { return hashText(plainText(text)) }
