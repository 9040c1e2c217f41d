package search

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Tokens that the index makes itself begin with a character that Analyze never lets through.
const (
	reserved = "\uE000"
	lineEnd  = "\uE001" // stands between the lines of a field, so that no phrase goes across

	// EverythingToken is among the MetaTokens of every document.
	EverythingToken = reserved + "all"
	// NothingToken is in no document.
	NothingToken = reserved + "none"
)

// Terms are the tokens a text query looks for, side by side, and whether the last one may go on.
func (q Text) Terms() (tokens []string, prefix bool) {
	prefix = q.Prefix
	analysed := Analyze(q.Text)
	if last := len(analysed) - 1; last >= 0 && analysed[last].Tail {
		// A run's last sign is indexed alone only where the run ends, and a query may end in mid-run: its pairs say
		// enough, and a single sign finds the pairs that it begins.
		if last > 0 && !analysed[last-1].Tail && analysed[last-1].End == analysed[last].End {
			analysed = analysed[:last]
		} else {
			prefix = true
		}
	}
	for _, token := range analysed {
		tokens = append(tokens, token.Text)
	}
	return tokens, prefix
}

// IndexText is a field's text as a backend stores it for searching: tokens with a space between.
func IndexText(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/8)
	for _, token := range fieldTokens(text) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(token.Text)
	}
	return b.String()
}

// fieldTokens is Analyze with a token for each line's end that has words on both sides.
func fieldTokens(text string) []Token {
	tokens := Analyze(text)
	if !strings.Contains(text, "\n") {
		return tokens
	}
	lines := make([]Token, 0, len(tokens)+len(tokens)/8)
	for i, token := range tokens {
		if i > 0 {
			if before := tokens[i-1].End; before < token.Start && strings.Contains(text[before:token.Start], "\n") {
				lines = append(lines, Token{Text: lineEnd, Start: before, End: before})
			}
		}
		lines = append(lines, token)
	}
	return lines
}

// Token is the reserved token that a document matching the keyword has.
func (q Keyword) Token() string { return keyToken(q.Field, q.Value) }

// MetaTokens are the reserved tokens of a document: one that all have, and those of its source, article, language and
// kinds.
func MetaTokens(d *Document) []string {
	tokens := []string{EverythingToken, keyToken(Source, d.Source), keyToken(Article, d.Article)}
	for _, kind := range d.Kinds {
		tokens = append(tokens, keyToken(Kind, kind))
	}
	if d.Language != "" {
		tokens = append(tokens, keyToken(Language, d.Language))
		if primary, _, regional := strings.Cut(d.Language, "-"); regional {
			tokens = append(tokens, keyToken(Language, primary))
		}
	}
	return tokens
}

// keyToken is a digest of a name, so that any name is one token and of bounded length.
func keyToken(field Field, value string) string {
	key := strings.ToLower(strings.TrimSpace(value))
	if tokens := Analyze(value); len(tokens) > 0 {
		key = ""
		for _, token := range tokens {
			key += token.Text + " "
		}
	}
	sum := sha256.Sum256([]byte(key))
	return reserved + string(field) + "=" + hex.EncodeToString(sum[:8])
}
