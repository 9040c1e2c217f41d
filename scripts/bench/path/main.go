// Command path measures stet whole: a running binary, pages served from an archive on the loopback, checks, revisions,
// and the search that finds them.
//
//	path --stet bin/stet --pages bin/pages --data archive.tar                               correctness
//	path --stet bin/stet --pages bin/pages --data archive.tar --copies 600 --size 170000    speed
//	path --stet bin/stet --pages bin/pages --data archive.tar --readings 24                 an accelerated day
//
// It is told apart by --copies and --readings: without them every true page is served once, edited, refurnished, and the
// process started again; with copies these are checked in rounds, and the clock is read; with readings every page is read
// as often as in a day, while all that stands around the articles changes from one to the next.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

type options struct {
	stet, pages, data   string
	copies, size, hosts int
	edits, rounds, rate int
	readings, edited    int
	list                bool
	gap, quiet          time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.stet, "stet", "stet", "the stet binary")
	flag.StringVar(&o.pages, "pages", "pages", "the binary of load/pages")
	flag.StringVar(&o.data, "data", "", "tar of html/ID.html.gz and ground-truth.json")
	flag.IntVar(&o.copies, "copies", 0, "measure speed with this many copies of the pages")
	flag.IntVar(&o.size, "size", 0, "pad pages to this many bytes")
	flag.IntVar(&o.hosts, "hosts", 0, "hosts that the pages are spread over (default 1, with --copies 64)")
	flag.IntVar(&o.edits, "edits", 10, "pages that are edited, without --copies")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds of checks, with --copies")
	flag.IntVar(&o.rate, "rate", 30, "edits a second in the steady part, with --copies")
	flag.IntVar(&o.readings, "readings", 0, "measure an accelerated day with so many readings of each page")
	flag.IntVar(&o.edited, "edited", 8, "further readings at which a tenth of the pages is edited, with --readings")
	flag.BoolVar(&o.list, "list", false, "name what was false or missed, with --readings")
	flag.DurationVar(&o.gap, "host-gap", time.Millisecond, "least time between two requests to one host")
	flag.DurationVar(&o.quiet, "quiet", 10*time.Second, "how long to listen for requests after the second start")
	flag.Parse()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "path:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o options) (err error) {
	if o.data == "" {
		return errors.New("--data is missing")
	}
	fallback := 1
	if o.copies > 0 {
		fallback = 64
	}
	o.hosts = cmp.Or(o.hosts, fallback)
	folder, err := os.MkdirTemp("", "stet-path-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	site, err := startSite(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.stop()) }()
	b := &bench{options: o, folder: folder, site: site, out: out}
	if b.stet, err = startStet(ctx, o, folder, site.feed); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stet.stop()) }()
	switch {
	case o.copies > 0:
		return b.speed(ctx)
	case o.readings > 0:
		return b.day(ctx)
	}
	return b.correctness(ctx)
}

// bench is a measurement under way.
type bench struct {
	options
	folder string
	site   *site
	stet   *stet
	out    io.Writer
}

// row prints a line of the table at once: a measurement takes minutes.
func (b *bench) row(name, format string, args ...any) {
	fmt.Fprintf(b.out, "%-68s%s\n", name, fmt.Sprintf(format, args...)) //nolint:errcheck // nobody is there to be told
}

// patience bounds everything that is waited for.
const patience = 5 * time.Minute

// until asks every little while whether something is so.
func until(ctx context.Context, what string, every time.Duration, so func() (bool, error)) error {
	return process.Until(ctx, patience, what, every, so)
}
