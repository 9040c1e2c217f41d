package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stetnews/stet/proto/client"
	queryv1 "github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/scripts/process"
)

// sameAnswers builds an SQLite index from the same events beside Elasticsearch, and holds the answers of both against
// each other.
func (f *fleet) sameAnswers(ctx context.Context) error {
	data := filepath.Join(f.folder, "second")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	flags := []string{"--data", data, "--archive", filepath.Join(f.folder, "data", "archive"), "--log-level", "warn", "--token", token}
	for url := range strings.SplitSeq(f.urls, ",") {
		flags = append(flags, "--nats", url)
	}
	fill, err := f.add("indexer-of-the-second", f.stet, append([]string{"reindex"}, flags...)...)
	if err != nil {
		return err
	}
	if err := fill.Succeed(ctx); err != nil {
		return fmt.Errorf("building the SQLite index; run with --verbose: %w", err)
	}
	address, err := process.FreeAddress()
	if err != nil {
		return err
	}
	p, err := f.add("query-of-the-second", f.stet, append([]string{"query", "--grpc", address}, flags...)...)
	if err != nil {
		return err
	}
	if _, err := p.Said(ctx, "is running"); err != nil {
		return err
	}
	second, err := client.Dial(address, client.WithToken(token))
	if err != nil {
		return err
	}
	defer second.Close()
	return f.compareAnswers(ctx, second)
}

// queries ask in every way that the language has, about what the publishers print.
var queries = []string{
	"", "kind:first", "NOT kind:first", "kind:body OR kind:lead", `"before it went out to readers"`, "added:edition", `removed:"edition 2"`,
	"editi*", "valley coast", "title:the", "the NOT council", "weight>=minor", "score>0.2", "lang:en", "harbour OR council OR ferry",
	"(desk OR council) marked", `body:"of the story"`, "nobodywrotethis", "source:127.0.0.1 edition",
}

func (f *fleet) compareAnswers(ctx context.Context, second *client.Client) error {
	hits := 0
	for _, query := range queries {
		ours, err := answers(ctx, f.client, query)
		if err != nil {
			return err
		}
		theirs, err := answers(ctx, second, query)
		if err != nil {
			return err
		}
		if !slices.Equal(ours, theirs) {
			return fmt.Errorf("%q finds %d versions in Elasticsearch and %d others in SQLite", query, len(ours), len(theirs))
		}
		hits += len(ours)
	}
	f.row("same answers from Elasticsearch and SQLite: queries, hits", "%d, %d", len(queries), hits)
	return nil
}

// answers are all hits of a query, with what a reader is shown of them.
func answers(ctx context.Context, c *client.Client, query string) (all []string, err error) {
	for hit, err := range c.EachHit(ctx, &queryv1.SearchRequest{Query: query, PageSize: 200}) {
		if err != nil {
			return nil, fmt.Errorf("searching for %q: %w", query, err)
		}
		all = append(all, hit.String())
	}
	slices.Sort(all) // the order inside a millisecond is each backend's own
	return all, nil
}
