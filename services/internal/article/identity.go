package article

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// Token is a short digest of a text that is safe in a bus subject, a file name and a URL: 16 lower-case letters and
// digits, 80 bits.
func Token(text string) string {
	sum := sha256.Sum256([]byte(text))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// IsToken says whether a text has the form of a Token.
func IsToken(text string) bool {
	if len(text) != 16 {
		return false
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '2' || r > '7') {
			return false
		}
	}
	return true
}
