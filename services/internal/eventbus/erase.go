package eventbus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/stetnews/stet/services/internal/article"
)

// Takedown says which article is to be forgotten, and what may be remembered of that.
type Takedown struct {
	Article string    // id
	Reason  string    // one line, kept in the head and in the marker
	At      time.Time // kept there too
	// Forget is told of everything that events refer to outside the bus, before the event that does is deleted, so that
	// a takedown that was interrupted finds it again. Nil for nobody.
	Forget func(context.Context, Reference) error
}

// Reference is what an event of an article refers to in the archive.
type Reference struct {
	Article string
	Version int    // 0 for a reading that is not a version
	Hash    string // of the version's text
	Page    string // key of the raw page, empty for none
}

// Erase takes an article down on the bus and gives its head as it stands then: a tombstone with reason and time. It
// ends after the same steps however often it is repeated, and an error means that it is to be repeated:
//
//  1. The head becomes the tombstone, by compare-and-swap: from here on no item, check or look-now starts anything.
//  2. A marker (withdrawn) becomes the only message on the article's revision subjects. It refuses every differ that is
//     still at work on an earlier state, tells indexers and watchers, and ends a later replay or reindex.
//  3. Everything else of the article is deleted by sequence and overwritten on disk: what is queued, scheduled, read,
//     recorded and dead. Its aliases and merges stay, without what tells of it.
//
// A check in flight may still arm a schedule, which fires once and is dropped at the tombstone, and leave its outcome
// or raw page: repeat the takedown after the longest redelivery (an hour is ample) and nothing is left.
func (b *Bus) Erase(ctx context.Context, t Takedown) (article.Head, error) {
	if !article.IsToken(t.Article) {
		return article.Head{}, fmt.Errorf("%q is not the id of an article", t.Article)
	}
	h, err := b.entomb(ctx, t)
	if err != nil {
		return h, err
	}
	subjects, err := b.revisionSubjects(ctx, h)
	if err != nil {
		return h, err
	}
	for _, subject := range subjects {
		if err := b.withdraw(ctx, subject, h, t); err != nil {
			return h, err
		}
	}
	for _, trace := range traces(t.Article) {
		if err := b.wipe(ctx, trace, t); err != nil {
			return h, err
		}
	}
	return h, b.forgetNames(ctx, t.Article)
}

// entomb replaces the head by a tombstone. One that stands keeps its reason and time.
func (b *Bus) entomb(ctx context.Context, t Takedown) (article.Head, error) {
	for {
		h, revision, err := b.Head(ctx, t.Article)
		if err != nil && !IsNotFound(err) {
			return h, err
		}
		if h.Tombstone != "" {
			return h, nil
		}
		// Neither title nor address stays: both tell what the article said.
		tomb := article.Head{
			Article: t.Article, Source: h.Source, Version: h.Version, FetchedAt: h.FetchedAt, ChangedAt: t.At.UTC(),
			Tombstone: strings.Map(singleLine, orElse(t.Reason, "taken down")),
		}
		err = b.PutHead(ctx, tomb, revision)
		if err == nil || !errors.Is(err, ErrConflict) {
			return tomb, err
		}
	}
}

func orElse(text, other string) string {
	if strings.TrimSpace(text) == "" {
		return other
	}
	return text
}

// revisionSubjects are the subjects on which revisions of the article stand or may come: that of its source, and of
// every source that ever named it.
func (b *Bus) revisionSubjects(ctx context.Context, h article.Head) ([]string, error) {
	subjects := map[string]bool{}
	if h.Source != "" {
		subjects[revisionSubject(h.Source, h.Article)] = true
	}
	for _, place := range []struct {
		stream, filter string
		token          int // where the source stands in the subject
	}{
		{streamRevisions, "revision.*." + h.Article, 1},
		{streamItems, "item.*." + h.Article, 1},
		{streamOutcomes, "outcome.check.*." + h.Article, 2},
	} {
		stream, err := b.stream(place.stream)
		if err != nil {
			return nil, err
		}
		info, err := stream.Info(ctx, subjectsOf(place.filter))
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", place.filter, err)
		}
		for subject := range info.State.Subjects {
			d := Delivery{Subject: subject}
			subjects["revision."+d.Token(place.token)+"."+h.Article] = true
		}
	}
	return slices.Sorted(maps.Keys(subjects)), nil
}

