package main

import (
	"fmt"
	"slices"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// level is a difficulty of the generator.
type level struct {
	name string
	make func(*newsroom.Language, uint64) *newsroom.Case
}

func easy(l *newsroom.Language, seed uint64) *newsroom.Case {
	return newsroom.Easy(l, seed, .3, seed%2 == 0)
}

func still(l *newsroom.Language, seed uint64) *newsroom.Case {
	return newsroom.Easy(l, seed, .3, false)
}

func hard(keep float64) func(*newsroom.Language, uint64) *newsroom.Case {
	return func(l *newsroom.Language, seed uint64) *newsroom.Case { return newsroom.Hard(l, seed, keep) }
}

func levels() []level {
	return []level{{"easy", easy}, {"hard .80", hard(.8)}, {"hard .65", hard(.65)}, {"hard .50", hard(.5)}}
}

// ask makes the cases of some languages and gives them with their revisions.
func (b *bench) ask(make func(*newsroom.Language, uint64) *newsroom.Case, langs []*newsroom.Language) ([]*newsroom.Case, []revision, error) {
	var cases []*newsroom.Case
	var requests []request
	for _, l := range langs {
		for n := range uint64(b.cases) {
			c := make(l, b.seed+n)
			cases = append(cases, c)
			r := request{Old: c.Old, New: c.New}
			if c.Earlier != nil {
				r.Earlier = c.Earlier
			}
			requests = append(requests, r)
		}
	}
	answers, err := revisions(b.stet, requests)
	return cases, answers, err
}

// pairs measures which sentences are paired.
func (b *bench) pairs() error {
	b.row("sentence pairs", "stet F1", "P", "R", "best partner ≥.3", "≥.4", "one to one ≥.3", "position", "shown / word diff", "cut as written")
	for _, level := range levels() {
		for _, langs := range append([][]*newsroom.Language{b.langs}, each(b.langs)...) {
			if err := b.pairsOf(level, langs); err != nil {
				return err
			}
		}
	}
	b.row()
	return nil
}

func each(langs []*newsroom.Language) (groups [][]*newsroom.Language) {
	for i := range langs {
		groups = append(groups, langs[i:i+1])
	}
	return groups
}

func (b *bench) pairsOf(level level, langs []*newsroom.Language) error {
	cases, answers, err := b.ask(level.make, langs)
	if err != nil {
		return err
	}
	var stet, loose, strict, single, position score
	marked, least, exact := 0, 0, 0
	for i, c := range cases {
		edges, whole := edgesOf(c, &answers[i])
		if whole {
			exact++
		} else if b.list {
			explainCut(c, &answers[i])
		}
		if b.list && len(langs) > 1 {
			explain(c, edges)
		}
		stet.add(c, edges)
		table := ratios(c.OldSentences, c.NewSentences)
		loose.add(c, byBestPartner(table, .3))
		strict.add(c, byBestPartner(table, .4))
		single.add(c, oneToOne(table, .3))
		position.add(c, byPosition(c.OldSentences, c.NewSentences))
		m, l := shown(c, &answers[i])
		marked, least = marked+m, least+l
	}
	name := "all"
	if len(langs) == 1 {
		name = langs[0].Tag
	}
	b.row(level.name+" "+name, stet.f1(), stet.precision(), stet.recall(), loose.f1(), strict.f1(), single.f1(), position.f1(),
		float64(marked)/float64(least), fmt.Sprintf("%d/%d", exact, len(cases)))
	return nil
}

// explain prints the pairs that were missed and the false ones.
func explain(c *newsroom.Case, edges [][2]int) {
	truth, found := map[[2]int]bool{}, map[[2]int]bool{}
	for _, edge := range c.Edges {
		truth[edge] = true
	}
	for _, edge := range edges {
		found[edge] = true
		if !truth[edge] && !neutral(c, edge) {
			fmt.Printf("%s false %v\n  %s\n  %s\n", c.Name, edge, c.OldSentences[edge[0]].Text, c.NewSentences[edge[1]].Text)
		}
	}
	for _, edge := range c.Edges {
		if !found[edge] && !neutral(c, edge) {
			fmt.Printf("%s missed %v\n  %s\n  %s\n", c.Name, edge, c.OldSentences[edge[0]].Text, c.NewSentences[edge[1]].Text)
		}
	}
}

// explainCut prints the units that are not a sentence of the truth.
func explainCut(c *newsroom.Case, r *revision) {
	written := map[string]bool{}
	for _, s := range append(slices.Clone(c.OldSentences), c.NewSentences...) {
		written[s.Text] = true
	}
	for _, u := range append(slices.Clone(r.OldUnits), r.NewUnits...) {
		if u.Block >= 0 && !written[u.Text] {
			fmt.Printf("%s: cut otherwise\n  %s\n", c.Name, u.Text)
		}
	}
}

// explainMoves prints the links of which another thing is told than is true, and the sentences that moved and are in no
// link.
func explainMoves(c *newsroom.Case, r *revision) {
	news, _ := placed(r.NewUnits, c.NewSentences)
	linked := map[int]bool{}
	defer func() {
		for _, edge := range c.Edges {
			if c.Moved[edge[1]] && !linked[edge[1]] {
				fmt.Printf("%s: %v moved, told to have come\n  %s\n  %s\n", c.Name, edge, c.OldSentences[edge[0]].Text, c.NewSentences[edge[1]].Text)
			}
		}
	}()
	for _, l := range r.Links {
		for _, n := range l.New {
			for _, j := range news[n] {
				linked[j] = true
				if l.Moved != c.Moved[j] && !c.NewSentences[j].Furniture {
					fmt.Printf("%s: %v to %v moved %v, truth %v\n  %s\n  %s\n", c.Name, l.Old, l.New, l.Moved, c.Moved[j],
						r.OldUnits[l.Old[0]].Text, r.NewUnits[n].Text)
				}
			}
		}
	}
}

// moves measures which sentences are said to have moved, on easy pairs and on pairs without moves, and what came back.
func (b *bench) moves() error {
	b.row("moves", "found", "told of others")
	for _, level := range append(levels(), level{"without moves", still}) {
		cases, answers, err := b.ask(level.make, b.langs)
		if err != nil {
			return err
		}
		var m moves
		for i, c := range cases {
			before := m
			m.add(c, &answers[i])
			if b.list && (m.false > before.false || m.missed > before.missed) {
				explainMoves(c, &answers[i])
			}
		}
		b.row(level.name, fmt.Sprintf("%.3f (%d of %d)", share(m.found, m.found+m.missed), m.found, m.found+m.missed), m.false)
	}
	cases, answers, err := b.ask(newsroom.Restored, b.langs)
	if err != nil {
		return err
	}
	found, wanted, other := 0, 0, 0
	for i, c := range cases {
		news, _ := placed(answers[i].NewUnits, c.NewSentences)
		told := map[int]bool{}
		for _, x := range answers[i].Restored {
			for _, j := range news[x.New] {
				told[j] = true
			}
		}
		for _, j := range c.Restored {
			wanted++
			if told[j] {
				found++
				delete(told, j)
			}
		}
		other += len(told)
	}
	b.row("restored sentences", fmt.Sprintf("%.3f (%d of %d)", share(found, wanted), found, wanted), other)
	b.row()
	return nil
}
