package feedpoller

import (
	"context"
	"errors"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/identity"
)

func guidKey(w *world, id string) string { return identity.ByGUID(w.id, id).Key }

func parsed(t *testing.T, text string) *feed.Document {
	t.Helper()
	d, err := feed.Parse([]byte(text), "application/rss+xml", "")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var errNamesDied = errors.New("the process died")

// dyingNames is a bus whose process dies with the nth write about names: it takes effect, and nothing gets through after.
type dyingNames struct {
	*eventbus.Bus
	left int
}

func (d *dyingNames) write(call func() error) error {
	if d.left--; d.left == 0 {
		_ = call() // its effect stands
	}
	if d.left <= 0 {
		return errNamesDied
	}
	return call()
}

func (d *dyingNames) PutAlias(ctx context.Context, a article.Alias, revision uint64) error {
	return d.write(func() error { return d.Bus.PutAlias(ctx, a, revision) })
}

func (d *dyingNames) PutMerge(ctx context.Context, m article.Merge, revision uint64) error {
	return d.write(func() error { return d.Bus.PutMerge(ctx, m, revision) })
}
