package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stetnews/stet/services/internal/reindex"
	"github.com/stetnews/stet/services/internal/terminal"
	"github.com/stetnews/stet/services/launch"
)

func reindexCommand() command {
	return command{name: "reindex", help: "build the search index anew beside the one in use, and switch; goes on where it was interrupted",
		run: runReindex, flags: []option{{name: "json", help: "print JSON"},
			{name: "from", argument: "PATH", help: "take in the collection of another data folder, or of the file of an SQLite index"},
			{name: "fresh", help: "begin anew instead of going on with an interrupted one"}}}
}

func runReindex(ctx context.Context, c *call) error {
	meter := newMeter(c.stderr, time.Now)
	result, err := launch.Reindex(ctx, c.cfg, launch.ReindexOptions{From: c.options["from"], Fresh: c.has("fresh")}, c.stderr, meter.show)
	meter.end()
	if err != nil {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			fmt.Fprintln(c.stderr, "The index in use is as it was; the same command goes on from here.")
		}
		return err
	}
	if c.has("json") {
		return c.printJSON(map[string]any{
			"articles": result.Counts.Articles, "versions": result.Counts.Versions, "revisions": result.Counts.Revisions,
			"written": result.Documents, "leftOut": result.LeftOut, "refused": result.Refused, "rescued": result.Rescued, "resumed": result.Resumed,
		})
	}
	c.print.Line("the new index is in use: %d articles, %d versions, %d of them revisions", result.Counts.Articles, result.Counts.Versions,
		result.Counts.Revisions)
	resumed := ""
	if result.Resumed {
		resumed = ", after those of the interrupted run"
	}
	c.print.Line("%d documents were written%s", result.Documents, resumed)
	for _, more := range []struct {
		n    int
		what string
	}{
		{result.LeftOut, "were left out, because their articles were taken down"},
		{result.Rescued, "stood in the old index alone and were copied"},
		{result.Refused, "are of a form that no index takes (see the log)"},
	} {
		if more.n > 0 {
			c.print.Line("%d documents %s", more.n, more.what)
		}
	}
	return c.print.Err()
}

// meter shows the progress of a reindex: in one line on a terminal, elsewhere by a line for each step and now and then.
type meter struct {
	out      io.Writer
	unit     string // what is counted
	terminal bool
	now      func() time.Time
	step     string
	began    time.Time // the step
	first    int       // documents as it began
	shown    time.Time
	open     bool // a line was begun
}

func newMeter(out io.Writer, now func() time.Time) *meter {
	return &meter{out: out, unit: "documents", terminal: terminal.Is(out), now: now}
}

// How often progress is shown.
const (
	onTerminal = 100 * time.Millisecond
	inLog      = 10 * time.Second
)

func (m *meter) show(p reindex.Progress) {
	now, every := m.now(), inLog
	if m.terminal {
		every = onTerminal
	}
	if p.Step == m.step && now.Sub(m.shown) < every {
		return
	}
	if p.Step != m.step {
		m.end()
		m.step, m.began, m.first = p.Step, now, p.Documents
	}
	m.shown = now
	line := terminal.Clean(p.Step)
	if p.Share >= 0 {
		line += fmt.Sprintf(", %.0f %%", 100*p.Share)
	}
	if p.Documents > 0 {
		line += fmt.Sprintf(", %d %s", p.Documents, m.unit)
	}
	if took := now.Sub(m.began).Seconds(); took >= 1 && p.Documents > m.first {
		line += fmt.Sprintf(", %.0f a second", float64(p.Documents-m.first)/took)
	}
	if m.terminal {
		fmt.Fprintf(m.out, "\r\x1b[K%s", line)
		m.open = true
		return
	}
	fmt.Fprintln(m.out, line)
}

// end ends the line on a terminal.
func (m *meter) end() {
	if m.open {
		fmt.Fprintln(m.out)
		m.open = false
	}
}
