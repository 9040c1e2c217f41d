package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// correctness follows every page once through discovery, edits, furniture and a second start.
func (b *bench) correctness(ctx context.Context) error {
	start := time.Now()
	if err := b.discovered(ctx); err != nil {
		b.row("articles", "of %d pages not all: %v", b.site.pages, err)
	}
	first, doubled, err := b.indexed(ctx)
	if err != nil {
		return err
	}
	titled, texted := 0, 0
	for path, a := range first {
		version, err := b.stet.Version(ctx, a.id, 0)
		if err != nil {
			return err
		}
		if version.GetSnapshot().GetTitle() != "" {
			titled++
		} else {
			b.row("without a title", "%s", path)
		}
		if version.GetSnapshot().GetBody() != "" {
			texted++
		}
	}
	b.row("pages that became articles", "%d of %d, in %.1f s", len(first), b.site.pages, time.Since(start).Seconds())
	b.row("with title, with text", "%d, %d", titled, texted)
	b.row("pages with two articles", "%d", doubled)

	edited, err := b.site.edit(ctx, b.edits)
	if err != nil {
		return err
	}
	second, err := b.changed(ctx, "edits", first, edited)
	if err != nil {
		return err
	}
	if err := b.site.refurnish(ctx); err != nil {
		return err
	}
	third, err := b.changed(ctx, "furniture", second, nil)
	if err != nil {
		return err
	}
	return b.again(ctx, third)
}

// changed checks all articles and compares those with a new version with those that should have one.
func (b *bench) changed(ctx context.Context, what string, before map[string]known, want map[string]bool) (map[string]known, error) {
	if _, _, err := b.checkAll(ctx, before); err != nil {
		return nil, err
	}
	after, _, err := b.indexed(ctx)
	if err != nil {
		return nil, err
	}
	var missed, alarms []string
	found := 0
	for path, a := range after {
		switch new := a.versions - before[path].versions; {
		case want[path] && new == 1:
			found++
		case want[path]:
			missed = append(missed, fmt.Sprintf("%s (%d revisions)", path, new))
		case new != 0:
			alarms = append(alarms, path)
		}
	}
	b.row(what+": found", "%d of %d", found, len(want))
	b.row(what+": false revisions", "%d of %d articles", len(alarms), len(after)-len(want))
	slices.Sort(missed)
	slices.Sort(alarms)
	if len(missed) > 0 {
		b.row(what+": missed", "%s", strings.Join(missed, ", "))
	}
	if len(alarms) > 0 {
		b.row(what+": false", "%s", strings.Join(alarms, ", "))
	}
	return after, nil
}

// again stops stet, starts it, and counts what it asks for without being asked.
func (b *bench) again(ctx context.Context, before map[string]known) error {
	if err := b.stet.stop(); err != nil {
		return err
	}
	if _, err := b.site.visits(ctx); err != nil {
		return err
	}
	var err error
	if b.stet, err = startStet(ctx, b.options, b.folder, b.site.feed); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(b.quiet):
	}
	visits, err := b.site.visits(ctx)
	if err != nil {
		return err
	}
	var paths []string
	for _, v := range visits {
		paths = append(paths, v.Path)
	}
	b.row("requests after a second start", "%d in %s %s", len(visits), b.quiet, strings.Join(paths, " "))
	after, doubled, err := b.indexed(ctx)
	if err != nil {
		return err
	}
	versions := func(articles map[string]known) (n int32) {
		for _, a := range articles {
			n += a.versions
		}
		return n
	}
	b.row("duplicates after a second start", "%d articles, %d versions", len(after)-len(before)+doubled, versions(after)-versions(before))
	visits, _, err = b.checkAll(ctx, after)
	if err != nil {
		return err
	}
	pages, validated, fresh := 0, 0, 0
	for _, v := range visits {
		if !v.isPage() {
			continue
		}
		pages++
		if v.IfNoneMatch != "" {
			validated++
		}
		if v.Status == 304 {
			fresh++
		}
	}
	b.row("next checks: with If-None-Match", "%d of %d", validated, pages)
	b.row("next checks: answered 304", "%d of %d", fresh, pages)
	return nil
}
