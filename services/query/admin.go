package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// eraser takes articles down on the bus: tombstone, marker, and nothing else left of them.
type eraser interface {
	Erase(ctx context.Context, t eventbus.Takedown) (article.Head, error)
}

// forgetter is the part of the archive that takedowns need. Both are content where nothing is there.
type forgetter interface {
	DeleteArticle(ctx context.Context, articleID string) error
	DeletePage(ctx context.Context, key string) error
}

// deadLetters are the messages that no repetition could cure.
type deadLetters interface {
	DeadLetters(ctx context.Context, limit int, yield func(eventbus.DeadLetter) error) error
	ReadDeadLetter(ctx context.Context, sequence uint64) (eventbus.DeadLetter, error)
	ReplayDeadLetter(ctx context.Context, sequence uint64) error
	RemoveDeadLetter(ctx context.Context, sequence uint64) error
}

// maxReason bounds the reason of a takedown, which stays in the tombstone.
const maxReason = 500

// TakeDown removes an article. The order of the steps lets it be repeated after a crash anywhere, and keeps a check that
// is under way from bringing the article back:
//
//  1. On the bus the head becomes a tombstone, which ends new checks, and a marker takes the place of the revisions,
//     which refuses the differs that still work on an earlier state and has every indexer delete the article.
//  2. The raw page of each version goes before the event that names it, and is counted.
//  3. The index is asked to delete the article too, so that no search finds it from here on. The marker does the same
//     once more behind whatever an indexer has under way, and where the index does not answer now.
//  4. The archive forgets the rest last, the texts of all versions and the pages of readings that brought nothing new,
//     because a differ that was refused in step 1 may have written one before.
//
// The same is done to every article that turned out to be this one: its pages tell the same.
//
// A differ that holds a check through all of this may still leave one text or page behind, though nothing refers to it:
// repeating the call an hour later removes it.
func (s *Service) TakeDown(ctx context.Context, r *queryv1.TakeDownRequest) (*queryv1.TakeDownResponse, error) {
	id, reason := r.GetArticle(), strings.TrimSpace(r.GetReason())
	if err := checkArticle(id); err != nil {
		return nil, err
	}
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	answer, err := s.condemned(ctx, id)
	if err != nil {
		return nil, err
	}
	merged, err := s.allMerged(ctx, id)
	if err != nil {
		return nil, err
	}
	tomb, pages, err := s.forget(ctx, id, reason)
	if err != nil {
		return nil, err
	}
	for _, other := range merged {
		_, more, err := s.forget(ctx, other, reason)
		if err != nil {
			return nil, err
		}
		pages += more
	}
	answer.Reason, answer.At, answer.Pages = tomb.Tombstone, timeToWire(tomb.ChangedAt), int32(pages)
	s.log.Info("article taken down", "article", id, "reason", tomb.Tombstone, "repeated", answer.Repeated, "pages", pages, "merged", len(merged))
	return answer, nil
}

// forget does the steps for one article.
func (s *Service) forget(ctx context.Context, id, reason string) (article.Head, int, error) {
	pages := map[string]bool{}
	tomb, err := s.bus.Erase(ctx, eventbus.Takedown{
		Article: id, Reason: reason, At: s.now(), Forget: func(ctx context.Context, of eventbus.Reference) error {
			if of.Page == "" || pages[of.Page] {
				return nil
			}
			pages[of.Page] = true
			return s.archive.DeletePage(ctx, of.Page)
		},
	})
	if err != nil {
		return tomb, 0, fmt.Errorf("taking article %s down: %w", id, err)
	}
	if err := s.index.Delete(ctx, id); err != nil {
		s.log.Warn("the index did not delete an article that was taken down: the indexer will", "article", id, "error", err)
	}
	if err := s.archive.DeleteArticle(ctx, id); err != nil {
		return tomb, 0, fmt.Errorf("deleting article %s from the archive: %w", id, err)
	}
	return tomb, len(pages), nil
}

