package eventbus

import (
	"fmt"
	"time"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/article"
)

// SnapshotToWire gives the wire form of a snapshot, with its body filled in; nil for nil.
func SnapshotToWire(s *article.Snapshot) *eventv1.Snapshot {
	if s == nil {
		return nil
	}
	w := &eventv1.Snapshot{
		Url: s.URL, Title: s.Title, SharedTitle: s.SharedTitle, IndexedTitle: s.IndexedTitle, Standfirst: s.Standfirst,
		Byline: s.Byline, Section: s.Section, Language: s.Language, Published: s.Published, Modified: s.Modified,
		Body:      s.Body(),
		Extractor: &eventv1.Extractor{Name: s.Extractor.Name, Version: s.Extractor.Version},
		Quality:   &eventv1.Quality{Verdict: eventv1.Quality_Verdict(s.Quality.Verdict), Reasons: s.Quality.Reasons},
		Names:     namesToWire(s.Names),
	}
	for _, b := range s.Blocks {
		w.Blocks = append(w.Blocks, &eventv1.Block{Kind: eventv1.Block_Kind(b.Kind), Text: b.Text})
	}
	for _, i := range s.Images {
		w.Images = append(w.Images, &eventv1.Image{Stem: i.Stem, Caption: i.Caption})
	}
	return w
}

// SnapshotFromWire is the inverse of SnapshotToWire; unknown kinds and verdicts become unspecified.
func SnapshotFromWire(w *eventv1.Snapshot) *article.Snapshot {
	if w == nil {
		return nil
	}
	s := &article.Snapshot{
		URL: w.GetUrl(), Title: w.GetTitle(), SharedTitle: w.GetSharedTitle(), IndexedTitle: w.GetIndexedTitle(),
		Standfirst: w.GetStandfirst(), Byline: w.GetByline(), Section: w.GetSection(), Language: w.GetLanguage(),
		Published: w.GetPublished(), Modified: w.GetModified(),
		Extractor: article.Extractor{Name: w.GetExtractor().GetName(), Version: w.GetExtractor().GetVersion()},
		Quality: article.Quality{
			Verdict: known(article.Verdict(w.GetQuality().GetVerdict()), article.NotAnArticle),
			Reasons: w.GetQuality().GetReasons(),
		},
		Names: article.Names{
			Canonical: w.GetNames().GetCanonical(), AMP: w.GetNames().GetAmp(), Identifier: w.GetNames().GetIdentifier(),
		},
	}
	for _, b := range w.GetBlocks() {
		s.Blocks = append(s.Blocks, article.Block{Kind: known(article.BlockKind(b.GetKind()), article.Note), Text: b.GetText()})
	}
	for _, i := range w.GetImages() {
		s.Images = append(s.Images, article.Image{Stem: i.GetStem(), Caption: i.GetCaption()})
	}
	return s
}

func namesToWire(n article.Names) *eventv1.Names {
	if len(n.Canonical) == 0 && n.AMP == "" && n.Identifier == "" {
		return nil
	}
	return &eventv1.Names{Canonical: n.Canonical, Amp: n.AMP, Identifier: n.Identifier}
}

// known keeps a value inside 0..last, so that an enumeration from a newer sender cannot index past a table.
func known[T ~int](value, last T) T {
	if value < 0 || value > last {
		return 0
	}
	return value
}

// RevisionToWire gives the wire form of a revision; nil for nil.
func RevisionToWire(r *article.Revision) *eventv1.Revision {
	if r == nil {
		return nil
	}
	w := &eventv1.Revision{
		OldUnits: unitsToWire(r.OldUnits), NewUnits: unitsToWire(r.NewUnits),
		Deleted: indices[int, int32](r.Deleted), Added: indices[int, int32](r.Added),
		Weight: eventv1.Revision_Weight(r.Weight), Score: r.Score, Reasons: r.Reasons, Fallback: r.Fallback,
		VariantOf: int32(r.VariantOf), Returns: int32(r.Returns),
		Disclosure: &eventv1.Disclosure{
			NoteAdded: r.Disclosure.NoteAdded, ModifiedMoved: r.Disclosure.ModifiedMoved, Evidence: r.Disclosure.Evidence,
		},
	}
	for _, l := range r.Links {
		link := &eventv1.Link{
			Old: indices[int, int32](l.Old), New: indices[int, int32](l.New), Kind: eventv1.Link_Kind(l.Kind), Moved: l.Moved,
		}
		for _, word := range l.Words {
			link.Words = append(link.Words, &eventv1.Word{Op: eventv1.Word_Op(word.Op), Text: word.Text})
		}
		w.Links = append(w.Links, link)
	}
	for _, x := range r.Restored {
		w.Restored = append(w.Restored, &eventv1.Restored{New: int32(x.New), Version: int32(x.Version)})
	}
	for _, c := range r.Changes {
		change := &eventv1.Change{Element: c.Element, Kind: c.Kind, Old: c.Old, New: c.New, Cosmetic: c.Cosmetic}
		for _, f := range c.Facts {
			change.Facts = append(change.Facts, &eventv1.Fact{Kind: f.Kind, Old: f.Old, New: f.New})
		}
		w.Changes = append(w.Changes, change)
	}
	return w
}

