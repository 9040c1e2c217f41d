package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// usualHosts bounds a listing that nobody bounded.
const usualHosts = 100

func hostsList(ctx context.Context, c *call) error {
	limit, err := number("limit", c.options["limit"], usualHosts)
	if err != nil {
		return err
	}
	name := strings.Join(c.args, "")
	return c.withClient(ctx, false, func(stet *client.Client) error {
		var hosts []*queryv1.Host
		more := false
		for h, err := range stet.EachHost(ctx, name) {
			if err != nil {
				return err
			}
			if more = len(hosts) == limit; more {
				break
			}
			hosts = append(hosts, h)
		}
		if c.has("json") {
			return printMessages(c, hosts)
		}
		if len(hosts) == 0 {
			c.print.Line("no such host is known: hosts are, once something waits for them")
		}
		for _, h := range hosts {
			c.host(h)
		}
		if more {
			c.print.Aside("there are more: name a part of what you look for, or say --limit N")
		}
		return c.print.Err()
	})
}

// host prints a host in a few lines.
func (c *call) host(h *queryv1.Host) {
	c.print.Heading(h.GetName())
	c.print.Line("  %s: %s", strings.ToLower(h.GetState().String()), h.GetWhy())
	next := "at once"
	if h.GetNextTurn() != nil {
		next = "from " + when(h.GetNextTurn())
	}
	c.print.Line("  next turn %s, %d pages and %d feeds wait", next, h.GetPages(), h.GetFeeds())
	c.print.Aside("  gap %s%s%s", length(h.GetGap()), part(", answers in %s", h.GetLatency()), part(", robots.txt asks for %s", h.GetCrawlDelay()))
	c.print.Aside("  %s", rulesOf(h))
	if h.GetTrouble() != "" {
		c.print.Line("  last trouble %s: %s", when(h.GetTroubleAt()), h.GetTrouble())
	}
}

func rulesOf(h *queryv1.Host) string {
	rules := "robots.txt was not read yet"
	if h.GetRobotsStatus() > 0 {
		rules = fmt.Sprintf("robots.txt read %s (status %d)", when(h.GetRobotsAt()), h.GetRobotsStatus())
	}
	if h.GetRobotsTrouble() != "" {
		rules += ", and cannot be read now: " + h.GetRobotsTrouble()
	}
	return rules
}

// length is a duration as people read it, and - where it is not known.
func length(d *durationpb.Duration) string {
	if d == nil {
		return "-"
	}
	return d.AsDuration().Round(time.Millisecond).String()
}

// part is a part of a sentence, or nothing.
func part(format string, d *durationpb.Duration) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf(format, length(d))
}
