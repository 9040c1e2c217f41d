package differ

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/extract/blocks"
	"github.com/stetnews/stet/services/internal/extract/site"
	"github.com/stetnews/stet/services/internal/recheck"
	"github.com/stetnews/stet/services/internal/revise"
)

var moment = time.Date(2100, 3, 1, 12, 0, 0, 0, time.UTC) // not past, or schedules fire

// crashing is a bus whose process dies at the nth call of the commit: from then on nothing gets through. With `after`
// the call itself still took effect and only its answer is lost.
type crashing struct {
	*eventbus.Bus
	left  int
	after bool
}

var errCrash = errors.New("the process died")

func (c *crashing) die(call func() error) error {
	c.left--
	switch {
	case c.left > 0:
		return call()
	case c.left == 0 && c.after:
		_ = call() // its effect stands, its answer is lost
	}
	return errCrash
}

func (c *crashing) PutHead(ctx context.Context, h article.Head, revision uint64) error {
	return c.die(func() error { return c.Bus.PutHead(ctx, h, revision) })
}

func (c *crashing) PublishRevision(ctx context.Context, e article.Event, expected uint64) (sequence uint64, err error) {
	err = c.die(func() error {
		sequence, err = c.Bus.PublishRevision(ctx, e, expected)
		return err
	})
	return sequence, err
}

func (c *crashing) ArmCheck(ctx context.Context, h article.Head) error {
	return c.die(func() error { return c.Bus.ArmCheck(ctx, h) })
}

func (c *crashing) PublishCheckOutcome(ctx context.Context, o article.CheckOutcome) error {
	return c.die(func() error { return c.Bus.PublishCheckOutcome(ctx, o) })
}

func (c *crashing) RemoveCheck(ctx context.Context, sequence uint64) error {
	return c.die(func() error { return c.Bus.RemoveCheck(ctx, sequence) })
}