// RevisionFromWire is the inverse of RevisionToWire.
func RevisionFromWire(w *eventv1.Revision) *article.Revision {
	if w == nil {
		return nil
	}
	r := &article.Revision{
		OldUnits: unitsFromWire(w.GetOldUnits()), NewUnits: unitsFromWire(w.GetNewUnits()),
		Deleted: indices[int32, int](w.GetDeleted()), Added: indices[int32, int](w.GetAdded()),
		Weight: known(article.Weight(w.GetWeight()), article.Substantive), Score: w.GetScore(),
		Reasons: w.GetReasons(), Fallback: w.GetFallback(), VariantOf: int(w.GetVariantOf()), Returns: int(w.GetReturns()),
		Disclosure: article.Disclosure{
			NoteAdded: w.GetDisclosure().GetNoteAdded(), ModifiedMoved: w.GetDisclosure().GetModifiedMoved(),
			Evidence: w.GetDisclosure().GetEvidence(),
		},
	}
	for _, l := range w.GetLinks() {
		link := article.Link{
			Old: indices[int32, int](l.GetOld()), New: indices[int32, int](l.GetNew()),
			Kind: known(article.LinkKind(l.GetKind()), article.Merged), Moved: l.GetMoved(),
		}
		for _, word := range l.GetWords() {
			link.Words = append(link.Words, article.Word{Op: known(article.Op(word.GetOp()), article.OpAdded), Text: word.GetText()})
		}
		r.Links = append(r.Links, link)
	}
	for _, x := range w.GetRestored() {
		r.Restored = append(r.Restored, article.Restored{New: int(x.GetNew()), Version: int(x.GetVersion())})
	}
	for _, c := range w.GetChanges() {
		change := article.Change{Element: c.GetElement(), Kind: c.GetKind(), Old: c.GetOld(), New: c.GetNew(), Cosmetic: c.GetCosmetic()}
		for _, f := range c.GetFacts() {
			change.Facts = append(change.Facts, article.Fact{Kind: f.GetKind(), Old: f.GetOld(), New: f.GetNew()})
		}
		r.Changes = append(r.Changes, change)
	}
	return r
}

func unitsToWire(units []article.Unit) []*eventv1.Unit {
	var out []*eventv1.Unit
	for _, u := range units {
		out = append(out, &eventv1.Unit{Block: int32(u.Block), Text: u.Text})
	}
	return out
}

func unitsFromWire(units []*eventv1.Unit) []article.Unit {
	var out []article.Unit
	for _, u := range units {
		out = append(out, article.Unit{Block: int(u.GetBlock()), Text: u.GetText()})
	}
	return out
}

func indices[From, To ~int | ~int32](in []From) []To {
	var out []To
	for _, i := range in {
		out = append(out, To(i))
	}
	return out
}

// EventToWire gives the wire form of a revision event.
func EventToWire(e *article.Event) *eventv1.RevisionEvent {
	return &eventv1.RevisionEvent{
		Id: EventID(e.Article, e.Version), Article: e.Article, Source: e.Source, Url: e.URL, Version: int32(e.Version),
		Hash: e.Hash, FetchedAt: formatTime(e.FetchedAt), PreviousFetchedAt: formatTime(e.PreviousFetchedAt),
		State: eventv1.RevisionEvent_State(e.State), Kinds: e.Kinds,
		Snapshot: SnapshotToWire(&e.Snapshot), Revision: RevisionToWire(&e.Revision),
		Page: e.Page, Withdrawn: e.Withdrawn, Published: e.Published, Feed: e.Feed,
		ContentType: e.ContentType, Baseline: e.Baseline,
	}
}

