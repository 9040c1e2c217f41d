package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/html"
)

// rounds is how often each page is read.
const rounds = 3

// speed reads one page at a time on one core. Processor time is compared, since other work on the machine makes all else
// longer: of a filter that reads the pages, of one that gets lines of the same length and reads nothing, and of parsing
// the pages. The median alone is by the clock, JSON and pipes included.
func (b *bench) speed() error {
	if len(b.pages) == 0 {
		return nil
	}
	if err := os.Setenv("GOMAXPROCS", "1"); err != nil {
		return err
	}
	whole, clock, err := b.turnByTurn(func(p page) request { return request{id: p.id, url: p.url, publisher: p.site, html: p.html} })
	if err != nil {
		return err
	}
	lines, _, err := b.turnByTurn(func(p page) request {
		return request{id: p.id, url: p.url, publisher: p.site, html: "<p>x", unread: p.html}
	})
	if err != nil {
		return err
	}
	began := processorTime()
	for range rounds {
		for _, p := range b.pages {
			if _, err := html.Parse(strings.NewReader(p.html)); err != nil {
				return fmt.Errorf("parsing %s: %w", p.id, err)
			}
		}
	}
	parsed := (processorTime() - began) / time.Duration(rounds*len(b.pages))
	slices.Sort(clock)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.2f", d.Seconds()*1000) }
	table := b.table("time for a page on one core, ms", "", "mean")
	table.row("processor time: reading", ms(whole-lines))
	table.row("processor time: JSON and pipes beside it", ms(lines))
	table.row("processor time: a parse alone, by golang.org/x/net/html", ms(parsed))
	table.row("reading, in parses", fmt.Sprintf("%.2f", (whole-lines).Seconds()/parsed.Seconds()))
	table.row("by the clock, JSON and pipes included: median, 95 of 100", ms(clock[len(clock)/2])+", "+ms(clock[len(clock)*95/100]))
	table.end()
	return nil
}

// turnByTurn sends each page when the one before is answered, and gives the filter's processor time for a page and the
// times by the clock.
func (b *bench) turnByTurn(form func(page) request) (mean time.Duration, clock []time.Duration, err error) {
	next := make(chan struct{}, 1)
	next <- struct{}{}
	var sent time.Time
	total, err := timed(b.stets[:1], func(yield func(request) bool) {
		for range rounds {
			for _, p := range b.pages {
				<-next
				sent = time.Now()
				if !yield(form(p)) {
					return
				}
			}
		}
	}, func(answer) {
		clock = append(clock, time.Since(sent))
		next <- struct{}{}
	})
	return total / time.Duration(rounds*len(b.pages)), clock, err
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
