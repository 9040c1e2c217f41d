package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stetnews/stet/services/internal/inspect"
	"github.com/stetnews/stet/services/internal/show"
	"github.com/stetnews/stet/services/internal/terminal"
	"github.com/stetnews/stet/services/launch"
)

// The exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// app is the program with all that it takes from outside.
type app struct {
	getenv         func(string) string
	readFile       func(string) ([]byte, error)
	stdin          io.Reader
	stdout, stderr io.Writer
	run            func(ctx context.Context, cfg launch.Config, stdout, stderr io.Writer) error
	demo           func(ctx context.Context, cfg launch.Config, chosenData bool, stdout, stderr io.Writer) error
	serve          func(ctx context.Context, service string, cfg launch.Config, stdout, stderr io.Writer) error
	prepare        func(ctx context.Context, cfg launch.Config, force bool, stderr io.Writer, tell func(string)) error
	stage          func(ctx context.Context, stage launch.Stage, stdout io.Writer) error
	offline        func(ctx context.Context, cfg launch.Config) (address, token string, stop func(), err error)
}

// usageError says that the command line is wrong.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// main does what the arguments say and gives the exit code.
func (a app) main(ctx context.Context, args []string) int {
	err := a.dispatch(ctx, args)
	var wrong usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &wrong) || errors.Is(err, inspect.ErrUsage):
		fmt.Fprintf(a.stderr, "stet: %s\n`stet help` lists the commands and flags.\n", terminal.Lines(err.Error()))
		return exitUsage
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(a.stderr, "stet: interrupted")
		return exitError
	}
	for line := range strings.Lines(terminal.Lines(err.Error())) {
		fmt.Fprintf(a.stderr, "stet: %s\n", strings.TrimSuffix(line, "\n"))
	}
	return exitError
}

func (a app) dispatch(ctx context.Context, args []string) error {
	l, err := parseLine(args)
	if err != nil {
		return err
	}
	if l.wantsHelp {
		return a.help(l.command)
	}
	cfg, from, err := launch.Load(l.settings, a.getenv, a.readFile)
	if err != nil && !l.command.anyConfig {
		return err
	}
	return l.command.run(ctx, &call{app: a, line: l, cfg: cfg, from: from, problems: err,
		print: show.NewPrinter(a.stdout, a.colours())})
}

// colours says whether the output is read on a terminal by someone who wants colours (no-color.org).
func (a app) colours() bool {
	return terminal.Is(a.stdout) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

// call is one command at work.
type call struct {
	app
	line
	cfg      launch.Config
	from     launch.Provenance
	problems error // of the configuration, for the commands that run with any
	print    *show.Printer
}
