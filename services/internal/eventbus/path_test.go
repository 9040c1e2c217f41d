package eventbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// path runs the loop of every article over the bus by the steps of the protocols, as scraper and differ do, with an
// answer lost now and then, and keeps the ground truth: what the hosts served and which readings the bus acknowledged.
type path struct {
	t        *testing.T
	articles int // numbered; the article n stands on host n % hosts
	hosts    int
	versions int // each article is read until it has so many
	gap      time.Duration

	mutex   sync.Mutex
	busy    map[string]bool      // hosts with a request under way
	started map[string]time.Time // of the host's last request
	served  map[string][]string  // texts by article, in order
	read    map[string][]reading // those that the bus acknowledged
	until   map[string]time.Time // of the newest reading of an article that was accounted
	done    map[string]bool      // articles with all versions
	commits int
	calls   map[string]int // by what was asked for
	moved   chan int       // the number of commits, as it grows; the last is kept
}

type reading struct {
	text string
	at   time.Time
}

func newPath(t *testing.T) *path {
	return &path{
		t: t, articles: 12, hosts: 6, versions: 3, gap: 200 * time.Millisecond,
		busy: map[string]bool{}, started: map[string]time.Time{}, served: map[string][]string{}, read: map[string][]reading{},
		until: map[string]time.Time{},
		done:  map[string]bool{}, calls: map[string]int{}, moved: make(chan int, 1),
	}
}

const source = "Gazette"

// errLost is an answer that did not come, though the bus did what it was asked for.
var errLost = errors.New("the answer was lost")

// lose takes every so many-th answer away.
func (p *path) lose(what string, every int, err error) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.calls[what]++
	if err == nil && p.calls[what]%every == 0 {
		return errLost
	}
	return err
}

func (p *path) id(n int) string { return article.Token(fmt.Sprintf("article %d", n)) }

// lease is max(gap, deadline) + margin + slack, as the scraper reckons it.
const (
	pathDeadline = time.Second
	pathMargin   = time.Second
	pathLease    = pathDeadline + pathMargin + 2*time.Second
)

// run starts two of each service and gives a function that waits for the end.
func (p *path) run(ctx context.Context, poller *eventbus.Bus, scrapers, differs []*eventbus.Bus) func() error {
	var group errgroup.Group
	for _, b := range scrapers {
		group.Go(func() error {
			return b.Consume(ctx, eventbus.NewItems, 4, func(ctx context.Context, d *eventbus.Delivery) error {
				i, err := eventbus.DecodeItem(d.Data)
				if err != nil {
					return err
				}
				return b.Enqueue(ctx, eventbus.Entry{Host: i.URL, Article: i.Article, Source: i.Source})
			})
		})
		group.Go(func() error {
			return b.Consume(ctx, eventbus.DueChecks, 4, func(ctx context.Context, d *eventbus.Delivery) error {
				var due eventbus.DueCheck
				if err := json.Unmarshal(d.Data, &due); err != nil {
					return err
				}
				return b.Enqueue(ctx, eventbus.Entry{Host: due.URL, Article: due.Article, Source: due.Source})
			})
		})
		group.Go(func() error {
			return b.Consume(ctx, eventbus.DueTurns, 8, func(ctx context.Context, d *eventbus.Delivery) error { return p.turn(ctx, b, d) })
		})
	}
	for _, b := range differs {
		group.Go(func() error {
			return b.Consume(ctx, eventbus.ReadChecks, 4, func(ctx context.Context, d *eventbus.Delivery) error { return p.account(ctx, b, d) })
		})
	}
	group.Go(func() error { return p.publish(ctx, poller) })
	return group.Wait
}

