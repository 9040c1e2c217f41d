package main

import (
	"context"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/launch"
)

// command is what stet can do.
type command struct {
	name      string // one word, or two
	arguments string
	help      string
	flags     []option
	least     int  // arguments it needs
	most      int  // arguments it takes; -1 for any number
	anyConfig bool // runs even if the configuration is wrong
	run       func(context.Context, *call) error
}

// option is a flag of one command.
type option struct {
	name     string
	argument string // empty for a yes-or-no flag
	help     string
}

// line is a command line in its parts.
type line struct {
	command   command
	settings  []string // flags of the configuration
	options   map[string]string
	args      []string
	wantsHelp bool
}

// has says whether a yes-or-no flag was given.
func (l line) has(name string) bool { return l.options[name] == "true" }

// parseLine takes a command line apart. Flags may stand anywhere; after -- everything is an argument.
func parseLine(args []string) (line, error) {
	l := line{options: map[string]string{}}
	for {
		name, _, rest, err := launch.Take(args)
		if err != nil && !isHelp(args[0]) {
			return l, usage("%v", err)
		}
		if name == "" {
			break
		}
		l.settings = append(l.settings, args[:len(args)-len(rest)]...)
		args = rest
	}
	if len(args) > 0 && isHelp(args[0]) {
		l.wantsHelp = true
		return l, nil
	}
	var err error
	if l.command, args, err = find(args); err != nil {
		return l, err
	}
	for len(args) > 0 {
		if args[0] == "--" {
			l.args = append(l.args, args[1:]...)
			break
		}
		if args, err = l.take(args); err != nil {
			return l, err
		}
	}
	return l, l.count()
}

// take takes one flag or argument from the front.
func (l *line) take(args []string) ([]string, error) {
	if len(args[0]) < 2 || args[0][0] != '-' {
		l.args = append(l.args, args[0])
		return args[1:], nil
	}
	if isHelp(args[0]) {
		l.wantsHelp = true
		return args[1:], nil
	}
	name, value, inline := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	at := slices.IndexFunc(l.command.flags, func(o option) bool { return o.name == name })
	switch {
	case at < 0:
		taken, _, rest, err := launch.Take(args)
		if err != nil || taken == "" {
			return nil, usage("unknown flag %s%s", args[0], l.near(name))
		}
		l.settings = append(l.settings, args[:len(args)-len(rest)]...)
		return rest, nil
	case inline:
		l.options[name] = value
	case l.command.flags[at].argument == "":
		l.options[name] = "true"
	case len(args) < 2:
		return nil, usage("--%s needs a value: --%s %s", name, name, l.command.flags[at].argument)
	default:
		l.options[name] = args[1]
		return args[2:], nil
	}
	return args[1:], nil
}

func (l *line) near(name string) string {
	var known []string
	for _, o := range l.command.flags {
		known = append(known, o.name)
	}
	for _, s := range launch.Settings() {
		known = append(known, s.Name)
	}
	if near := launch.Nearest(name, known); near != "" && near != name {
		return ", did you mean --" + near + "?"
	}
	if slices.Contains(known, name) {
		return ", which needs a value"
	}
	return ""
}

func (l *line) count() error {
	c := l.command
	form := strings.TrimSpace("stet " + c.name + " " + c.arguments)
	switch {
	case l.wantsHelp:
		return nil
	case len(l.args) < c.least:
		return usage("something is missing: %s", form)
	case c.most >= 0 && len(l.args) > c.most && c.name == "":
		return usage("unknown command %q", l.args[0])
	case c.most >= 0 && len(l.args) > c.most:
		return usage("%q is one argument too many: %s", l.args[c.most], form)
	}
	return nil
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// find finds the command that the arguments begin with; with none it is the one without a name.
func find(args []string) (command, []string, error) {
	all := commands()
	word := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		word = args[0]
	}
	second := ""
	if word != "" && len(args) > 1 {
		second = args[1]
	}
	for _, c := range all {
		switch first, sub, two := strings.Cut(c.name, " "); {
		case two && first == word && sub == second:
			return c, args[2:], nil
		case !two && first == word && word == "":
			return c, args, nil
		case !two && first == word:
			return c, args[1:], nil
		}
	}
	return command{}, nil, unknown(all, word, second)
}

// unknown says which command may have been meant.
func unknown(all []command, word, second string) error {
	var firsts, seconds []string
	for _, c := range all {
		first, sub, two := strings.Cut(c.name, " ")
		firsts = append(firsts, first)
		if two && first == word {
			seconds = append(seconds, sub)
		}
	}
	switch {
	case len(seconds) > 0 && isHelp(second):
		return usage("stet %s is followed by one of: %s", word, strings.Join(seconds, ", "))
	case len(seconds) > 0 && second == "":
		return usage("stet %s needs to know what to do: %s", word, strings.Join(seconds, ", "))
	case len(seconds) > 0:
		return usage("unknown command %q: stet %s is followed by one of: %s", word+" "+second, word, strings.Join(seconds, ", "))
	}
	if near := launch.Nearest(word, firsts); near != "" {
		return usage("unknown command %q, did you mean %q?", word, near)
	}
	return usage("unknown command %q", word)
}
