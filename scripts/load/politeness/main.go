// Command politeness runs stet as services apart against simulated hosts, which judge their visitor by themselves, and
// kills scrapers and feed-pollers at random meanwhile. At the end it says how often two requests were at a host at once,
// how often one came too close behind the one before, which pages were lost, and which hosts were forgotten: all are to be 0.
//
//	scripts/politeness.sh                 200 hosts, 4 scrapers, 2 feed-pollers, 5 minutes of kills
//	scripts/politeness.sh --for 1m --hosts 50
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// token is the secret that both sides know.
const token = "known-to-both-sides"

type options struct {
	stet, natsServer                string
	hosts, feeds, scrapers, pollers int
	duration, drain, every, gap     time.Duration
	seed                            uint64
	verbose                         bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.StringVar(&o.stet, "stet", "stet", "the stet binary")
	flag.StringVar(&o.natsServer, "nats-server", "nats-server", "the NATS server binary")
	flag.IntVar(&o.hosts, "hosts", 200, "simulated hosts")
	flag.IntVar(&o.feeds, "feeds", 4, "feeds of each host, added one after the other")
	flag.IntVar(&o.scrapers, "scrapers", 4, "scraper processes")
	flag.IntVar(&o.pollers, "pollers", 2, "feed-poller processes")
	flag.DurationVar(&o.duration, "for", 5*time.Minute, "how long processes are killed")
	flag.DurationVar(&o.drain, "drain", 5*time.Minute, "how long what is left may take after that")
	flag.DurationVar(&o.every, "kill-every", 3*time.Second, "time between two kills, on average")
	flag.DurationVar(&o.gap, "gap", 2*time.Second, "least time between two requests to a host")
	flag.Uint64Var(&o.seed, "seed", 1, "order of kills, feeds and answers")
	flag.BoolVar(&o.verbose, "verbose", false, "show what the processes log")
	flag.Parse()
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "politeness:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o options) error {
	folder, err := os.MkdirTemp("", "stet-politeness-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	served, done := context.WithCancel(ctx)
	defer done()
	hosts, err := serve(served, o.hosts, o.gap, o.seed)
	if err != nil {
		return err
	}
	f := &fleet{options: o, folder: folder}
	defer f.stop()
	if err := f.start(ctx); err != nil {
		return err
	}
	api, err := client.Dial(f.query, client.WithToken(token))
	if err != nil {
		return err
	}
	defer func() { _ = api.Close() }()
	kills, err := f.torment(ctx, api, hosts)
	if err != nil {
		return err
	}
	began := time.Now()
	articles := f.settle(ctx, api, hosts)
	r := sum(hosts)
	r.kills, r.articles, r.drain = kills, articles, time.Since(began)
	if err := r.print(out, o); err != nil {
		return errors.Join(err, missing(ctx, out, api, hosts))
	}
	return nil
}

// torment adds feeds to the hosts one by one and kills processes, each started again at once.
func (f *fleet) torment(ctx context.Context, api *client.Client, hosts []*host) (kills int, err error) {
	random := rand.New(rand.NewPCG(f.seed, 4))
	end := time.Now().Add(f.duration)
	var feeds []func() string
	for i := range f.feeds {
		for _, h := range hosts {
			feeds = append(feeds, func() string { return h.add(strconv.Itoa(i)) })
		}
	}
	random.Shuffle(len(feeds), func(i, j int) { feeds[i], feeds[j] = feeds[j], feeds[i] })
	// The feeds come within the first half, so that they meet queues of pages.
	pace := f.duration / 2 / time.Duration(len(feeds))
	kill := time.NewTimer(f.every)
	add := time.NewTicker(max(pace, time.Millisecond))
	defer add.Stop()
	for time.Now().Before(end) && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-add.C:
			if len(feeds) == 0 {
				continue
			}
			if _, err := api.AddFeed(ctx, &queryv1.AddFeedRequest{Url: feeds[0](), Source: "Politeness"}); err != nil {
				return kills, err
			}
			feeds = feeds[1:]
		case <-kill.C:
			victim := f.victims[random.IntN(len(f.victims))]
			victim.Kill()
			if err := victim.Start(); err != nil {
				return kills, err
			}
			kills++
			kill.Reset(time.Duration((.5 + random.Float64()) * float64(f.every)))
		}
	}
	if len(feeds) > 0 {
		return kills, fmt.Errorf("%d feeds were not added in time: give it longer with --for", len(feeds))
	}
	return kills, ctx.Err()
}

