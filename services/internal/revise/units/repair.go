package units

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// mojibake are UTF-8 marks that were read as Windows-1252 somewhere on their way.
var mojibake = strings.NewReplacer("â€™", "'", "â€˜", "'", "â€œ", `"`, "â€\u009d", `"`, "â€“", "-", "â€”", "-", "â€¦", "...",
	"Â\u00a0", " ", "Â ", " ", "Ã©", "é", "Ã¨", "è", "Ã¼", "ü", "Ã¶", "ö", "Ã¤", "ä", "ÃŸ", "ß", "Ã±", "ñ", "Ã³", "ó", "Ã¡", "á",
	"Ã§", "ç")

// Repair undoes what a wrong encoding did to a text: entities that were escaped twice, UTF-8 read as Windows-1252,
// invisible characters, letters in another composition or width. Texts are compared repaired and shown as they are.
func Repair(text string) string {
	if strings.IndexByte(text, '&') >= 0 {
		text = html.UnescapeString(text)
	}
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return text
	}
	text = mojibake.Replace(text)
	if !norm.NFKC.IsNormalString(text) {
		text = norm.NFKC.String(text)
	}
	if strings.IndexFunc(text, invisible) >= 0 {
		text = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, text)
	}
	return text
}

// invisible says whether a character has no shape of its own: marks of direction, joiners, the Arabic letter that
// only stretches words.
func invisible(r rune) bool {
	return r == 0x0640 || r == 0x00AD || (r >= 0x200B && unicode.Is(unicode.Cf, r))
}
