package client_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

func ExampleClient_EachHit() {
	c, stop := start(&service{})
	defer stop()
	for hit, err := range c.EachHit(context.Background(), &queryv1.SearchRequest{Query: "bridge"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s, version %d\n", hit.GetRevision().GetTitle(), hit.GetRevision().GetVersion())
	}
	// Output:
	// Bridge closed, version 3
	// Bridge closed, version 2
}

func ExampleClient_Diff() {
	c, stop := start(&service{})
	defer stop()
	d, err := c.Diff(context.Background(), bridge, 1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range d.GetRevision().GetChanges() {
		fmt.Printf("%s %s: %s → %s\n", change.GetElement(), change.GetKind(), change.GetOld(), change.GetNew())
	}
	// Output: headline edited: Bridge closed → Bridge closed for weeks
}

func ExampleClient_Watch() {
	c, stop := start(&service{}) // it breaks off after every revision, and the watch goes on
	defer stop()
	for answer, err := range c.Watch(context.Background(), &queryv1.WatchRevisionsRequest{FromStart: true}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("version", answer.GetEvent().GetVersion())
		if answer.GetEvent().GetVersion() == 3 {
			break
		}
	}
	// Output:
	// version 1
	// version 2
	// version 3
}

func ExampleError() {
	c, stop := start(&service{})
	defer stop()
	_, err := c.Search(context.Background(), &queryv1.SearchRequest{Query: "bridge ("})
	var refusal *client.Error
	if errors.Is(err, client.ErrInvalid) && errors.As(err, &refusal) {
		fmt.Printf("%s, at %d: %s\n", refusal.Field, refusal.Offset, refusal.Message)
	}
	// Output: query, at 7: This bracket is never closed.
}

func ExampleWithToken() {
	c, stop := start(&service{}, client.WithToken("secret"))
	defer stop()
	feed, err := c.AddFeed(context.Background(), &queryv1.AddFeedRequest{Url: "https://gazette.example/feed.xml"})
	fmt.Println(feed.GetSource(), err)
	// Output: gazette.example <nil>
}
