package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// Bounds of what a caller may write into a feed.
const (
	maxURL  = 2 << 10
	maxName = 200
)

// AddFeed subscribes a feed and has it read at once. One that is there comes back as it is.
func (s *Service) AddFeed(ctx context.Context, r *queryv1.AddFeedRequest) (*queryv1.Feed, error) {
	u, err := feedURL("url", r.GetUrl())
	if err != nil {
		return nil, err
	}
	if err := errors.Join(checkName("source", r.GetSource()), checkName("folder", r.GetFolder())); err != nil {
		return nil, err
	}
	feed := article.Feed{
		ID: article.Token(u.Canonical), URL: u.Fetch(), Source: strings.TrimSpace(r.GetSource()),
		Folder: strings.TrimSpace(r.GetFolder()), NextPoll: s.now(),
	}
	if feed.Source == "" {
		feed.Source = strings.TrimPrefix(u.Host, "www.")
	}
	err = s.bus.PutFeed(ctx, feed, 0)
	switch {
	case errors.Is(err, eventbus.ErrConflict):
		there, _, err := s.bus.Feed(ctx, feed.ID)
		if err != nil {
			return nil, missing(fmt.Errorf("reading feed %s: %w", feed.ID, err), "feed", feed.ID)
		}
		feed = there
		if !feed.LastPoll.IsZero() || feed.Paused {
			return feedToWire(&feed, s.now()), nil
		}
		// It was never read: the one who added it may have been cut off before the next step.
	case err != nil:
		return nil, fmt.Errorf("adding feed %s: %w", feed.ID, err)
	}
	if err := s.bus.ArmFeed(ctx, feed.ID, s.now()); err != nil {
		return nil, fmt.Errorf("scheduling feed %s: %w", feed.ID, err)
	}
	s.log.Info("feed added", "feed", feed.ID, "url", feed.URL, "source", feed.Source)
	return feedToWire(&feed, s.now()), nil
}

func feedURL(field, raw string) (urls.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" || len(raw) > maxURL {
		return urls.URL{}, invalid(field, "a feed's address has 1 to %d characters", maxURL)
	}
	u, err := urls.Parse(raw, "")
	if err != nil || !u.IsWeb() {
		return urls.URL{}, invalid(field, "a feed's address begins with http:// or https:// and names a host")
	}
	return u, nil
}

func checkName(field, name string) error {
	if len(name) > maxName {
		return invalid(field, "a name has at most %d bytes", maxName)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f }) {
		return invalid(field, "a name has no control characters")
	}
	return nil
}

// ListFeeds lists the feeds by id.
func (s *Service) ListFeeds(ctx context.Context, r *queryv1.ListFeedsRequest) (*queryv1.ListFeedsResponse, error) {
	const most = 1000
	size, err := pageSize(r.GetPageSize(), most, most)
	if err != nil {
		return nil, err
	}
	after, err := position("page_token", r.GetPageToken(), "feeds")
	if err != nil {
		return nil, err
	}
	all, err := s.bus.Feeds(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading feeds: %w", err)
	}
	slices.SortFunc(all, func(a, b article.Feed) int { return strings.Compare(a.ID, b.ID) })
	answer := &queryv1.ListFeedsResponse{}
	for i := range all {
		switch {
		case all[i].ID <= after:
		case len(answer.Feeds) == size:
			answer.NextPageToken = pageToken(answer.Feeds[size-1].GetId(), "feeds")
			return answer, nil
		default:
			answer.Feeds = append(answer.Feeds, feedToWire(&all[i], s.now()))
		}
	}
	return answer, nil
}

// updateTries bounds how often a change is written again after feed-poller has written in between.
const updateTries = 5

// UpdateFeed changes what the caller names and leaves the rest.
func (s *Service) UpdateFeed(ctx context.Context, r *queryv1.UpdateFeedRequest) (*queryv1.Feed, error) {
	if err := errors.Join(checkName("source", r.GetSource()), checkName("folder", r.GetFolder())); err != nil {
		return nil, err
	}
	if r.Source != nil && strings.TrimSpace(r.GetSource()) == "" {
		return nil, invalid("source", "a source has a name")
	}
	id, err := feedID(r.GetId())
	if err != nil {
		return nil, err
	}
	for range updateTries {
		var feed article.Feed
		feed, err = s.updateOnce(ctx, id, r)
		if err == nil {
			return feedToWire(&feed, s.now()), nil
		}
		if !errors.Is(err, eventbus.ErrConflict) {
			break
		}
	}
	return nil, missing(err, "feed", r.GetId())
}

func (s *Service) updateOnce(ctx context.Context, id string, r *queryv1.UpdateFeedRequest) (article.Feed, error) {
	feed, revision, err := s.bus.Feed(ctx, id)
	if err != nil {
		return feed, fmt.Errorf("reading feed %s: %w", id, err)
	}
	if r.Source != nil {
		feed.Source = strings.TrimSpace(r.GetSource())
	}
	if r.Folder != nil {
		feed.Folder = strings.TrimSpace(r.GetFolder())
	}
	resumed := feed.Paused && r.Paused != nil && !r.GetPaused()
	if r.Paused != nil {
		feed.Paused = r.GetPaused()
	}
	if resumed {
		feed.NextPoll = s.now()
	}
	if err := s.bus.PutFeed(ctx, feed, revision); err != nil {
		return feed, fmt.Errorf("changing feed %s: %w", id, err)
	}
	switch {
	case resumed:
		err = s.bus.ArmFeed(ctx, id, s.now())
	case r.Paused != nil && feed.Paused:
		err = s.bus.DisarmFeed(ctx, id)
	}
	if err != nil {
		return feed, fmt.Errorf("scheduling feed %s: %w", id, err)
	}
	return feed, nil
}

// RemoveFeed unsubscribes; the articles that came through the feed stay.
func (s *Service) RemoveFeed(ctx context.Context, r *queryv1.RemoveFeedRequest) (*queryv1.RemoveFeedResponse, error) {
	id, err := feedID(r.GetId())
	if err != nil {
		return nil, err
	}
	if _, _, err := s.bus.Feed(ctx, id); err != nil {
		return nil, missing(fmt.Errorf("reading feed %s: %w", id, err), "feed", r.GetId())
	}
	if err := s.bus.DisarmFeed(ctx, id); err != nil {
		return nil, fmt.Errorf("taking feed %s off the schedule: %w", id, err)
	}
	if err := s.bus.DeleteFeed(ctx, id); err != nil && !errors.Is(err, eventbus.ErrNotFound) {
		return nil, fmt.Errorf("removing feed %s: %w", id, err)
	}
	s.log.Info("feed removed", "feed", id)
	return &queryv1.RemoveFeedResponse{}, nil
}

// feedID is the id that a caller means by an id or an address.
func feedID(text string) (string, error) {
	if article.IsToken(text) {
		return text, nil
	}
	u, err := feedURL("id", text)
	if err != nil {
		return "", invalid("id", "name a feed by its id or its address")
	}
	return article.Token(u.Canonical), nil
}
