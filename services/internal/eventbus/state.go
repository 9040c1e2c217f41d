package eventbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
)

// Host is what all visitors share about a host, kept in the bucket `hosts`. Package turn has the rules by which it
// changes.
type Host struct {
	Name string `json:"name"`

	// Robots are the last rules that could be read, with the status that they came with (200 to 499) and when. The status
	// is 0 as long as none could be.
	RobotsAt     time.Time `json:"robotsAt"`
	RobotsStatus int       `json:"robotsStatus"`
	Robots       []byte    `json:"robots,omitempty"`
	// RobotsTried is when they were asked for last, and RobotsTrouble why that brought none, empty where it did.
	RobotsTried   time.Time `json:"robotsTried,omitzero"`
	RobotsTrouble string    `json:"robotsTrouble,omitempty"`
	// RobotsVia is the host that robots.txt redirects to, as long as it waits there for that host's turn.
	RobotsVia  string        `json:"robotsVia,omitempty"`
	CrawlDelay time.Duration `json:"crawlDelay,omitempty"`

	Gap     time.Duration `json:"gap,omitempty"`     // as it was in force when the record was written
	Latency time.Duration `json:"latency,omitempty"` // smoothed; 0 before the first answer

	Busy      int       `json:"busy,omitempty"`     // answers in a row that asked for a pause
	Failures  int       `json:"failures,omitempty"` // visits in a row that brought no answer, or that of a broken server
	RestUntil time.Time `json:"restUntil,omitzero"` // no request before
	Trouble   string    `json:"trouble,omitempty"`  // the last one, in a sentence; it may be over
	TroubleAt time.Time `json:"troubleAt,omitzero"`
}

// Head gives an article's state with its revision for a compare-and-swap. ErrNotFound if there is none.
func (b *Bus) Head(ctx context.Context, id string) (article.Head, uint64, error) {
	return get[article.Head](ctx, b, bucketArticles, id)
}

// PutHead stores a head if nobody changed it since the revision was read (0: if there is none). ErrConflict otherwise.
func (b *Bus) PutHead(ctx context.Context, h article.Head, revision uint64) error {
	return put(ctx, b, bucketArticles, h.Article, h, revision)
}

// Heads yields every head, in no order, until yield fails.
func (b *Bus) Heads(ctx context.Context, yield func(article.Head) error) error {
	return each(ctx, b, bucketArticles, yield)
}

// Feed gives a feed with its revision. ErrNotFound if there is none.
func (b *Bus) Feed(ctx context.Context, id string) (article.Feed, uint64, error) {
	return get[article.Feed](ctx, b, bucketFeeds, id)
}

// Feeds gives all feeds, in no order.
func (b *Bus) Feeds(ctx context.Context) ([]article.Feed, error) {
	var feeds []article.Feed
	err := each(ctx, b, bucketFeeds, func(f article.Feed) error {
		feeds = append(feeds, f)
		return nil
	})
	return feeds, err
}

// PutFeed stores a feed if nobody changed it since the revision was read (0: if there is none). ErrConflict otherwise.
func (b *Bus) PutFeed(ctx context.Context, f article.Feed, revision uint64) error {
	return put(ctx, b, bucketFeeds, f.ID, f, revision)
}

// DeleteFeed forgets a feed. Forgetting one that is not there is no error.
func (b *Bus) DeleteFeed(ctx context.Context, id string) error {
	kv, err := b.bucket(bucketFeeds)
	if err != nil {
		return err
	}
	if err := kv.Delete(ctx, id); err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
		return fmt.Errorf("deleting feed %s: %w", id, err)
	}
	return nil
}

// Host gives what is known of a host, an empty Host if nothing is.
func (b *Bus) Host(ctx context.Context, name string) (Host, uint64, error) {
	h, revision, err := get[Host](ctx, b, bucketHosts, article.Token(name))
	if errors.Is(err, ErrNotFound) {
		return Host{Name: name}, 0, nil
	}
	return h, revision, err
}