// publish sends every item until the bus has it.
func (p *path) publish(ctx context.Context, b *eventbus.Bus) error {
	for n := range p.articles {
		item := article.Item{
			Feed: "f", Source: source, Article: p.id(n), URL: fmt.Sprintf("host-%d", n%p.hosts), EntryID: fmt.Sprint(n),
		}
		for b.PublishItem(ctx, item) != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}

// turn is T1 to T6.
func (p *path) turn(ctx context.Context, b *eventbus.Bus, d *eventbus.Delivery) error {
	token := d.Token(2)
	entry, err := b.NextEntry(ctx, token, false)
	if eventbus.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	leasedAt := time.Now()
	fence, err := b.Lease(ctx, token, leasedAt.Add(pathLease), eventbus.Attempt{Entry: entry.Sequence, Count: 1}, 0)
	switch {
	case eventbus.Refused(err):
		return nil
	case p.lose("lease", 20, err) != nil:
		return errLost
	}
	if err := d.Ack(); err != nil {
		return err
	}
	start := time.Now()
	if start.Add(pathDeadline + pathMargin).After(leasedAt.Add(pathLease)) {
		return nil
	}
	text := p.fetch(entry)
	check := article.Check{
		Article: entry.Article, Source: entry.Source, URL: entry.Host, FetchedAt: start, Outcome: article.Read,
		Snapshot: &article.Snapshot{Title: text},
	}
	if p.lose("check", 15, b.PublishCheck(ctx, check)) != nil {
		return nil // the lease fires
	}
	p.mutex.Lock()
	p.read[entry.Article] = append(p.read[entry.Article], reading{text, start})
	p.mutex.Unlock()
	if b.RemoveEntry(ctx, entry) != nil {
		return nil
	}
	if time.Now().Before(leasedAt.Add(pathLease - pathMargin)) {
		_ = b.Guard(ctx, token, start.Add(p.gap+100*time.Millisecond), fence, false) // else the lease or its heir fires
	}
	return nil
}

// fetch is a request as the host sees it: it judges politeness and serves a text that it never served before.
func (p *path) fetch(e eventbus.Entry) string {
	p.mutex.Lock()
	if p.busy[e.Host] {
		p.t.Errorf("%s has two requests at a time", e.Host)
	}
	now := time.Now()
	if since := now.Sub(p.started[e.Host]); since < p.gap {
		p.t.Errorf("%s was asked again after %s", e.Host, since)
	}
	p.busy[e.Host], p.started[e.Host] = true, now
	text := fmt.Sprintf("text %d", len(p.served[e.Article])+1)
	p.served[e.Article] = append(p.served[e.Article], text)
	p.busy[e.Host] = false
	p.mutex.Unlock()
	return text
}

// account is the commit, steps 0 to 7, of texts that all differ.
func (p *path) account(ctx context.Context, b *eventbus.Bus, d *eventbus.Delivery) error {
	for {
		check, err := b.FirstCheck(ctx, d.Token(1))
		if eventbus.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := p.commit(ctx, b, check.Check); err != nil {
			return err
		}
		if check.Sequence >= d.Sequence {
			return nil
		}
		if err := b.RemoveCheck(ctx, check.Sequence); err != nil {
			return err
		}
	}
}

func (p *path) commit(ctx context.Context, b *eventbus.Bus, s article.Check) error {
	for {
		h, revision, err := b.Head(ctx, s.Article)
		if err != nil && !eventbus.IsNotFound(err) {
			return err
		}
		if revision > 0 && !s.FetchedAt.After(h.FetchedAt) {
			return p.arm(ctx, b, h, b.ArmCheckIfAbsent)
		}
		e := article.Event{Article: s.Article, Source: s.Source, Version: h.Version + 1, FetchedAt: s.FetchedAt, Snapshot: *s.Snapshot}
		sequence, err := b.PublishRevision(ctx, e, h.Sequence)
		err = p.lose("revision", 5, err)
		next := p.head(e, s.URL, sequence)
		if eventbus.Refused(err) {
			last, at, err := b.LastRevision(ctx, s.Source, s.Article)
			if err != nil || last.Version <= h.Version {
				return fmt.Errorf("refused, and the stream ends with %d: %w", last.Version, errors.Join(err, errors.New("again")))
			}
			next = p.head(last, s.URL, at)
		} else if err != nil {
			return err
		}
		err = p.lose("head", 7, b.PutHead(ctx, next, revision))
		if errors.Is(err, eventbus.ErrConflict) || (err == nil && next.FetchedAt.Before(s.FetchedAt)) {
			continue
		}
		if err != nil {
			return err
		}
		return p.arm(ctx, b, next, b.ArmCheck)
	}
}

func (p *path) head(e article.Event, url string, sequence uint64) article.Head {
	h := article.Head{
		Article: e.Article, Source: e.Source, URL: url, Version: e.Version, Sequence: sequence, FetchedAt: e.FetchedAt,
	}
	if e.Version < p.versions {
		h.Next = e.FetchedAt.Add(300 * time.Millisecond)
	}
	return h
}

// arm schedules the next look, or counts the article as done.
func (p *path) arm(ctx context.Context, b *eventbus.Bus, h article.Head, arm func(context.Context, article.Head) error) error {
	if !h.Next.IsZero() {
		if err := p.lose("schedule", 6, arm(ctx, h)); err != nil {
			return err
		}
	}
	o := article.CheckOutcome{Article: h.Article, Source: h.Source, FetchedAt: h.FetchedAt}
	if err := b.PublishCheckOutcome(ctx, o); err != nil {
		return err
	}
	p.count(h)
	return nil
}

func (p *path) count(h article.Head) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.commits++
	if h.FetchedAt.After(p.until[h.Article]) {
		p.until[h.Article] = h.FetchedAt
	}
	if h.Next.IsZero() {
		p.done[h.Article] = true
	}
	select {
	case <-p.moved:
	default:
	}
	p.moved <- p.commits
}

