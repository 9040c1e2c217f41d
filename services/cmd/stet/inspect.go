package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/inspect"
	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/terminal"
	"github.com/stetnews/stet/services/launch"
)

// cosmeticHelp explains the flag that shows what is hidden by default.
const cosmeticHelp = "show changes of marks and spaces only, too"

// inspectCommand makes a command of a tool.
func inspectCommand(t inspect.Tool) command {
	flags := []option{{name: "json", help: "print one JSON object"},
		{name: "jsonl", help: "read one JSON request a line, answer each on one line"}}
	for _, o := range []option{{name: "url", argument: "URL", help: "where the input came from, or the address in question"},
		{name: "base", argument: "URL", help: "what the address is relative to"},
		{name: "override", argument: "FILE", help: "overrides to try on this page, YAML or JSON as for --overrides: include, exclude, title, standfirst, published, modified (CSS selectors), note"},
		{name: "agent", argument: "NAME", help: "the robot in question (default stet)"},
		{name: "cosmetic", help: cosmeticHelp}} {
		if strings.Contains(t.Arguments, "--"+o.name) {
			flags = append(flags, o)
		}
	}
	return command{name: "inspect " + t.Name, arguments: t.Arguments, help: t.Help, most: 2, flags: flags,
		run: func(ctx context.Context, c *call) error { return inspectRun(ctx, c, t) }}
}

func inspectRun(ctx context.Context, c *call, t inspect.Tool) error {
	if c.has("jsonl") {
		if len(c.args) > 0 {
			return usage("with --jsonl the requests come from standard input")
		}
		return inspect.Filter{Workers: runtime.GOMAXPROCS(0), Answer: t.Reply}.Run(ctx, c.stdin, c.stdout)
	}
	if len(c.args) == 0 && terminal.Is(c.stdin) {
		return usage("something is missing: stet inspect %s %s", t.Name, t.Arguments)
	}
	answer, err := t.One(ctx, inspect.Sources{Stdin: c.stdin, ReadFile: c.readFile, Fetch: c.fetch, Pause: politely}, c.args,
		inspect.Options{URL: c.options["url"], Base: c.options["base"], Agent: c.options["agent"],
			Override: c.options["override"]})
	if err != nil {
		return err
	}
	if c.has("json") {
		text, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("printing JSON: %w", err)
		}
		return c.printJSON(json.RawMessage(text))
	}
	c.print.Cosmetic = c.has("cosmetic")
	answer.People(c.print)
	return c.print.Err()
}

// politely waits as long as between two requests to a host.
func politely(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(launch.PoliteGap):
	}
}

// fetch gets a page, feed or robots.txt as the fetcher would. Where the site answered with something else than what
// was asked for, the status comes with the error.
func (c *call) fetch(ctx context.Context, url string) (inspect.Input, error) {
	fetcher := politehttp.New(politehttp.Config{
		UserAgent: fmt.Sprintf("stet/%s (+%s)", launch.Version(), c.cfg.Contact), AllowNetworks: c.cfg.AllowNetworks,
		Proxy: c.cfg.Proxy})
	defer fetcher.CloseIdleConnections()
	answer, err := fetcher.Do(ctx, politehttp.Request{URL: url})
	if err != nil {
		return inspect.Input{}, err
	}
	in := inspect.Input{Body: answer.Body, ContentType: answer.ContentType, URL: answer.URL, Status: answer.Status}
	if answer.Outcome != politehttp.OK {
		return in, fmt.Errorf("fetching %s: %s", url, answer.Reason)
	}
	return in, nil
}
