package client

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/protobuf/proto"
)

// sleeper waits for a time or until the context ends.
type sleeper func(ctx context.Context, d time.Duration) error

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// The pause before a broken watch is opened again: doubled from the shortest to the longest, back to the shortest
// with every revision that comes.
const (
	shortestPause = 200 * time.Millisecond
	longestPause  = 30 * time.Second
)

// Watch gives revisions as they happen. When the service goes away it opens the stream again behind the last revision
// given, so that none is lost and none comes twice; that is what the first cursor is needed for: with an empty one and
// without FromStart, revisions that happen before the first answer cannot be caught up. It ends with an error that a
// second try would not mend, with the context's error, or when the caller stops.
func (c *Client) Watch(ctx context.Context, request *queryv1.WatchRevisionsRequest) iter.Seq2[*queryv1.WatchRevisionsResponse, error] {
	request = proto.CloneOf(request)
	return func(yield func(*queryv1.WatchRevisionsResponse, error) bool) {
		// The stream ends with the loop, also when the caller stops early.
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		pause := shortestPause
		for {
			stopped, err := c.watchOnce(ctx, request, func(answer *queryv1.WatchRevisionsResponse) bool {
				pause = shortestPause
				request.Cursor = answer.GetCursor()
				return answer.GetEvent() == nil || yield(answer, nil)
			})
			if stopped {
				return
			}
			if !errors.Is(err, ErrUnavailable) {
				yield(nil, err)
				return
			}
			// Between half and the whole pause, so that many watchers do not come back in one moment.
			if err := c.sleep(ctx, pause/2+rand.N(pause/2)); err != nil {
				yield(nil, err)
				return
			}
			pause = min(2*pause, longestPause)
		}
	}
}

// watchOnce passes on what one stream brings, until it breaks or the caller stops.
func (c *Client) watchOnce(ctx context.Context, request *queryv1.WatchRevisionsRequest, pass func(*queryv1.WatchRevisionsResponse) bool) (stopped bool, err error) {
	stream, err := c.api.WatchRevisions(ctx, request)
	if err != nil {
		return false, meaning("watching revisions", err)
	}
	for {
		answer, err := stream.Recv()
		if err != nil {
			return false, meaning("watching revisions", ended(err))
		}
		if !pass(answer) {
			return true, nil
		}
	}
}
