package reindex

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
)

// copy takes from the sources what the stream has not got. (step 1)
func (r *run) copy(ctx context.Context) error {
	for r.mark.Copied < len(r.Sources) {
		source := r.Sources[r.mark.Copied]
		r.enter("copying " + source.Name)
		if err := r.copySource(ctx, source); err != nil {
			return fmt.Errorf("copying %s: %w", source.Name, err)
		}
		r.mark.Copied++
		r.mark.Cursor = ""
	}
	return r.leaveMark(ctx)
}

func (r *run) copySource(ctx context.Context, source Source) error {
	if !source.Foreign && r.first <= 1 && r.last > 0 {
		return nil // the stream has everything from its first event on
	}
	seen := 0
	request := search.Request{Limit: search.MaxLimit, WithBody: true, Cursor: r.mark.Cursor}
	return r.walk(ctx, source, request, func(page []search.Hit, total int64, next string) error {
		for i := range page {
			d := page[i].Document
			if !source.Foreign && d.Sequence >= r.first && d.Sequence <= r.last {
				continue
			}
			if source.Foreign {
				d.Sequence = 0
			}
			if err := r.add(ctx, d); err != nil {
				return err
			}
		}
		// A page is passed once it is written, so that the cursor never runs ahead of the documents.
		if err := r.flush(ctx); err != nil {
			return err
		}
		r.mark.Cursor = next
		seen += len(page)
		r.tell(share(uint64(seen), uint64(total)))
		return r.passed(ctx)
	})
}

// walk goes through a source page by page, newest first. A cursor of an index that is there no more begins anew.
func (r *run) walk(ctx context.Context, source Source, request search.Request, page func(hits []search.Hit, total int64, next string) error) error {
	counts, err := source.Index.Count(ctx)
	if err != nil {
		return err
	}
	for {
		result, err := source.Index.Search(ctx, request)
		if errors.Is(err, search.ErrBadCursor) && request.Cursor != "" {
			request.Cursor = ""
			continue
		}
		if err != nil {
			return err
		}
		if err := page(result.Hits, counts.Versions, result.Next); err != nil {
			return err
		}
		if result.Next == "" {
			return nil
		}
		request.Cursor = result.Next
	}
}

func share(done, of uint64) float64 {
	if of == 0 {
		return -1
	}
	return min(float64(done)/float64(of), 1)
}

// near is how few events may be left for the switch: they are written in a moment.
const near = 1000

// stream writes every event, and those that came meanwhile, until few are left. (step 2)
func (r *run) stream(ctx context.Context) error {
	r.enter("streaming")
	for {
		if err := r.follow(ctx); err != nil {
			return err
		}
		end, err := r.end(ctx)
		if err != nil {
			return err
		}
		if end <= r.mark.Sequence+near {
			return r.leaveMark(ctx)
		}
	}
}

// errReached ends a watch.
var errReached = errors.New("the end is reached")

// follow writes the events up to the newest there is now.
func (r *run) follow(ctx context.Context) error {
	for {
		end, err := r.end(ctx)
		if err != nil {
			return err
		}
		if end <= r.mark.Sequence {
			return r.flush(ctx)
		}
		if err := r.watch(ctx, end); err != nil {
			return err
		}
		if err := r.flush(ctx); err != nil {
			return err
		}
		if r.mark.Sequence >= end {
			return nil
		}
	}
}

// watch writes events until one is at the end or beyond.
func (r *run) watch(ctx context.Context, end uint64) error {
	return r.read(ctx, r.mark.Sequence, func(sequence uint64, e *article.Event) error {
		if err := r.take(ctx, sequence, e); err != nil {
			return err
		}
		r.mark.Sequence = sequence
		r.tell(share(sequence-min(r.first, sequence), end-min(r.first, end)))
		if err := r.passed(ctx); err != nil {
			return err
		}
		if sequence >= end {
			return errReached
		}
		return ctx.Err()
	})
}

// read gives events in order until fn has reached its end. It ends by itself when nothing comes for a while, as the event
// that was waited for may have been deleted.
func (r *run) read(ctx context.Context, after uint64, fn func(uint64, *article.Event) error) error {
	watched, stop := context.WithCancel(ctx) // of the watch alone: writing is not cut off
	defer stop()
	idle := time.AfterFunc(r.Idle, stop)
	defer idle.Stop()
	err := r.Stream.WatchRevisions(watched, after, true, func(sequence uint64, e article.Event) error {
		idle.Stop()
		defer idle.Reset(r.Idle)
		return fn(sequence, &e)
	})
	switch {
	case ctx.Err() != nil:
		// What was read is written all the same: it is a moment's work, and need not be read again.
		return errors.Join(ctx.Err(), r.flush(context.WithoutCancel(ctx)))
	case errors.Is(err, errReached), err == nil, watched.Err() != nil:
		return nil
	}
	return fmt.Errorf("reading the stream of revisions: %w", err)
}

