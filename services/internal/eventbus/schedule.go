package eventbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

// ArmFeed schedules the feed's next poll and replaces the schedule that stands. A time in the past means now.
func (b *Bus) ArmFeed(ctx context.Context, id string, at time.Time) error {
	_, err := b.publish(ctx, outgoing{subject: "feed.at." + id, at: notZero(at), target: "feed.due." + id})
	return err
}

// ArmFeedIfAbsent schedules a poll unless one is scheduled.
func (b *Bus) ArmFeedIfAbsent(ctx context.Context, id string, at time.Time) error {
	_, err := b.publish(ctx, outgoing{subject: "feed.at." + id, at: notZero(at), target: "feed.due." + id, expect: expecting(0)})
	if Refused(err) {
		return nil
	}
	return err
}

// DisarmFeed cancels the feed's schedule, by sequence.
func (b *Bus) DisarmFeed(ctx context.Context, id string) error {
	m, err := b.last(ctx, streamFeeds, "feed.at."+id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.remove(ctx, streamFeeds, m.Sequence)
}

// DueCheck is the body of a scheduled check.
type DueCheck struct {
	Article   string `json:"article"`
	Source    string `json:"source"`
	URL       string `json:"url"`
	Feed      string `json:"feed,omitempty"`
	Published string `json:"published,omitempty"`
	Moved     bool   `json:"moved,omitempty"` // URL is a new address of the article
}

func dueCheck(h article.Head) ([]byte, error) {
	data, err := json.Marshal(DueCheck{Article: h.Article, Source: h.Source, URL: h.URL, Feed: h.Feed, Published: h.Published})
	if err != nil {
		return nil, fmt.Errorf("encoding the check of %s: %w", h.Article, err)
	}
	return data, nil
}

// ArmCheck schedules the article's next check at h.Next and replaces the schedule that stands.
func (b *Bus) ArmCheck(ctx context.Context, h article.Head) error {
	data, err := dueCheck(h)
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{subject: "check.at." + h.Article, data: data, at: notZero(h.Next), target: "check.due." + h.Article})
	return err
}

// ArmCheckIfAbsent schedules a check at h.Next unless one is scheduled.
func (b *Bus) ArmCheckIfAbsent(ctx context.Context, h article.Head) error {
	data, err := dueCheck(h)
	if err != nil {
		return err
	}
	_, err = b.publish(ctx, outgoing{
		subject: "check.at." + h.Article, data: data, at: notZero(h.Next), target: "check.due." + h.Article, expect: expecting(0),
	})
	if Refused(err) {
		return nil
	}
	return err
}

// CheckNow asks for a look at the article as soon as its host's turn comes. It is not a schedule, because the differ's
// next one may replace that. False says that a check waits already.
func (b *Bus) CheckNow(ctx context.Context, h article.Head) (bool, error) {
	data, err := dueCheck(h)
	if err != nil {
		return false, err
	}
	_, err = b.publish(ctx, outgoing{subject: "check.due." + h.Article, data: data, expect: expecting(0)})
	if Refused(err) {
		return false, nil
	}
	return err == nil, err
}

// notZero makes a schedule of any time: the server fires what is past at once.
func notZero(at time.Time) time.Time {
	if epoch := time.Unix(0, 0); at.Before(epoch) {
		return epoch
	}
	return at
}

// CheckScheduled says whether a schedule for the article's next check stands.
func (b *Bus) CheckScheduled(ctx context.Context, id string) (bool, error) {
	_, err := b.last(ctx, streamChecks, "check.at."+id)
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
