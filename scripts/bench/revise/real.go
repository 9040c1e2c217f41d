package main

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// most is the most bytes of real revisions that are read.
const most = 256 << 20

// pairsIn reads an object from language to pairs of texts; a line is a paragraph.
func pairsIn(r io.Reader) ([]set, error) {
	var texts map[string][][2]string
	if err := json.NewDecoder(io.LimitReader(r, most)).Decode(&texts); err != nil {
		return nil, err
	}
	var sets []set
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		s := set{language: language}
		for _, pair := range texts[language] {
			s.requests = append(s.requests, request{Old: lines(pair[0], language), New: lines(pair[1], language)})
		}
		sets = append(sets, s)
	}
	return sets, nil
}

func lines(text, language string) *newsroom.Snapshot {
	s := &newsroom.Snapshot{Language: language, Title: "Untitled"}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			s.Blocks = append(s.Blocks, newsroom.Block{Kind: "PARAGRAPH", Text: line})
		}
	}
	return s
}
