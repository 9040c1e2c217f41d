package main

import (
	"strings"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// score counts edges.
type score struct{ found, false, missed int }

func (s *score) add(c *newsroom.Case, edges [][2]int) {
	truth := map[[2]int]bool{}
	for _, edge := range c.Edges {
		if !neutral(c, edge) {
			truth[edge] = true
		}
	}
	seen := map[[2]int]bool{}
	for _, edge := range edges {
		if neutral(c, edge) || seen[edge] {
			continue
		}
		seen[edge] = true
		if truth[edge] {
			s.found++
		} else {
			s.false++
		}
	}
	for edge := range truth {
		if !seen[edge] {
			s.missed++
		}
	}
}

// neutral says whether an edge joins furniture with its like: of equal lines nobody can tell which became which.
func neutral(c *newsroom.Case, edge [2]int) bool {
	old, new := c.OldSentences[edge[0]], c.NewSentences[edge[1]]
	return old.Furniture && new.Furniture && old.Text == new.Text
}

func (s score) precision() float64 { return share(s.found, s.found+s.false) }
func (s score) recall() float64    { return share(s.found, s.found+s.missed) }
func (s score) f1() float64        { return share(2*s.found, 2*s.found+s.false+s.missed) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// placed says which sentences of the truth each unit of a revision covers, and whether all units are just a sentence.
// The sentences' texts stand in their blocks in order, so that a place in the block tells.
func placed(units []unit, sentences []newsroom.Sentence) (covers [][]int, exact bool) {
	covers = make([][]int, len(units))
	exact = true
	next, offset := 0, 0 // sentence, and how much of it units before have covered (spaces left out)
	for u, x := range units {
		if x.Block < 0 {
			continue
		}
		rest := letters(x.Text)
		for rest > 0 && next < len(sentences) {
			length := letters(sentences[next].Text)
			covers[u] = append(covers[u], next)
			if offset > 0 || rest < length {
				exact = false
			}
			take := min(rest, length-offset)
			rest -= take
			if offset += take; offset == length {
				next, offset = next+1, 0
			}
		}
		if len(covers[u]) != 1 {
			exact = false
		}
	}
	return covers, exact
}

func letters(text string) int {
	return len(strings.ReplaceAll(text, " ", ""))
}

// edgesOf are the pairs of sentences that a revision links.
func edgesOf(c *newsroom.Case, r *revision) (edges [][2]int, exact bool) {
	olds, exactOld := placed(r.OldUnits, c.OldSentences)
	news, exactNew := placed(r.NewUnits, c.NewSentences)
	for _, l := range r.Links {
		for _, o := range l.Old {
			for _, n := range l.New {
				for _, i := range olds[o] {
					for _, j := range news[n] {
						edges = append(edges, [2]int{i, j})
					}
				}
			}
		}
	}
	return edges, exactOld && exactNew
}

// moves counts the sentences that moved: found, told of others, missed.
type moves struct{ found, false, missed int }

func (m *moves) add(c *newsroom.Case, r *revision) {
	news, _ := placed(r.NewUnits, c.NewSentences)
	told := map[int]bool{}
	for _, l := range r.Links {
		for _, n := range l.New {
			for _, j := range news[n] {
				if l.Moved {
					told[j] = true
				}
			}
		}
	}
	for j := range told {
		switch {
		case c.Moved[j]:
			m.found++
		case !c.NewSentences[j].Furniture:
			m.false++
		}
	}
	for j := range c.Moved {
		if !told[j] {
			m.missed++
		}
	}
}

// shown is how many letters a reader sees marked, and how many an order-keeping word diff of the whole texts marks.
func shown(c *newsroom.Case, r *revision) (marked, least int) {
	for _, i := range r.Deleted {
		marked += letters(r.OldUnits[i].Text)
	}
	for _, j := range r.Added {
		marked += letters(r.NewUnits[j].Text)
	}
	for _, l := range r.Links {
		for _, w := range l.Words {
			if w.Op != "" && w.Op != "SAME" {
				marked += letters(w.Text)
			}
		}
	}
	old, new := pieces(c.Old), pieces(c.New)
	for _, p := range append(append([]string(nil), old...), new...) {
		least += letters(p)
	}
	for _, pair := range common(old, new) {
		least -= 2 * letters(old[pair[0]])
	}
	return marked, least
}

// pieces are the words of a whole text with the marks that cling to them, title and standfirst first.
func pieces(s *newsroom.Snapshot) []string {
	texts := []string{s.Title, s.Standfirst}
	for _, block := range s.Blocks {
		texts = append(texts, block.Text)
	}
	var list []string
	for _, text := range texts {
		for word := range strings.FieldsSeq(text) {
			list = append(list, parts(word)...)
		}
	}
	return list
}

// parts takes the marks off a word; a word of a script without spaces falls into its letters.
func parts(word string) []string {
	var list []string
	rest := word
	inner := tokens(word)
	for _, token := range inner {
		at := strings.Index(strings.ToLower(rest), token)
		if at < 0 || at+len(token) > len(rest) {
			break
		}
		if at > 0 {
			list = append(list, rest[:at])
		}
		list = append(list, rest[at:at+len(token)])
		rest = rest[at+len(token):]
	}
	if rest != "" {
		list = append(list, rest)
	}
	return list
}
