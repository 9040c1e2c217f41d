package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	queryv1 "github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/scripts/process"
)

// sightings are the moments at which versions were seen.
type sightings struct {
	mu                    sync.Mutex
	published, searchable map[string]time.Time // by article and version
}

func (s *sightings) note(in map[string]time.Time, article string, version int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fmt.Sprintf("%s/%d", article, version)
	if _, there := in[key]; !there {
		in[key] = time.Now()
	}
}

// measure edits stories at a steady rate and follows each revision from its event to the search.
func (f *fleet) measure(ctx context.Context) error {
	seen := &sightings{published: map[string]time.Time{}, searchable: map[string]time.Time{}}
	watching, stop := context.WithCancel(ctx)
	group, watching := errgroup.WithContext(watching)
	group.Go(func() error { return f.watch(watching, seen) })
	group.Go(func() error { return f.search(watching, seen) })
	start := time.Now()
	edits, err := f.editSteadily(ctx)
	if err == nil {
		err = f.awaitLast(ctx, seen, edits)
	}
	took := time.Since(start)
	if err != nil {
		f.tellBehind(ctx)
	}
	stop()
	if ended := group.Wait(); err == nil && ctx.Err() == nil && ended != nil && watching.Err() == nil {
		err = ended
	}
	if err != nil {
		return err
	}
	var waits []time.Duration
	for key, at := range seen.searchable {
		if published, there := seen.published[key]; there {
			waits = append(waits, max(at.Sub(published), 0))
		}
	}
	f.row("edits; found in the search; a second", "%d; %d; %.1f", edits, len(seen.searchable), float64(len(seen.searchable))/took.Seconds())
	f.row("event watched to searchable: p50, p99", "%s (%d)", quantiles(waits), len(waits))
	return nil
}

// awaitLast waits until every edit was found. A wish for a look may be absorbed by one that had begun before the edit: it
// is said once more, and counted.
func (f *fleet) awaitLast(ctx context.Context, seen *sightings, edits int) error {
	missing := func() int {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		return edits - len(seen.searchable)
	}
	all := func() (bool, error) { return missing() <= 0, nil }
	if process.Until(ctx, 5*time.Second, "the last revisions", 100*time.Millisecond, all) == nil {
		return nil
	}
	f.row("wishes for a look that an earlier look absorbed, at most", "%d", missing())
	if _, err := f.client.CheckAllNow(ctx); err != nil {
		return err
	}
	return process.Until(ctx, 30*time.Second, "the last revisions to be found", 100*time.Millisecond, all)
}

// tellBehind prints some stories whose last edition is no version, and what their last check came to.
func (f *fleet) tellBehind(ctx context.Context) {
	told := 0
	for _, s := range f.stories {
		a, err := f.client.Article(ctx, s.article)
		if err != nil || int(a.GetVersions()) >= s.edition || told == 5 {
			continue
		}
		told++
		f.row("behind: "+s.article, "version %d of edition %d, checked %s: %s %s", a.GetVersions(), s.edition,
			time.Since(a.GetLastChecked().AsTime()).Round(time.Second), a.GetLastOutcome(), a.GetLastReason())
	}
}

// editSteadily edits one story after the other, so that no story is edited again before it was looked at.
func (f *fleet) editSteadily(ctx context.Context) (edits int, err error) {
	ticker := time.NewTicker(time.Second / time.Duration(f.rate))
	defer ticker.Stop()
	end := time.Now().Add(f.duration)
	for {
		for _, s := range f.stories {
			select {
			case <-ctx.Done():
				return edits, ctx.Err()
			case <-ticker.C:
			}
			if time.Now().After(end) {
				return edits, nil
			}
			a, err := f.client.Article(ctx, s.article)
			if err != nil {
				return edits, err
			}
			if int(a.GetVersions()) < s.edition {
				continue // its last edition is still on its way
			}
			if err := f.edit(ctx, s); err != nil {
				return edits, err
			}
			edits++
			if _, err := f.client.CheckNow(ctx, s.article); err != nil {
				return edits, err
			}
		}
	}
}

func (f *fleet) watch(ctx context.Context, seen *sightings) error {
	for answer, err := range f.client.Watch(ctx, &queryv1.WatchRevisionsRequest{}) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		seen.note(seen.published, answer.GetEvent().GetArticle(), answer.GetEvent().GetVersion())
	}
	return nil
}

// search asks for the newest versions again and again. What it finds was written at most 10 ms and an answer ago.
func (f *fleet) search(ctx context.Context, seen *sightings) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		answer, err := f.client.Search(ctx, &queryv1.SearchRequest{Query: "NOT kind:first", PageSize: 100})
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		for _, hit := range answer.GetHits() {
			seen.note(seen.searchable, hit.GetRevision().GetArticle(), hit.GetRevision().GetVersion())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func quantiles(d []time.Duration) string {
	if len(d) == 0 {
		return "none"
	}
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[int(q*float64(len(d)-1))].Round(time.Millisecond) }
	return fmt.Sprintf("%s, %s", at(0.5), at(0.99))
}
