package differ

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/recheck"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/telemetry"
)

// earlierVersions bounds how far back restored sentences are looked for.
const earlierVersions = 8

// compare gives the revision that a check brings, nil for none. That the page is gone, sold, back or elsewhere is one
// only when a second look finds it too.
func (d *Differ) compare(ctx context.Context, s article.Check, h article.Head) (*article.Event, error) {
	found := finding(s, h)
	switch {
	case found == foundGone && confirmed(found, h):
		return d.stateChange(ctx, s, h, article.Gone, found)
	case found == foundWall && confirmed(found, h):
		return d.stateChange(ctx, s, h, article.Blocked, found)
	case found == foundBack && !confirmed(found, h) || !hasText(s):
		return nil, nil
	}
	return d.compareText(ctx, s, h, found)
}

func (d *Differ) compareText(ctx context.Context, s article.Check, h article.Head, found string) (*article.Event, error) {
	moves := strings.HasPrefix(found, foundMove)
	moved, returned := moves && (confirmed(found, h) || s.Readdressed), found == foundBack
	if moves && !moved {
		s.FinalURL = h.URL // until it is sure
	}
	hash := s.Snapshot.Hash()
	if hash == h.Compared() && !moved && !returned {
		return nil, nil
	}
	old, earlier, err := d.history(ctx, h)
	if err != nil {
		return nil, err
	}
	e := d.event(s, h)
	e.Hash, e.Baseline = hash, h.Baseline
	e.Snapshot = *s.Snapshot
	e.Revision = d.diff(&old, s.Snapshot, earlier)
	e.Kinds = revise.Kinds(&e.Revision)
	if h.Version == 0 {
		e.Kinds = []string{"first"}
		return &e, nil
	}
	if moved {
		describeState(&e, "moved", article.Change{Element: "url", Kind: "moved", Old: h.URL, New: s.FinalURL})
	}
	if returned {
		describeState(&e, "restored", article.Change{Element: "state", Kind: "restored", Old: h.State.String(), New: article.Live.String()})
	}
	return &e, nil
}

// stateChange gives a revision in which the text stands as it was last read and only the page's state changes.
func (d *Differ) stateChange(ctx context.Context, s article.Check, h article.Head, state article.State, kind string) (*article.Event, error) {
	e, err := d.unchanged(ctx, s, h)
	if err != nil {
		return nil, err
	}
	e.State = state
	describeState(e, kind, article.Change{Element: "state", Kind: "edited", Old: h.State.String(), New: state.String()})
	return e, nil
}

// unchanged gives a revision in which the text stands as it was last read.
func (d *Differ) unchanged(ctx context.Context, s article.Check, h article.Head) (*article.Event, error) {
	old, earlier, err := d.history(ctx, h)
	if err != nil {
		return nil, err
	}
	e := d.event(s, h)
	e.Hash, e.Baseline = old.Hash(), h.Baseline
	e.Snapshot = old
	e.URL, e.Page, e.ContentType = h.URL, h.Page, h.ContentType
	e.Revision = d.diff(&old, &old, earlier)
	return &e, nil
}

// describeState adds a change of state to a revision. A page that goes, comes back or moves always matters.
func describeState(e *article.Event, kind string, change article.Change) {
	e.Kinds = slices.DeleteFunc(e.Kinds, func(k string) bool { return k == revise.Flapping }) // lists must not leave it out
	e.Kinds = append(e.Kinds, kind)
	slices.Sort(e.Kinds)
	e.Kinds = slices.Compact(e.Kinds)
	e.Revision.Changes = append(e.Revision.Changes, change)
	weight, score := article.Substantive, .9
	if kind == "moved" || kind == foundFeed {
		weight, score = article.Minor, .3
	}
	e.Revision.Weight = max(e.Revision.Weight, weight)
	e.Revision.Score = max(e.Revision.Score, score)
	e.Revision.Reasons = append(e.Revision.Reasons, kind+": "+change.Old+" became "+change.New)
}

func (d *Differ) diff(old, now *article.Snapshot, earlier []*article.Snapshot) article.Revision {
	start := time.Now()
	defer func() { d.Metrics.Compared(time.Since(start)) }()
	return revise.Diff(old, now, earlier)
}

func (d *Differ) event(s article.Check, h article.Head) article.Event {
	source := s.Source
	if h.Version > 0 {
		source = h.Source // the subject of the article's stream must not change under it
	}
	return article.Event{
		Article: s.Article, Source: source, URL: s.FinalURL, Version: h.Version + 1, FetchedAt: s.FetchedAt,
		PreviousFetchedAt: h.FetchedAt, Page: s.Page, ContentType: s.ContentType, Published: firstOf(h.Published, published(s)), Feed: firstOf(h.Feed, s.Feed),
	}
}

// newest reads the text that readings are compared with: the newest version's, as it is read today.
func (d *Differ) newest(ctx context.Context, h article.Head) (article.Snapshot, error) {
	s, err := d.Archive.Version(ctx, h.Article, h.Version, h.Compared())
	if err == nil || h.Baseline != "" {
		return s, err
	}
	// The revision in the stream is complete: it stands in for an archive that lost the version.
	last, _, streamErr := d.Bus.LastRevision(ctx, h.Source, h.Article)
	if streamErr != nil || last.Version != h.Version {
		return s, err
	}
	return last.Snapshot, nil
}

