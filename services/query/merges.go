package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// merges is what the bus knows of articles that are one.
type merges interface {
	Standing(ctx context.Context, id string) (article.Head, error)
	Alias(ctx context.Context, token string) (article.Alias, uint64, error)
	PutAlias(ctx context.Context, a article.Alias, revision uint64) error
	Merge(ctx context.Context, into, from string) (article.Merge, uint64, error)
	PutMerge(ctx context.Context, m article.Merge, revision uint64) error
	Merges(ctx context.Context, into string, yield func(article.Merge) error) error
	PutHead(ctx context.Context, h article.Head, revision uint64) error
}

const mostMerges = 1000

// ListMerges lists merges, newest first.
func (s *Service) ListMerges(ctx context.Context, r *queryv1.ListMergesRequest) (*queryv1.ListMergesResponse, error) {
	if r.GetArticle() != "" {
		if err := checkArticle(r.GetArticle()); err != nil {
			return nil, err
		}
	}
	size, err := pageSize(r.GetPageSize(), 100, mostMerges)
	if err != nil {
		return nil, err
	}
	request := []string{"merges", r.GetArticle(), fmt.Sprint(r.GetSplit())}
	after, err := position("page_token", r.GetPageToken(), request...)
	if err != nil {
		return nil, err
	}
	found, err := s.newestMerges(ctx, r.GetArticle(), after, size+1, r.GetSplit())
	if err != nil {
		return nil, err
	}
	answer := &queryv1.ListMergesResponse{}
	if len(found) > size {
		found = found[:size]
		answer.NextPageToken = pageToken(placeOf(found[size-1]), request...)
	}
	for _, m := range found {
		answer.Merges = append(answer.Merges, mergeToWire(m))
	}
	return answer, nil
}

// placeOf orders merges, the newest first.
func placeOf(m article.Merge) string {
	return fmt.Sprintf("%020d/%s/%s", max(1<<62-m.Since.UnixNano()/int64(time.Millisecond), 0), m.From, m.Into)
}

