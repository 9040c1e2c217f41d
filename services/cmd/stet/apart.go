package main

import (
	"context"
	"net"
	"strconv"

	"github.com/stetnews/stet/services/launch"
)

// apart are the commands of those who run the services apart from each other.
func apart() []command {
	about := map[string]string{
		"feed-poller": "run the feed-poller alone: poll feeds, publish items",
		"scraper":     "run a scraper alone: read articles, publish snapshots (any number)",
		"differ":      "run a differ alone: compare snapshots, publish revisions (any number)",
		"indexer":     "run an indexer alone: write revisions to the search index (any number)",
		"query":       "run the gRPC API alone (any number)",
		"web":         "run the pages alone, for the API at --grpc (any number)",
	}
	var all []command
	for _, name := range launch.Services() {
		all = append(all, command{name: name, help: about[name], run: func(ctx context.Context, c *call) error {
			return c.serve(ctx, name, c.cfg, c.stdout, c.stderr)
		}})
	}
	all = append(all, command{name: "publishers", help: "serve the demo's simulated news sites alone, for trying the services apart",
		run: publishers, flags: []option{
			{name: "listen", argument: "HOST:PORT", help: "address of the first one, the others take the ports that follow (default 127.0.0.1:0, any free ones)"},
			{name: "papers", argument: "N", help: "how many news sites (default 4)"},
			{name: "stories", argument: "N", help: "generated stories beside the demo's own (default 0)"},
			{name: "control", argument: "ADDR", help: "serve only generated stories, and edit them on request at this address"}}})
	return append(all, command{name: "provision", help: "prepare NATS and Elasticsearch for the services; say what changed", run: provision,
		flags: []option{{name: "force", help: "also make changes that lose something, such as lower limits"}}})
}

func publishers(ctx context.Context, c *call) error {
	stage := launch.Stage{Host: "127.0.0.1", Control: c.options["control"]}
	if listen := c.options["listen"]; listen != "" {
		host, port, err := net.SplitHostPort(listen)
		if err != nil {
			return usage("--listen %s: it must be host:port", listen)
		}
		if stage.Port, err = strconv.Atoi(port); err != nil {
			return usage("--listen %s: the port is no number", listen)
		}
		stage.Host = host
	}
	for name, into := range map[string]*int{"papers": &stage.Papers, "stories": &stage.Stories} {
		text, given := c.options[name]
		if !given {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 10_000 {
			return usage("--%s %s: it must be a number up to 10000", name, text)
		}
		*into = n
	}
	return c.stage(ctx, stage, c.stdout)
}

func provision(ctx context.Context, c *call) error {
	changes := 0
	err := c.prepare(ctx, c.cfg, c.has("force"), c.stderr, func(change string) {
		changes++
		c.print.Line("%s", change)
	})
	if err != nil {
		return err
	}
	if changes == 0 {
		c.print.Line("nothing to change")
	}
	return c.print.Err()
}
