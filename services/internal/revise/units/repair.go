package units

import (
	"html"
	"strings"
	"unicode/utf8"
)

// mojibake are UTF-8 marks that were read as Windows-1252 somewhere on their way.
var mojibake = strings.NewReplacer("â€™", "'", "â€˜", "'", "â€œ", `"`, "â€\u009d", `"`, "â€“", "-", "â€”", "-", "â€¦", "...",
	"Â\u00a0", " ", "Â ", " ", "Ã©", "é", "Ã¨", "è", "Ã¼", "ü", "Ã¶", "ö", "Ã¤", "ä", "ÃŸ", "ß", "Ã±", "ñ", "Ã³", "ó", "Ã¡", "á",
	"Ã§", "ç", "\u00ad", "", "\u200b", "", "\u200c", "", "\u200d", "", "\ufeff", "", "\u2060", "", "ﬁ", "fi", "ﬂ", "fl")

// Repair undoes what a wrong encoding did to a text: entities that were escaped twice, UTF-8 read as Windows-1252,
// invisible characters. Texts are compared repaired and shown as they are.
func Repair(text string) string {
	if strings.IndexByte(text, '&') >= 0 {
		text = html.UnescapeString(text)
	}
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return text
	}
	return mojibake.Replace(text)
}
