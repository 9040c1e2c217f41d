package reindex_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/reindex"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/sqlite"
)

var day = time.Date(2026, 4, 6, 8, 0, 0, 0, time.UTC)

// office is a stream of revisions with the index that was made of it.
type office struct {
	*eventbus.Bus
	t     *testing.T
	path  string // of the index
	old   *sqlite.Index
	heads map[string]article.Head
	last  uint64
	first uint64 // what came before is not kept any more
}

func newOffice(t *testing.T) *office {
	o := &office{Bus: bustest.New(t), t: t, path: filepath.Join(t.TempDir(), "index.db"), heads: map[string]article.Head{}, first: 1}
	o.old = openIndex(t, o.path)
	return o
}

func openIndex(t *testing.T, path string) *sqlite.Index {
	t.Helper()
	x, err := sqlite.Open(context.WithoutCancel(t.Context()), path)
	must(t, err)
	t.Cleanup(func() { _ = x.Close() }) // a second close of what the test closed is of no matter
	return x
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func id(n int) string { return article.Token(fmt.Sprintf("https://gazette.example/%d", n)) }

// commit publishes the next version of an article, and has it indexed if asked to.
func (o *office) commit(n int, text string, indexed bool) search.Document {
	o.t.Helper()
	ctx := context.WithoutCancel(o.t.Context())
	h := o.heads[id(n)]
	s := article.Snapshot{Title: fmt.Sprintf("Bridge %d", n), Blocks: []article.Block{{Kind: article.Paragraph, Text: text}}, Language: "en"}
	e := article.Event{
		Article: id(n), Source: "Harbour Gazette", URL: fmt.Sprintf("https://gazette.example/%d", n), Version: h.Version + 1,
		Hash: s.Hash(), FetchedAt: day.Add(time.Duration(o.last) * time.Minute), Kinds: []string{"body"}, Snapshot: s,
		Revision: revise.Diff(nil, &s, nil),
	}
	sequence, err := o.PublishRevision(ctx, e, h.Sequence)
	must(o.t, err)
	o.last = sequence
	o.heads[id(n)] = article.Head{Article: id(n), Source: e.Source, Version: e.Version, Sequence: sequence}
	d := search.DocumentOf(sequence, &e)
	if indexed {
		must(o.t, o.old.Write(ctx, []search.Document{d}))
	}
	return d
}

// takeDown does to an article what an operator does.
func (o *office) takeDown(n int) {
	o.t.Helper()
	_, err := o.Erase(context.WithoutCancel(o.t.Context()), eventbus.Takedown{Article: id(n), Reason: "asked for", At: day})
	must(o.t, err)
	o.last++ // the marker
}

func (o *office) RevisionBounds(context.Context) (first, last uint64, err error) {
	return o.first, o.last, nil
}

func (o *office) WatchRevisions(ctx context.Context, after uint64, fromStart bool, fn func(uint64, article.Event) error) error {
	return o.Bus.WatchRevisions(ctx, max(after, o.first-1), fromStart, fn)
}

func (o *office) Revision(ctx context.Context, sequence uint64) (article.Event, error) {
	if sequence < o.first {
		return article.Event{}, eventbus.ErrNotFound
	}
	return o.Bus.Revision(ctx, sequence)
}

// desk is a draft in SQLite that can be told to break.
type desk struct {
	*sqlite.Draft
	o        *office
	writes   int // until Write fails; negative for never
	onSwitch func()
	kept     bool // closed and renamed
}

var errBroken = errors.New("the disk is full")

func (o *office) draft(fresh bool) *desk {
	o.t.Helper()
	d, err := sqlite.OpenDraft(context.WithoutCancel(o.t.Context()), o.path, fresh)
	must(o.t, err)
	o.t.Cleanup(func() { _ = d.Close() })
	return &desk{Draft: d, o: o, writes: -1, onSwitch: func() {}}
}

func (d *desk) Write(ctx context.Context, documents []search.Document) error {
	if d.writes == 0 {
		return errBroken
	}
	d.writes--
	return d.Draft.Write(ctx, documents)
}

func (d *desk) Switch(context.Context) error {
	d.onSwitch()
	return nil
}

func (d *desk) Finish(ctx context.Context) error {
	d.kept = true
	return errors.Join(d.o.old.Close(), d.Draft.Finish(ctx))
}

func (o *office) job(d reindex.Draft, more ...reindex.Source) reindex.Job {
	return reindex.Job{
		Stream: o, Draft: d, Sources: append([]reindex.Source{{Name: "the index in use", Index: o.old}}, more...),
		Log: slog.New(slog.NewTextHandler(o.t.Output(), nil)),
	}
}

// all gives the documents of an index by id.
func all(t *testing.T, x search.Searcher) map[string]search.Document {
	t.Helper()
	found := map[string]search.Document{}
	for request := (search.Request{Limit: search.MaxLimit, WithBody: true}); ; {
		result, err := x.Search(t.Context(), request)
		must(t, err)
		for _, h := range result.Hits {
			found[h.ID()] = h.Document
		}
		if request.Cursor = result.Next; request.Cursor == "" {
			return found
		}
	}
}

// check compares what stands in the place of the index with what should.
func (o *office) check(want map[string]search.Document) {
	o.t.Helper()
	x := openIndex(o.t, o.path)
	if diff := cmp.Diff(want, all(o.t, x)); diff != "" {
		o.t.Errorf("the new index (-want +got):\n%s", diff)
	}
	articles := map[string]bool{}
	for _, d := range want {
		articles[d.Article] = true
	}
	counts, err := x.Count(o.t.Context())
	if err != nil || counts.Versions != int64(len(want)) || counts.Articles != int64(len(articles)) {
		o.t.Errorf("counted %+v, %v; want %d versions of %d articles", counts, err, len(want), len(articles))
	}
	for _, found := range []string{"bridge", "lorries"} {
		q, err := search.Parse(found)
		must(o.t, err)
		result, err := x.Search(o.t.Context(), search.Request{Query: q, WithTotal: true})
		if err != nil || result.Total != int64(len(want)) {
			o.t.Errorf("%q finds %d, %v; want %d", found, result.Total, err, len(want))
		}
	}
}

const text = "Lorries wait at the bridge, the %d. time."

// fill publishes so many versions of so many articles and gives the documents.
func (o *office) fill(articles, versions int) map[string]search.Document {
	o.t.Helper()
	want := map[string]search.Document{}
	var documents []search.Document
	for v := range versions {
		for n := range articles {
			d := o.commit(n, fmt.Sprintf(text, v), false)
			want[d.ID()] = d
			documents = append(documents, d)
		}
	}
	must(o.t, o.old.Write(o.t.Context(), documents))
	return want
}

func without(all map[string]search.Document, n int) map[string]search.Document {
	for name, d := range all {
		if d.Article == id(n) {
			delete(all, name)
		}
	}
	return all
}

func TestWhole(t *testing.T) {
	o := newOffice(t)
	want := o.fill(20, 3)
	late := o.commit(7, fmt.Sprintf(text, 4), false) // the indexer has not got to it
	want[late.ID()] = late
	o.takeDown(3) // nor to this
	without(want, 3)
	var steps []string
	job := o.job(o.draft(false))
	job.Tell = func(p reindex.Progress) {
		if len(steps) == 0 || steps[len(steps)-1] != p.Step {
			steps = append(steps, p.Step)
		}
		if p.Share > 1 || p.Documents < 0 {
			t.Errorf("progress %+v", p)
		}
	}
	result, err := reindex.Run(t.Context(), job)
	must(t, err)
	if result.Documents != 58 || result.Counts.Versions != 58 || result.Counts.Articles != 19 || result.Resumed || result.Rescued+result.Refused != 0 {
		t.Errorf("the result is %+v", result)
	}
	if want := []string{"copying the index in use", "streaming", "comparing", "switching", "catching up", "finishing"}; !slices.Equal(steps, want) {
		t.Errorf("told %q", steps)
	}
	o.check(want)
}

func TestEmpty(t *testing.T) {
	o := newOffice(t)
	result, err := reindex.Run(t.Context(), o.job(o.draft(false)))
	if err != nil || result.Documents != 0 {
		t.Errorf("%+v, %v", result, err)
	}
	o.check(map[string]search.Document{})
}

// An interruption at any write, by an error or by the one who waits, is gone on with; an article that is taken down
// meanwhile, after it was written to the draft, is not in the end.
func TestInterruptedAndGoneOnWith(t *testing.T) {
	for name, broken := range map[string]func(*desk, *reindex.Job, context.CancelFunc){
		"the first write fails": func(d *desk, _ *reindex.Job, _ context.CancelFunc) { d.writes = 0 },
		"the third write fails": func(d *desk, _ *reindex.Job, _ context.CancelFunc) { d.writes = 2 },
		"interrupted after 700": func(_ *desk, job *reindex.Job, stop context.CancelFunc) {
			job.Tell = func(p reindex.Progress) {
				if p.Documents == 700 {
					stop()
				}
			}
		},
		"interrupted at the switch": func(d *desk, _ *reindex.Job, stop context.CancelFunc) { d.onSwitch = stop },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			want := o.fill(600, 2)
			ctx, stop := context.WithCancel(t.Context())
			d := o.draft(false)
			job := o.job(d)
			broken(d, &job, stop)
			first, err := reindex.Run(ctx, job)
			if !errors.Is(err, errBroken) && !errors.Is(err, context.Canceled) {
				t.Fatalf("%+v, %v", first, err)
			}
			stop()
			if d.kept {
				t.Fatal("the old index is gone")
			}
			must(t, d.Close())
			if got := all(t, o.old); len(got) != 1200 {
				t.Errorf("the index in use has %d documents", len(got))
			}
			o.takeDown(5)
			late := o.commit(6, fmt.Sprintf(text, 4), true)
			want[late.ID()] = late
			second, err := reindex.Run(t.Context(), o.job(o.draft(false)))
			must(t, err)
			if !second.Resumed || second.Documents > 1201-first.Documents {
				t.Errorf("after %d documents, it wrote %d; resumed %v", first.Documents, second.Documents, second.Resumed)
			}
			o.check(without(want, 5))
		})
	}
}

