package rebaseline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/rebaseline"
)

// shouting is an extractor of a made-up version. From the second on it reads everything in capitals.
type shouting string

func (x shouting) Identity(source, _ string) article.Extractor {
	return article.Extractor{Name: "made-up", Version: string(x) + source[:1]}
}

func (x shouting) Read(p rebaseline.Page, _ []byte) (article.Snapshot, error) {
	text := string(p.Body)
	if text == "PDF" {
		return article.Snapshot{}, errors.New("not a page")
	}
	s := article.Snapshot{Extractor: x.Identity(p.Source, p.URL), Quality: article.Quality{Verdict: article.OK}}
	if text == "Log in." {
		s.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: []string{"login wall"}}
	}
	if x > "1" {
		text = strings.ToUpper(text)
	}
	s.Blocks = []article.Block{{Kind: article.Paragraph, Text: text}}
	return s, nil
}

type world struct {
	*testing.T
	bus   *eventbus.Bus
	store *archive.Archive
}

func newWorld(t *testing.T) *world {
	store, err := archive.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t, bustest.New(t), store}
}

// article makes an article with a version of one page.
func (w *world) article(id, source, text string) {
	w.Helper()
	key, err := w.store.PutPage(w.Context(), id, []byte(text))
	if err != nil {
		w.Fatal(err)
	}
	s, _ := shouting("1").Read(rebaseline.Page{Source: source, Body: []byte(text)}, nil) // the first reads all but one
	h := article.Head{Article: id, Source: source, URL: "https://news.example/" + id, Version: 1, Hash: s.Hash(), Extractor: s.Extractor.String(), Page: key}
	if err := errors.Join(w.store.PutVersion(w.Context(), id, 1, &s), w.bus.PutHead(w.Context(), h, 0)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) job(version string) *rebaseline.Job {
	return &rebaseline.Job{Heads: w.bus, Reader: rebaseline.Reader{Bus: w.bus, Archive: w.store, Extractor: shouting(version), Log: slog.New(slog.DiscardHandler)}}
}

func (w *world) run(j *rebaseline.Job, c rebaseline.Choice, want rebaseline.Progress) {
	w.Helper()
	var last rebaseline.Progress
	if err := j.Run(w.Context(), c, func(p rebaseline.Progress) error { last = p; return nil }); err != nil {
		w.Fatal(err)
	}
	if last != want {
		w.Errorf("the job ended with %+v, want %+v", last, want)
	}
}

func (w *world) compared(id string) string {
	w.Helper()
	h, _, err := w.bus.Head(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	s, err := w.store.Version(w.Context(), id, h.Version, h.Compared())
	if err != nil {
		w.Fatal(err)
	}
	return s.Body()
}

func TestAJobReadsWhatIsChosenOnce(t *testing.T) {
	w := newWorld(t)
	w.article("a", "Gazette", "the ferry")
	w.article("b", "Gazette", "the bridge")
	w.article("c", "Courier", "1890") // the same in capitals
	j := w.job("2")
	w.run(j, rebaseline.Choice{Article: "a"}, rebaseline.Progress{Total: 1, Done: 1, Changed: 1})
	w.run(j, rebaseline.Choice{Source: "Gazette"}, rebaseline.Progress{Total: 1, Done: 1, Changed: 1})
	w.run(j, rebaseline.Choice{}, rebaseline.Progress{Total: 1, Done: 1})
	w.run(j, rebaseline.Choice{}, rebaseline.Progress{})
	if got := w.compared("a") + w.compared("b") + w.compared("c"); got != "THE FERRYTHE BRIDGE1890" {
		t.Errorf("readings are compared with %q", got)
	}
	// Back to the first, as when an upgrade is taken back: the version's own text is the baseline again.
	w.run(w.job("1"), rebaseline.Choice{}, rebaseline.Progress{Total: 3, Done: 3, Changed: 2})
	if h, _, err := w.bus.Head(t.Context(), "a"); err != nil || h.Baseline != "" || h.Extractor != "made-up/1G" {
		t.Errorf("baseline %q by %q, error %v", h.Baseline, h.Extractor, err)
	}
	if _, _, err := w.bus.LastRevision(t.Context(), "Gazette", "a"); !eventbus.IsNotFound(err) {
		t.Errorf("a revision came of it, or %v", err)
	}
	if err := j.Run(t.Context(), rebaseline.Choice{Article: "none"}, func(rebaseline.Progress) error { return nil }); !eventbus.IsNotFound(err) {
		t.Errorf("an article that is not there: %v", err)
	}
}

func TestPagesThatCannotBeReadAgainAreTold(t *testing.T) {
	w := newWorld(t)
	w.article("a", "Gazette", "the ferry")
	for id, text := range map[string]string{"lost": "the bridge", "wall": "Log in."} {
		w.article(id, "Gazette", text)
	}
	h, revision, err := w.bus.Head(t.Context(), "lost")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.DeletePage(t.Context(), h.Page); err != nil {
		t.Fatal(err)
	}
	var last rebaseline.Progress
	if err := w.job("2").Run(t.Context(), rebaseline.Choice{}, func(p rebaseline.Progress) error { last = p; return nil }); err != nil {
		t.Fatal(err)
	}
	if last.Done != 3 || last.Changed != 1 || last.Missing != 2 || last.Lost == "" {
		t.Errorf("the job ended with %+v", last)
	}
	if again, now, err := w.bus.Head(t.Context(), "lost"); err != nil || now != revision || again.Extractor != "made-up/1G" {
		t.Errorf("the head of the article without a page was touched: %+v, error %v", again, err)
	}
}

// racing changes a head between the job's reading of it and its writing, as a check does.
type racing struct {
	*eventbus.Bus
	left int
}

func (r *racing) PutHead(ctx context.Context, h article.Head, revision uint64) error {
	if r.left > 0 {
		r.left--
		now, at, err := r.Head(ctx, h.Article)
		now.Unchanged++
		if err := errors.Join(err, r.Bus.PutHead(ctx, now, at)); err != nil {
			return err
		}
	}
	return r.Bus.PutHead(ctx, h, revision)
}

func TestAJobBesideARunningSystem(t *testing.T) {
	w := newWorld(t)
	w.article("a", "Gazette", "the ferry")
	j := w.job("2")
	j.Heads = &racing{w.bus, 3}
	w.run(j, rebaseline.Choice{}, rebaseline.Progress{Total: 1, Done: 1, Changed: 1})
	if h, _, err := w.bus.Head(t.Context(), "a"); err != nil || h.Unchanged != 3 || h.Baseline == "" {
		t.Errorf("what a check wrote meanwhile is lost: %+v, error %v", h, err)
	}
}

func TestAJobThatIsBrokenOffGoesOn(t *testing.T) {
	w := newWorld(t)
	const all = 12
	for i := range all {
		w.article(fmt.Sprint("a", i), "Gazette", fmt.Sprint("the ferry number ", i))
	}
	j := w.job("2")
	enough, done := errors.New("enough"), 0
	err := j.Run(t.Context(), rebaseline.Choice{}, func(p rebaseline.Progress) error {
		if p.Done == 5 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if err := j.Run(t.Context(), rebaseline.Choice{}, func(p rebaseline.Progress) error { done = p.Done; return nil }); err != nil {
		t.Fatal(err)
	}
	if done < 1 || done > all-5 {
		t.Errorf("after five of %d, %d were done in the second run", all, done)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.job("3").Run(ctx, rebaseline.Choice{}, func(rebaseline.Progress) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a job that was cancelled ended with %v", err)
	}
}
