package eventbus_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

func TestLooksOfOneArticleAndOneFeed(t *testing.T) {
	bus, _ := open(t)
	ctx := t.Context()
	mine, other, feed := article.Token("mine"), article.Token("other"), article.Token("feed")
	var looks []article.CheckOutcome
	var polls []article.PollOutcome
	for n := range 3 {
		at := moment.Add(time.Duration(n) * time.Hour)
		looks = append(looks, article.CheckOutcome{Article: mine, Source: "Gazette", URL: "https://gazette.example/1", FetchedAt: at, Outcome: article.Failed,
			Status: 500 + n, Reason: "the server failed", Version: n, Next: at.Add(time.Hour)})
		polls = append(polls, article.PollOutcome{Feed: feed, URL: "https://gazette.example/feed", PolledAt: at, Status: 200, Items: 20, NewItems: n, Change: 1, Overflow: n == 2, Next: at.Add(time.Hour)})
		if err := errors.Join(
			bus.PublishCheckOutcome(ctx, looks[n]), bus.PublishPollOutcome(ctx, polls[n]),
			bus.PublishCheckOutcome(ctx, article.CheckOutcome{Article: other, Source: "Gazette", FetchedAt: at}),
			bus.PublishPollOutcome(ctx, article.PollOutcome{Feed: article.Token("another feed"), PolledAt: at}),
		); err != nil {
			t.Fatal(err)
		}
	}
	var seenLooks []article.CheckOutcome
	var seenPolls []article.PollOutcome
	if err := errors.Join(
		bus.ChecksOf(ctx, mine, func(o article.CheckOutcome) { seenLooks = append(seenLooks, o) }),
		bus.PollsOf(ctx, feed, func(o article.PollOutcome) { seenPolls = append(seenPolls, o) }),
		bus.ChecksOf(ctx, article.Token("nobody"), func(o article.CheckOutcome) { t.Errorf("nobody was looked at: %+v", o) }),
	); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(seenLooks, looks) {
		t.Errorf("looks are %+v, want %+v", seenLooks, looks)
	}
	if !reflect.DeepEqual(seenPolls, polls) {
		t.Errorf("polls are %+v, want %+v", seenPolls, polls)
	}
}
