// Package differ is the only writer of an article's state. It compares what a check read with the newest version,
// commits a revision where they differ, and in every case decides when to look again and arms that schedule.
//
// The revision stream is the truth and the head in the key-value bucket its cache; the steps of the commit are the
// model-checked ones, numbered as there, so that any number of differs may run and die anywhere: nothing is lost,
// nothing doubled.
package differ

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/rebaseline"
	"github.com/stetnews/stet/services/internal/recheck"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// bus is what the commit needs of the event bus.
type bus interface {
	Consume(ctx context.Context, c eventbus.Consumer, concurrency int, handle func(context.Context, *eventbus.Delivery) error) error
	FirstCheck(ctx context.Context, id string) (eventbus.WaitingCheck, error)
	RemoveCheck(ctx context.Context, sequence uint64) error
	Head(ctx context.Context, id string) (article.Head, uint64, error)
	PutHead(ctx context.Context, h article.Head, revision uint64) error
	LastRevision(ctx context.Context, source, id string) (article.Event, uint64, error)
	PublishRevision(ctx context.Context, e article.Event, expected uint64) (uint64, error)
	ArmCheck(ctx context.Context, h article.Head) error
	ArmCheckIfAbsent(ctx context.Context, h article.Head) error
	PublishCheckOutcome(ctx context.Context, o article.CheckOutcome) error
	SweepChecks(ctx context.Context, before time.Time, limit int) (int, error)
	Site(ctx context.Context, host string) ([]byte, uint64, error)
	names
	DeadLetter(ctx context.Context, stream, subject string, data []byte, reason string) error
}

// versions keeps the text of versions, and raw pages.
type versions interface {
	Page(ctx context.Context, key string) ([]byte, error)
	DeletePage(ctx context.Context, key string) error
	PutVersion(ctx context.Context, id string, version int, s *article.Snapshot) error
	Version(ctx context.Context, id string, version int, hash string) (article.Snapshot, error)
}

// Deps is what a differ works with.
type Deps struct {
	Bus     bus
	Archive versions
	Policy  recheck.Policy
	Log     *slog.Logger
	Workers int // checks handled at a time, default 8
	Metrics *telemetry.Checks
	Trace   *telemetry.Tracer

	// Extractor reads archived pages again when what reads them changed; nil where nothing ever does.
	Extractor rebaseline.Extractor
}

// Differ handles checks.
type Differ struct{ Deps }

// New gives a differ.
func New(d Deps) *Differ {
	if d.Workers == 0 {
		d.Workers = 8
	}
	return &Differ{d}
}

// Run handles checks until the context ends.
func (d *Differ) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.Bus.Consume(ctx, eventbus.ReadChecks, d.Workers, d.handle) })
	group.Go(func() error {
		d.sweep(ctx)
		return nil
	})
	return group.Wait()
}

// The net under the schedules: how often it looks, how late a check is before it counts as forgotten, and how many it
// arms at a time.
const (
	sweepEvery = time.Hour
	sweepLate  = time.Hour
	sweepMost  = 1000
)

// sweep arms the checks that a store lost, until the context ends. Nothing of the protocol needs it.
func (d *Differ) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			armed, err := d.Bus.SweepChecks(ctx, now.Add(-sweepLate), sweepMost)
			if err != nil && ctx.Err() == nil {
				d.Log.Warn("looking for articles that nobody looks at", "error", err)
			}
			if armed > 0 {
				d.Log.Warn("checks were overdue and not scheduled; they are now", "articles", armed)
			}
		}
	}
}

var errNotThere = errors.New("the check is not there: another differ took it, or it cannot be seen yet")

