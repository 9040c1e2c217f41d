package query

import (
	"context"
	"fmt"
	"slices"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
)

// outcomes are the records of looks and polls, oldest first.
type outcomes interface {
	ChecksOf(ctx context.Context, articleID string, fn func(article.CheckOutcome)) error
	PollsOf(ctx context.Context, feedID string, fn func(article.PollOutcome)) error
}

const (
	usualRecords = 50
	mostRecords  = 500
)

// ListChecks lists the looks at an article that are remembered, newest first.
func (s *Service) ListChecks(ctx context.Context, r *queryv1.ListChecksRequest) (*queryv1.ListChecksResponse, error) {
	id := r.GetArticle()
	if err := checkArticle(id); err != nil {
		return nil, err
	}
	limit, err := recordLimit(r.GetLimit())
	if err != nil {
		return nil, err
	}
	if _, err := s.standing(ctx, id); err != nil {
		return nil, missing(err, "article", id)
	}
	kept := newest[article.CheckOutcome]{limit: limit}
	if err := s.bus.ChecksOf(ctx, id, kept.add); err != nil {
		return nil, fmt.Errorf("reading the checks of article %s: %w", id, err)
	}
	answer := &queryv1.ListChecksResponse{Total: int32(kept.total)}
	for _, o := range kept.first() {
		answer.Checks = append(answer.Checks, eventbus.CheckOutcomeToWire(&o))
	}
	return answer, nil
}

// ListPolls lists the polls of a feed that are remembered, newest first.
func (s *Service) ListPolls(ctx context.Context, r *queryv1.ListPollsRequest) (*queryv1.ListPollsResponse, error) {
	limit, err := recordLimit(r.GetLimit())
	if err != nil {
		return nil, err
	}
	id, err := feedID(r.GetFeed())
	if err != nil {
		return nil, err
	}
	if _, _, err := s.bus.Feed(ctx, id); err != nil {
		return nil, missing(err, "feed", r.GetFeed())
	}
	kept := newest[article.PollOutcome]{limit: limit}
	if err := s.bus.PollsOf(ctx, id, kept.add); err != nil {
		return nil, fmt.Errorf("reading the polls of feed %s: %w", id, err)
	}
	answer := &queryv1.ListPollsResponse{Total: int32(kept.total)}
	for _, o := range kept.first() {
		answer.Polls = append(answer.Polls, eventbus.PollOutcomeToWire(&o))
	}
	return answer, nil
}

func recordLimit(wanted int32) (int, error) {
	switch {
	case wanted < 0:
		return 0, invalid("limit", "it must be from 1 to %d, or 0 for %d", mostRecords, usualRecords)
	case wanted == 0:
		return usualRecords, nil
	}
	return min(int(wanted), mostRecords), nil
}

// newest keeps the last of many records, in the memory of twice as many as it is to keep.
type newest[T any] struct {
	limit, total int
	all          []T
}

func (n *newest[T]) add(record T) {
	n.total++
	if len(n.all) == 2*n.limit {
		n.all = append(n.all[:0], n.all[n.limit:]...)
	}
	n.all = append(n.all, record)
}

// first gives them, newest first.
func (n *newest[T]) first() []T {
	last := slices.Clone(n.all[max(0, len(n.all)-n.limit):])
	slices.Reverse(last)
	return last
}
