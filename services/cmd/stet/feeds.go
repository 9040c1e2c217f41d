package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/feed"
)

func feedsAdd(ctx context.Context, c *call) error {
	return c.withClient(ctx, false, func(stet *client.Client) error {
		var added []*queryv1.Feed
		for _, url := range c.args {
			f, err := stet.AddFeed(ctx, &queryv1.AddFeedRequest{Url: url, Source: c.options["source"], Folder: c.options["folder"]})
			if err != nil {
				return fmt.Errorf("%s: %w", url, err)
			}
			added = append(added, f)
			if !c.has("json") {
				c.print.Line("watching %s (%s)", f.GetUrl(), f.GetSource())
			}
		}
		if c.has("json") {
			return printMessages(c, added)
		}
		return c.print.Err()
	})
}

func feedsList(ctx context.Context, c *call) error {
	return c.withClient(ctx, false, func(stet *client.Client) error {
		feeds, err := stet.Feeds(ctx)
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessages(c, feeds)
		}
		if len(feeds) == 0 {
			c.print.Line("no feed is watched: add one with `stet feeds add URL`")
		}
		for _, f := range feeds {
			c.feed(f)
		}
		return c.print.Err()
	})
}

// feed prints a feed in a few lines.
func (c *call) feed(f *queryv1.Feed) {
	name := f.GetSource()
	if f.GetTitle() != "" && f.GetTitle() != name {
		name += " – " + f.GetTitle()
	}
	c.print.Heading(name)
	c.print.Line("  %s  %s", f.GetId(), f.GetUrl())
	state := "next poll " + when(f.GetNextPoll())
	switch {
	case f.GetPaused():
		state = "paused"
	case f.GetLastPoll() == nil:
		state = "not polled yet"
	}
	c.print.Aside("  %s, last poll %s, %d items, %d gaps", state, when(f.GetLastPoll()), f.GetItems(), f.GetGaps())
	if f.GetPushedBy() != "" {
		c.print.Aside("  pushed by %s until %s", f.GetPushedBy(), when(f.GetPushedUntil()))
	}
	if f.GetWarning() != "" {
		c.print.Line("  warning: %s", f.GetWarning())
	}
	if f.GetError() != "" {
		c.print.Line("  trouble (%d in a row): %s", f.GetFailures(), f.GetError())
	}
}

func feedsPause(paused bool) func(context.Context, *call) error {
	return func(ctx context.Context, c *call) error {
		return c.withClient(ctx, false, func(stet *client.Client) error {
			known, err := stet.Feeds(ctx)
			if err != nil {
				return err
			}
			var changed []*queryv1.Feed
			for _, name := range c.args {
				id, err := feedID(known, name)
				if err != nil {
					return err
				}
				f, err := stet.UpdateFeed(ctx, &queryv1.UpdateFeedRequest{Id: id, Paused: &paused})
				if err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				changed = append(changed, f)
			}
			if c.has("json") {
				return printMessages(c, changed)
			}
			for _, f := range changed {
				c.feed(f)
			}
			return c.print.Err()
		})
	}
}

func feedID(known []*queryv1.Feed, name string) (string, error) {
	for _, f := range known {
		if f.GetId() == name || f.GetUrl() == name {
			return f.GetId(), nil
		}
	}
	return "", fmt.Errorf("%s: no such feed is watched (`stet feeds list` shows all)", name)
}

func feedsRemove(ctx context.Context, c *call) error {
	return c.withClient(ctx, false, func(stet *client.Client) error {
		for _, name := range c.args {
			if err := stet.RemoveFeed(ctx, name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			c.print.Line("not watching %s any more; its articles stay", name)
		}
		return c.print.Err()
	})
}

// feedsImport adds every feed that it can, and tells of the others at the end.
func feedsImport(ctx context.Context, c *call) error {
	list, err := c.readOPML()
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		progress := c.progress("importing feeds")
		var problems []error
		for _, s := range list {
			_, err := stet.AddFeed(ctx, &queryv1.AddFeedRequest{Url: s.URL, Source: s.Title, Folder: s.Folder})
			switch {
			case errors.Is(err, client.ErrInvalid):
				problems = append(problems, fmt.Errorf("%s: %w", s.URL, err))
			case err != nil:
				progress.end()
				return fmt.Errorf("%s: %w", s.URL, err)
			}
			progress.step(len(list))
		}
		progress.end()
		c.print.Line("watching %d feeds of the list, %d were refused", len(list)-len(problems), len(problems))
		return errors.Join(append(problems, c.print.Err())...)
	})
}

func (c *call) readOPML() ([]feed.Subscription, error) {
	var in io.Reader = c.stdin
	if len(c.args) > 0 && c.args[0] != "-" {
		content, err := c.readFile(c.args[0])
		if err != nil {
			return nil, fmt.Errorf("reading the list of feeds: %w", err)
		}
		in = bytes.NewReader(content)
	}
	list, err := feed.ReadOPML(in)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("there is no feed in the list")
	}
	return list, nil
}

func feedsExport(ctx context.Context, c *call) error {
	return c.withClient(ctx, false, func(stet *client.Client) error {
		feeds, err := stet.Feeds(ctx)
		if err != nil {
			return err
		}
		var list []feed.Subscription
		for _, f := range feeds {
			// The source is what an import takes for the publisher's name.
			list = append(list, feed.Subscription{URL: f.GetUrl(), Title: f.GetSource(), Folder: f.GetFolder()})
		}
		var b bytes.Buffer
		if err := feed.WriteOPML(&b, list); err != nil {
			return fmt.Errorf("writing the list of feeds: %w", err)
		}
		if len(c.args) == 0 || c.args[0] == "-" {
			_, err := c.stdout.Write(b.Bytes())
			return err
		}
		if err := os.WriteFile(c.args[0], b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("writing the list of feeds: %w", err)
		}
		c.print.Line("%d feeds are in %s", len(list), c.args[0])
		return c.print.Err()
	})
}