// settled says that every article has all its versions, and that what was acknowledged of it was accounted.
func (p *path) settled() bool {
	for id, all := range p.read {
		if all[len(all)-1].at.After(p.until[id]) {
			return false
		}
	}
	return len(p.done) == p.articles
}

// accounted are the acknowledged readings of an article but those that came while everything was stopped.
func (p *path) accounted(id string) []string {
	var texts []string
	for _, r := range p.read[id] {
		if !r.at.After(p.until[id]) {
			texts = append(texts, r.text)
		}
	}
	return texts
}

// wait waits until the condition holds after a commit.
func (p *path) wait(ctx context.Context, what string, holds func() bool) {
	p.t.Helper()
	for {
		select {
		case <-ctx.Done():
			p.mutex.Lock()
			defer p.mutex.Unlock()
			p.t.Fatalf("not in time: %s; %d commits, %d articles done", what, p.commits, len(p.done))
		case <-p.moved:
			p.mutex.Lock()
			ok := holds()
			p.mutex.Unlock()
			if ok {
				return
			}
		}
	}
}

// judge compares the revision stream with the ground truth: every reading that the bus acknowledged is a version, in
// the order in which it was served, none is there twice and no number is missing.
func (p *path) judge(ctx context.Context, b *eventbus.Bus) {
	p.t.Helper()
	got := map[string][]string{}
	err := b.ReadRevisions(ctx, 0, func(sequence uint64, e article.Event) error {
		got[e.Article] = append(got[e.Article], e.Snapshot.Title)
		if e.Version != len(got[e.Article]) {
			p.t.Errorf("revision %d of %s is the version %d, want %d", sequence, e.Article, e.Version, len(got[e.Article]))
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for n := range p.articles {
		id := p.id(n)
		if !inOrder(got[id], p.served[id]) {
			p.t.Errorf("article %d has the versions %q, the host served %q", n, got[id], p.served[id])
		}
		if !inOrder(p.accounted(id), got[id]) {
			p.t.Errorf("article %d has the versions %q, acknowledged were %q", n, got[id], p.accounted(id))
		}
	}
}

// inOrder says whether a list is another with some left out.
func inOrder(some, all []string) bool {
	for _, text := range all {
		if len(some) > 0 && some[0] == text {
			some = some[1:]
		}
	}
	return len(some) == 0
}
