package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// write writes ten generated pairs in the form of the golden tests of package revise.
func write(folder string, seed uint64) error {
	languages := newsroom.Languages()
	for n := range 10 {
		language := languages[n/2%len(languages)]
		if n < 4 {
			language = languages[0]
		}
		c := newsroom.Hard(language, seed+uint64(n), []float64{.8, .65}[n%2])
		if n%2 == 0 {
			c = newsroom.Easy(language, seed+uint64(n), .4, true)
		}
		file := filepath.Join(folder, fmt.Sprintf("generated-%02d-%s.txt", n+1, language.Tag))
		if err := os.WriteFile(file, []byte(text(c.Old)+"---\n"+text(c.New)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// text is a snapshot as people write one: the title, then the blocks, each with a mark for its kind.
func text(s *newsroom.Snapshot) string {
	marks := map[string]string{"LIST_ITEM": "* ", "NOTE": "^ "}
	parts := []string{"language: " + s.Language, s.Title}
	for _, block := range s.Blocks {
		parts = append(parts, marks[block.Kind]+block.Text)
	}
	return strings.Join(parts, "\n\n") + "\n"
}
