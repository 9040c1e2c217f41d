// Command feeds measures how well stet reads feeds: on public test sets, on feeds that are cut off, on feeds that mean
// harm. It also counts decisions about robots.txt.
//
//	feeds --stet bin/stet [--data feeds.tar] [--robots cases.json] [--steps hostile,salvage,corpus,robots]
//
// The product comes in by its public door, `stet inspect feed` and `stet inspect robots`. The set of feeds is a plain tar
// file or a folder with files that say in a comment what a reader should find in them (of a packed one: xz -dc FILE | feeds
// --data -). A feed counts as parsed when the answer is a feed and no error. What its comment says of titles, links, ids and
// dates is compared; each kind of difference is told with its reason. What means harm is made here, a process each, so that
// memory and time are those of that one feed. Feeds that are cut off are made here too, and those of the set are cut.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// bench is one run.
type bench struct {
	stet, data, robots string
	seed               uint64
	list               bool
	out                *tabwriter.Writer
}

func main() {
	b := bench{out: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	flag.StringVar(&b.stet, "stet", "stet", "the stet binary")
	flag.StringVar(&b.data, "data", "", "feeds with their expectations: a tar file, a folder, or - for a tar on standard input")
	flag.StringVar(&b.robots, "robots", "", "JSON list of {robots, url, ua, want}")
	flag.Uint64Var(&b.seed, "seed", 500_000, "seed of the places where feeds are cut")
	flag.BoolVar(&b.list, "list", false, "name all that fail")
	steps := flag.String("steps", "hostile,salvage,corpus,robots", "take these steps only, parted by commas")
	flag.Parse()
	if err := b.run(strings.Split(*steps, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "feeds:", err)
		os.Exit(1)
	}
}

// run takes the steps. What means harm comes first: a child begins with the memory of its parent in its account.
func (b *bench) run(steps []string) error {
	var failed error
	for _, step := range []struct {
		name string
		do   func() error
	}{{"hostile", b.hostile}, {"salvage", b.salvage}, {"corpus", b.corpus}, {"robots", b.robotsCases}} {
		if !slices.Contains(steps, step.name) {
			continue
		}
		b.say("\n%s", strings.ToUpper(step.name))
		if err := step.do(); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", step.name, err))
		}
		if err := b.out.Flush(); err != nil {
			return err
		}
	}
	return failed
}

func (b *bench) say(format string, arguments ...any) {
	fmt.Fprintf(io.Writer(b.out), format+"\n", arguments...)
}
