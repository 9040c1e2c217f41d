package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/show"
	"github.com/stetnews/stet/services/internal/terminal"
)

// watch prints revisions until it is interrupted, which is its orderly end.
func watch(ctx context.Context, c *call) error {
	request := &queryv1.WatchRevisionsRequest{Query: strings.Join(c.args, " "), Cursor: c.options["cursor"],
		FromStart: c.has("from-start")}
	return c.withClient(ctx, true, func(stet *client.Client) error {
		for answer, err := range stet.Watch(ctx, request) {
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return err
			}
			if err := c.revision(answer); err != nil {
				return err
			}
		}
		return nil
	})
}

// revision prints one revision on one line.
func (c *call) revision(answer *queryv1.WatchRevisionsResponse) error {
	if c.has("json") {
		text, err := encode(answer)
		if err != nil {
			return err
		}
		return terminal.JSON(c.stdout, append(text, '\n'))
	}
	e := answer.GetEvent()
	at := e.GetFetchedAt()
	if t, err := time.Parse(time.RFC3339Nano, at); err == nil {
		at = t.Local().Format("2006-01-02 15:04:05")
	}
	c.print.Line("%s  %s/%d  %s  %s, %s  %s", at, e.GetArticle(), e.GetVersion(), e.GetSource(), strings.Join(e.GetKinds(), " "),
		show.Weight(e.GetRevision().GetWeight()), e.GetSnapshot().GetTitle())
	return c.print.Err()
}

// mostPerCheck keeps one request for checks small.
const mostPerCheck = 100

func check(ctx context.Context, c *call) error {
	if c.has("all") == (len(c.args) > 0) {
		return usage("say which articles to look at: stet check ARTICLE…, or stet check --all")
	}
	var ids []string
	for _, name := range c.args {
		id, err := articleID(name)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return c.withClient(ctx, true, func(stet *client.Client) error {
		total, err := c.ask(ctx, stet, ids)
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, total)
		}
		c.print.Line("checks: %d asked for, %d waited already; each comes when its host's turn allows: `stet watch` shows what changed",
			total.GetAsked(), total.GetWaiting())
		return c.print.Err()
	})
}

// ask asks for checks of the articles, or of all where none is named.
func (c *call) ask(ctx context.Context, stet *client.Client, ids []string) (*queryv1.CheckNowResponse, error) {
	if len(ids) == 0 {
		return stet.CheckAllNow(ctx)
	}
	total := &queryv1.CheckNowResponse{}
	progress := c.progress("asking for checks of articles")
	defer progress.end()
	for start := 0; start < len(ids); start += mostPerCheck {
		part := ids[start:min(start+mostPerCheck, len(ids))]
		answer, err := stet.CheckNow(ctx, part...)
		if err != nil {
			return nil, err
		}
		total.Asked += answer.GetAsked()
		total.Waiting += answer.GetWaiting()
		for range part {
			progress.step(len(ids))
		}
	}
	return total, nil
}

func exportVersions(ctx context.Context, c *call) error {
	return export(ctx, c, func(stet *client.Client, r *queryv1.RevisionSummary) (json.RawMessage, error) {
		version, err := stet.Version(ctx, r.GetArticle(), int(r.GetVersion()))
		if err != nil {
			return nil, err
		}
		return encode(version)
	})
}

func exportRevisions(ctx context.Context, c *call) error {
	return export(ctx, c, func(stet *client.Client, r *queryv1.RevisionSummary) (json.RawMessage, error) {
		answer, err := stet.Diff(ctx, r.GetArticle(), 0, int(r.GetVersion()))
		if err != nil {
			return nil, err
		}
		text, err := encode(r)
		if err != nil {
			return nil, err
		}
		change, err := encode(answer.GetRevision())
		if err != nil {
			return nil, err
		}
		text = append(text[:len(text)-1], `,"revision":`...)
		return append(append(text, change...), '}'), nil
	})
}

// export writes one line for each revision, newest first, until one was read before --since.
func export(ctx context.Context, c *call, line func(*client.Client, *queryv1.RevisionSummary) (json.RawMessage, error)) error {
	since, err := moment(c.options["since"], time.Now())
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		progress := c.progress("exported")
		defer progress.end()
		request := &queryv1.ListRevisionsRequest{IncludeFirst: true, PageSize: mostPerPage}
		for r, err := range stet.EachRevision(ctx, request) {
			if err != nil {
				return err
			}
			if r.GetTime().AsTime().Before(since) {
				return nil
			}
			text, err := line(stet, r)
			if errors.Is(err, client.ErrNotFound) {
				continue // taken down since the list was made
			}
			if err != nil {
				return fmt.Errorf("exporting %s version %d: %w", r.GetArticle(), r.GetVersion(), err)
			}
			if err := terminal.JSON(c.stdout, append(text, '\n')); err != nil {
				return fmt.Errorf("exporting: %w", err)
			}
			progress.step(0)
		}
		return nil
	})
}

// moment reads a date, a time, or how long ago; empty is the beginning of time.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, usage("--since %q is neither a date (2026-03-01), a time (2026-03-01T12:00:00Z) nor a length of time (36h, 7d)", text)
}
