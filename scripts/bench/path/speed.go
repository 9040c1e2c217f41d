package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

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
	return b.revisions(ctx, articles)
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

// revisions edits every article and follows the revisions until Search finds them.
func (b *bench) revisions(ctx context.Context, articles map[string]known) error {
	before := map[string]int32{}
	for _, a := range articles {
		before[a.id] = a.versions
	}
	seen := &sightings{all: map[string]*times{}}
	watching, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- b.watch(watching, seen, before) }()
	edited, err := b.site.edit(ctx, len(articles))
	if err != nil {
		stop()
		return errors.Join(err, <-done)
	}
	start := time.Now()
	if _, err = b.stet.CheckAllNow(ctx); err == nil {
		err = b.search(ctx, seen, before, len(edited))
	}
	took := time.Since(start)
	stop()
	if err := errors.Join(err, <-done); err != nil {
		return err
	}
	var fetch, publish []time.Duration
	for _, t := range seen.all {
		if t.searchable.IsZero() {
			continue
		}
		fetch = append(fetch, t.searchable.Sub(t.fetched))
		if !t.published.IsZero() {
			publish = append(publish, max(t.searchable.Sub(t.published), 0))
		}
	}
	b.row("all edited: revisions/s, fetch to searchable", "%.1f (%d of %d)", perSecond(len(fetch), took), len(fetch), len(edited))
	b.row("start of the fetch to searchable: p50, p99", "%s", quantiles(fetch))
	b.row("event watched to searchable: p50, p99", "%s", quantiles(publish))
	return nil
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

// search asks for the newest versions again and again, until n new ones were found.
func (b *bench) search(ctx context.Context, seen *sightings, before map[string]int32, n int) error {
	found := map[string]bool{}
	return until(ctx, fmt.Sprintf("%d revisions in the search", n), searchEvery, func() (bool, error) {
		for hit, err := range b.stet.EachHit(ctx, &queryv1.SearchRequest{PageSize: 200}) {
			if err != nil {
				return false, err
			}
			r := hit.GetRevision()
			if r.GetVersion() <= before[r.GetArticle()] {
				break // the newest come first: all older ones were there before
			}
			if found[r.GetArticle()] {
				continue
			}
			found[r.GetArticle()] = true
			now := time.Now()
			seen.note(r.GetArticle(), func(t *times) { t.fetched, t.searchable = r.GetTime().AsTime(), now })
		}
		return len(found) >= n, nil
	})
}

func quantiles(d []time.Duration) string {
	if len(d) == 0 {
		return "none"
	}
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[int(q*float64(len(d)-1))].Round(time.Millisecond) }
	return fmt.Sprintf("%s, %s", at(0.5), at(0.99))
}