func checkReason(reason string) error {
	if reason == "" || len(reason) > maxReason {
		return invalid("reason", "say why in 1 to %d bytes: whoever asks for the article is told", maxReason)
	}
	if strings.ContainsFunc(reason, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }) {
		return invalid("reason", "a reason is one line without control characters")
	}
	return nil
}

// condemned tells what is to be taken down. An article that neither the bus nor the index knows is a mistaken id.
func (s *Service) condemned(ctx context.Context, id string) (*queryv1.TakeDownResponse, error) {
	head, _, err := s.bus.Head(ctx, id)
	if err != nil && !errors.Is(err, eventbus.ErrNotFound) {
		return nil, fmt.Errorf("reading the state of article %s: %w", id, err)
	}
	answer := &queryv1.TakeDownResponse{
		Article: id, Url: head.URL, Title: head.Title, Versions: int32(head.Version), Repeated: head.Tombstone != "",
	}
	if err == nil {
		return answer, nil
	}
	newest, err := s.index.Get(ctx, id, 0)
	if err != nil {
		return nil, missing(fmt.Errorf("reading article %s: %w", id, err), "article", id)
	}
	answer.Url, answer.Title, answer.Versions = newest.URL, newest.Title, int32(newest.Version)
	return answer, nil
}

// mostLetters bounds how many dead letters one call lists or names.
const mostLetters = 1000

