package main

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/stetnews/stet/proto/client"
)

// checks prints the looks at an article, newest first.
func checks(ctx context.Context, c *call) error {
	id, err := articleID(c.args[0])
	if err != nil {
		return err
	}
	limit, err := number("limit", c.options["limit"], defaultLimit)
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		answer, err := stet.Checks(ctx, id, limit)
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, answer)
		}
		for _, o := range answer.GetChecks() {
			what := o.GetOutcome()
			if o.GetChanged() {
				what += ", a new version"
			}
			c.print.Line("%s  %3d  %s", eventTime(o.GetFetchedAt()), o.GetStatus(), what)
			if o.GetReason() != "" {
				c.print.Aside("    %s", o.GetReason())
			}
		}
		c.print.Line("%d of %d", len(answer.GetChecks()), answer.GetTotal())
		return c.print.Err()
	})
}

// feedsPolls prints the polls of a feed, newest first.
func feedsPolls(ctx context.Context, c *call) error {
	limit, err := number("limit", c.options["limit"], defaultLimit)
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		answer, err := stet.Polls(ctx, c.args[0], limit)
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, answer)
		}
		for _, o := range answer.GetPolls() {
			c.print.Line("%s  %3d  %d items, %d new, %d changed", eventTime(o.GetPolledAt()), o.GetStatus(), o.GetItems(), o.GetNewItems(), o.GetChangedItems())
			if o.GetError() != "" {
				c.print.Aside("    %s", o.GetError())
			}
			if o.GetOverflow() {
				c.print.Aside("    nothing in it was known: items may have come and gone since the poll before")
			}
		}
		c.print.Line("%d of %d", len(answer.GetPolls()), answer.GetTotal())
		return c.print.Err()
	})
}

// eventTime is the time of an event on this machine's clock.
func eventTime(text string) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return "-"
	}
	return when(timestamppb.New(t))
}
