package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	queryv1 "github.com/stetnews/stet/proto/stet/query/v1"
)

// speed reads the clock over the whole path: pages found, checked without a change, and edited.
func (b *bench) speed(ctx context.Context) error {
	start := time.Now()
	if err := b.discovered(ctx); err != nil {
		return err
	}
	took := time.Since(start)
	articles, _, err := b.indexed(ctx)
	if err != nil {
		return err
	}
	b.row("pages, hosts, bytes a page at least", "%d, %d, %d", b.site.pages, b.hosts, b.size)
	b.row("discovery: first versions/s", "%.1f", perSecond(len(articles), took))
	var urls []string
	for _, a := range articles {
		urls = append(urls, a.url)
	}
	if took, err = plain(ctx, urls); err != nil {
		return err
	}
	baseline := perSecond(len(urls), took)
	b.row("plain GET loop: pages/s", "%.1f", baseline)
	for round := range b.rounds {
		if err := b.site.refurnish(ctx); err != nil {
			return err
		}
		visits, took, err := b.checkAll(ctx, articles)
		if err != nil {
			return err
		}
		rate := perSecond(len(articles), took)
		b.row(fmt.Sprintf("round %d, furniture changed: checks/s", round+1), "%.1f (%.3f of the plain loop; %d requests)", rate, rate/baseline, len(visits))
	}
	before := articles
	if articles, _, err = b.indexed(ctx); err != nil {
		return err
	}
	alarms := 0
	for path, a := range articles {
		alarms += int(a.versions - before[path].versions)
	}
	b.row("false revisions in all rounds", "%d", alarms)
	_, took, err = b.checkAll(ctx, articles)
	if err != nil {
		return err
	}
	b.row("nothing changed (304): checks/s", "%.1f", perSecond(len(articles), took))
	if err := b.revisions(ctx, articles, "all edited at once", func(ctx context.Context) error {
		_, err := b.stet.CheckAllNow(ctx)
		return err
	}); err != nil {
		return err
	}
	if articles, _, err = b.indexed(ctx); err != nil {
		return err
	}
	return b.revisions(ctx, articles, fmt.Sprintf("%d edits a second", b.rate), func(ctx context.Context) error {
		return b.checkEach(ctx, articles)
	})
}

// checkEach asks for a check of one article after the other at the steady rate.
func (b *bench) checkEach(ctx context.Context, articles map[string]known) error {
	ticker := time.NewTicker(time.Second / time.Duration(b.rate))
	defer ticker.Stop()
	for _, a := range articles {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if _, err := b.stet.CheckNow(ctx, a.id); err != nil {
			return err
		}
	}
	return nil
}

func perSecond(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

// times are the moments of one revision.
type times struct{ fetched, published, searchable time.Time }

// sightings gathers them by article, from a watch and from a search at the same time.
type sightings struct {
	mu  sync.Mutex
	all map[string]*times
}

func (s *sightings) note(article string, set func(*times)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.all[article]
	if !ok {
		t = &times{}
		s.all[article] = t
	}
	set(t)
}

// revisions edits every article, asks for checks, and follows the revisions until Search finds them.
func (b *bench) revisions(ctx context.Context, articles map[string]known, how string, ask func(context.Context) error) error {
	before := map[string]int32{}
	for _, a := range articles {
		before[a.id] = a.versions
	}
	edited, err := b.site.edit(ctx, len(articles))
	if err != nil {
		return err
	}
	seen := &sightings{all: map[string]*times{}}
	watching, stop := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.watch(watching, seen, before) })
	group.Go(func() error { return ask(ctx) })
	start := time.Now()
	last := start
	group.Go(func() (err error) {
		defer stop()
		last, err = b.search(ctx, seen, before, len(edited))
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	fetch, publish := seen.waits()
	b.row(how+": revisions/s, fetch to searchable", "%.1f (%d of %d)", perSecond(len(fetch), last.Sub(start)), len(fetch), len(edited))
	b.row(how+": start of the fetch to searchable, p50, p99", "%s", quantiles(fetch))
	b.row(how+": event watched to searchable, p50, p99", "%s", quantiles(publish))
	return nil
}

// waits gives the times from the fetch, and from the published event, until a revision could be found.
func (s *sightings) waits() (fetch, publish []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.all {
		if t.searchable.IsZero() {
			continue
		}
		fetch = append(fetch, t.searchable.Sub(t.fetched))
		if !t.published.IsZero() {
			publish = append(publish, max(t.searchable.Sub(t.published), 0))
		}
	}
	return fetch, publish
}

// watch notes when the event of a revision comes.
func (b *bench) watch(ctx context.Context, seen *sightings, before map[string]int32) error {
	for answer, err := range b.stet.Watch(ctx, &queryv1.WatchRevisionsRequest{}) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		event, now := answer.GetEvent(), time.Now()
		if event.GetVersion() > before[event.GetArticle()] {
			seen.note(event.GetArticle(), func(t *times) { t.published = now })
		}
	}
	return nil
}

// searchEvery is how finely the moment is known at which a revision can be found.
const searchEvery = 20 * time.Millisecond

// quietFor is how long no new revision comes before those that are missing count as missed.
const quietFor = 20 * time.Second

// search asks for the newest versions again and again, until n new ones were found or no more come. It gives the time
// of the last.
func (b *bench) search(ctx context.Context, seen *sightings, before map[string]int32, n int) (time.Time, error) {
	found := map[string]bool{}
	last := time.Now()
	err := until(ctx, fmt.Sprintf("%d revisions in the search", n), searchEvery, func() (bool, error) {
		known := 0
		for hit, err := range b.stet.EachHit(ctx, &queryv1.SearchRequest{PageSize: 50}) {
			if err != nil {
				return false, err
			}
			r := hit.GetRevision()
			// The newest come first. They are not found in the order of their times: a few known ones end the look.
			if r.GetVersion() <= before[r.GetArticle()] {
				break
			}
			if found[r.GetArticle()] {
				if known++; known > 100 {
					break
				}
				continue
			}
			found[r.GetArticle()] = true
			last = time.Now()
			seen.note(r.GetArticle(), func(t *times) { t.fetched, t.searchable = r.GetTime().AsTime(), last })
		}
		return len(found) >= n || time.Since(last) > quietFor, nil
	})
	return last, err
}

func quantiles(d []time.Duration) string {
	if len(d) == 0 {
		return "none"
	}
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[int(q*float64(len(d)-1))].Round(time.Millisecond) }
	return fmt.Sprintf("%s, %s", at(0.5), at(0.99))
}
