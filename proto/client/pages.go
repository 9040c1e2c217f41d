package client

import (
	"context"
	"iter"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"google.golang.org/protobuf/proto"
)

// EachHit walks all hits of a search, page after page. The request is not changed. An error comes last, with a nil
// hit.
func (c *Client) EachHit(ctx context.Context, request *queryv1.SearchRequest) iter.Seq2[*queryv1.Hit, error] {
	request = proto.CloneOf(request)
	return walk(func(token string) ([]*queryv1.Hit, string, error) {
		if token != "" {
			request.PageToken = token
		}
		answer, err := c.Search(ctx, request)
		return answer.GetHits(), answer.GetNextPageToken(), err
	})
}

// EachRevision walks all revisions of a listing, newest first.
func (c *Client) EachRevision(ctx context.Context, request *queryv1.ListRevisionsRequest) iter.Seq2[*queryv1.RevisionSummary, error] {
	request = proto.CloneOf(request)
	return walk(func(token string) ([]*queryv1.RevisionSummary, string, error) {
		if token != "" {
			request.PageToken = token
		}
		answer, err := c.Revisions(ctx, request)
		return answer.GetRevisions(), answer.GetNextPageToken(), err
	})
}

// EachVersion walks all versions of an article, newest first.
func (c *Client) EachVersion(ctx context.Context, article string) iter.Seq2[*queryv1.RevisionSummary, error] {
	return walk(func(token string) ([]*queryv1.RevisionSummary, string, error) {
		answer, err := c.Versions(ctx, &queryv1.ListVersionsRequest{Article: article, PageSize: 200, PageToken: token})
		return answer.GetVersions(), answer.GetNextPageToken(), err
	})
}

// Feeds gives all feeds with their state.
func (c *Client) Feeds(ctx context.Context) ([]*queryv1.Feed, error) {
	var feeds []*queryv1.Feed
	for feed, err := range walk(func(token string) ([]*queryv1.Feed, string, error) {
		answer, err := c.api.ListFeeds(ctx, &queryv1.ListFeedsRequest{PageToken: token})
		return answer.GetFeeds(), answer.GetNextPageToken(), meaning("listing feeds", err)
	}) {
		if err != nil {
			return nil, err
		}
		feeds = append(feeds, feed)
	}
	return feeds, nil
}

// EachHost walks the hosts whose name contains a text, by name; all with the empty text.
func (c *Client) EachHost(ctx context.Context, name string) iter.Seq2[*queryv1.Host, error] {
	return walk(func(token string) ([]*queryv1.Host, string, error) {
		answer, err := c.api.ListHosts(ctx, &queryv1.ListHostsRequest{Name: name, PageToken: token})
		return answer.GetHosts(), answer.GetNextPageToken(), meaning("listing hosts", err)
	})
}

// walk gives the elements of pages until the last page, the first error, or until the caller stops.
func walk[T any](page func(token string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		token := ""
		for {
			elements, next, err := page(token)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, element := range elements {
				if !yield(element, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			token = next
		}
	}
}
