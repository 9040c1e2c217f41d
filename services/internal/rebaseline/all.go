package rebaseline

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// heads are the states of articles.
type heads interface {
	Head(ctx context.Context, id string) (article.Head, uint64, error)
	Heads(ctx context.Context, yield func(article.Head) error) error
	PutHead(ctx context.Context, h article.Head, revision uint64) error
}

// Job reads the newest versions of many articles again, beside a running system: a head is changed by compare-and-swap
// and never in anything but what the next reading is compared with. What was done stays done, so that a job that was
// broken off goes on where it was, and a second one finds nothing to do.
type Job struct {
	Reader
	Heads heads
}

// Choice says which articles: all where it is empty.
type Choice struct{ Article, Source string }

// Progress is how far a job is.
type Progress struct {
	Total   int // articles to read again; those that are done already are not among them
	Done    int // of these, looked at so far
	Changed int // of the done, those whose text is another now
	Missing int // of the done, those whose page cannot be read again
	Lost    string
}

// workers is how many pages are read again at a time: enough to hide the archive's answers, few enough to leave the
// machine to those who read new pages.
const workers = 4

// Run does the job and tells its progress after each article, one call at a time.
func (j *Job) Run(ctx context.Context, c Choice, tell func(Progress) error) error {
	ids, err := j.chosen(ctx, c)
	if err != nil {
		return err
	}
	p := Progress{Total: len(ids)}
	if err := tell(p); err != nil {
		return err
	}
	var mu sync.Mutex
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, id := range ids {
		if working.Err() != nil {
			break
		}
		group.Go(func() error {
			changed, err := j.article(working, id)
			lost := errors.Is(err, ErrNoPage)
			if err != nil && !lost {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			p.Done++
			switch {
			case lost:
				p.Missing++
				p.Lost = id
				j.Log.Info("a version cannot be read again: the next reading of the article is taken as it is", "article", id, "error", err)
			case changed:
				p.Changed++
			}
			return tell(p)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// chosen lists the articles that are not read by today's extractor yet.
func (j *Job) chosen(ctx context.Context, c Choice) (ids []string, err error) {
	take := func(h article.Head) error {
		if j.due(h) && (c.Source == "" || h.Source == c.Source) {
			ids = append(ids, h.Article)
		}
		return nil
	}
	if c.Article == "" {
		return ids, j.Heads.Heads(ctx, take)
	}
	h, _, err := j.Heads.Head(ctx, c.Article)
	if err != nil {
		return nil, err
	}
	return ids, take(h)
}

func (j *Job) due(h article.Head) bool {
	return h.Version > 0 && h.Tombstone == "" && h.Extractor != j.Identity(h)
}

// article reads one article's newest version again. changed says that its text is another now.
func (j *Job) article(ctx context.Context, id string) (changed bool, err error) {
	for {
		h, revision, err := j.Heads.Head(ctx, id)
		if eventbus.IsNotFound(err) || err == nil && !j.due(h) {
			return false, nil // done by somebody else meanwhile, or taken down
		}
		if err != nil {
			return false, err
		}
		_, leveled, err := j.Newest(ctx, h)
		if err != nil {
			return false, err
		}
		err = j.Heads.PutHead(ctx, leveled, revision)
		if errors.Is(err, eventbus.ErrConflict) {
			continue // a check came in between
		}
		return leveled.Compared() != h.Compared(), err
	}
}