// EventID is the id of an article's revision in events and in the index.
func EventID(id string, version int) string { return fmt.Sprintf("%s/%d", id, version) }

// EventFromWire is the inverse of EventToWire. It refuses an event without an article, a version or a readable time.
func EventFromWire(w *eventv1.RevisionEvent) (article.Event, error) {
	if w.GetArticle() == "" || (w.GetVersion() < 1 && !w.GetWithdrawn()) {
		return article.Event{}, fmt.Errorf("revision event %q names no article or version", w.GetId())
	}
	var times timeReader
	e := article.Event{
		Article: w.GetArticle(), Source: w.GetSource(), URL: w.GetUrl(), Version: int(w.GetVersion()), Hash: w.GetHash(),
		FetchedAt: times.read(w.GetFetchedAt()), PreviousFetchedAt: times.read(w.GetPreviousFetchedAt()),
		State: known(article.State(w.GetState()), article.Blocked), Kinds: w.GetKinds(),
		Page: w.GetPage(), Withdrawn: w.GetWithdrawn(), Published: w.GetPublished(), Feed: w.GetFeed(),
		ContentType: w.GetContentType(), Baseline: w.GetBaseline(),
	}
	if s := SnapshotFromWire(w.GetSnapshot()); s != nil {
		e.Snapshot = *s
	}
	if r := RevisionFromWire(w.GetRevision()); r != nil {
		e.Revision = *r
	}
	return e, times.err
}

// CheckToWire gives the wire form of a check.
func CheckToWire(c *article.Check) *eventv1.Check {
	return &eventv1.Check{
		Article: c.Article, Source: c.Source, Url: c.URL, FinalUrl: c.FinalURL, FetchedAt: formatTime(c.FetchedAt),
		Outcome: eventv1.Check_Outcome(c.Outcome), Status: int32(c.Status), Reason: c.Reason,
		Snapshot: SnapshotToWire(c.Snapshot), Page: c.Page, Etag: c.ETag, LastModified: c.LastModified,
		Published: c.Published, Feed: c.Feed, RetryAfterSeconds: int64(c.RetryAfter / time.Second),
		ContentType: c.ContentType, Headline: c.Headline, Readdressed: c.Readdressed,
	}
}

// CheckFromWire is the inverse of CheckToWire.
func CheckFromWire(w *eventv1.Check) (article.Check, error) {
	if w.GetArticle() == "" || w.GetFetchedAt() == "" {
		return article.Check{}, fmt.Errorf("check of %q names no article or time", w.GetUrl())
	}
	var times timeReader
	c := article.Check{
		Article: w.GetArticle(), Source: w.GetSource(), URL: w.GetUrl(), FinalURL: w.GetFinalUrl(),
		FetchedAt: times.read(w.GetFetchedAt()), Outcome: known(article.Outcome(w.GetOutcome()), article.Failed),
		Status: int(w.GetStatus()), Reason: w.GetReason(), Snapshot: SnapshotFromWire(w.GetSnapshot()), Page: w.GetPage(),
		ETag: w.GetEtag(), LastModified: w.GetLastModified(), Published: w.GetPublished(), Feed: w.GetFeed(),
		RetryAfter: time.Duration(w.GetRetryAfterSeconds()) * time.Second, ContentType: w.GetContentType(),
		Headline: w.GetHeadline(), Readdressed: w.GetReaddressed(),
	}
	return c, times.err
}

// ItemToWire gives the wire form of an item.
func ItemToWire(i *article.Item) *eventv1.Item {
	return &eventv1.Item{
		Feed: i.Feed, Source: i.Source, Article: i.Article, Url: i.URL, EntryId: i.EntryID, Title: i.Title,
		Summary: i.Summary, Published: formatTime(i.Published), Updated: formatTime(i.Updated), SeenAt: formatTime(i.SeenAt),
		Moved: i.Moved,
	}
}

