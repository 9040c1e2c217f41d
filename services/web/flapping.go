package web

import (
	"context"
	"errors"
	"slices"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// flappingKind is the kind of a revision that brings an earlier text back once more: the article goes to and fro
// between texts. That is told once, with the first return; lists and feeds leave the others out, or one broken page
// would bury the news of a whole site. They stay with their article, and every list can show them.
const flappingKind = "flapping"

// withoutFlapping narrows a query to what is listed by default.
func withoutFlapping(query string) string {
	if query == "" {
		return "NOT kind:" + flappingKind
	}
	return "(" + query + ") NOT kind:" + flappingKind
}

// flappings counts what a list leaves out. It is a help: where it cannot be had, the list is good without.
func (s *Service) flappings(ctx context.Context, query string) int64 {
	only := "kind:" + flappingKind
	if query != "" {
		only = "(" + query + ") " + only
	}
	answer, err := s.query.search(ctx, &queryv1.SearchRequest{Query: only, PageSize: 1})
	if err != nil {
		s.log.Warn("the count of what a list leaves out is missing", "error", err)
		return 0
	}
	return answer.GetTotal()
}

// searchCollapsed searches without flapping revisions unless they are wanted. A query that a reader typed may be wrong,
// or right only because of the brackets put around it: then it is asked as it was typed, so that the fault is told at its
// place.
func (s *Service) searchCollapsed(ctx context.Context, r *queryv1.SearchRequest, all bool) (*queryv1.SearchResponse, error) {
	if all || !bracketed(r.GetQuery()) {
		return s.query.search(ctx, r)
	}
	typed := r.GetQuery()
	r.Query = withoutFlapping(typed)
	answer, err := s.query.search(ctx, r)
	if errors.Is(err, client.ErrInvalid) {
		r.Query = typed
		return s.query.search(ctx, r)
	}
	return answer, err
}

// bracketed says whether a query can stand in brackets: none of its own closes before it opens.
func bracketed(query string) bool {
	depth, quote := 0, false
	for _, r := range query {
		switch {
		case r == '"':
			quote = !quote
		case quote:
		case r == '(':
			depth++
		case r == ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return true
}

// collapse puts one line in place of several versions in a row in which an article only went to and fro. The newest
// version always stands.
func collapse(steps []step) []step {
	var out []step
	for n := 0; n < len(steps); {
		end := n
		for end < len(steps) && end > 0 && slices.Contains(steps[end].GetKinds(), flappingKind) {
			end++
		}
		if end-n < 2 {
			out = append(out, steps[n])
			n++
			continue
		}
		out = append(out, step{RevisionSummary: steps[end-1].RevisionSummary, Collapsed: end - n, Through: steps[n].GetVersion()})
		n = end
	}
	return out
}