func TestFreshBeginsAnew(t *testing.T) {
	o := newOffice(t)
	want := o.fill(600, 1)
	d := o.draft(false)
	d.writes = 1
	if _, err := reindex.Run(t.Context(), o.job(d)); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	must(t, d.Close())
	result, err := reindex.Run(t.Context(), o.job(o.draft(true)))
	if err != nil || result.Resumed || result.Documents != 600 {
		t.Errorf("%+v, %v", result, err)
	}
	o.check(want)
}

// While the draft is made the indexer writes to the old index; what it wrote there, and what was taken down, until the
// switch is in the draft afterwards.
func TestCatchesUpAfterTheSwitch(t *testing.T) {
	o := newOffice(t)
	want := o.fill(10, 2)
	d := o.draft(false)
	d.onSwitch = func() {
		late := o.commit(1, fmt.Sprintf(text, 9), true)
		want[late.ID()] = late
		o.takeDown(2)
	}
	_, err := reindex.Run(t.Context(), o.job(d))
	must(t, err)
	o.check(without(want, 2))
}

// A tombstone counts even where its marker is not in the stream any more.
func TestTombstonesWithoutMarkers(t *testing.T) {
	o := newOffice(t)
	want := o.fill(10, 1)
	o.takeDown(4)
	late := o.commit(5, fmt.Sprintf(text, 2), true)
	want[late.ID()] = late
	o.first = o.last // all else, and the marker, is copied from the old index or gone
	result, err := reindex.Run(t.Context(), o.job(o.draft(false)))
	if err != nil || result.LeftOut != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	o.check(without(want, 4))
}

