package query

import (
	"context"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/search"
)

// Diff gives the revision between two versions, in either direction. The step from a version to the next one is the
// stored revision, exactly as it was published; any other is worked out.
func (s *Service) Diff(ctx context.Context, r *queryv1.DiffRequest) (*queryv1.DiffResponse, error) {
	if r.GetFrom() < 0 {
		return nil, invalid("from", "versions are numbered from 1")
	}
	to, err := s.find(ctx, r.GetArticle(), r.GetTo(), "to")
	if err != nil {
		return nil, err
	}
	from := int(r.GetFrom())
	if from == 0 {
		from = to.Version - 1
	}
	var old *search.Document
	if from > 0 {
		d, err := s.find(ctx, r.GetArticle(), int32(from), "from")
		if err != nil {
			return nil, err
		}
		old = &d
	}
	if from == to.Version-1 {
		if e, ok := s.stored(ctx, to.Sequence, to.Article, to.Version); ok {
			return s.storedDiff(ctx, old, &to, &e)
		}
	}
	return s.freshDiff(ctx, old, &to)
}

func (s *Service) storedDiff(ctx context.Context, old, to *search.Document, e *article.Event) (*queryv1.DiffResponse, error) {
	answer := &queryv1.DiffResponse{
		To: versionToWire(to, &e.Snapshot), Revision: revisionToWire(&e.Revision), Kinds: e.Kinds,
	}
	if old == nil {
		return answer, nil
	}
	snapshot, err := s.text(ctx, old)
	if err != nil {
		return nil, err
	}
	answer.From = versionToWire(old, snapshot)
	return answer, nil
}

func (s *Service) freshDiff(ctx context.Context, old, to *search.Document) (*queryv1.DiffResponse, error) {
	after, err := s.text(ctx, to)
	if err != nil {
		return nil, err
	}
	answer := &queryv1.DiffResponse{To: versionToWire(to, after)}
	before := &article.Snapshot{}
	var earlier []*article.Snapshot
	if old != nil {
		if before, err = s.text(ctx, old); err != nil {
			return nil, err
		}
		answer.From = versionToWire(old, before)
		if old.Version < to.Version { // backwards, nothing is restored
			earlier = s.earlier(ctx, old)
		}
	}
	revision := revise.Diff(before, after, earlier)
	answer.Revision, answer.Kinds = revisionToWire(&revision), revise.Kinds(&revision)
	if old == nil {
		answer.Kinds = []string{firstKind}
	}
	return answer, nil
}

// mostEarlier bounds how many versions are read to see what was restored: few articles have as many in all.
const mostEarlier = 20

// earlier gives the texts before a version, the first version first. Those that are too many or cannot be read are
// empty, which finds nothing restored from them.
func (s *Service) earlier(ctx context.Context, old *search.Document) []*article.Snapshot {
	out := make([]*article.Snapshot, old.Version-1)
	for i := range out {
		out[i] = &article.Snapshot{}
		version := i + 1
		if version < old.Version-mostEarlier {
			continue
		}
		d, err := s.index.Get(ctx, old.Article, version)
		if err != nil {
			continue
		}
		if snapshot, err := s.text(ctx, &d); err == nil {
			out[i] = snapshot
		}
	}
	return out
}
