package query

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/search"
)

// world is an index, a bus and an archive in memory. What operators do is tested on a real bus and archive.
type world struct {
	hosts
	eraser
	deadLetters
	merges
	forgetter
	mutex     sync.Mutex
	documents []search.Document
	heads     map[string]article.Head
	feeds     map[string]article.Feed
	revs      map[string]uint64 // revisions of feeds
	events    []article.Event   // the first has sequence 1
	archive   map[string]article.Snapshot
	armed     map[string]time.Time
	waiting   map[string]bool
	more      chan struct{} // closed and replaced with every event
	broken    error         // what the index fails with
	looks     []article.CheckOutcome
	polls     []article.PollOutcome
	panics    bool
}

func newWorld() *world {
	return &world{
		heads: map[string]article.Head{}, feeds: map[string]article.Feed{}, revs: map[string]uint64{},
		archive: map[string]article.Snapshot{}, armed: map[string]time.Time{}, waiting: map[string]bool{}, more: make(chan struct{}),
	}
}

var day = time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)

// add commits the next version of an article, with every trace that the other services leave of it.
func (w *world) add(id, source string, s article.Snapshot) article.Event {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	head := w.heads[id]
	var old *article.Snapshot
	kinds := []string{"first"}
	version := head.Version + 1
	if version > 1 {
		previous := w.archive[id+"/"+strconv.Itoa(version-1)]
		old = &previous
	}
	r := revise.Diff(old, &s, nil)
	if old != nil {
		kinds = revise.Kinds(&r)
	}
	sequence := uint64(len(w.events) + 1)
	e := article.Event{
		Article: id, Source: source, URL: "https://gazette.example/" + id, Version: version, Hash: s.Hash(),
		FetchedAt: day.Add(time.Duration(sequence) * time.Hour), Kinds: kinds, Snapshot: s, Revision: r,
	}
	w.events = append(w.events, e)
	w.archive[id+"/"+strconv.Itoa(version)] = s
	w.documents = append(w.documents, search.DocumentOf(sequence, &e))
	head = article.Head{
		Article: id, Source: source, URL: e.URL, Title: s.Title, Version: version, Sequence: sequence, Hash: e.Hash,
		FetchedAt: e.FetchedAt, FirstSeen: day, ChangedAt: e.FetchedAt, Next: e.FetchedAt.Add(time.Hour), NextReason: "it is young",
		Outcome: article.Read,
	}
	w.heads[id] = head
	close(w.more)
	w.more = make(chan struct{})
	return e
}

// Standing knows no other names.
func (w *world) Standing(_ context.Context, id string) (article.Head, error) {
	return article.Head{}, eventbus.ErrNotFound
}

func (w *world) Merges(context.Context, string, func(article.Merge) error) error { return nil }

func (w *world) Search(_ context.Context, r search.Request) (search.Result, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.panics {
		panic("the index is on fire")
	}
	if w.broken != nil {
		return search.Result{}, w.broken
	}
	var all []search.Hit
	for i := len(w.documents) - 1; i >= 0; i-- {
		d := w.documents[i]
		if search.Match(r.Query, &d) {
			d.Body = ""
			all = append(all, search.Hit{Document: d})
		}
	}
	start, _ := strconv.Atoi(r.Cursor)
	end := min(start+search.PageSize(r.Limit), len(all))
	result := search.Result{Hits: all[start:end], Total: int64(len(all))}
	if end < len(all) {
		result.Next = strconv.Itoa(end)
	}
	return result, nil
}

func (w *world) Versions(_ context.Context, id string, limit int, cursor string) ([]search.Document, string, error) {
	r, err := w.Search(context.Background(), search.Request{Query: search.Keyword{Field: search.Article, Value: id}, Limit: limit, Cursor: cursor})
	var out []search.Document
	for _, h := range r.Hits {
		out = append(out, h.Document)
	}
	return out, r.Next, err
}

func (w *world) Get(_ context.Context, id string, version int) (search.Document, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for i := len(w.documents) - 1; i >= 0; i-- {
		if d := w.documents[i]; d.Article == id && (version == 0 || d.Version == version) {
			return d, nil
		}
	}
	return search.Document{}, search.ErrNotFound
}

