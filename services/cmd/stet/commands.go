package main

import (
	"context"
	"strings"

	"github.com/stetnews/stet/services/internal/inspect"
)

// commands is the table of them, in the order of the help text.
func commands() []command {
	asJSON := option{name: "json", help: "print JSON"}
	all := []command{
		{name: "", help: "run everything in one process: watch feeds, serve the pages and the API",
			run: func(ctx context.Context, c *call) error { return c.run(ctx, c.cfg, c.stdout, c.stderr) }},
		{name: "demo", help: "run with simulated news sites that edit their stories, without any network",
			run: func(ctx context.Context, c *call) error {
				return c.demo(ctx, c.cfg, c.from.Given("data"), c.stdout, c.stderr)
			}},

		{name: "feeds add", arguments: "URL…", help: "watch feeds", least: 1, most: -1, run: feedsAdd, flags: []option{asJSON,
			{name: "source", argument: "NAME", help: "name of the publisher"},
			{name: "folder", argument: "NAME", help: "folder that the feeds are kept in"}}},
		{name: "feeds list", help: "list the feeds with their state", run: feedsList, flags: []option{asJSON}},
		{name: "feeds pause", arguments: "ID|URL…", help: "stop polling feeds for a while", least: 1, most: -1,
			run: feedsPause(true), flags: []option{asJSON}},
		{name: "feeds resume", arguments: "ID|URL…", help: "poll feeds again", least: 1, most: -1,
			run: feedsPause(false), flags: []option{asJSON}},
		{name: "feeds remove", arguments: "ID|URL…", help: "stop watching feeds; their articles stay", least: 1, most: -1,
			run: feedsRemove},
		{name: "feeds import", arguments: "[FILE|-]", help: "watch the feeds of an OPML file", most: 1, run: feedsImport},
		{name: "feeds export", arguments: "[FILE|-]", help: "write the feeds as OPML", most: 1, run: feedsExport},

		{name: "hosts", arguments: "[NAME]", help: "how stet stands with each host: its turn, its gap, what waits, its last trouble; those that NAME is part of", most: 1,
			run: hostsList, flags: []option{asJSON, {name: "limit", argument: "N", help: "at most so many hosts (default 100)"}}},

		{name: "search", arguments: "QUERY…", help: "find versions by the query language", least: 1, most: -1, run: search,
			flags: []option{asJSON, {name: "limit", argument: "N", help: "at most so many hits (default 20)"},
				{name: "relevance", help: "the best first, instead of the newest"}}},
		{name: "show", arguments: "ARTICLE [VERSION]", help: "an article: its state, its versions, its text", least: 1, most: 2,
			run: showArticle, flags: []option{asJSON}},
		{name: "checks", arguments: "ARTICLE", help: "the looks at an article in the last 30 days: when, what came of it, and why", least: 1, most: 1,
			run: checks, flags: []option{asJSON, {name: "limit", argument: "N", help: "at most so many (default 20)"}}},
		{name: "feeds polls", arguments: "ID|URL", help: "the polls of a feed in the last 30 days", least: 1, most: 1,
			run: feedsPolls, flags: []option{asJSON, {name: "limit", argument: "N", help: "at most so many (default 20)"}}},
		{name: "diff", arguments: "ARTICLE [FROM..TO]", help: "what changed between two versions", least: 1, most: 2,
			run: diff, flags: []option{asJSON, {name: "cosmetic", help: cosmeticHelp}}},
		{name: "watch", arguments: "[QUERY…]", help: "print revisions as they happen", most: -1, run: watch,
			flags: []option{asJSON, {name: "cursor", argument: "CURSOR", help: "begin after this one, from an earlier --json line"},
				{name: "from-start", help: "begin with everything that is kept"}}},
		{name: "check", arguments: "ARTICLE…", help: "look at articles as soon as politeness allows", most: -1, run: check,
			flags: []option{asJSON, {name: "all", help: "at all articles that are still looked at"}}},
		{name: "export versions", help: "every version with its text, newest first, a JSON object a line",
			run: exportVersions, flags: exportFlags()},
		{name: "export revisions", help: "every revision with its words, newest first, a JSON object a line",
			run: exportRevisions, flags: exportFlags()},
	}
	all = append(all, articleCommands()...)
	all = append(all, operate()...)
	all = append(all, apart()...)
	all = append(all, kibanaCommands()...)
	all = append(all, healthcheckCommand())
	for _, t := range inspect.Tools() {
		all = append(all, inspectCommand(t))
	}
	return append(all,
		command{name: "check-config", help: "print the settings in force and where each came from", anyConfig: true,
			run: checkConfig, flags: []option{asJSON}},
		command{name: "version", help: "print what this binary was built from", anyConfig: true, run: version,
			flags: []option{asJSON}},
		command{name: "help", arguments: "[COMMAND]", help: "explain stet, or one command", most: 2, anyConfig: true,
			run: helpCommand})
}

func exportFlags() []option {
	return []option{{name: "jsonl", help: "a JSON object a line (the one form there is)"},
		{name: "since", argument: "WHEN", help: "only what was read after: 2026-03-01, 2026-03-01T12:00:00Z, 36h or 7d ago"}}
}

func helpCommand(_ context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.help(command{})
	}
	wanted := strings.Join(c.args, " ")
	var group []command
	for _, one := range commands() {
		if one.name == wanted {
			return c.help(one)
		}
		if strings.HasPrefix(one.name, wanted+" ") {
			group = append(group, one)
		}
	}
	if len(group) == 0 {
		_, _, err := find(c.args)
		return err
	}
	for _, one := range group {
		if err := c.help(one); err != nil {
			return err
		}
	}
	return nil
}
