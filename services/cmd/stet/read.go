package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/show"
)

const (
	defaultLimit = 20
	mostPerPage  = 200
)

func search(ctx context.Context, c *call) error {
	limit, err := number("limit", c.options["limit"], defaultLimit)
	if err != nil {
		return err
	}
	request := &queryv1.SearchRequest{Query: strings.Join(c.args, " "), PageSize: int32(min(limit, mostPerPage))}
	if c.has("relevance") {
		request.Order = queryv1.SearchRequest_RELEVANCE
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		var hits []*queryv1.Hit
		var total int64
		for {
			answer, err := stet.Search(ctx, request)
			if err != nil {
				return err
			}
			total = answer.GetTotal()
			hits = append(hits, answer.GetHits()...)
			request.PageToken = answer.GetNextPageToken()
			if len(hits) >= limit || request.PageToken == "" {
				break
			}
		}
		return c.hits(hits[:min(len(hits), limit)], total)
	})
}

func (c *call) hits(hits []*queryv1.Hit, total int64) error {
	if c.has("json") {
		list, err := encodeAll(hits)
		if err != nil {
			return err
		}
		return c.printJSON(struct {
			Total int64             `json:"total"`
			Hits  []json.RawMessage `json:"hits"`
		}{total, list})
	}
	for _, hit := range hits {
		c.summary(hit.GetRevision())
		for _, excerpt := range hit.GetExcerpts() {
			var pieces []string
			var match []bool
			for _, piece := range excerpt.GetPieces() {
				pieces, match = append(pieces, piece.GetText()), append(match, piece.GetMatch())
			}
			c.print.Marked("    ", append([]string{excerpt.GetField() + ": "}, pieces...), append([]bool{false}, match...))
		}
		c.print.Blank()
	}
	c.print.Line("%d of %d", len(hits), total)
	return c.print.Err()
}

// summary prints a revision in two lines.
func (c *call) summary(r *queryv1.RevisionSummary) {
	c.print.Heading(r.GetTitle())
	c.print.Aside("  %s  %s version %d  %s  %s, %s", when(r.GetTime()), r.GetArticle(), r.GetVersion(), r.GetSource(),
		strings.Join(r.GetKinds(), " "), show.Weight(r.GetWeight()))
}

func showArticle(ctx context.Context, c *call) error {
	id, err := articleID(c.args[0])
	if err != nil {
		return err
	}
	wanted := 0
	if len(c.args) > 1 {
		if wanted, err = number("VERSION", c.args[1], 0); err != nil {
			return err
		}
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		article, err := stet.Article(ctx, id)
		if err != nil {
			return err
		}
		version, err := stet.Version(ctx, id, wanted)
		if err != nil {
			return err
		}
		var versions []*queryv1.RevisionSummary
		for v, err := range stet.EachVersion(ctx, id) {
			if err != nil {
				return err
			}
			versions = append(versions, v)
		}
		if c.has("json") {
			return c.articleJSON(article, versions, version)
		}
		c.article(article)
		for _, v := range slices.Backward(versions) {
			c.print.Line("  version %d  %s  %s, %s", v.GetVersion(), when(v.GetTime()), strings.Join(v.GetKinds(), " "),
				show.Weight(v.GetWeight()))
		}
		c.print.Blank()
		c.print.Aside("version %d, read %s", version.GetVersion(), when(version.GetTime()))
		c.print.Snapshot(version.GetSnapshot())
		return c.print.Err()
	})
}

func (c *call) articleJSON(article *queryv1.Article, versions []*queryv1.RevisionSummary, version *queryv1.Version) error {
	var out struct {
		Article  json.RawMessage   `json:"article"`
		Versions []json.RawMessage `json:"versions"`
		Version  json.RawMessage   `json:"version"`
	}
	var err error
	if out.Article, err = encode(article); err != nil {
		return err
	}
	if out.Versions, err = encodeAll(versions); err != nil {
		return err
	}
	if out.Version, err = encode(version); err != nil {
		return err
	}
	return c.printJSON(out)
}

// article prints an article's state.
func (c *call) article(a *queryv1.Article) {
	c.print.Line("%s  %s  %s", a.GetId(), a.GetSource(), a.GetUrl())
	c.print.Line("first seen %s, %d versions, last changed %s", when(a.GetFirstSeen()), a.GetVersions(), when(a.GetLastChanged()))
	if a.GetMergedInto() != "" {
		c.print.Line("this turned out to be the article %s: %s", a.GetMergedInto(), a.GetMergedBecause())
	}
	for _, m := range a.GetMerged() {
		c.print.Line("also %s (%s): %s", m.GetUrl(), m.GetArticle(), m.GetReason())
	}
	last := a.GetLastOutcome()
	if a.GetLastReason() != "" {
		last += " (" + a.GetLastReason() + ")"
	}
	c.print.Line("last checked %s: %s", when(a.GetLastChecked()), last)
	c.leftOut(a)
	if a.GetNextCheck() == nil {
		c.print.Line("no more checks: %s", a.GetNextReason())
		return
	}
	c.print.Line("next check %s: %s", when(a.GetNextCheck()), a.GetNextReason())
}

// leftOut prints what differed at the newest reading and was judged furniture.
func (c *call) leftOut(a *queryv1.Article) {
	if a.GetLeftOutTotal() == 0 {
		return
	}
	c.print.Line("left out at the newest reading, as no part of the article (%d):", a.GetLeftOutTotal())
	for _, l := range a.GetLeftOut() {
		sign := "+"
		if l.GetBefore() {
			sign = "-"
		}
		c.print.Line("  %s %s", sign, l.GetText())
		c.print.Aside("      %s", l.GetReason())
	}
	if more := int(a.GetLeftOutTotal()) - len(a.GetLeftOut()); more > 0 {
		c.print.Aside("  and %d more", more)
	}
}

func diff(ctx context.Context, c *call) error {
	id, err := articleID(c.args[0])
	if err != nil {
		return err
	}
	from, to := 0, 0
	if len(c.args) > 1 {
		if from, to, err = versions(c.args[1]); err != nil {
			return err
		}
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		answer, err := stet.Diff(ctx, id, from, to)
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, answer)
		}
		before := "nothing"
		if f := answer.GetFrom(); f.GetVersion() > 0 {
			before = fmt.Sprintf("version %d (%s)", f.GetVersion(), when(f.GetTime()))
		}
		c.print.Heading(answer.GetTo().GetSnapshot().GetTitle())
		c.print.Aside("%s to version %d (%s): %s", before, answer.GetTo().GetVersion(), when(answer.GetTo().GetTime()),
			strings.Join(answer.GetKinds(), " "))
		c.print.Cosmetic = c.has("cosmetic")
		c.print.Revision(answer.GetRevision())
		return c.print.Err()
	})
}

// versions reads FROM..TO, FROM.., ..TO, or TO alone for the step that leads to it. 0 stands for what was left out.
func versions(text string) (from, to int, err error) {
	left, right, ok := strings.Cut(text, "..")
	if !ok {
		left, right = "", text
	}
	if from, err = number("FROM", left, 0); err != nil {
		return 0, 0, err
	}
	to, err = number("TO", right, 0)
	return from, to, err
}

// number reads a number above 0; empty gives the default.
func number(name, text string, fallback int) (int, error) {
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 1 {
		return 0, usage("%s is %q, and should be a number from 1 on", name, text)
	}
	return int(n), nil
}
