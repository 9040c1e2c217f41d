package query

import (
	"context"
	"fmt"
	"strconv"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
	"google.golang.org/grpc"
)

// WatchRevisions streams revisions as they happen until the caller goes or the service stops. The query may be another
// one after a break: a cursor belongs to the stream of revisions, not to the query. Markers of a takedown come only where
// they are asked for, and then pass every query, because whoever keeps what was streamed has to hear of them.
func (s *Service) WatchRevisions(r *queryv1.WatchRevisionsRequest, stream grpc.ServerStreamingServer[queryv1.WatchRevisionsResponse]) error {
	q, err := search.Parse(r.GetQuery())
	if err != nil {
		return err
	}
	after, err := watchFrom(r.GetCursor())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(stream.Context())
	defer cancel(nil)
	go func() {
		select {
		case <-s.stopping:
			cancel(errStopping)
		case <-ctx.Done():
		}
	}()
	err = s.bus.WatchRevisions(ctx, after, r.GetFromStart(), func(sequence uint64, e article.Event) error {
		if !wanted(q, r.GetWithdrawals(), sequence, &e) {
			return nil
		}
		return stream.Send(&queryv1.WatchRevisionsResponse{Cursor: watchCursor(sequence), Event: eventToWire(&e)})
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err == nil {
		err = errStopping // a watch has no end of its own
	}
	return fmt.Errorf("watching revisions: %w", err)
}

func wanted(q search.Query, withdrawals bool, sequence uint64, e *article.Event) bool {
	if e.Withdrawn {
		return withdrawals
	}
	d := search.DocumentOf(sequence, e)
	return search.Match(q, &d)
}

func watchCursor(sequence uint64) string {
	return pageToken(strconv.FormatUint(sequence, 10), "watch")
}

func watchFrom(cursor string) (uint64, error) {
	text, err := position("cursor", cursor, "watch")
	if err != nil || text == "" {
		return 0, err
	}
	after, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, invalid("cursor", "it was not made by this service")
	}
	return after, nil
}
