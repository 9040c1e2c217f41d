// Command revise measures how well stet tells what changed between two versions of an article.
//
//	revise --stet bin/stet [--data wikipedia-250.json.gz]
//
// The articles and their edits are invented by package newsroom, so that the truth is known: which sentences are the
// same statement, which moved, which facts changed. The product comes in by its public door, the filter
// `stet inspect diff --jsonl`. Two simple ways stand beside it in the same run: sentences paired by position, and each
// sentence with its best partner. The seeds from 1 on were used while the product's figures were chosen; the default
// are others. The languages ar and zh were not looked at then, but for the figures of moves.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/stetnews/stet/scripts/bench/revise/newsroom"
)

// bench is one run.
type bench struct {
	stet  string
	seed  uint64
	cases int
	data  string
	many  int
	list  bool
	langs []*newsroom.Language
	out   *tabwriter.Writer
}

func main() {
	b := bench{}
	flag.StringVar(&b.stet, "stet", "stet", "the stet binary")
	flag.Uint64Var(&b.seed, "seed", 500_000, "first seed of the generator")
	flag.IntVar(&b.cases, "cases", 40, "pairs for each language and difficulty")
	flag.IntVar(&b.many, "properties", 10_000, "pairs on which the promises are tested")
	flag.StringVar(&b.data, "data", "", "pairs of real revisions, for speed and robustness (JSON, gzip)")
	flag.BoolVar(&b.list, "list", false, "name what was missed")
	only := flag.String("languages", "", "measure these languages only, parted by commas")
	steps := flag.String("steps", "", "take these steps only, parted by commas: speed, pairs, moves, noise, facts, order, promises, real")
	golden := flag.String("write", "", "write ten generated pairs as texts into this folder and stop")
	flag.Parse()
	for _, l := range newsroom.Languages() {
		if *only == "" || slices.Contains(strings.Split(*only, ","), l.Tag) {
			b.langs = append(b.langs, l)
		}
	}
	var err error
	if *golden != "" {
		err = write(*golden, b.seed)
	} else {
		err = b.run(os.Stdout, *steps)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "revise:", err)
		os.Exit(1)
	}
}

func (b *bench) run(out io.Writer, only string) error {
	b.out = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	steps := []struct {
		name string
		run  func() error
	}{
		{"speed", b.speed}, // first: a process counts the memory of the one that started it as its own
		{"pairs", b.pairs}, {"moves", b.moves}, {"noise", b.noise}, {"facts", b.facts}, {"order", b.order},
		{"promises", b.promises}, {"real", b.real},
	}
	for _, step := range steps {
		if only != "" && !slices.Contains(strings.Split(only, ","), step.name) {
			continue
		}
		if err := step.run(); err != nil {
			return err
		}
		if err := b.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// row prints one line of the table.
func (b *bench) row(cells ...any) {
	for i, cell := range cells {
		if i > 0 {
			fmt.Fprint(b.out, "\t")
		}
		if figure, ok := cell.(float64); ok {
			fmt.Fprintf(b.out, "%.3f", figure)
			continue
		}
		fmt.Fprint(b.out, cell)
	}
	fmt.Fprintln(b.out)
}