// newestMerges are at most so many merges after a place. The rest is read and forgotten at once.
func (s *Service) newestMerges(ctx context.Context, into, after string, most int, undone bool) ([]article.Merge, error) {
	var found []article.Merge
	order := func(a, b article.Merge) int { return cmp.Compare(placeOf(a), placeOf(b)) }
	err := s.bus.Merges(ctx, into, func(m article.Merge) error {
		if !m.Undone.IsZero() && !undone || placeOf(m) <= after {
			return nil
		}
		at, _ := slices.BinarySearchFunc(found, m, order)
		if found = slices.Insert(found, at, m); len(found) > most {
			found = found[:most]
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading merges: %w", err)
	}
	return found, nil
}

func mergeToWire(m article.Merge) *queryv1.Merge {
	return &queryv1.Merge{
		Article: m.From, Into: m.Into, Url: m.URL, Title: m.Title, Source: m.Source, Kind: string(m.Kind), Reason: m.Reason,
		Time: timeToWire(m.Since), Split: timeToWire(m.Undone),
	}
}

// mostTold is how many merges an article's own answer tells.
const mostTold = 50

// withMerges adds to an article what turned out to be it.
func (s *Service) withMerges(ctx context.Context, w *queryv1.Article) (*queryv1.Article, error) {
	found, err := s.newestMerges(ctx, w.GetId(), "", mostTold, false)
	for _, m := range found {
		w.Merged = append(w.Merged, mergeToWire(m))
	}
	return w, err
}

// SplitArticle undoes a merge. In this order, so that an interrupted call leaves a merge that the next call undoes: the
// record says that the two are not the same, the article's address leads to itself, its head is its own, and it is looked at.
func (s *Service) SplitArticle(ctx context.Context, r *queryv1.SplitArticleRequest) (*queryv1.SplitArticleResponse, error) {
	id := r.GetArticle()
	if err := checkArticle(id); err != nil {
		return nil, err
	}
	into, err := s.mergedInto(ctx, id)
	if err != nil {
		return nil, err
	}
	m, err := s.undo(ctx, into, id)
	if err != nil {
		return nil, err
	}
	if err := s.restoreNames(ctx, m); err != nil {
		return nil, err
	}
	head, err := s.restoreHead(ctx, m)
	if err != nil {
		return nil, err
	}
	if _, err := s.bus.CheckNow(ctx, head); err != nil {
		return nil, fmt.Errorf("asking for a check of %s: %w", id, err)
	}
	s.log.Info("a merge was undone", "article", id, "from", into)
	return &queryv1.SplitArticleResponse{Merge: mergeToWire(m)}, nil
}

// mergedInto is the article that one was merged into, also where a split was begun.
func (s *Service) mergedInto(ctx context.Context, id string) (string, error) {
	h, _, err := s.bus.Head(ctx, id)
	if err != nil && !errors.Is(err, eventbus.ErrNotFound) {
		return "", fmt.Errorf("reading the state of article %s: %w", id, err)
	}
	if h.Tombstone != "" {
		return "", &takenDownError{id, h.Tombstone, h.ChangedAt}
	}
	if h.MergedInto != "" {
		return h.MergedInto, nil
	}
	a, _, err := s.bus.Alias(ctx, id)
	if err != nil && !errors.Is(err, eventbus.ErrNotFound) {
		return "", fmt.Errorf("reading what %s leads to: %w", id, err)
	}
	if a.Article != "" && a.Article != id {
		return a.Article, nil
	}
	// Split before, or in the middle of it.
	into := ""
	err = s.bus.Merges(ctx, "", func(m article.Merge) error {
		if m.From == id && !m.Undone.IsZero() {
			into = m.Into
		}
		return nil
	})
	if err == nil && into == "" {
		err = &missingError{"merge of article", id}
	}
	return into, err
}

// undo marks the record of a merge. One that was undone keeps its time.
func (s *Service) undo(ctx context.Context, into, id string) (article.Merge, error) {
	for {
		m, revision, err := s.bus.Merge(ctx, into, id)
		if err != nil {
			return m, missing(fmt.Errorf("reading the merge of %s: %w", id, err), "merge of article", id)
		}
		if !m.Undone.IsZero() {
			return m, nil
		}
		m.Undone = s.now().UTC()
		err = s.bus.PutMerge(ctx, m, revision)
		if !errors.Is(err, eventbus.ErrConflict) {
			return m, err
		}
	}
}

// restoreNames makes the article's address lead to itself, and takes it from the other article.
func (s *Service) restoreNames(ctx context.Context, m article.Merge) error {
	err := s.changeAlias(ctx, m.From, func(a *article.Alias) { a.Article = m.From })
	if err != nil {
		return err
	}
	return s.changeAlias(ctx, m.Into, func(a *article.Alias) {
		if a.Newer == m.URL {
			a.Newer = ""
		}
	})
}

func (s *Service) changeAlias(ctx context.Context, token string, change func(*article.Alias)) error {
	for {
		a, revision, err := s.bus.Alias(ctx, token)
		if errors.Is(err, eventbus.ErrNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading what %s leads to: %w", token, err)
		}
		change(&a)
		if err := s.bus.PutAlias(ctx, a, revision); !errors.Is(err, eventbus.ErrConflict) {
			return err
		}
	}
}

// restoreHead makes the article one of its own.
func (s *Service) restoreHead(ctx context.Context, m article.Merge) (article.Head, error) {
	for {
		h, revision, err := s.bus.Head(ctx, m.From)
		if err != nil && !errors.Is(err, eventbus.ErrNotFound) {
			return h, fmt.Errorf("reading the state of article %s: %w", m.From, err)
		}
		switch {
		case h.Tombstone != "":
			return h, &takenDownError{m.From, h.Tombstone, h.ChangedAt}
		case revision > 0 && h.MergedInto == "":
			return h, nil
		case revision == 0:
			h = article.Head{Article: m.From, Source: m.Source, URL: m.URL, Title: m.Title, Feed: m.Feed, FirstSeen: m.Since}
		}
		h.MergedInto, h.MergedBy, h.MergedBecause, h.Reason, h.Resolved = "", "", "", "", true
		h.Next, h.NextReason = s.now().UTC(), "it was split from the article "+m.Into
		err = s.bus.PutHead(ctx, h, revision)
		if err == nil || !errors.Is(err, eventbus.ErrConflict) {
			return h, err
		}
	}
}

// allMerged are the articles that turned out to be one, directly or by another, each once.
func (s *Service) allMerged(ctx context.Context, id string) ([]string, error) {
	all := []string{id}
	for i := 0; i < len(all); i++ {
		err := s.bus.Merges(ctx, all[i], func(m article.Merge) error {
			if m.Undone.IsZero() && !slices.Contains(all, m.From) {
				all = append(all, m.From)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading merges: %w", err)
		}
	}
	return all[1:], nil
}