// handle does the oldest stored checks of the delivered one's article first, up to and with it. (step 0)
func (d *Differ) handle(ctx context.Context, m *eventbus.Delivery) error {
	id := m.Token(1)
	for {
		check, err := d.Bus.FirstCheck(ctx, id)
		var poison *eventbus.Poison
		switch {
		case eventbus.IsNotFound(err):
			// Another differ took it away, and then it is never delivered again whatever is said of it here; or the stream's
			// leader does not see it yet, and an acknowledgement would lose it.
			return errNotThere
		case errors.As(err, &poison) && check.Sequence == m.Sequence:
			return d.bury(ctx, id, poison)
		case err != nil:
			return err
		}
		if err := d.accountTraced(ctx, check); err != nil {
			return fmt.Errorf("accounting the check of %s at %s: %w", id, check.FetchedAt.Format(time.RFC3339), err)
		}
		if check.Sequence >= m.Sequence {
			return nil // the acknowledgement of the delivery deletes it
		}
		if err := d.Bus.RemoveCheck(ctx, check.Sequence); err != nil {
			return err
		}
	}
}

// accountTraced accounts a check inside the trace that the check began.
func (d *Differ) accountTraced(ctx context.Context, check eventbus.WaitingCheck) error {
	ctx = telemetry.About(telemetry.JoinTrace(ctx, check.Trace), check.Article, 0)
	ctx, span := d.Trace.Start(ctx, "account", "stet.article", check.Article, "stet.source", check.Source, "stet.outcome", check.Outcome.String())
	err := d.account(ctx, check.Check)
	span.End(err)
	return err
}

// bury arms a fallback check before the unreadable one goes to the dead letters, or nobody would look again.
func (d *Differ) bury(ctx context.Context, id string, poison *eventbus.Poison) error {
	h, _, err := d.Bus.Head(ctx, id)
	switch {
	case eventbus.IsNotFound(err):
		return poison // never read: the feed's next mention of it is its next chance
	case err != nil:
		return err
	}
	if err := d.Bus.ArmCheckIfAbsent(ctx, h); err != nil {
		return err
	}
	return poison
}

