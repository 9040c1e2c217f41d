package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// operate are the commands of those who look after a stet.
func operate() []command {
	asJSON := option{name: "json", help: "print JSON"}
	return []command{
		{name: "takedown", arguments: "ARTICLE", help: "remove an article everywhere, for good; a tombstone stays", least: 1, most: 1,
			run: takedown, flags: []option{asJSON,
				{name: "reason", argument: "TEXT", help: "why; whoever asks for the article is told (needed)"}}},
		{name: "dead-letters list", help: "list the messages that could not be handled, and why", run: lettersList, flags: []option{asJSON}},
		{name: "dead-letters show", arguments: "N", help: "one of them, with what it carries", least: 1, most: 1, run: lettersShow,
			flags: []option{asJSON}},
		{name: "dead-letters replay", arguments: "N…", help: "hand them to their services again", most: -1, run: lettersReplay,
			flags: []option{asJSON, {name: "all", help: "all that are there now"}}},
		{name: "dead-letters remove", arguments: "N…", help: "delete them", least: 1, most: -1, run: lettersRemove},
		reindexCommand(),
		reExtractCommand(),
	}
}

func takedown(ctx context.Context, c *call) error {
	reason := strings.TrimSpace(c.options["reason"])
	if reason == "" {
		return usage("say why: stet takedown ARTICLE --reason TEXT")
	}
	id, err := articleID(c.args[0])
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		answer, err := stet.TakeDown(ctx, id, reason)
		if errors.Is(err, client.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%w\nA part of the article may be removed already: give the same command again, which finishes it", err)
		}
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, answer)
		}
		c.tookDown(answer)
		return c.print.Err()
	})
}

// tookDown says what was removed and what is left.
func (c *call) tookDown(a *queryv1.TakeDownResponse) {
	if a.GetRepeated() {
		c.print.Line("article %s was taken down before; what was left of it since is removed (%d raw pages)", a.GetArticle(), a.GetPages())
	} else {
		c.print.Line("taken down: %s", title(a))
		c.print.Line("removed: %d versions from the index and the archive, %d raw pages, and every message about it on the bus",
			a.GetVersions(), a.GetPages())
	}
	c.print.Line("a tombstone of %s remains, so that nothing brings it back: %s", when(a.GetAt()), a.GetReason())
	if !a.GetRepeated() {
		c.print.Aside("a check that was under way may have left a page behind: the same command in an hour removes it")
	}
}

func title(a *queryv1.TakeDownResponse) string {
	words := []string{a.GetArticle()}
	for _, more := range []string{a.GetTitle(), a.GetUrl()} {
		if more != "" {
			words = append(words, more)
		}
	}
	return strings.Join(words, "  ")
}

func lettersList(ctx context.Context, c *call) error {
	return c.withClient(ctx, false, func(stet *client.Client) error {
		var letters []*queryv1.DeadLetter
		for d, err := range stet.EachDeadLetter(ctx) {
			if err != nil {
				return err
			}
			letters = append(letters, d)
			if !c.has("json") {
				c.letter(d)
			}
		}
		if c.has("json") {
			return printMessages(c, letters)
		}
		if len(letters) == 0 {
			c.print.Line("there are no dead letters")
		}
		return c.print.Err()
	})
}

func (c *call) letter(d *queryv1.DeadLetter) {
	c.print.Line("%d  %s  %s  %s (%d bytes)", d.GetNumber(), when(d.GetAt()), d.GetStream(), d.GetSubject(), d.GetSize())
	c.print.Line("    %s", d.GetReason())
}

func lettersShow(ctx context.Context, c *call) error {
	numbers, err := letterNumbers(c.args)
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		d, err := stet.DeadLetter(ctx, numbers[0])
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, d)
		}
		c.letter(d)
		c.payload(d.GetData())
		return c.print.Err()
	})
}

// mostShown bounds what a terminal is given of a message; --json gives all.
const mostShown = 4 << 10

// payload prints text as it is, and of anything else as much as can be read.
func (c *call) payload(data []byte) {
	shown := data[:min(len(data), mostShown)]
	switch {
	case len(data) == 0:
		c.print.Aside("it carries nothing")
		return
	case json.Valid(data), utf8.Valid(data):
		c.print.Line("%s", strings.ToValidUTF8(string(shown), ""))
	default:
		c.print.Line("%q", shown)
	}
	if len(shown) < len(data) {
		c.print.Aside("the first %d of %d bytes: --json prints all", len(shown), len(data))
	}
}

func lettersReplay(ctx context.Context, c *call) error {
	if c.has("all") == (len(c.args) > 0) {
		return usage("say which: stet dead-letters replay N…, or stet dead-letters replay --all")
	}
	numbers, err := letterNumbers(c.args)
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		replay := func() (*queryv1.ReplayDeadLettersResponse, error) { return stet.ReplayDeadLetters(ctx, numbers...) }
		if c.has("all") {
			replay = func() (*queryv1.ReplayDeadLettersResponse, error) { return stet.ReplayAllDeadLetters(ctx) }
		}
		answer, err := replay()
		if err != nil {
			return err
		}
		if c.has("json") {
			if err := printMessage(c, answer); err != nil {
				return err
			}
			return leftBehind(answer)
		}
		c.print.Line("%d dead letters replayed", answer.GetReplayed())
		for _, n := range answer.GetNotReplayed() {
			c.print.Line("%d stays: %s", n.GetNumber(), n.GetReason())
		}
		return errors.Join(c.print.Err(), leftBehind(answer))
	})
}

func leftBehind(answer *queryv1.ReplayDeadLettersResponse) error {
	if n := len(answer.GetNotReplayed()); n > 0 {
		return fmt.Errorf("%d dead letters were not replayed", n)
	}
	return nil
}

func lettersRemove(ctx context.Context, c *call) error {
	numbers, err := letterNumbers(c.args)
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		if err := stet.RemoveDeadLetters(ctx, numbers...); err != nil {
			return err
		}
		c.print.Line("%d dead letters removed", len(numbers))
		return c.print.Err()
	})
}

func letterNumbers(args []string) ([]uint64, error) {
	var numbers []uint64
	for _, arg := range args {
		n, err := strconv.ParseUint(arg, 10, 64)
		if err != nil || n == 0 {
			return nil, usage("%q is not the number of a dead letter (`stet dead-letters list` shows them)", arg)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