func (w *world) Delete(_ context.Context, id string) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.broken != nil {
		return w.broken
	}
	w.documents = slices.DeleteFunc(w.documents, func(d search.Document) bool { return d.Article == id })
	return nil
}

func (w *world) Count(context.Context) (search.Counts, error) {
	return search.Counts{Articles: int64(len(w.heads)), Versions: int64(len(w.documents))}, w.broken
}

func (w *world) Version(_ context.Context, id string, version int, hash string) (article.Snapshot, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	s, has := w.archive[id+"/"+strconv.Itoa(version)]
	if !has || s.Hash() != hash {
		return s, archive.ErrNotFound
	}
	return s, nil
}

func (w *world) Head(_ context.Context, id string) (article.Head, uint64, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	h, has := w.heads[id]
	if !has {
		return h, 0, eventbus.ErrNotFound
	}
	return h, 1, nil
}

func (w *world) Heads(_ context.Context, yield func(article.Head) error) error {
	for _, h := range w.heads {
		if err := yield(h); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) CheckNow(_ context.Context, h article.Head) (bool, error) {
	asked := !w.waiting[h.Article]
	w.waiting[h.Article] = true
	return asked, nil
}

func (w *world) Feed(_ context.Context, id string) (article.Feed, uint64, error) {
	f, has := w.feeds[id]
	if !has {
		return f, 0, eventbus.ErrNotFound
	}
	return f, w.revs[id], nil
}

func (w *world) Feeds(context.Context) ([]article.Feed, error) {
	var out []article.Feed
	for _, f := range w.feeds {
		out = append(out, f)
	}
	return out, nil
}

func (w *world) PutFeed(_ context.Context, f article.Feed, revision uint64) error {
	if w.revs[f.ID] != revision {
		return eventbus.ErrConflict
	}
	w.feeds[f.ID], w.revs[f.ID] = f, revision+1
	return nil
}

func (w *world) DeleteFeed(_ context.Context, id string) error {
	delete(w.feeds, id)
	delete(w.revs, id)
	return nil
}

func (w *world) ArmFeed(_ context.Context, id string, at time.Time) error {
	w.armed[id] = at
	return nil
}

func (w *world) DisarmFeed(_ context.Context, id string) error {
	delete(w.armed, id)
	return nil
}

func (w *world) Revision(_ context.Context, sequence uint64) (article.Event, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if sequence < 1 || int(sequence) > len(w.events) {
		return article.Event{}, eventbus.ErrNotFound
	}
	return w.events[sequence-1], nil
}

func (w *world) ChecksOf(_ context.Context, id string, fn func(article.CheckOutcome)) error {
	for _, o := range w.looks {
		if o.Article == id {
			fn(o)
		}
	}
	return w.broken
}

func (w *world) PollsOf(_ context.Context, id string, fn func(article.PollOutcome)) error {
	for _, o := range w.polls {
		if o.Feed == id {
			fn(o)
		}
	}
	return w.broken
}

func (w *world) WatchRevisions(ctx context.Context, after uint64, fromStart bool, fn func(uint64, article.Event) error) error {
	w.mutex.Lock()
	if after == 0 && !fromStart {
		after = uint64(len(w.events))
	}
	w.mutex.Unlock()
	for {
		w.mutex.Lock()
		news, more := slices.Clone(w.events[min(int(after), len(w.events)):]), w.more
		w.mutex.Unlock()
		for _, e := range news {
			after++
			if err := fn(after, e); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-more:
		}
	}
}

const secret = "a token of the tests"

// serve runs the service on a world until the test ends.
func serve(t *testing.T, w *world, options ...client.Option) *client.Client {
	t.Helper()
	return serveDeps(t, Deps{Index: w, Bus: w, Archive: w}, options...)
}

func serveDeps(t *testing.T, deps Deps, options ...client.Option) *client.Client {
	t.Helper()
	deps.Clock = func() time.Time { return day }
	s, err := New(Config{Listen: "127.0.0.1:0", Token: secret, Commit: "abc"}, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	c, err := client.Dial(s.Addr(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return c
}