func TestCopiesWhatTheStreamHasNot(t *testing.T) {
	o := newOffice(t)
	want := o.fill(300, 2)
	o.first = 251
	d := o.draft(false)
	d.writes = 1 // 200 on the first page
	if _, err := reindex.Run(t.Context(), o.job(d)); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	must(t, d.Close())
	result, err := reindex.Run(t.Context(), o.job(o.draft(false)))
	must(t, err)
	if result.Documents > 600 || !result.Resumed {
		t.Errorf("the result is %+v", result)
	}
	o.check(want)
}

func TestRescuesWhatNeitherHas(t *testing.T) {
	o := newOffice(t)
	want := o.fill(10, 1)
	// Its sequence is another event's: neither copying nor the stream brings it.
	odd := search.Document{Article: id(77), Version: 1, Time: day, Title: "Bridge", Body: "Lorries wait.", Sequence: 5, Source: "Harbour Gazette"}
	must(t, o.old.Write(t.Context(), []search.Document{odd}))
	want[odd.ID()] = odd
	result, err := reindex.Run(t.Context(), o.job(o.draft(false)))
	if err != nil || result.Rescued != 1 {
		t.Errorf("%+v, %v", result, err)
	}
	o.check(want)
}

// A laptop's collection comes into another one: where both have a version, the one of our own stream stands.
func TestTakesInAnotherIndex(t *testing.T) {
	o := newOffice(t)
	want := o.fill(5, 1)
	laptop := openIndex(t, filepath.Join(t.TempDir(), "index.db"))
	var documents []search.Document
	for n := range 250 {
		d := search.Document{
			Article: id(n), Version: 1, Time: day, Title: "Bridge of the laptop", Body: "Lorries wait.", Sequence: uint64(9000 + n), Source: "Laptop",
		}
		documents = append(documents, d)
		if d.Sequence = 0; n >= 5 && n != 9 {
			want[d.ID()] = d
		}
	}
	must(t, laptop.Write(t.Context(), documents))
	o.commit(9, "x", true)
	o.takeDown(9)
	without(want, 9)
	result, err := reindex.Run(t.Context(), o.job(o.draft(false), reindex.Source{Name: "laptop", Index: laptop, Foreign: true}))
	must(t, err)
	if result.LeftOut == 0 {
		t.Errorf("the result is %+v", result)
	}
	o.check(want)
}

