package main

import (
	"context"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// articleCommands are those about which addresses are one article.
func articleCommands() []command {
	asJSON := option{name: "json", help: "print JSON"}
	return []command{
		{name: "articles merges", arguments: "[ARTICLE]", help: "list addresses that turned out to be one article, or those of one", most: 1,
			run: articleMerges, flags: []option{asJSON, {name: "split", help: "also those that were split again"}}},
		{name: "articles split", arguments: "ARTICLE|URL", help: "undo a merge: look at the article by itself again, for good", least: 1, most: 1,
			run: articleSplit, flags: []option{asJSON}},
	}
}

func articleMerges(ctx context.Context, c *call) error {
	into := ""
	if len(c.args) > 0 {
		var err error
		if into, err = articleID(c.args[0]); err != nil {
			return err
		}
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		var all []*queryv1.Merge
		for m, err := range stet.EachMerge(ctx, into, c.has("split")) {
			if err != nil {
				return err
			}
			all = append(all, m)
			if !c.has("json") {
				c.merge(m)
			}
		}
		if c.has("json") {
			return printMessages(c, all)
		}
		if len(all) == 0 {
			c.print.Line("no address turned out to be another article")
		}
		return c.print.Err()
	})
}

// merge prints a merge in two lines.
func (c *call) merge(m *queryv1.Merge) {
	c.print.Line("%s  %s is %s  %s", when(m.GetTime()), m.GetArticle(), m.GetInto(), m.GetUrl())
	text := "by its " + m.GetKind() + ": " + m.GetReason()
	if m.GetSplit() != nil {
		text += "; split " + when(m.GetSplit())
	}
	c.print.Aside("    %s", text)
}

func articleSplit(ctx context.Context, c *call) error {
	id, err := articleID(c.args[0])
	if err != nil {
		return err
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		m, err := stet.SplitArticle(ctx, id)
		if err != nil {
			return err
		}
		if c.has("json") {
			return printMessage(c, m)
		}
		c.print.Line("%s is an article of its own again, and no more %s", m.GetArticle(), m.GetInto())
		c.print.Aside("it is looked at as soon as politeness allows; the two will not be merged again")
		return c.print.Err()
	})
}