// account brings one check into the article's state, whatever state an earlier try left behind.
func (d *Differ) account(ctx context.Context, s article.Check) error {
	for {
		h, revision, err := d.Bus.Head(ctx, s.Article) // step 1
		if err != nil && !eventbus.IsNotFound(err) {
			return err
		}
		if h.Tombstone != "" {
			return nil
		}
		if h.MergedInto != "" { // whatever came of it came into the other article, once what follows is done
			return d.finish(ctx, s, h, true)
		}
		if revision > 0 && !s.FetchedAt.After(h.FetchedAt) { // step 2
			return d.finish(ctx, s, h, true)
		}
		reading, merged, err := d.identify(ctx, s, h)
		if err != nil {
			return err
		}
		if merged != nil || h.Version == 0 && !h.Resolved && hasText(reading) {
			err := d.Bus.PutHead(ctx, decided(reading, h, merged), revision)
			if err != nil && !errors.Is(err, eventbus.ErrConflict) {
				return err
			}
			continue // the head says which decision stands
		}
		next, again, err := d.step(ctx, reading, h, revision)
		if errors.Is(err, errWithdrawn) {
			return nil
		}
		if err != nil {
			return err
		}
		if again {
			continue
		}
		if next, err = d.join(ctx, reading, next); err != nil {
			return err
		}
		err = d.Bus.PutHead(ctx, next, revision) // step 5
		if errors.Is(err, eventbus.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		d.Metrics.Accounted(telemetry.Look{
			Source: next.Source, Outcome: next.Outcome.String(), Text: recheckOutcome(next.Outcome) == recheck.Read, At: s.FetchedAt, Due: h.Next,
		})
		return d.finish(ctx, s, next, false)
	}
}

// step gives the head after the check: with a revision published if the check brought a new version (steps 3 and 4).
// again says that the head is to be read anew.
func (d *Differ) step(ctx context.Context, s article.Check, h article.Head, revision uint64) (next article.Head, again bool, err error) {
	if s, h, err = d.settle(ctx, s, h); err != nil {
		return h, false, err
	}
	if s.Readdressed && s.Snapshot != nil && slices.Contains(s.Snapshot.Quality.Reasons, extract.ReasonOtherArticle) {
		if err := d.tellApart(ctx, s, h); err != nil {
			return h, false, err
		}
	}
	step, err := d.compare(ctx, s, h)
	if err != nil {
		return h, false, err
	}
	if step, err = d.withFeed(ctx, s, h, step); err != nil {
		return h, false, err
	}
	if step == nil { // step 3
		return d.advance(h, s, nil, 0), false, nil
	}
	if err := d.Archive.PutVersion(ctx, s.Article, step.Version, &step.Snapshot); err != nil {
		return h, false, err
	}
	sequence, err := d.Bus.PublishRevision(ctx, *step, h.Sequence) // step 4
	if err == nil {
		d.tell(ctx, step)
		return d.advance(h, s, step, sequence), false, nil
	}
	if !eventbus.Refused(err) {
		return h, false, err // unknown: the redelivery repeats, and the branch below answers it
	}
	return d.repair(ctx, s, h, revision, *step)
}

// errWithdrawn says that the article was taken down while the check was on its way.
var errWithdrawn = errors.New("the article was taken down")

// repair finds out why the stream refused the revision: it is ahead of the head (take its newest into the head), it
// was emptied by retention (start it again), or it is behind the head (a restored backup: go on after its newest).
func (d *Differ) repair(ctx context.Context, s article.Check, h article.Head, revision uint64, step article.Event) (article.Head, bool, error) {
	last, sequence, err := d.Bus.LastRevision(ctx, s.Source, s.Article)
	expected := uint64(0)
	switch {
	case eventbus.IsNotFound(err):
		if _, now, err := d.Bus.Head(ctx, s.Article); (err != nil && !eventbus.IsNotFound(err)) || now != revision {
			return h, true, ignoreNotFound(err)
		}
	case err != nil:
		return h, false, err
	case last.Withdrawn:
		return h, false, errWithdrawn
	case last.Version > h.Version:
		d.Log.InfoContext(ctx, "the head follows the stream", "from", h.Version, "to", last.Version)
		err := d.Bus.PutHead(ctx, d.follow(h, last, sequence), revision)
		if errors.Is(err, eventbus.ErrConflict) {
			err = nil
		}
		return h, true, err
	default:
		expected = sequence
	}
	published, err := d.Bus.PublishRevision(ctx, step, expected)
	if eventbus.Refused(err) {
		return h, true, nil
	}
	if err != nil {
		return h, false, err
	}
	d.tell(ctx, &step)
	return d.advance(h, s, &step, published), false, nil
}

// tell counts and logs a version that was committed.
func (d *Differ) tell(ctx context.Context, step *article.Event) {
	weight := step.Revision.Weight.String()
	if step.Version == 1 {
		weight = "first"
	}
	d.Metrics.Revised(weight, step.Kinds)
	d.Log.DebugContext(telemetry.About(ctx, step.Article, step.Version), "a version was committed", "source", step.Source, "weight", weight,
		"kinds", step.Kinds)
}

func ignoreNotFound(err error) error {
	if eventbus.IsNotFound(err) {
		return nil
	}
	return err
}

// finish arms the next check and publishes the outcome, both taken from the head (step 6). For a check that was
// accounted before, the schedule is armed only if none stands.
func (d *Differ) finish(ctx context.Context, s article.Check, h article.Head, accounted bool) error {
	if h.MergedInto != "" && s.FetchedAt.Equal(h.FetchedAt) {
		if err := d.recordMerge(ctx, h); err != nil {
			return err
		}
	}
	if !h.Next.IsZero() {
		arm := func(ctx context.Context, h article.Head) error { return d.arm(ctx, s, h) }
		if accounted {
			arm = d.Bus.ArmCheckIfAbsent
		}
		if err := arm(ctx, h); err != nil {
			return err
		}
	}
	if accounted && !s.FetchedAt.Equal(h.FetchedAt) {
		return nil // its own outcome went out before the newer one was accounted
	}
	o := article.CheckOutcome{
		Article: h.Article, Source: h.Source, URL: h.URL, FetchedAt: h.FetchedAt, Outcome: h.Outcome, Status: h.Status,
		Reason: h.Reason, Changed: h.Changed, Version: h.Version, Next: h.Next,
	}
	if h.Outcome == article.Read || h.Outcome == article.Moved { // else the head tells of an earlier reading
		o.LeftOut, o.LeftOutTotal = h.LeftOut, h.LeftOutTotal
	}
	return d.Bus.PublishCheckOutcome(ctx, o)
}
