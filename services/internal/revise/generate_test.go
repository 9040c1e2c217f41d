package revise

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/article"
)

// generator invents articles and edits them. It is a small one: enough for properties, not for measuring quality.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 7))} }

var (
	people = []string{"Mayor Anna Brandt", "Dr. Tomas Ode", "Councillor Lee", "the ferry's captain", "Ms. Varga", "a neighbour"}
	acts   = []string{"opened the northern depot", "refused to sign the harbour contract", "counted the missing lanterns",
		"described a loud crack under the bridge", "promised a new inquiry into the flood wall", "cancelled the winter market",
		"asked for patience while divers searched the basin", "sold three trams to a museum in Lund"}
	places = []string{"near the old mill", "in the eastern quarter", "at the Kestrel quay", "outside the court", "beside Lake Orrin", "on Ropewalk Street"}
	times  = []string{"on Monday morning", "at 10:30", "after the storm", "two days before the vote", "late on 3 May", "for the second time"}
)

func pick(g generator, list []string) string { return list[g.IntN(len(list))] }

func (g generator) sentence() string {
	text := fmt.Sprintf("%s %s %s %s", pick(g, people), pick(g, acts), pick(g, places), pick(g, times))
	switch g.IntN(4) {
	case 0:
		text += fmt.Sprintf(", and %d people watched", 2+g.IntN(900))
	case 1:
		text += fmt.Sprintf(", at a cost of $%d.%02d", g.IntN(5000), g.IntN(100))
	case 2:
		text = fmt.Sprintf("“It was %s,” said a witness who %s", pick(g, places), pick(g, acts))
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func (g generator) article(paragraphs int) *article.Snapshot {
	s := &article.Snapshot{Title: strings.TrimSuffix(g.sentence(), "."), Language: "en", Byline: []string{"Ida Falk"}, Modified: "2026-01-01T00:00:00Z"}
	if g.IntN(2) == 0 {
		s.Standfirst = g.sentence()
	}
	for range paragraphs {
		s.Blocks = append(s.Blocks, g.paragraph())
	}
	return s
}

func (g generator) paragraph() article.Block {
	block := article.Block{Kind: article.Paragraph, Text: g.sentence()}
	for range g.IntN(3) {
		block.Text += " " + g.sentence()
	}
	if g.IntN(8) == 0 {
		block.Kind = article.BlockKind(1 + g.IntN(7))
	}
	return block
}

func clone(s *article.Snapshot) *article.Snapshot {
	c := *s
	c.Blocks, c.Byline = slices.Clone(s.Blocks), slices.Clone(s.Byline)
	return &c
}

// edit makes a new version by some operations drawn at random.
func (g generator) edit(s *article.Snapshot, operations int) *article.Snapshot {
	s = clone(s)
	for range operations {
		if len(s.Blocks) == 0 {
			s.Blocks = append(s.Blocks, g.paragraph())
		}
		at := g.IntN(len(s.Blocks))
		block := &s.Blocks[at]
		words := strings.Fields(block.Text)
		switch g.IntN(11) {
		case 0:
			s.Title = strings.TrimSuffix(g.sentence(), ".")
		case 1:
			s.Blocks = slices.Delete(s.Blocks, at, at+1)
		case 2:
			s.Blocks = slices.Insert(s.Blocks, at, g.paragraph())
		case 3:
			moved := s.Blocks[at]
			s.Blocks = slices.Delete(s.Blocks, at, at+1)
			s.Blocks = slices.Insert(s.Blocks, g.IntN(len(s.Blocks)+1), moved)
		case 4:
			words[g.IntN(len(words))] = pick(g, []string{"allegedly", "17", "U.S.", "", "the", "橋", "\xff"})
			block.Text = strings.Join(words, " ")
		case 5: // split
			cut := g.IntN(len(words))
			block.Text = strings.Join(words[:cut], " ") + ". " + strings.Join(words[cut:], " ")
		case 6: // merge
			block.Text = strings.ReplaceAll(block.Text, ". ", ", and ")
		case 7:
			s.Standfirst = pick(g, []string{"", g.sentence(), block.Text})
		case 8: // repeat
			s.Blocks = append(s.Blocks, *block)
		case 9:
			block.Text = strings.NewReplacer("“", `"`, "”", `"`).Replace(block.Text)
		case 10:
			s.Title = pick(g, []string{"", block.Text})
		}
	}
	return s
}
