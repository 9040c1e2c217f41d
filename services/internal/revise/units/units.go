// Package units cuts a snapshot into the units that a revision is told in (the title, the standfirst and sentences)
// and a text into the words that a change is marked in. It knows nothing of other versions.
package units

import (
	"strings"

	"github.com/stetnews/stet/services/internal/article"
)

// Sentences are the units of a snapshot in reading order: the title first, even where it is empty, then the
// standfirst if there is one, then the sentences of each block. Unit texts carry no space at their ends; every other
// byte of the snapshot's texts is in exactly one unit.
func Sentences(s *article.Snapshot) []article.Unit {
	return collect(s, func(text string) []string { return Split(text, s.Language) })
}

// Blocks are the units of a snapshot too long for sentences: as Sentences, with every block whole.
func Blocks(s *article.Snapshot) []article.Unit {
	return collect(s, func(text string) []string { return []string{text} })
}

func collect(s *article.Snapshot, split func(string) []string) []article.Unit {
	list := make([]article.Unit, 0, 2+2*len(s.Blocks))
	list = append(list, article.Unit{Block: article.TitleBlock, Text: strings.TrimSpace(s.Title)})
	if text := strings.TrimSpace(s.Standfirst); text != "" {
		list = append(list, article.Unit{Block: article.StandfirstBlock, Text: text})
	}
	for i, block := range s.Blocks {
		text := strings.TrimSpace(block.Text)
		if text == "" {
			continue
		}
		for _, sentence := range split(text) {
			list = append(list, article.Unit{Block: i, Text: sentence})
		}
	}
	return list
}