// PutHost stores what is known of a host. ErrConflict if somebody else was first: the holder of the host's turn is the
// only writer, so that a conflict means that the turn was lost.
func (b *Bus) PutHost(ctx context.Context, h Host, revision uint64) error {
	return put(ctx, b, bucketHosts, article.Token(h.Name), h, revision)
}

// Site gives what scrapers remember of a host's pages, as package site stores it. ErrNotFound if that is nothing yet.
func (b *Bus) Site(ctx context.Context, host string) ([]byte, uint64, error) {
	return load(ctx, b, bucketSites, article.Token(host))
}

// PutSite stores what is remembered of a host's pages. ErrConflict if somebody else was first.
func (b *Bus) PutSite(ctx context.Context, host string, memory []byte, revision uint64) error {
	return store(ctx, b, bucketSites, article.Token(host), memory, revision)
}

func get[T any](ctx context.Context, b *Bus, bucket, key string) (T, uint64, error) {
	var value T
	data, revision, err := load(ctx, b, bucket, key)
	if err != nil {
		return value, 0, err
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return value, 0, fmt.Errorf("decoding %s/%s: %w", bucket, key, err)
	}
	return value, revision, nil
}

func load(ctx context.Context, b *Bus, bucket, key string) ([]byte, uint64, error) {
	kv, err := b.bucket(bucket)
	if err != nil {
		return nil, 0, err
	}
	entry, err := kv.Get(ctx, key)
	if err != nil {
		return nil, 0, readError(err, bucket+"/"+key)
	}
	return entry.Value(), entry.Revision(), nil
}

func put(ctx context.Context, b *Bus, bucket, key string, value any, revision uint64) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %s/%s: %w", bucket, key, err)
	}
	return store(ctx, b, bucket, key, data, revision)
}

func store(ctx context.Context, b *Bus, bucket, key string, data []byte, revision uint64) error {
	kv, err := b.bucket(bucket)
	if err != nil {
		return err
	}
	if revision == 0 {
		_, err = kv.Create(ctx, key, data)
	} else {
		_, err = kv.Update(ctx, key, data, revision)
	}
	switch {
	case err == nil:
		return nil
	case Refused(err), errors.Is(err, jetstream.ErrKeyExists):
		return fmt.Errorf("storing %s/%s: %w", bucket, key, ErrConflict)
	default:
		return fmt.Errorf("storing %s/%s: %w", bucket, key, err)
	}
}

// listingSilence is how long a listing may be silent before it counts as broken off: the server may have gone away in
// the middle of it.
const listingSilence = 10 * time.Second

func each[T any](ctx context.Context, b *Bus, bucket string, yield func(T) error) error {
	kv, err := b.bucket(bucket)
	if err != nil {
		return err
	}
	watcher, err := kv.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("listing %s: %w", bucket, err)
	}
	return drain(ctx, watcher, bucket, yield)
}

// drain yields what a watcher finds stored.
func drain[T any](ctx context.Context, watcher jetstream.KeyWatcher, bucket string, yield func(T) error) error {
	defer func() { _ = watcher.Stop() }() // the listing is over, whatever the stop says
	silence := time.NewTimer(listingSilence)
	defer silence.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-silence.C:
			return fmt.Errorf("listing %s: nothing came for %s", bucket, listingSilence)
		case entry, open := <-watcher.Updates():
			if !open {
				return fmt.Errorf("listing %s: the connection closed", bucket)
			}
			if entry == nil { // the end of what is stored
				return nil
			}
			silence.Reset(listingSilence)
			var value T
			if err := json.Unmarshal(entry.Value(), &value); err != nil {
				return fmt.Errorf("decoding %s/%s: %w", bucket, entry.Key(), err)
			}
			if err := yield(value); err != nil {
				return err
			}
		}
	}
}
