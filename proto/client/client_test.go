package client_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

func TestErrorsByMeaning(t *testing.T) {
	s := &service{}
	c, stop := start(s)
	defer stop()
	ctx := t.Context()
	past, cancel := context.WithDeadline(ctx, time.Unix(1, 0))
	defer cancel()
	_, notFound := c.Diff(ctx, "other", 1, 2)
	_, noToken := c.AddFeed(ctx, &queryv1.AddFeedRequest{})
	_, invalid := c.Search(ctx, &queryv1.SearchRequest{Query: "bridge ("})
	_, late := c.Search(past, &queryv1.SearchRequest{})
	_, unimplemented := c.Status(ctx)
	for _, test := range []struct {
		name string
		err  error
		want error
	}{
		{"not found", notFound, client.ErrNotFound}, {"no token", noToken, client.ErrUnauthenticated},
		{"invalid", invalid, client.ErrInvalid}, {"late", late, context.DeadlineExceeded},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v", test.name, test.err)
		}
	}
	if unimplemented == nil || errors.Is(unimplemented, client.ErrUnavailable) {
		t.Errorf("a call that the service does not know: %v", unimplemented)
	}
	stop()
	if _, err := c.Search(ctx, &queryv1.SearchRequest{}); !errors.Is(err, context.Canceled) && !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("after the end: %v", err)
	}
}

func TestWatchComesBackWithItsCursor(t *testing.T) {
	s := &service{}
	c, stop := start(s)
	defer stop()
	request := &queryv1.WatchRevisionsRequest{FromStart: true}
	for answer, err := range c.Watch(t.Context(), request) {
		if err != nil {
			t.Fatal(err)
		}
		if answer.GetCursor() == "c2" {
			break
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if want := []string{"", "c1"}; !slices.Equal(s.cursors, want) {
		t.Errorf("streams were opened with %q, want %q", s.cursors, want)
	}
	if request.GetCursor() != "" {
		t.Error("the caller's request was changed")
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	c, stop := start(&service{})
	defer stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range c.Watch(ctx, &queryv1.WatchRevisionsRequest{}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	}
}