func newDiffer(t *testing.T, b bus) *Differ {
	t.Helper()
	store, err := archive.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(Deps{Bus: b, Archive: store, Policy: recheck.Default(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
}

// read is a check that read a text, at a minute after the start.
func read(id, text string, minute int) article.Check {
	return article.Check{
		Article: id, Source: "Gazette", URL: "https://news.example/" + id, FinalURL: "https://news.example/" + id,
		FetchedAt: moment.Add(time.Duration(minute) * time.Minute), Outcome: article.Read, Status: 200,
		Snapshot: &article.Snapshot{
			Title: "Ferry talks", Blocks: []article.Block{{Kind: article.Paragraph, Text: text}},
			Quality: article.Quality{Verdict: article.OK},
		},
	}
}

func failed(id string, minute int) article.Check {
	c := read(id, "", minute)
	c.Outcome, c.Status, c.Snapshot = article.Failed, 502, nil
	return c
}

func gone(id string, minute int) article.Check {
	c := read(id, "", minute)
	c.Outcome, c.Status, c.Snapshot = article.OutcomeGone, 404, nil
	return c
}

// history gives the texts and kinds of an article's revisions as the stream has them.
func history(t *testing.T, bus *eventbus.Bus, id string) []string {
	t.Helper()
	h, _, err := bus.Head(t.Context(), id)
	if eventbus.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if h.Version == 0 {
		return nil
	}
	var texts []string
	ctx, cancel := context.WithCancel(t.Context())
	err = bus.WatchRevisions(ctx, 0, true, func(sequence uint64, e article.Event) error {
		if e.Article == id {
			if e.Version != len(texts)+1 {
				t.Errorf("version %d stands at place %d", e.Version, len(texts)+1)
			}
			texts = append(texts, fmt.Sprintf("%s [%s]", e.Snapshot.Body(), strings.Join(e.Kinds, " ")))
		}
		if sequence >= h.Sequence {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(texts) != h.Version {
		t.Errorf("the head says version %d, the stream has %d", h.Version, len(texts))
	}
	return texts
}

func equal(a, b []string) bool { return strings.Join(a, "|") == strings.Join(b, "|") }

func TestWhatChecksBecome(t *testing.T) {
	a, b := "Talks resume at noon.", "Talks resume at two."
	tests := []struct {
		name   string
		checks []article.Check
		want   []string
	}{
		{"two equal readings are one version", []article.Check{read("x", a, 0), read("x", a, 1)}, []string{a + " [first]"}},
		{"another text is another version", []article.Check{read("x", a, 0), read("x", b, 1)},
			[]string{a + " [first]", b + " [lead]"}},
		{"an older reading is no news", []article.Check{read("x", b, 1), read("x", a, 0)}, []string{b + " [first]"}},
		{"gone needs to be confirmed", []article.Check{read("x", a, 0), gone("x", 1)}, []string{a + " [first]"}},
		{"a failure confirms nothing", []article.Check{read("x", a, 0), failed("x", 1), gone("x", 2), failed("x", 3)}, []string{a + " [first]"}},
		{"what is seen in between is no failure", []article.Check{read("x", a, 0), gone("x", 1), failed("x", 2), gone("x", 3)},
			[]string{a + " [first]", a + " [gone]"}},
		{"a page that answers was not gone", []article.Check{read("x", a, 0), gone("x", 1), read("x", a, 2), gone("x", 3)}, []string{a + " [first]"}},
		{"gone twice is a revision, once", []article.Check{read("x", a, 0), gone("x", 1), gone("x", 2), gone("x", 3)},
			[]string{a + " [first]", a + " [gone]"}},
		{"what comes back once may be a cache's", []article.Check{read("x", a, 0), gone("x", 1), gone("x", 2), read("x", a, 3), gone("x", 4)},
			[]string{a + " [first]", a + " [gone]"}},
		{"what comes back is restored", []article.Check{read("x", a, 0), gone("x", 1), gone("x", 2), read("x", a, 3), read("x", a, 4)},
			[]string{a + " [first]", a + " [gone]", a + " [restored]"}},
		{"a page that never was is no article", []article.Check{gone("x", 0), gone("x", 1), gone("x", 2)}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bus := bustest.New(t)
			d := newDiffer(t, bus)
			for _, check := range test.checks {
				if err := d.account(t.Context(), check); err != nil {
					t.Fatal(err)
				}
			}
			if got := history(t, bus, "x"); !equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAMoveAndAWallAreNoNewText(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	wall := read("x", "Please log in.", 1)
	wall.Snapshot.Quality = article.Quality{Verdict: article.NotAnArticle, Reasons: []string{"login"}}
	moved := read("x", "Talks resume.", 2)
	moved.Outcome, moved.FinalURL, moved.ETag = article.Moved, "https://news.example/new", `"new"`
	for _, check := range []article.Check{read("x", "Talks resume.", 0), wall, moved} {
		if err := d.account(t.Context(), check); err != nil {
			t.Fatal(err)
		}
	}
	h, _, err := bus.Head(t.Context(), "x")
	if err != nil || h.Version != 1 || h.URL == moved.FinalURL || h.ETag != "" || h.Next.Sub(h.FetchedAt) > confirmWithin {
		t.Errorf("after one look at a page that moved: version %d at %q, validator %q, next look at %v; error %v", h.Version, h.URL, h.ETag, h.Next, err)
	}
	moved.FetchedAt = moved.FetchedAt.Add(time.Minute)
	if err := d.account(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	if got, want := history(t, bus, "x"), []string{"Talks resume. [first]", "Talks resume. [moved]"}; !equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	h, _, err = bus.Head(t.Context(), "x")
	if err != nil || h.URL != moved.FinalURL {
		t.Errorf("the head is at %q, want %q; error %v", h.URL, moved.FinalURL, err)
	}
}

// TestNothingIsLostOrDoubledByACrash kills the differ at every call of the commit, with the call's effect and without,
// and lets another take over: the history must be that of a run without a crash, and a next check must be armed.
func TestNothingIsLostOrDoubledByACrash(t *testing.T) {
	texts := []string{"Talks resume at noon.", "Talks resume at two.", "Talks resume at noon."}
	want := []string{texts[0] + " [first]", texts[1] + " [lead]", texts[2] + " [lead]"}
	for call := 1; call <= 18; call++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("call %d, effect %v", call, after), func(t *testing.T) {
				bus := bustest.New(t)
				store := newDiffer(t, bus)
				dying := New(store.Deps)
				dying.Bus = &crashing{Bus: bus, left: call, after: after}
				for i, text := range texts {
					if err := bus.PublishCheck(t.Context(), read("x", text, i)); err != nil {
						t.Fatal(err)
					}
				}
				drain(t, bus, dying)
				drain(t, bus, store)
				if got := history(t, bus, "x"); !equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				h, _, err := bus.Head(t.Context(), "x")
				if err != nil {
					t.Fatal(err)
				}
				if h.Next.IsZero() || h.FetchedAt != moment.Add(2*time.Minute) {
					t.Errorf("the head is at %v and looks again at %v", h.FetchedAt, h.Next)
				}
				if waiting, err := bus.CheckScheduled(t.Context(), "x"); err != nil || !waiting {
					t.Errorf("a next check is armed: %v, error %v", waiting, err)
				}
			})
		}
	}
}

// drain handles the stored checks until none is left or the differ dies.
func drain(t *testing.T, bus *eventbus.Bus, d *Differ) {
	t.Helper()
	for {
		waiting, err := bus.FirstCheck(t.Context(), "x")
		if eventbus.IsNotFound(err) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		err = d.handle(t.Context(), &eventbus.Delivery{Subject: "snapshot.x", Sequence: waiting.Sequence})
		if errors.Is(err, errCrash) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Bus.RemoveCheck(t.Context(), waiting.Sequence); err != nil { // the acknowledgement
			return
		}
	}
}

func TestTwoDiffersAtOnce(t *testing.T) {
	bus := bustest.New(t)
	first := newDiffer(t, bus)
	second := New(first.Deps)
	errs := make(chan error, 2)
	const rounds = 10
	for i := range rounds {
		check := read("x", fmt.Sprintf("Talks resume in %d hours.", i), i)
		for _, d := range []*Differ{first, second} {
			go func() { errs <- d.account(t.Context(), check) }()
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := history(t, bus, "x"); len(got) != rounds {
		t.Errorf("%d revisions of %d texts", len(got), rounds)
	}
}

func TestARestoredSentenceNamesItsVersionInALongHistory(t *testing.T) {
	const (
		stays   = "The council meets again on Thursday in the old granary by the harbour."
		returns = "The price of the ferry was never put to a vote, said Ida Moor."
	)
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	for version := 1; version <= 12; version++ {
		text := fmt.Sprintf("%s Draft %d was read aloud.", stays, version)
		if version == 8 || version == 12 {
			text += " " + returns
		}
		if err := d.account(t.Context(), read("x", text, version)); err != nil {
			t.Fatal(err)
		}
	}
	e, _, err := bus.LastRevision(t.Context(), "Gazette", "x")
	if err != nil {
		t.Fatal(err)
	}
	if e.Version != 12 || len(e.Revision.Restored) != 1 || e.Revision.Restored[0].Version != 8 {
		t.Errorf("version %d restores %+v, want one sentence of version 8", e.Version, e.Revision.Restored)
	}
}

// sweeper is a bus that has nothing to deliver and some forgotten checks.
type sweeper struct {
	bus
	at []time.Time
}

func (s *sweeper) Consume(ctx context.Context, _ eventbus.Consumer, _ int, _ func(context.Context, *eventbus.Delivery) error) error {
	<-ctx.Done()
	return nil
}

func (s *sweeper) SweepChecks(_ context.Context, before time.Time, limit int) (int, error) {
	if limit <= 0 || time.Since(before) < sweepLate {
		return 0, fmt.Errorf("asked for %d before %v", limit, before)
	}
	s.at = append(s.at, time.Now())
	return 2, nil
}

func TestForgottenChecksAreLookedForEveryHourAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &sweeper{}
		ctx, cancel := context.WithTimeout(t.Context(), 2*sweepEvery+time.Minute)
		defer cancel()
		if err := New(Deps{Bus: s, Log: slog.New(slog.NewTextHandler(&log, nil))}).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if len(s.at) != 2 || strings.Count(log.String(), "articles=2") != 2 {
			t.Errorf("looked at %v, logged:\n%s", s.at, log.String())
		}
	})
}

// long is a text of some length about a thing.
func long(about string, sentences int) string {
	var b strings.Builder
	for i := range sentences {
		fmt.Fprintf(&b, "Witness %d told the inquiry what %s had meant for the families along the old towpath that winter. ", i, about)
	}
	return strings.TrimSpace(b.String())
}

func TestATextThatLooksBrokenIsReadAgainBeforeItIsBelieved(t *testing.T) {
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	whole, rest := long("the flood", 20), "Witness 1 told the inquiry."
	for minute, text := range []string{whole, rest, whole, rest, rest} {
		if err := d.account(t.Context(), read("x", text, minute)); err != nil {
			t.Fatal(err)
		}
		h, _, err := bus.Head(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if doubted := minute == 1 || minute == 3; doubted != (h.Outcome == article.OutcomeBlocked && strings.Contains(h.Reason, "most of the text is gone")) {
			t.Errorf("minute %d: outcome %s, reason %q", minute, h.Outcome, h.Reason)
		}
	}
	if got := history(t, bus, "x"); len(got) != 2 || !strings.HasPrefix(got[1], rest) {
		t.Errorf("the versions are %q", got)
	}
}

func TestFurnitureThatDiffersIsNoRevisionAndIsTold(t *testing.T) {
	const promoted = "Ferry fares rise again"
	bus := bustest.New(t)
	d := newDiffer(t, bus)
	memory := &site.Memory{}
	for i := range 12 { // the line stands on many pages of the site
		memory = memory.Observe(fmt.Sprintf("other-%d", i), []blocks.Passage{{Text: promoted, Kind: article.Paragraph}})
	}
	stored, err := memory.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.PutSite(t.Context(), "news.example", stored, 0); err != nil {
		t.Fatal(err)
	}
	plain := read("x", long("the flood", 6), 0)
	furnished := read("x", long("the flood", 6), 1)
	furnished.Snapshot.Blocks = append(furnished.Snapshot.Blocks, article.Block{Kind: article.Paragraph, Text: promoted})
	edited := read("x", long("the flood", 6)+" Nobody was paid.", 2)
	for _, check := range []article.Check{plain, furnished, edited} {
		if err := d.account(t.Context(), check); err != nil {
			t.Fatal(err)
		}
		h, _, err := bus.Head(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if told := strings.Contains(h.Reason, promoted); told != (check.FetchedAt.Equal(furnished.FetchedAt)) {
			t.Errorf("at %v the reason is %q", check.FetchedAt, h.Reason)
		}
	}
	if got := history(t, bus, "x"); len(got) != 2 || !strings.Contains(got[1], "Nobody was paid") {
		t.Errorf("the versions are %q", got)
	}
}

// TestAPageThatGoesIsListedAlthoughItsTextFlaps holds that what lists leave out is only a text that goes to and fro.
func TestAPageThatGoesIsListedAlthoughItsTextFlaps(t *testing.T) {
	e := article.Event{Kinds: []string{"body", revise.Flapping}}
	describeState(&e, "moved", article.Change{Element: "url", Kind: "moved"})
	if want := []string{"body", "moved"}; !slices.Equal(e.Kinds, want) {
		t.Errorf("kinds %q, want %q", e.Kinds, want)
	}
}