// settle waits until every page is read and every article known, or as long as it may, and gives how many articles are.
func (f *fleet) settle(ctx context.Context, api *client.Client, hosts []*host) int64 {
	ctx, cancel := context.WithTimeout(ctx, f.drain)
	defer cancel()
	var articles int64
	for {
		if status, err := api.Status(ctx); err == nil {
			articles = status.GetArticles()
		}
		r := sum(hosts)
		if r.unread == 0 && r.unasked == 0 && articles == int64(r.pages) {
			return articles
		}
		select {
		case <-ctx.Done():
			return articles
		case <-time.After(time.Second):
		}
	}
}

// report is what all hosts have to say.
type report struct {
	verdict
	requests, pages, unread, unasked, starved, kills int
	articles                                         int64
	waits                                            []time.Duration // of feeds, from being added to the first request
	drain                                            time.Duration
}

func sum(hosts []*host) report {
	r := report{verdict: verdict{least: time.Hour}}
	for _, h := range hosts {
		h.mu.Lock()
		v := h.verdict
		r.overlaps, r.tooClose, r.tooSoon = r.overlaps+v.overlaps, r.tooClose+v.tooClose, r.tooSoon+v.tooSoon
		// Of hosts with a longer limit, what counts is how much of it was kept.
		r.least, r.silence = min(r.least, v.least), max(r.silence, v.silence)
		r.requests += len(h.begins)
		r.unread += len(h.unread)
		r.pages -= len(h.refused)
		forgotten := len(h.unread) > 0
		for _, f := range h.feeds {
			if f.asked == 0 {
				r.unasked++
				forgotten = true
			} else {
				r.waits = append(r.waits, f.waited)
			}
			if f.listed {
				r.pages += pagesPerFeed
			}
		}
		if forgotten {
			r.starved++
		}
		h.mu.Unlock()
	}
	slices.Sort(r.waits)
	return r
}

// print says what came of it; an error where anything is not as it is to be.
func (r report) print(out io.Writer, o options) error {
	row := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-72s%s\n", name, fmt.Sprintf(format, args...)) //nolint:errcheck // nobody is there to be told
	}
	missing := int64(r.pages) - r.articles
	row("hosts, scrapers, feed-pollers, time", "%d, %d, %d, %s", o.hosts, o.scrapers, o.pollers, o.duration)
	row("kills; time that the rest took after the last", "%d; %s", r.kills, r.drain.Round(time.Second))
	row("requests; pages that were listed and not refused; articles", "%d; %d; %d", r.requests, r.pages, r.articles)
	row("two in flight", "%d", r.overlaps)
	row("gaps under the limit", "%d", r.tooClose)
	row("addresses lost (pages unread, not in the index, feeds unasked)", "%d (%d, %d, %d)", r.unread+max(int(missing), 0)+r.unasked,
		r.unread, missing, r.unasked)
	row("hosts starved", "%d", r.starved)
	row("requests within a pause that was asked for", "%d", r.tooSoon)
	row("smallest gap (limit)", "%s (%s)", r.least.Round(time.Millisecond), o.gap)
	row("longest silence while a page waited", "%s", r.silence.Round(100*time.Millisecond))
	if n := len(r.waits); n > 0 {
		row("feed: from added to asked, median, 95 %, longest", "%s, %s, %s", r.waits[n/2].Round(time.Millisecond),
			r.waits[n*95/100].Round(time.Millisecond), r.waits[n-1].Round(time.Millisecond))
	}
	if r.overlaps+r.tooClose+r.unread+r.unasked+r.starved > 0 || missing != 0 {
		return fmt.Errorf("stet was no polite visitor, or forgot something")
	}
	return nil
}

// mostMissing bounds the pages that are told of.
const mostMissing = 10

// missing tells of listed pages that never became an article: how often and when they were asked for.
func missing(ctx context.Context, out io.Writer, api *client.Client, hosts []*host) error {
	there := map[string]bool{}
	for r, err := range api.EachRevision(ctx, &queryv1.ListRevisionsRequest{IncludeFirst: true, PageSize: 200}) {
		if err != nil {
			return err
		}
		there[r.GetUrl()] = true
	}
	told := 0
	for _, h := range hosts {
		h.mu.Lock()
		for path, times := range h.pages {
			if there[h.address+path] || h.refused[path] || strings.HasPrefix(path, "/from/") || told == mostMissing {
				continue
			}
			told++
			fmt.Fprintf(out, "not there: %s%s, asked for at %v, unread %v\n", h.address, path, times, h.unread[path]) //nolint:errcheck // nobody is there to be told
		}
		h.mu.Unlock()
	}
	return nil
}