func TestTheEndOfTheStreamMayBeDeleted(t *testing.T) {
	o := newOffice(t)
	want := o.fill(3, 1)
	o.last += 4 // were deleted
	_, err := reindex.Run(t.Context(), o.job(o.draft(false)))
	must(t, err)
	o.check(want)
}

func TestRefusesTheDraftOfAnotherStream(t *testing.T) {
	o := newOffice(t)
	o.fill(3, 1)
	d := o.draft(false)
	must(t, d.SetMark(t.Context(), `{"sequence":99}`))
	if _, err := reindex.Run(t.Context(), o.job(d)); err == nil || !strings.Contains(err.Error(), "--fresh") {
		t.Error(err)
	}
	must(t, d.SetMark(t.Context(), `{"seq`))
	if _, err := reindex.Run(t.Context(), o.job(d)); err == nil || !strings.Contains(err.Error(), "--fresh") {
		t.Error(err)
	}
}

func TestLeavesOutWhatNoIndexTakes(t *testing.T) {
	o := newOffice(t)
	want := o.fill(3, 1)
	s := article.Snapshot{Title: "Bridge", Blocks: []article.Block{{Text: "x"}}}
	e := article.Event{Article: id(50), Source: strings.Repeat("s", 2000), Version: 1, FetchedAt: day, Snapshot: s, Hash: s.Hash()}
	sequence, err := o.PublishRevision(t.Context(), e, 0)
	must(t, err)
	o.last = sequence
	result, err := reindex.Run(t.Context(), o.job(o.draft(false)))
	if err != nil || result.Refused != 1 || result.Documents != 3 {
		t.Errorf("%+v, %v", result, err)
	}
	o.check(want)
}