// history reads the head's version and a bounded number before it from the stream's newest event and the archive.
func (d *Differ) history(ctx context.Context, h article.Head) (old article.Snapshot, earlier []*article.Snapshot, err error) {
	if h.Version == 0 {
		return article.Snapshot{}, nil, nil
	}
	if old, err = d.newest(ctx, h); err != nil {
		return old, nil, err
	}
	// The place in the list is the version's number, so that those too old to look at, or unreadable, leave a gap.
	earlier = slices.Repeat([]*article.Snapshot{{}}, h.Version-1)
	for i, past := range h.Past {
		version := h.Version - len(h.Past) + i
		s, err := d.Archive.Version(ctx, h.Article, version, past)
		if err != nil {
			d.Log.WarnContext(telemetry.About(ctx, h.Article, version), "an earlier version cannot be read", "error", err)
			continue
		}
		earlier[version-1] = &s
	}
	return old, earlier, nil
}

// follow takes a revision that is in the stream into the head.
func (d *Differ) follow(h article.Head, last article.Event, sequence uint64) article.Head {
	check := article.Check{
		Article: last.Article, Source: last.Source, URL: last.URL, FinalURL: last.URL, FetchedAt: last.FetchedAt,
		Outcome: article.Read, Snapshot: &last.Snapshot, Published: last.Published, Feed: last.Feed, Status: 200,
		Headline: feedTitleOf(last),
	}
	switch last.State {
	case article.Gone:
		check.Outcome, check.Snapshot, check.Status = article.OutcomeGone, nil, 404
	case article.Blocked:
		check.Outcome, check.Snapshot = article.OutcomeBlocked, nil
	}
	return d.advance(h, check, &last, sequence)
}

// advance gives the head after a check. It is pure, so that a repetition gives the same head. step is nil where no
// version came of it.
func (d *Differ) advance(h article.Head, s article.Check, step *article.Event, sequence uint64) article.Head {
	if h.FirstSeen.IsZero() {
		h.Article, h.Source, h.URL, h.FirstSeen = s.Article, s.Source, s.URL, s.FetchedAt
	}
	if h.Version == 0 {
		h.Title = firstOf(h.Title, clip(s.Headline))
	}
	found := finding(s, h)
	h.Pending = pending(found, s, h, step)
	h.Feed = firstOf(h.Feed, s.Feed)
	h = feedTitles(h, s)
	h.Published = firstOf(h.Published, published(s))
	h.FetchedAt, h.Outcome, h.Status, h.Reason = s.FetchedAt, s.Outcome, s.Status, s.Reason
	h.Changed = step != nil
	if s.Snapshot != nil && s.Snapshot.Quality.Verdict == article.NotAnArticle {
		h.Outcome, h.Reason = article.OutcomeBlocked, notAnArticle(s.Snapshot)
	}
	switch h.Outcome {
	case article.Read, article.Moved:
		h.ETag, h.LastModified, h.Misses = s.ETag, s.LastModified, 0
		if h.Pending != "" { // the second look must see the page, not that it is as it was
			h.ETag, h.LastModified = "", ""
		}
	case article.Unchanged:
		h.Misses = 0
	default:
		h.Misses++
	}
	h.Unchanged++
	if step != nil {
		if h.Version > 0 {
			h.Past = append(slices.Clone(h.Past), h.Hash)
			h.Past = h.Past[max(0, len(h.Past)-earlierVersions):]
		}
		h.Version, h.Sequence, h.Hash, h.State, h.URL = step.Version, sequence, step.Hash, step.State, step.URL
		h.Title, h.ChangedAt, h.Unchanged = clip(step.Snapshot.Title), s.FetchedAt, 0
		h.Extractor, h.Baseline = step.Snapshot.Extractor.String(), ""
		h.Page, h.ContentType = step.Page, step.ContentType
	}
	h.Next, h.NextReason = d.next(h, s)
	h.Next, h.NextReason = soon(h)
	return h
}

func notAnArticle(s *article.Snapshot) string {
	if len(s.Quality.Reasons) == 0 {
		return "the page does not read like an article"
	}
	return "the page does not read like an article: " + s.Quality.Reasons[0]
}

func (d *Differ) next(h article.Head, s article.Check) (time.Time, string) {
	at, reason, over := d.Policy.Next(recheck.State{
		Key: h.Article, Published: instant(h.Published), FirstSeen: h.FirstSeen, LastChecked: h.FetchedAt, LastChanged: h.ChangedAt,
		Unchanged: h.Unchanged, Misses: h.Misses, Outcome: recheckOutcome(h.Outcome), RetryAfter: s.RetryAfter,
	})
	if over {
		return time.Time{}, reason
	}
	return at, reason
}

func recheckOutcome(o article.Outcome) recheck.Outcome {
	switch o {
	case article.OutcomeGone:
		return recheck.Gone
	case article.OutcomeBlocked:
		return recheck.Blocked
	case article.Failed:
		return recheck.Failed
	default:
		return recheck.Read
	}
}

func published(s article.Check) string {
	if s.Snapshot != nil && s.Snapshot.Published != "" {
		return s.Snapshot.Published
	}
	return s.Published
}

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{} // a date that only people can read says nothing about the schedule
	}
	return t
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// clip keeps the head small: a title is shown in full from the version.
func clip(title string) string { return clipTo(title, 200) }

func clipTo(title string, most int) string {
	if runes := []rune(title); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return title
}
