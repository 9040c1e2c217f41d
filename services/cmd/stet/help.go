package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/stetnews/stet/services/internal/terminal"
	"github.com/stetnews/stet/services/launch"
)

// help explains one command, or everything for the one without a name.
func (a app) help(c command) error {
	var b strings.Builder
	if c.name == "" {
		b.WriteString("stet watches news articles after they are published and shows what was changed.\n\n" +
			"usage: stet [COMMAND] [FLAGS]\n\ncommands:\n")
		rows(&b, func(row func(left, right string)) {
			for _, one := range commands() {
				row(strings.TrimSpace(one.name+" "+one.arguments), one.help)
			}
		})
		b.WriteString("\nsettings, as a flag, as an environment variable (--host-gap is STET_HOST_GAP), or in the file:\n")
		rows(&b, func(row func(left, right string)) {
			for _, s := range launch.Settings() {
				row(strings.TrimSpace("--"+s.Name+" "+s.Argument), describe(s))
			}
		})
	} else {
		fmt.Fprintf(&b, "%s: %s\n", strings.TrimSpace("stet "+c.name+" "+c.arguments), c.help)
		rows(&b, func(row func(left, right string)) {
			for _, o := range c.flags {
				row(strings.TrimSpace("--"+o.name+" "+o.argument), o.help)
			}
		})
	}
	_, err := io.WriteString(a.stdout, b.String())
	return err
}

// rows writes two columns.
func rows(w io.Writer, fill func(row func(left, right string))) {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fill(func(left, right string) {
		if left == "" {
			left = "(none)"
		}
		fmt.Fprintf(table, "  %s\t%s\n", left, right)
	})
	table.Flush()
}

func describe(s launch.Setting) string {
	if s.Default == "" || s.Argument == "" {
		return s.Help
	}
	return s.Help + " (default " + s.Default + ")"
}

// checkConfig prints every setting with its value and origin, and fails with everything that is wrong.
func checkConfig(_ context.Context, c *call) error {
	for _, wrong := range launch.CheckFiles(c.cfg) {
		c.problems = errors.Join(c.problems, fmt.Errorf("%s (%s): %w", wrong.Setting, c.from[wrong.Setting], wrong.Err))
	}
	all := launch.Explain(c.cfg, c.from)
	if c.has("json") {
		type row struct {
			Name  string `json:"name"`
			Value string `json:"value"`
			From  string `json:"from"`
		}
		var list []row
		for _, e := range all {
			list = append(list, row{e.Name, e.Value, e.From})
		}
		if err := c.printJSON(list); err != nil {
			return err
		}
		return c.problems
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 3, ' ', 0)
	for _, e := range all {
		value := e.Value
		if value == "" {
			value = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", e.Name, terminal.Clean(value), terminal.Clean(e.From))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("printing the settings: %w", err)
	}
	return c.problems
}

// build says what the binary was built from.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"`
	Time     string `json:"time"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func version(_ context.Context, c *call) error {
	b := build{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.time":
				b.Time = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	if c.has("json") {
		return c.printJSON(b)
	}
	c.print.Line("stet %s", b.Version)
	if b.Commit != "" {
		changed := ""
		if b.Modified {
			changed = ", with changes"
		}
		c.print.Line("commit %s of %s%s", b.Commit, b.Time, changed)
	}
	c.print.Line("built with %s for %s", b.Go, b.Platform)
	return c.print.Err()
}

// printJSON prints a value as JSON that is safe on a terminal.
func (c *call) printJSON(value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return terminal.JSON(c.stdout, append(text, '\n'))
}
