// Command fetch measures how stet meets strangers: addresses read as browsers read them, and nothing reached that lies
// inside.
//
//	fetch --stet bin/stet [--urls urltestdata.json] [--steps urls,inside]
//
// The cases of addresses are those of the web platform tests; the module of the library that stet reads addresses with
// brings them, and they are taken from there unless a file is named. What leads inside is tried by the binary as it is, in
// a network of its own where every address of the world is a canary: whatever stet connects to is seen, and only the
// public addresses may be. That needs Linux, the commands unshare and ip, and the right to make such a network.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// bench is one run.
type bench struct {
	stet, urls string
	list       bool
	out        *tabwriter.Writer
}

func main() {
	b := bench{out: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	flag.StringVar(&b.stet, "stet", "stet", "the stet binary")
	flag.StringVar(&b.urls, "urls", "", "cases of addresses, in the form of the web platform tests")
	flag.BoolVar(&b.list, "list", false, "name all that fail")
	steps := flag.String("steps", "urls,inside", "take these steps only, parted by commas")
	caged := flag.Bool("caged", false, "this process is the one in the network of its own (the program starts itself so)")
	flag.Parse()
	err := b.run(strings.Split(*steps, ","), *caged)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
}

func (b *bench) run(steps []string, caged bool) error {
	if caged {
		return errors.Join(b.canaries(), b.out.Flush())
	}
	var failed error
	for _, step := range []struct {
		name string
		do   func() error
	}{{"urls", b.addresses}, {"inside", b.inside}} {
		if !slices.Contains(steps, step.name) {
			continue
		}
		b.say("\n%s", strings.ToUpper(step.name))
		if err := b.out.Flush(); err != nil {
			return err
		}
		if err := step.do(); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", step.name, err))
		}
		if err := b.out.Flush(); err != nil {
			return err
		}
	}
	return failed
}

func (b *bench) say(format string, arguments ...any) { fmt.Fprintf(b.out, format+"\n", arguments...) }
