// Package reindex builds a search index anew beside the one in use: from the stream of revisions, whose events are
// complete, and, for what the stream no longer has, from an index that has it. It knows neither backend; what it asks of
// them are the interfaces here.
//
// The steps, each of which may be interrupted and repeated:
//
//  1. copy: documents whose event the stream has not got are taken from the sources;
//  2. stream: every event is written, while the index in use goes on being written by others;
//  3. compare: what a source has and the new index has not is copied one by one;
//  4. switch: the new index takes the place of the old one;
//  5. tail: what was published before the switch and written to the old index only is written again;
//  6. finish: the old index goes.
//
// Writing is idempotent (search.Writer), so that going over a stretch twice changes nothing. Articles that were taken
// down are left out: their tombstones are read first, a marker in the stream deletes what a source brought, and before
// the old index goes every tombstone is honoured once more, for takedowns that came meanwhile.
package reindex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
)

// Stream is the stream of revisions and the tombstones beside it.
type Stream interface {
	// RevisionsEnd gives the sequence of the newest event, 0 where there never was one.
	RevisionsEnd(ctx context.Context) (uint64, error)
	Revision(ctx context.Context, sequence uint64) (article.Event, error)
	WatchRevisions(ctx context.Context, after uint64, fromStart bool, fn func(sequence uint64, e article.Event) error) error
	Heads(ctx context.Context, yield func(article.Head) error) error
}

// Draft is the index under construction. It keeps a mark of its own, so that an interrupted reindex goes on.
type Draft interface {
	search.Writer
	// Has says of each document, by article and version, whether the draft has it; it sees what was written before.
	Has(ctx context.Context, documents []search.Document) ([]bool, error)
	// Count sees what was written before.
	Count(ctx context.Context) (search.Counts, error)
	// Mark gives what SetMark stored, empty for a draft that was just begun.
	Mark(ctx context.Context) (string, error)
	SetMark(ctx context.Context, mark string) error
	// Switch puts the draft in the place of the index in use. When it returns, nobody writes to the old one any more.
	Switch(ctx context.Context) error
	// Finish removes the old index and the mark.
	Finish(ctx context.Context) error
}

// Source is an index that documents are copied from.
type Source struct {
	Name  string // the same one each time
	Index search.Searcher
	// Foreign says that its documents come from another stream: all are copied, without their sequences, so that a
	// document of our own stream replaces them.
	Foreign bool
}

// Job is a reindex.
type Job struct {
	Stream  Stream
	Draft   Draft
	Sources []Source // the index in use, and others to take in
	Tell    func(Progress)
	Log     *slog.Logger
	Idle    time.Duration // after which the end of the stream is looked for again; 15 s where not set
}

// Progress is how far a reindex is.
type Progress struct {
	Step      string  // copying, streaming, comparing, switching, catching up, finishing
	Documents int     // written by this run
	Share     float64 // of the step, 0 to 1; negative where it cannot be known
}

// Result is what a reindex did.
type Result struct {
	Counts    search.Counts // of the new index
	Documents int           // written by this run
	LeftOut   int           // documents of articles that were taken down
	Refused   int           // documents that no index takes
	Rescued   int           // found by comparing
	Resumed   bool          // an interrupted run was gone on with
}

// mark is how far the draft is.
type mark struct {
	Sources  []string `json:"sources,omitempty"`
	Copied   int      `json:"copied,omitempty"` // sources that are copied whole
	Cursor   string   `json:"cursor,omitempty"` // in the next one
	Sequence uint64   `json:"sequence"`         // of the stream, written up to here
	Compared bool     `json:"compared,omitempty"`
}

// run is a reindex at work.
type run struct {
	Job
	mark      mark
	first     uint64 // event of the stream as the run began, above last where there was none
	last      uint64
	withdrawn map[string]bool
	batch     []search.Document
	size      int    // bytes of the batch
	oldest    uint64 // event in the batch, 0 where none of the stream is in it
	flushes   int    // since the mark was stored
	step      Progress
	result    Result
}