// withdraw makes a marker the only message of a revision subject, unless it is.
func (b *Bus) withdraw(ctx context.Context, subject string, h article.Head, t Takedown) error {
	last, err := b.last(ctx, streamRevisions, subject)
	if err != nil && !IsNotFound(err) {
		return err
	}
	if err == nil {
		if e, err := DecodeRevision(last.Data); err == nil && e.Withdrawn {
			return nil
		}
	}
	// Deleted one by one first: a roll-up leaves the bytes on disk until the block is written anew.
	if err := b.wipe(ctx, trace{streamRevisions, subject}, t); err != nil {
		return err
	}
	data, err := encode(EventToWire(&article.Event{
		Article: h.Article, Source: h.Source, Version: h.Version, FetchedAt: h.ChangedAt, Kinds: []string{"withdrawn"}, Withdrawn: true,
	}))
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{
		subject: subject, data: data, rollup: true, reason: h.Tombstone, event: h.Article + "/withdrawn", kind: "stet.revision",
		contentType: contentProtobuf,
	})
	return err
}

// trace is where messages of an article stand.
type trace struct{ stream, filter string }

// traces are all places but the revision stream, each with its place among the dead letters.
func traces(id string) []trace {
	places := []trace{
		{streamFrontier, "frontier.*." + id}, {streamChecks, "check.at." + id}, {streamChecks, "check.due." + id},
		{streamItems, "item.*." + id}, {streamSnapshots, "snapshot." + id}, {streamOutcomes, "outcome.check.*." + id},
	}
	for _, p := range append(places, trace{streamRevisions, "revision.*." + id}) {
		places = append(places, trace{streamDeadLetters, "dead." + p.stream + "." + p.filter})
	}
	return places
}

// wipe deletes every message of a trace by its sequence, never by purging the subject, which is blind for a message
// that comes meanwhile.
func (b *Bus) wipe(ctx context.Context, w trace, t Takedown) error {
	stream, err := b.stream(w.stream)
	if err != nil {
		return err
	}
	for sequence := uint64(1); ; sequence++ {
		m, err := b.nextFrom(ctx, w.stream, w.filter, sequence)
		if IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		sequence = m.Sequence
		if err := forget(ctx, m, t); err != nil {
			return err
		}
		if err := stream.SecureDeleteMsg(ctx, sequence); err != nil {
			if _, lookErr := b.at(ctx, w.stream, sequence); !IsNotFound(lookErr) {
				return fmt.Errorf("deleting message %d of %s: %w", sequence, w.stream, err)
			}
		}
	}
}

// forget tells what a message refers to. One that cannot be read refers to nothing that could be found.
func forget(ctx context.Context, m *jetstream.RawStreamMsg, t Takedown) error {
	if t.Forget == nil {
		return nil
	}
	r := Reference{Article: t.Article}
	subject := m.Subject
	if strings.HasPrefix(subject, "dead.") {
		subject = deadLetter(m).Subject
	}
	switch kind, _, _ := strings.Cut(subject, "."); kind {
	case "revision":
		e, err := DecodeRevision(m.Data)
		if err != nil || e.Withdrawn {
			return nil
		}
		r.Version, r.Hash, r.Page = e.Version, e.Hash, e.Page
	case "snapshot":
		c, err := decodeCheck(m.Data)
		if err != nil || c.Page == "" {
			return nil
		}
		r.Page = c.Page
	default:
		return nil
	}
	if err := t.Forget(ctx, r); err != nil {
		return fmt.Errorf("forgetting what message %d refers to: %w", m.Sequence, err)
	}
	return nil
}
