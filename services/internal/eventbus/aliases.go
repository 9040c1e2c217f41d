package eventbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
)

// The bucket `aliases` holds two kinds of records. An alias stands under its key's token, a merge under both articles, so
// that those into one article can be listed.
func aliasKey(token string) string { return "alias." + token }

func mergeKey(into, from string) string { return "merge." + into + "." + from }

// Alias gives what a key leads to, with its revision for a compare-and-swap. ErrNotFound if nobody claimed it.
func (b *Bus) Alias(ctx context.Context, token string) (article.Alias, uint64, error) {
	return get[article.Alias](ctx, b, bucketAliases, aliasKey(token))
}

// PutAlias stores an alias if nobody changed it since the revision was read (0: if there is none). ErrConflict otherwise.
func (b *Bus) PutAlias(ctx context.Context, a article.Alias, revision uint64) error {
	return put(ctx, b, bucketAliases, aliasKey(a.Key), a, revision)
}

// Merge gives the record of a merge, also of one that was undone. ErrNotFound if the two were never merged.
func (b *Bus) Merge(ctx context.Context, into, from string) (article.Merge, uint64, error) {
	return get[article.Merge](ctx, b, bucketAliases, mergeKey(into, from))
}

// PutMerge stores the record of a merge if nobody changed it since the revision was read (0: if there is none).
// ErrConflict otherwise.
func (b *Bus) PutMerge(ctx context.Context, m article.Merge, revision uint64) error {
	return put(ctx, b, bucketAliases, mergeKey(m.Into, m.From), m, revision)
}

// Merges yields the records of merges into an article, or of all where none is named, in no order and those undone too.
func (b *Bus) Merges(ctx context.Context, into string, yield func(article.Merge) error) error {
	if into == "" {
		into = "*"
	}
	return eachOf(ctx, b, bucketAliases, mergeKey(into, "*"), yield)
}

// ReadAt schedules the article's check at h.Next for an address other than the head's, and replaces the schedule that
// stands.
func (b *Bus) ReadAt(ctx context.Context, h article.Head, address string) error {
	data, err := json.Marshal(DueCheck{Article: h.Article, Source: h.Source, URL: address, Feed: h.Feed, Published: h.Published, Moved: true})
	if err != nil {
		return fmt.Errorf("encoding the check of %s: %w", h.Article, err)
	}
	_, err = b.publish(ctx, outgoing{subject: "check.at." + h.Article, data: data, at: notZero(h.Next), target: "check.due." + h.Article})
	return err
}

// mostMerged bounds how many merges lead from one article to the next.
const mostMerged = 8

// Standing gives the head of the article that an id leads to today: its own, that of the article it was merged into, or
// that of the article an address or another key stands for. ErrNotFound if there is none.
func (b *Bus) Standing(ctx context.Context, id string) (article.Head, error) {
	for range mostMerged {
		h, _, err := b.Head(ctx, id)
		if err == nil && h.MergedInto == "" {
			return h, nil
		}
		next := h.MergedInto
		if IsNotFound(err) {
			a, _, aliasErr := b.Alias(ctx, id)
			if aliasErr != nil && !IsNotFound(aliasErr) {
				return h, aliasErr
			}
			if aliasErr != nil || a.Article == id || a.Article == "" {
				return h, err
			}
			next, err = a.Article, nil
		}
		if err != nil {
			return h, err
		}
		id = next
	}
	return article.Head{}, fmt.Errorf("article %s is merged into another more than %d times in a row: %w", id, mostMerged, ErrNotFound)
}

// forgetNames takes out of the aliases and merges of an article what tells of it, and keeps that they lead to it: the
// tombstone there answers whoever comes by another address.
func (b *Bus) forgetNames(ctx context.Context, id string) error {
	var aliases []article.Alias
	err := eachOf(ctx, b, bucketAliases, aliasKey("*"), func(a article.Alias) error {
		if a.Article == id && (a.Value != "" || a.Address != "" || a.Newer != "" || a.Headline != "" || a.Sketch.Title != "") {
			aliases = append(aliases, a)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range aliases {
		if err := b.change(ctx, a.Key); err != nil {
			return err
		}
	}
	var merges []article.Merge
	err = b.Merges(ctx, "", func(m article.Merge) error {
		if (m.Into == id || m.From == id) && (m.URL != "" || m.Title != "") {
			merges = append(merges, m)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range merges {
		m, revision, err := b.Merge(ctx, m.Into, m.From)
		if err != nil {
			return err
		}
		m.URL, m.Title, m.Reason = "", "", ""
		if err := b.PutMerge(ctx, m, revision); err != nil {
			return err
		}
	}
	return nil
}

// change empties an alias of what tells of its article. The digests of sentences stay: they tell nothing by themselves, and
// keep the text from coming back by another address.
func (b *Bus) change(ctx context.Context, token string) error {
	for {
		a, revision, err := b.Alias(ctx, token)
		if err != nil {
			return err
		}
		a.Value, a.Address, a.Headline, a.Newer, a.Sketch.Title = "", "", "", "", ""
		if err := b.PutAlias(ctx, a, revision); !errors.Is(err, ErrConflict) {
			return err
		}
	}
}

// eachOf yields the values of the keys that match a filter.
func eachOf[T any](ctx context.Context, b *Bus, bucket, filter string, yield func(T) error) error {
	kv, err := b.bucket(bucket)
	if err != nil {
		return err
	}
	watcher, err := kv.Watch(ctx, filter, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("listing %s: %w", bucket, err)
	}
	return drain(ctx, watcher, bucket, yield)
}