// start is the sequence of the first event that is kept.
func (r *run) start(ctx context.Context) (uint64, error) {
	first := r.last + 1
	if r.last == 0 {
		return first, nil
	}
	err := r.read(ctx, 0, func(sequence uint64, _ *article.Event) error {
		first = min(first, sequence)
		return errReached
	})
	return first, err
}

// take writes an event, or deletes the article that it withdraws.
func (r *run) take(ctx context.Context, sequence uint64, e *article.Event) error {
	if !e.Withdrawn {
		if r.oldest == 0 {
			r.oldest = sequence
		}
		return r.add(ctx, search.DocumentOf(sequence, e))
	}
	r.withdrawn[e.Article] = true
	if err := r.flush(ctx); err != nil {
		return err
	}
	if err := r.Draft.Delete(ctx, e.Article); err != nil {
		return fmt.Errorf("deleting article %s, which was taken down, from the new index: %w", e.Article, err)
	}
	return nil
}

// end is the newest event that can be read, or where the draft is if there is none beyond.
func (r *run) end(ctx context.Context) (uint64, error) {
	last, err := r.Stream.RevisionsEnd(ctx)
	if err != nil {
		return 0, err
	}
	for ; last > r.mark.Sequence; last-- {
		_, err := r.Stream.Revision(ctx, last)
		var poison *eventbus.Poison
		switch {
		case err == nil:
			return last, nil
		case eventbus.IsNotFound(err), errors.As(err, &poison):
			continue // deleted, or skipped by every watch
		}
		return 0, fmt.Errorf("reading the end of the stream: %w", err)
	}
	return last, nil
}

// compare copies what a source has and the draft has not. Equal numbers, or more, say that there is no such document, as
// the draft has no other than those of the stream and of the sources. (step 3)
func (r *run) compare(ctx context.Context) error {
	if r.mark.Compared {
		return nil
	}
	r.enter("comparing")
	for _, source := range r.Sources {
		want, err := source.Index.Count(ctx)
		if err != nil {
			return fmt.Errorf("counting %s: %w", source.Name, err)
		}
		have, err := r.Draft.Count(ctx)
		if err != nil {
			return fmt.Errorf("counting the new index: %w", err)
		}
		if have.Versions >= want.Versions && len(r.Sources) == 1 {
			continue
		}
		if err := r.rescue(ctx, source); err != nil {
			return fmt.Errorf("comparing the new index with %s: %w", source.Name, err)
		}
	}
	r.mark.Compared = true
	return r.leaveMark(ctx)
}

func (r *run) rescue(ctx context.Context, source Source) error {
	seen := 0
	return r.walk(ctx, source, search.Request{Limit: search.MaxLimit}, func(page []search.Hit, total int64, _ string) error {
		if err := r.rescuePage(ctx, source, page); err != nil {
			return err
		}
		seen += len(page)
		r.tell(share(uint64(seen), uint64(total)))
		return r.flush(ctx)
	})
}

func (r *run) rescuePage(ctx context.Context, source Source, page []search.Hit) error {
	documents := make([]search.Document, len(page))
	for i := range page {
		documents[i] = page[i].Document
	}
	has, err := r.Draft.Has(ctx, documents)
	if err != nil {
		return err
	}
	for i, d := range documents {
		if has[i] || r.withdrawn[d.Article] {
			continue
		}
		whole, err := source.Index.Get(ctx, d.Article, d.Version)
		if errors.Is(err, search.ErrNotFound) {
			continue // taken down since the page was read
		}
		if err != nil {
			return err
		}
		if source.Foreign {
			whole.Sequence = 0
		}
		r.result.Rescued++
		if err := r.add(ctx, whole); err != nil {
			return err
		}
	}
	return nil
}

// finish switches, catches up with what was written to the old index meanwhile, and removes it. (steps 4 to 6)
func (r *run) finish(ctx context.Context) error {
	r.enter("switching")
	if err := r.Draft.Switch(ctx); err != nil {
		return fmt.Errorf("switching to the new index: %w", err)
	}
	r.enter("catching up")
	if err := r.follow(ctx); err != nil {
		return err
	}
	err := r.tombstones(ctx, func(id string) error { return r.Draft.Delete(ctx, id) })
	if err != nil {
		return err
	}
	if r.result.Counts, err = r.Draft.Count(ctx); err != nil {
		return fmt.Errorf("counting the new index: %w", err)
	}
	if err := r.leaveMark(ctx); err != nil {
		return err
	}
	r.enter("finishing")
	if err := r.Draft.Finish(ctx); err != nil {
		return fmt.Errorf("removing the old index: %w", err)
	}
	return nil
}