// ItemFromWire is the inverse of ItemToWire.
func ItemFromWire(w *eventv1.Item) (article.Item, error) {
	if w.GetArticle() == "" || w.GetUrl() == "" {
		return article.Item{}, fmt.Errorf("item %q names no article or URL", w.GetEntryId())
	}
	var times timeReader
	i := article.Item{
		Feed: w.GetFeed(), Source: w.GetSource(), Article: w.GetArticle(), URL: w.GetUrl(), EntryID: w.GetEntryId(),
		Title: w.GetTitle(), Summary: w.GetSummary(), Published: times.read(w.GetPublished()),
		Updated: times.read(w.GetUpdated()), SeenAt: times.read(w.GetSeenAt()), Moved: w.GetMoved(),
	}
	return i, times.err
}

// CheckOutcomeToWire gives the wire form of what followed from a check.
func CheckOutcomeToWire(o *article.CheckOutcome) *eventv1.CheckOutcome {
	return &eventv1.CheckOutcome{
		Article: o.Article, Source: o.Source, Url: o.URL, FetchedAt: formatTime(o.FetchedAt), Outcome: o.Outcome.String(),
		Status: int32(o.Status), Reason: o.Reason, Changed: o.Changed, Version: int32(o.Version), NextAt: formatTime(o.Next),
		LeftOut: LeftOutToWire(o.LeftOut), LeftOutTotal: int32(o.LeftOutTotal),
	}
}

// CheckOutcomeFromWire is the inverse of CheckOutcomeToWire; an outcome of another name becomes unspecified.
func CheckOutcomeFromWire(w *eventv1.CheckOutcome) (article.CheckOutcome, error) {
	if w.GetArticle() == "" || w.GetFetchedAt() == "" {
		return article.CheckOutcome{}, fmt.Errorf("outcome of %q names no article or time", w.GetUrl())
	}
	var times timeReader
	o := article.CheckOutcome{
		Article: w.GetArticle(), Source: w.GetSource(), URL: w.GetUrl(), FetchedAt: times.read(w.GetFetchedAt()),
		Status: int(w.GetStatus()), Reason: w.GetReason(), Changed: w.GetChanged(), Version: int(w.GetVersion()),
		Next: times.read(w.GetNextAt()), LeftOut: leftOutFromWire(w.GetLeftOut()), LeftOutTotal: int(w.GetLeftOutTotal()),
	}
	for named := article.OutcomeUnspecified; named <= article.Failed; named++ {
		if named.String() == w.GetOutcome() {
			o.Outcome = named
		}
	}
	return o, times.err
}

// LeftOutToWire gives the wire form of what was judged furniture.
func LeftOutToWire(all []article.LeftOut) []*eventv1.LeftOut {
	var w []*eventv1.LeftOut
	for _, l := range all {
		w = append(w, &eventv1.LeftOut{Text: l.Text, Reason: l.Reason, Before: l.Before})
	}
	return w
}

func leftOutFromWire(w []*eventv1.LeftOut) []article.LeftOut {
	var all []article.LeftOut
	for _, l := range w {
		all = append(all, article.LeftOut{Text: l.GetText(), Reason: l.GetReason(), Before: l.GetBefore()})
	}
	return all
}

// PollOutcomeToWire gives the wire form of what a poll found.
func PollOutcomeToWire(o *article.PollOutcome) *eventv1.PollOutcome {
	return &eventv1.PollOutcome{
		Feed: o.Feed, Url: o.URL, PolledAt: formatTime(o.PolledAt), Status: int32(o.Status), Error: o.Error,
		Items: int32(o.Items), NewItems: int32(o.NewItems), ChangedItems: int32(o.Change), Overflow: o.Overflow,
		NextAt: formatTime(o.Next),
	}
}

// PollOutcomeFromWire is the inverse of PollOutcomeToWire.
func PollOutcomeFromWire(w *eventv1.PollOutcome) (article.PollOutcome, error) {
	if w.GetFeed() == "" || w.GetPolledAt() == "" {
		return article.PollOutcome{}, fmt.Errorf("poll of %q names no feed or time", w.GetUrl())
	}
	var times timeReader
	o := article.PollOutcome{
		Feed: w.GetFeed(), URL: w.GetUrl(), PolledAt: times.read(w.GetPolledAt()), Status: int(w.GetStatus()), Error: w.GetError(),
		Items: int(w.GetItems()), NewItems: int(w.GetNewItems()), Change: int(w.GetChangedItems()), Overflow: w.GetOverflow(),
		Next: times.read(w.GetNextAt()),
	}
	return o, times.err
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// timeReader reads several times and keeps the first error.
type timeReader struct{ err error }

func (r *timeReader) read(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("reading the time %q: %w", text, err)
	}
	return t
}
