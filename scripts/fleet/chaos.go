package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// chaos edits stories and kills processes in random order, each as often as asked, without waiting for the others to
// recover. A story is edited again only when stet has its last edition, so that every edition has to become a version.
func (f *fleet) chaos(ctx context.Context) error {
	victims := f.victims()
	start := time.Now()
	kills, edits := map[string]int{}, 0
	for _, name := range victims {
		if time.Since(start) > f.duration || ctx.Err() != nil {
			break
		}
		edits += f.editSome(ctx)
		p := f.processes[name]
		p.Kill()
		kills[name]++
		if err := p.Start(); err != nil {
			return err
		}
		pause(ctx, 700*time.Millisecond)
	}
	total := 0
	for _, n := range kills {
		total += n
	}
	f.row("kills, processes, edits while they happened, time", "%d, %d, %d, %s", total, len(kills), edits, time.Since(start).Round(time.Second))
	for _, name := range append(slices.Clone(f.services), f.nats...) {
		f.row("  "+name, "%d", kills[name])
	}
	return ctx.Err()
}

// victims names each process as often as it is to be killed, in random order. With one server of NATS, it is one of them.
func (f *fleet) victims() []string {
	var all []string
	for _, name := range append(slices.Clone(f.services), f.nats...) {
		for range f.kills {
			all = append(all, name)
		}
	}
	random := rand.New(rand.NewPCG(f.seed, 1))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// editSome edits a few stories that stet is up to date with, as far as it answers.
func (f *fleet) editSome(ctx context.Context) (edits int) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var asked []string
	for _, s := range f.stories {
		if len(asked) == 5 {
			break
		}
		a, err := f.client.Article(ctx, s.article)
		if err != nil {
			return edits // query is down, or a store is
		}
		if int(a.GetVersions()) < s.edition || f.edit(ctx, s) != nil {
			continue
		}
		edits++
		asked = append(asked, s.article)
	}
	_, _ = f.client.CheckNow(ctx, asked...) // what is not looked at now is looked at in the end
	return edits
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
