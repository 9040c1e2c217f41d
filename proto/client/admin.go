package client

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/stetnews/stet/proto/stet/query/v1"
)

// TakeDown removes an article from index, archive and streams for good; a tombstone with the reason stays, so that
// nothing brings it back. An error leaves the article partly removed: the same call again finishes it. Needs the token.
func (c *Client) TakeDown(ctx context.Context, article, reason string) (*queryv1.TakeDownResponse, error) {
	answer, err := c.api.TakeDown(ctx, &queryv1.TakeDownRequest{Article: article, Reason: reason})
	return answer, meaning("taking an article down", err)
}

// EachDeadLetter walks the messages that no repetition could cure, oldest first and without their data. Needs the token.
func (c *Client) EachDeadLetter(ctx context.Context) iter.Seq2[*queryv1.DeadLetter, error] {
	return walk(func(token string) ([]*queryv1.DeadLetter, string, error) {
		answer, err := c.api.ListDeadLetters(ctx, &queryv1.ListDeadLettersRequest{PageToken: token})
		return answer.GetDeadLetters(), answer.GetNextPageToken(), meaning("listing dead letters", err)
	})
}

// DeadLetter gives one dead letter with its data. Needs the token.
func (c *Client) DeadLetter(ctx context.Context, number uint64) (*queryv1.DeadLetter, error) {
	answer, err := c.api.GetDeadLetter(ctx, &queryv1.GetDeadLetterRequest{Number: number})
	return answer, meaning("reading a dead letter", err)
}

// ReplayDeadLetters hands dead letters to their services again; the answer names those that cannot be. Needs the token.
func (c *Client) ReplayDeadLetters(ctx context.Context, numbers ...uint64) (*queryv1.ReplayDeadLettersResponse, error) {
	answer, err := c.api.ReplayDeadLetters(ctx, &queryv1.ReplayDeadLettersRequest{Numbers: numbers})
	return answer, meaning("replaying dead letters", err)
}

// ReplayAllDeadLetters replays those that are there when the call begins. Needs the token.
func (c *Client) ReplayAllDeadLetters(ctx context.Context) (*queryv1.ReplayDeadLettersResponse, error) {
	answer, err := c.api.ReplayDeadLetters(ctx, &queryv1.ReplayDeadLettersRequest{All: true})
	return answer, meaning("replaying dead letters", err)
}

// RemoveDeadLetters deletes dead letters; it deletes none if one of them is not there. Needs the token.
func (c *Client) RemoveDeadLetters(ctx context.Context, numbers ...uint64) error {
	_, err := c.api.RemoveDeadLetters(ctx, &queryv1.RemoveDeadLettersRequest{Numbers: numbers})
	return meaning("removing dead letters", err)
}

// ReExtract reads the archived pages again of articles whose text was read by another extractor: of one article, of a
// source's articles, or of all where both are empty. It gives the progress as it goes; what was done stays done when the
// caller stops, and the same call goes on from there. Needs the token.
func (c *Client) ReExtract(ctx context.Context, article, source string) iter.Seq2[*queryv1.ReExtractResponse, error] {
	return func(yield func(*queryv1.ReExtractResponse, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := c.api.ReExtract(ctx, &queryv1.ReExtractRequest{Article: article, Source: source})
		for err == nil {
			var answer *queryv1.ReExtractResponse
			if answer, err = stream.Recv(); err == nil && !yield(answer, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, meaning("reading archived pages again", err))
		}
	}
}

// EachMerge walks what turned out to be articles known by another address, newest first: those of one article, or all where
// none is named. Those that were split again are left out unless asked for.
func (c *Client) EachMerge(ctx context.Context, article string, split bool) iter.Seq2[*queryv1.Merge, error] {
	return walk(func(token string) ([]*queryv1.Merge, string, error) {
		answer, err := c.api.ListMerges(ctx, &queryv1.ListMergesRequest{PageToken: token, Article: article, Split: split})
		return answer.GetMerges(), answer.GetNextPageToken(), meaning("listing merges", err)
	})
}

// SplitArticle undoes a merge: the article is looked at by itself again, and stays apart. Needs the token.
func (c *Client) SplitArticle(ctx context.Context, article string) (*queryv1.Merge, error) {
	answer, err := c.api.SplitArticle(ctx, &queryv1.SplitArticleRequest{Article: article})
	return answer.GetMerge(), meaning("splitting an article", err)
}