// ListDeadLetters lists dead letters by number, without what they carry.
func (s *Service) ListDeadLetters(ctx context.Context, r *queryv1.ListDeadLettersRequest) (*queryv1.ListDeadLettersResponse, error) {
	size, err := pageSize(r.GetPageSize(), 100, mostLetters)
	if err != nil {
		return nil, err
	}
	after, err := lettersFrom(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	answer := &queryv1.ListDeadLettersResponse{}
	// Each page walks from the beginning: dead letters are few, or something is so wrong that nobody reads them all.
	err = s.bus.DeadLetters(ctx, 0, func(d eventbus.DeadLetter) error {
		switch {
		case d.Sequence <= after:
			return nil
		case len(answer.DeadLetters) > size:
			return errEnough
		}
		w := deadLetterToWire(&d)
		w.Data = nil
		answer.DeadLetters = append(answer.DeadLetters, w)
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("listing dead letters: %w", err)
	}
	if len(answer.DeadLetters) > size {
		answer.DeadLetters = answer.DeadLetters[:size]
		last := answer.DeadLetters[size-1].GetNumber()
		answer.NextPageToken = pageToken(strconv.FormatUint(last, 10), "dead letters")
	}
	return answer, nil
}

// errEnough ends a walk.
var errEnough = errors.New("enough")

func lettersFrom(token string) (uint64, error) {
	text, err := position("page_token", token, "dead letters")
	if err != nil || text == "" {
		return 0, err
	}
	after, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, invalid("page_token", "it was not made by this service")
	}
	return after, nil
}

func deadLetterToWire(d *eventbus.DeadLetter) *queryv1.DeadLetter {
	return &queryv1.DeadLetter{
		Number: d.Sequence, Stream: d.Stream, Subject: d.Subject, Reason: strings.ToValidUTF8(d.Reason, "?"),
		At: timeToWire(d.At), Size: int64(len(d.Data)), Data: d.Data,
	}
}

// GetDeadLetter gives a dead letter whole.
func (s *Service) GetDeadLetter(ctx context.Context, r *queryv1.GetDeadLetterRequest) (*queryv1.DeadLetter, error) {
	d, err := s.deadLetter(ctx, r.GetNumber())
	if err != nil {
		return nil, err
	}
	return deadLetterToWire(&d), nil
}

func (s *Service) deadLetter(ctx context.Context, number uint64) (eventbus.DeadLetter, error) {
	if number == 0 {
		return eventbus.DeadLetter{}, invalid("number", "dead letters are numbered from 1")
	}
	d, err := s.bus.ReadDeadLetter(ctx, number)
	if err != nil {
		return d, missing(fmt.Errorf("reading dead letter %d: %w", number, err), "dead letter", strconv.FormatUint(number, 10))
	}
	return d, nil
}

// ReplayDeadLetters replays what it can and says of the others why not. What is gone already is one of those.
func (s *Service) ReplayDeadLetters(ctx context.Context, r *queryv1.ReplayDeadLettersRequest) (*queryv1.ReplayDeadLettersResponse, error) {
	numbers, err := s.chosen(ctx, r)
	if err != nil {
		return nil, err
	}
	answer := &queryv1.ReplayDeadLettersResponse{}
	for _, number := range numbers {
		why, err := s.replay(ctx, number)
		if err != nil {
			return nil, err
		}
		if why != "" {
			answer.NotReplayed = append(answer.NotReplayed, &queryv1.NotReplayed{Number: number, Reason: why})
			continue
		}
		answer.Replayed++
	}
	s.log.Info("dead letters replayed", "replayed", answer.Replayed, "not", len(answer.NotReplayed))
	return answer, nil
}

// chosen are the numbers of a request; for all, those that are there as it begins, so that what dies again is not
// replayed for ever.
func (s *Service) chosen(ctx context.Context, r *queryv1.ReplayDeadLettersRequest) (numbers []uint64, err error) {
	if r.GetAll() == (len(r.GetNumbers()) > 0) {
		return nil, invalid("numbers", "name dead letters by their numbers, or say all")
	}
	if !r.GetAll() {
		return someNumbers(r.GetNumbers())
	}
	err = s.bus.DeadLetters(ctx, 0, func(d eventbus.DeadLetter) error {
		numbers = append(numbers, d.Sequence)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing dead letters: %w", err)
	}
	return numbers, nil
}

func someNumbers(numbers []uint64) ([]uint64, error) {
	if len(numbers) == 0 || len(numbers) > mostLetters {
		return nil, invalid("numbers", "name 1 to %d dead letters", mostLetters)
	}
	if slices.Contains(numbers, 0) {
		return nil, invalid("numbers", "dead letters are numbered from 1")
	}
	sorted := slices.Clone(numbers)
	slices.Sort(sorted)
	return slices.Compact(sorted), nil
}

// replay gives the reason why a dead letter cannot be replayed, empty where it was.
func (s *Service) replay(ctx context.Context, number uint64) (why string, err error) {
	d, err := s.bus.ReadDeadLetter(ctx, number)
	switch {
	case errors.Is(err, eventbus.ErrNotFound):
		return "there is no such dead letter", nil
	case err != nil:
		return "", fmt.Errorf("reading dead letter %d: %w", number, err)
	case d.Stands():
		return "it still stands in its stream: run `stet reindex`, then remove it", nil
	}
	err = s.bus.ReplayDeadLetter(ctx, number)
	if errors.Is(err, eventbus.ErrNotFound) {
		return "somebody else replayed or removed it", nil
	}
	if err != nil {
		return "", fmt.Errorf("replaying dead letter %d: %w", number, err)
	}
	return "", nil
}

// RemoveDeadLetters deletes dead letters that are there. It is refused as a whole if one is not, which is a mistaken
// number, before any is deleted.
func (s *Service) RemoveDeadLetters(ctx context.Context, r *queryv1.RemoveDeadLettersRequest) (*queryv1.RemoveDeadLettersResponse, error) {
	numbers, err := someNumbers(r.GetNumbers())
	if err != nil {
		return nil, err
	}
	for _, number := range numbers {
		if _, err := s.deadLetter(ctx, number); err != nil {
			return nil, err
		}
	}
	for _, number := range numbers {
		if err := s.bus.RemoveDeadLetter(ctx, number); err != nil {
			return nil, fmt.Errorf("removing dead letter %d: %w", number, err)
		}
	}
	s.log.Info("dead letters removed", "removed", len(numbers))
	return &queryv1.RemoveDeadLettersResponse{Removed: int32(len(numbers))}, nil
}
