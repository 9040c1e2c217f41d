package query

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
)

func checkArticle(id string) error {
	if !article.IsToken(id) {
		return invalid("article", "an article's id is 16 letters and digits")
	}
	return nil
}

// GetArticle gives an article with its state. The bus knows how things stand; the index is asked where the bus has
// nothing any more, so that an article stays readable when its state was lost.
func (s *Service) GetArticle(ctx context.Context, r *queryv1.GetArticleRequest) (*queryv1.Article, error) {
	id := r.GetArticle()
	if err := checkArticle(id); err != nil {
		return nil, err
	}
	head, err := s.standing(ctx, id)
	switch {
	case err == nil: // also one that could not be read yet: its state says why
		return s.withMerges(ctx, articleToWire(&head))
	case !errors.Is(err, eventbus.ErrNotFound):
		return nil, err
	}
	newest, err := s.index.Get(ctx, id, 0)
	if err != nil {
		return nil, missing(fmt.Errorf("reading article %s: %w", id, err), "article", id)
	}
	first, err := s.index.Get(ctx, id, 1)
	if err != nil {
		first = newest
	}
	head.Article, head.Source, head.URL, head.Title = id, newest.Source, newest.URL, newest.Title
	head.Version, head.State, head.Published = newest.Version, stateOf(newest.State), newest.Published
	head.FirstSeen, head.ChangedAt = first.Time, newest.Time
	return articleToWire(&head), nil
}

// standing is an article's state unless it was taken down: then the error says so. Of an article that turned out to be
// another one before it had a version, and of any other key of an article, it is that one's state.
func (s *Service) standing(ctx context.Context, id string) (article.Head, error) {
	head, _, err := s.bus.Head(ctx, id)
	if errors.Is(err, eventbus.ErrNotFound) || err == nil && head.MergedInto != "" && head.Version == 0 {
		head, err = s.bus.Standing(ctx, id)
	}
	if err != nil {
		return head, fmt.Errorf("reading the state of article %s: %w", id, err)
	}
	if head.Tombstone != "" {
		return head, &takenDownError{id, head.Tombstone, head.ChangedAt}
	}
	return head, nil
}

// ListVersions lists an article's versions, newest first.
func (s *Service) ListVersions(ctx context.Context, r *queryv1.ListVersionsRequest) (*queryv1.ListVersionsResponse, error) {
	id := r.GetArticle()
	if err := checkArticle(id); err != nil {
		return nil, err
	}
	size, err := pageSize(r.GetPageSize(), 50, search.MaxLimit)
	if err != nil {
		return nil, err
	}
	cursor, err := position("page_token", r.GetPageToken(), "versions", id)
	if err != nil {
		return nil, err
	}
	head, unknown := s.standing(ctx, id)
	if unknown != nil && !errors.Is(unknown, eventbus.ErrNotFound) {
		return nil, unknown
	}
	if unknown == nil {
		id = head.Article
	}
	documents, next, err := s.index.Versions(ctx, id, size, cursor)
	if err != nil {
		return nil, fmt.Errorf("listing the versions of article %s: %w", id, err)
	}
	if len(documents) == 0 && cursor == "" && unknown != nil {
		return nil, &missingError{"article", id}
	}
	answer := &queryv1.ListVersionsResponse{NextPageToken: pageToken(next, "versions", r.GetArticle())}
	for i := range documents {
		answer.Versions = append(answer.Versions, summaryToWire(&documents[i]))
	}
	return answer, nil
}

// GetVersion gives one version with its text.
func (s *Service) GetVersion(ctx context.Context, r *queryv1.GetVersionRequest) (*queryv1.Version, error) {
	d, err := s.find(ctx, r.GetArticle(), r.GetVersion(), "version")
	if err != nil {
		return nil, err
	}
	snapshot, err := s.text(ctx, &d)
	if err != nil {
		return nil, err
	}
	return versionToWire(&d, snapshot), nil
}

// find gives what the index knows of a version; 0 is the newest. A version so new that the index has not got it yet
// is taken from the bus.
func (s *Service) find(ctx context.Context, id string, version int32, field string) (search.Document, error) {
	if err := checkArticle(id); err != nil {
		return search.Document{}, err
	}
	if version < 0 {
		return search.Document{}, invalid(field, "versions are numbered from 1")
	}
	head, err := s.standing(ctx, id)
	if err != nil && !errors.Is(err, eventbus.ErrNotFound) {
		return search.Document{}, err
	}
	if err == nil {
		id = head.Article
	}
	wanted := int(version)
	if wanted == 0 {
		wanted = head.Version // 0 where the bus knows nothing: the newest of the index
	}
	d, err := s.index.Get(ctx, id, wanted)
	if err == nil {
		return d, nil
	}
	if errors.Is(err, search.ErrNotFound) && wanted > 0 && head.Version == wanted {
		if e, ok := s.stored(ctx, head.Sequence, id, wanted); ok {
			return search.DocumentOf(head.Sequence, &e), nil
		}
	}
	return d, missing(fmt.Errorf("reading version %d of %s: %w", wanted, id, err), "version", id+"/"+strconv.Itoa(wanted))
}

// stored gives the revision event at a sequence if it is the one that led to this version.
func (s *Service) stored(ctx context.Context, sequence uint64, id string, version int) (article.Event, bool) {
	if sequence == 0 {
		return article.Event{}, false
	}
	e, err := s.bus.Revision(ctx, sequence)
	if err != nil {
		if !errors.Is(err, eventbus.ErrNotFound) {
			s.log.Warn("a stored revision could not be read", "article", id, "version", version, "error", err)
		}
		return article.Event{}, false
	}
	return e, e.Article == id && e.Version == version && !e.Withdrawn
}

// text gives a version's text: from the archive, or else from its revision event, which carries it too.
func (s *Service) text(ctx context.Context, d *search.Document) (*article.Snapshot, error) {
	snapshot, err := s.archive.Version(ctx, d.Article, d.Version, d.Hash)
	if err == nil {
		return &snapshot, nil
	}
	if e, ok := s.stored(ctx, d.Sequence, d.Article, d.Version); ok && errors.Is(err, archive.ErrNotFound) {
		return &e.Snapshot, nil
	}
	return nil, missing(fmt.Errorf("reading the text of %s: %w", d.ID(), err), "text of version", d.ID())
}

// CheckNow asks for a look at articles. Articles that are not looked at any more are looked at once.
func (s *Service) CheckNow(ctx context.Context, r *queryv1.CheckNowRequest) (*queryv1.CheckNowResponse, error) {
	answer := &queryv1.CheckNowResponse{}
	ask := func(h article.Head) error {
		asked, err := s.bus.CheckNow(ctx, h)
		switch {
		case err != nil:
			return fmt.Errorf("asking for a check of %s: %w", h.Article, err)
		case asked:
			answer.Asked++
		default:
			answer.Waiting++
		}
		return nil
	}
	if r.GetAll() {
		return answer, s.bus.Heads(ctx, func(h article.Head) error {
			if h.Tombstone != "" || h.Next.IsZero() {
				return nil
			}
			return ask(h)
		})
	}
	if len(r.GetArticles()) == 0 {
		return nil, invalid("articles", "name at least one article, or say all")
	}
	for _, id := range r.GetArticles() {
		if err := checkArticle(id); err != nil {
			return nil, err
		}
		head, err := s.standing(ctx, id)
		if err != nil {
			return nil, missing(err, "article", id)
		}
		if err := ask(head); err != nil {
			return nil, err
		}
	}
	return answer, nil
}
