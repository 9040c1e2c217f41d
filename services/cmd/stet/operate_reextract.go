package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/reindex"
)

func reExtractCommand() command {
	return command{name: "re-extract",
		help: "read archived pages again after an upgrade or a changed override, without a revision; goes on where it was interrupted",
		run:  runReExtract, flags: []option{{name: "json", help: "print JSON"},
			{name: "article", argument: "ARTICLE", help: "this one only: its id or the address of its page"},
			{name: "source", argument: "NAME", help: "those of this publisher only"}}}
}

// runReExtract asks the stet that runs, or opens the data folder where none does. Without it the running system does the
// same at the next look at each article.
func runReExtract(ctx context.Context, c *call) error {
	if c.options["article"] != "" && c.options["source"] != "" {
		return usage("name an article or a source, not both")
	}
	id := ""
	if c.options["article"] != "" {
		var err error
		if id, err = articleID(c.options["article"]); err != nil {
			return err
		}
	}
	return c.withClient(ctx, false, func(stet *client.Client) error {
		meter := newMeter(c.stderr, time.Now)
		meter.unit = "articles"
		last := &queryv1.ReExtractResponse{}
		for p, err := range stet.ReExtract(ctx, id, c.options["source"]) {
			if err != nil {
				meter.end()
				if errors.Is(err, context.Canceled) && ctx.Err() != nil {
					fmt.Fprintf(c.stderr, "%d of %d articles are done and stay so; the same command goes on from here.\n", last.GetDone(), last.GetTotal())
				}
				return err
			}
			last = p
			meter.show(reindex.Progress{Step: "reading archived pages again", Documents: int(p.GetDone()), Share: share(p)})
		}
		meter.end()
		if c.has("json") {
			return printMessage(c, last)
		}
		c.print.Line("%d articles were read again; the text of %d is another now", last.GetDone()-last.GetMissing(), last.GetChanged())
		if n := last.GetMissing(); n > 0 {
			c.print.Line("%d have no page in the archive that can be read: their next reading is taken as it is, and an edit made "+
				"since the newest version is not seen (one of them: %s; all are in the log)", n, last.GetMissingArticle())
		}
		return c.print.Err()
	})
}

func share(p *queryv1.ReExtractResponse) float64 {
	if p.GetTotal() == 0 {
		return 1
	}
	return float64(p.GetDone()) / float64(p.GetTotal())
}