// Run does a reindex, or the rest of one that was interrupted. An error leaves the index in use as it is, and the draft
// for the next Run to go on with.
func Run(ctx context.Context, job Job) (result Result, err error) {
	r := &run{Job: job, withdrawn: map[string]bool{}}
	if r.Tell == nil {
		r.Tell = func(Progress) {}
	}
	if r.Idle == 0 {
		r.Idle = 15 * time.Second
	}
	if err := r.begin(ctx); err != nil {
		return r.result, err
	}
	// Also an interruption leaves its mark, for which it has a moment left.
	defer func() {
		if err != nil {
			err = errors.Join(err, r.leaveMark(context.WithoutCancel(ctx)))
		}
	}()
	for _, do := range []func(context.Context) error{r.copy, r.stream, r.compare, r.finish} {
		if err := do(ctx); err != nil {
			return r.result, err
		}
	}
	return r.result, nil
}

func (r *run) begin(ctx context.Context) (err error) {
	text, err := r.Draft.Mark(ctx)
	if err != nil {
		return fmt.Errorf("reading how far the new index is: %w", err)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &r.mark); err != nil {
			return fmt.Errorf("the mark of the new index cannot be read (begin anew with --fresh): %w", err)
		}
		r.result.Resumed = true
	}
	var names []string
	for _, s := range r.Sources {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, r.mark.Sources) {
		r.mark.Sources, r.mark.Copied, r.mark.Cursor, r.mark.Compared = names, 0, "", false
	}
	if r.last, err = r.Stream.RevisionsEnd(ctx); err != nil {
		return err
	}
	if r.mark.Sequence > r.last {
		return fmt.Errorf("the new index was begun from another stream, it is at event %d of %d: begin anew with --fresh",
			r.mark.Sequence, r.last)
	}
	if r.first, err = r.start(ctx); err != nil {
		return err
	}
	return r.tombstones(ctx, func(string) error { return nil })
}

// tombstones notes every article that was taken down.
func (r *run) tombstones(ctx context.Context, each func(id string) error) error {
	err := r.Stream.Heads(ctx, func(h article.Head) error {
		if h.Tombstone == "" {
			return nil
		}
		r.withdrawn[h.Article] = true
		return each(h.Article)
	})
	if err != nil {
		return fmt.Errorf("reading which articles were taken down: %w", err)
	}
	return nil
}

// The size of a batch: what comes first.
const (
	batchDocuments = 500
	batchBytes     = 8 << 20
	// markEvery is after how many batches the mark is stored: that much is written twice after a crash.
	markEvery = 10
)

// add writes a document with the next batch.
func (r *run) add(ctx context.Context, d search.Document) error {
	if r.withdrawn[d.Article] {
		r.result.LeftOut++
		return nil
	}
	r.batch = append(r.batch, d)
	r.size += len(d.Title) + len(d.Body) + len(d.Added) + len(d.Removed)
	if len(r.batch) < batchDocuments && r.size < batchBytes {
		return nil
	}
	return r.flush(ctx)
}

// flush writes the batch. Documents that no index takes are left out: their events are among the dead letters already.
func (r *run) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	written := len(r.batch)
	for i, err := range search.Reasons(r.Draft.Write(ctx, r.batch), len(r.batch)) {
		switch {
		case errors.Is(err, search.ErrBadDocument):
			r.Log.Warn("a document is left out", "document", r.batch[i].ID(), "error", err)
			r.result.Refused++
			written--
		case err != nil:
			return fmt.Errorf("writing to the new index (the same command goes on from here): %w", err)
		}
	}
	r.batch, r.size, r.oldest = r.batch[:0], 0, 0
	r.result.Documents += written
	r.flushes++
	return nil
}

// passed is called between documents.
func (r *run) passed(ctx context.Context) error {
	if r.flushes < markEvery {
		return nil
	}
	return r.leaveMark(ctx)
}

// leaveMark stores how far the draft is: what is still in the batch is not in it.
func (r *run) leaveMark(ctx context.Context) error {
	m := r.mark
	if r.oldest > 0 {
		m.Sequence = min(m.Sequence, r.oldest-1)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding how far the new index is: %w", err)
	}
	if err := r.Draft.SetMark(ctx, string(text)); err != nil {
		return fmt.Errorf("noting how far the new index is: %w", err)
	}
	r.flushes = 0
	return nil
}

func (r *run) tell(share float64) {
	r.step.Documents, r.step.Share = r.result.Documents+len(r.batch), share
	r.Tell(r.step)
}

func (r *run) enter(step string) {
	r.step = Progress{Step: step}
	r.tell(-1)
}
