// Command fleet runs stet as services apart, with simulated publishers, and holds what stet has against what the
// publishers did. It measures how long a revision takes, or kills the processes while it watches that no version is lost
// and none doubled.
//
//	fleet --stet bin/stet --nats-server bin/nats-server                        measure, on SQLite
//	fleet … --elasticsearch http://127.0.0.1:9200                              measure, on Elasticsearch
//	fleet … --servers 3 --kills 20 --for 10m                                   kill every process 20 times
//
// scripts/fleet.sh builds what it needs and calls it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

type options struct {
	stet, natsServer, elasticsearch       string
	servers, papers, stories, rate, kills int
	duration                              time.Duration
	seed                                  uint64
	verbose                               bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.stet, "stet", "stet", "the stet binary")
	flag.StringVar(&o.natsServer, "nats-server", "nats-server", "the NATS server binary")
	flag.StringVar(&o.elasticsearch, "elasticsearch", "", "URL of an Elasticsearch; SQLite where empty")
	flag.IntVar(&o.servers, "servers", 3, "NATS servers: 1, or 3 with three replicas of every stream")
	flag.IntVar(&o.papers, "papers", 12, "simulated publishers")
	flag.IntVar(&o.stories, "stories", 240, "stories that they have")
	flag.IntVar(&o.rate, "rate", 30, "edits a second, without --kills")
	flag.IntVar(&o.kills, "kills", 0, "how often each process is killed")
	flag.DurationVar(&o.duration, "for", 2*time.Minute, "how long stories are edited; with --kills at the most")
	flag.Uint64Var(&o.seed, "seed", 1, "order of the kills")
	flag.BoolVar(&o.verbose, "verbose", false, "show what the processes log")
	flag.Parse()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o options) (err error) {
	folder, err := os.MkdirTemp("", "stet-fleet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	f := &fleet{options: o, folder: folder, out: out, processes: map[string]*process.Process{}}
	defer f.stop()
	if err := f.start(ctx); err != nil {
		return err
	}
	if err := f.discover(ctx); err != nil {
		return err
	}
	if o.kills > 0 {
		err = f.chaos(ctx)
	} else {
		err = f.measure(ctx)
	}
	if err != nil {
		return err
	}
	if err := f.compare(ctx); err != nil || f.elasticsearch == "" {
		return err
	}
	return f.sameAnswers(ctx)
}

// row prints a line of the report.
func (f *fleet) row(name, format string, args ...any) {
	fmt.Fprintf(f.out, "%-62s%s\n", name, fmt.Sprintf(format, args...)) //nolint:errcheck // nobody is there to be told
}
