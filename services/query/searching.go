package query

import (
	"context"
	"fmt"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/search"
)

// Search finds versions by the query language.
func (s *Service) Search(ctx context.Context, r *queryv1.SearchRequest) (*queryv1.SearchResponse, error) {
	q, err := search.Parse(r.GetQuery())
	if err != nil {
		return nil, err
	}
	order, err := orderFromWire(r.GetOrder())
	if err != nil {
		return nil, err
	}
	size, err := pageSize(r.GetPageSize(), search.DefaultLimit, search.MaxLimit)
	if err != nil {
		return nil, err
	}
	cursor, err := position("page_token", r.GetPageToken(), "search", r.GetQuery(), r.GetOrder().String())
	if err != nil {
		return nil, err
	}
	result, err := s.index.Search(ctx, search.Request{
		Query: q, Order: order, Limit: size, Cursor: cursor, WithTotal: true, Highlight: true,
	})
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	answer := &queryv1.SearchResponse{
		Total:         result.Total,
		NextPageToken: pageToken(result.Next, "search", r.GetQuery(), r.GetOrder().String()),
	}
	for i := range result.Hits {
		answer.Hits = append(answer.Hits, hitToWire(&result.Hits[i]))
	}
	return answer, nil
}

// firstKind is the kind of an article's first version.
const firstKind = "first"

// ListRevisions lists revisions, newest first; first versions only where they are asked for.
func (s *Service) ListRevisions(ctx context.Context, r *queryv1.ListRevisionsRequest) (*queryv1.ListRevisionsResponse, error) {
	q, err := search.Parse(r.GetQuery())
	if err != nil {
		return nil, err
	}
	scope := "all"
	if !r.GetIncludeFirst() {
		scope, q = "revisions", withoutFirst(q)
	}
	size, err := pageSize(r.GetPageSize(), search.DefaultLimit, search.MaxLimit)
	if err != nil {
		return nil, err
	}
	cursor, err := position("page_token", r.GetPageToken(), scope, r.GetQuery())
	if err != nil {
		return nil, err
	}
	result, err := s.index.Search(ctx, search.Request{Query: q, Order: search.Newest, Limit: size, Cursor: cursor})
	if err != nil {
		return nil, fmt.Errorf("listing revisions: %w", err)
	}
	answer := &queryv1.ListRevisionsResponse{NextPageToken: pageToken(result.Next, scope, r.GetQuery())}
	for i := range result.Hits {
		answer.Revisions = append(answer.Revisions, summaryToWire(&result.Hits[i].Document))
	}
	return answer, nil
}

func withoutFirst(q search.Query) search.Query {
	not := search.Not{Of: search.Keyword{Field: search.Kind, Value: firstKind}}
	if q == nil {
		return not
	}
	return search.And{q, not}
}
