package elastic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
)

// The size of a bulk request: what comes first. Nothing is ever held back to fill one, for the callers of Write gather
// while the one before is under way.
//
// The client library's BulkIndexer is not used: it cannot say that a given batch is durable without being closed, has
// no bound by count, and holds a lone document until its interval is over.
const (
	maxOperations   = 200     // of a part, whose versions and derived documents are a request each
	maxRequestBytes = 4 << 20 // of text, reached with the last document that is taken
	requests        = 4       // of one Write at a time, so that some are encoded while others are under way
)

// Write keeps the promises of search.Writer. What Elasticsearch finds fault with comes back as an ErrBadDocument with
// its reason, what it cannot take now as an ErrUnavailable.
func (x *Index) Write(ctx context.Context, documents []search.Document) error {
	batch := search.NewBatch(documents)
	var mu sync.Mutex
	fail := func(d *search.Document, why error) {
		mu.Lock()
		defer mu.Unlock()
		batch.Fail(d, x.explain("writing "+d.ID()+" to", why))
	}
	var group errgroup.Group
	group.SetLimit(requests)
	for _, part := range split(batch.Documents) {
		group.Go(func() error {
			x.writePart(ctx, part, fail)
			return nil
		})
	}
	_ = group.Wait() // failures are told document by document
	return batch.Err()
}

// split cuts a batch into parts of the size of a request.
func split(documents []*search.Document) [][]*search.Document {
	var parts [][]*search.Document
	operations, bytes, first := 0, 0, 0
	for i, d := range documents {
		operations += 3
		bytes += 2 * (len(d.Title) + len(d.Body) + 2*len(d.Added) + 2*len(d.Removed)) // prose and tokens
		if operations+3 > maxOperations || bytes >= maxRequestBytes {
			parts = append(parts, documents[first:i+1])
			operations, bytes, first = 0, 0, i+1
		}
	}
	if first < len(documents) {
		parts = append(parts, documents[first:])
	}
	return parts
}

// writePart writes the versions, and then what is derived from those that were taken: of a version that is not in the
// index, nothing else shall tell.
func (x *Index) writePart(ctx context.Context, part []*search.Document, fail func(*search.Document, error)) {
	failed := make(map[*search.Document]bool)
	note := func(d *search.Document, why error) {
		failed[d] = true
		fail(d, why)
	}
	var derived []operation
	var owners []*search.Document
	texts := make([]operation, len(part))
	for i, d := range part {
		all := x.operations(d)
		texts[i] = all[0]
		for _, o := range all[1:] {
			derived, owners = append(derived, o), append(owners, d)
		}
	}
	x.writeOperations(ctx, texts, part, note)
	var rest []operation
	var restOwners []*search.Document
	for i, o := range derived {
		if !failed[owners[i]] {
			rest, restOwners = append(rest, o), append(restOwners, owners[i])
		}
	}
	x.writeOperations(ctx, rest, restOwners, note)
}

// writeOperations sends those whose index is fit, and tells what went wrong to the documents they belong to.
func (x *Index) writeOperations(ctx context.Context, operations []operation, owners []*search.Document, fail func(*search.Document, error)) {
	refusals := make(map[string]error) // of indices: asked once, since every question may take long to fail
	var fit []operation
	var fitOwners []*search.Document
	for i, o := range operations {
		if _, asked := refusals[o.index]; !asked {
			refusals[o.index] = x.recogniseIndex(ctx, o.index, o.kind)
		}
		if err := refusals[o.index]; err != nil {
			fail(owners[i], err)
			continue
		}
		fit, fitOwners = append(fit, o), append(fitOwners, owners[i])
	}
	for i, err := range x.bulk(ctx, fit) {
		if err != nil {
			fail(fitOwners[i], err)
		}
	}
}

// operations are those that store a document, its version first.
func (x *Index) operations(d *search.Document) []operation {
	t, c := newTokens(d), newCommon(d)
	id, version := c.Key, sequenceVersion(d)
	all := []operation{
		{kind: versions, index: x.index(versions, d.Time), id: id, version: version, source: newVersionDocument(d, c, t)},
		{kind: articles, index: x.index(articles, d.Time), id: shortID(d.Article), version: articleVersion(d), source: newArticleDocument(d)},
	}
	if d.Version > 1 {
		all = append(all, operation{kind: revisions, index: x.index(revisions, d.Time), id: id, version: version, source: newRevisionDocument(d, c, t)})
	}
	return all
}

// WriteChecks stores what became of looks at articles' pages. It is idempotent, and the errors are those of Write.
func (x *Index) WriteChecks(ctx context.Context, outcomes []article.CheckOutcome) error {
	unstored := search.Unstored{}
	var operations []operation
	var places []int
	for i := range outcomes {
		c := &outcomes[i]
		o := operation{
			kind: checks, index: x.index(checks, c.FetchedAt), version: 1, source: newCheckDocument(c),
			id: shortID(c.Article + "/" + c.FetchedAt.UTC().Format(time.RFC3339Nano)),
		}
		err := checkable(c)
		if err == nil {
			err = x.recogniseIndex(ctx, o.index, checks)
		}
		if err != nil {
			unstored[i] = x.explain("writing a check to", err)
			continue
		}
		operations, places = append(operations, o), append(places, i)
	}
	for i, err := range x.bulk(ctx, operations) {
		if err != nil {
			unstored[places[i]] = x.explain("writing a check to", err)
		}
	}
	if len(unstored) > 0 {
		return unstored
	}
	return nil
}

func checkable(c *article.CheckOutcome) error {
	switch {
	case c.Article == "":
		return fmt.Errorf("%w: the check names no article", search.ErrBadDocument)
	case c.FetchedAt.Year() < 1970 || c.FetchedAt.Year() > 2200:
		return fmt.Errorf("%w: the check has a time outside the years 1970 to 2200", search.ErrBadDocument)
	}
	return nil
}

// recogniseIndex makes an index before it is first written to, and refuses one that is not of our templates: were they
// missing, Elasticsearch would guess the fields.
func (x *Index) recogniseIndex(ctx context.Context, name string, k kind) error {
	x.mu.Lock()
	defer x.mu.Unlock() // so that one asks and the others wait
	if x.known[name] {
		return nil
	}
	if now, err := x.currentGeneration(ctx); err == nil && now > x.generation {
		return fmt.Errorf("%w: a reindex made generation %d of it while this process writes to generation %d: start this process anew",
			search.ErrUnavailable, now, x.generation)
	}
	err := x.client.call(ctx, "PUT", "/"+name, nil, nil)
	var r *refusal
	if err != nil && !(errors.As(err, &r) && r.kind == "resource_already_exists_exception") {
		return fmt.Errorf("making index %s: %w", name, err)
	}
	all, err := x.signatures(ctx, k)
	if err != nil {
		return err
	}
	s := all[name]
	switch {
	case s == nil || s.By != signer:
		return fmt.Errorf("%w: index %s is not of stet's templates: run `stet provision`, then delete this index", search.ErrUnavailable, name)
	case s.Schema > schemaVersion:
		return fmt.Errorf("%w: index %s: %w", search.ErrUnavailable, name, errNewer)
	case s.Schema < schemaVersion:
		return fmt.Errorf("%w: index %s is of an older stet: run `stet provision`", search.ErrUnavailable, name)
	case s.Analyzer != search.AnalyzerVersion:
		return fmt.Errorf("%w: index %s: %w", search.ErrUnavailable, name, errWords)
	}
	x.known[name] = true
	return nil
}

// Delete removes an article from every index. It sees writes that were acknowledged before, and its effect is seen when
// it returns.
func (x *Index) Delete(ctx context.Context, article string) error {
	return x.explain("deleting from", x.delete(ctx, article))
}

// maxRounds is how often a deletion looks for more, 1,000 documents at a time.
const maxRounds = 1000

func (x *Index) delete(ctx context.Context, article string) error {
	for range maxRounds {
		if err := x.refresh(ctx, kinds...); err != nil {
			return err
		}
		found, err := x.ofArticle(ctx, article)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, err := range x.bulk(ctx, found) {
			if err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("%w: article %q goes on being written while it is deleted", search.ErrUnavailable, article)
}

// ofArticle gives deletions of documents of an article. They carry the version that was found, and so leave one that
// was written since for the next round.
func (x *Index) ofArticle(ctx context.Context, article string) ([]operation, error) {
	var answer searchAnswer
	body := object{
		"query": object{"term": object{"article": article}}, "_source": false, "version": true, "size": maxPage,
		"sort": []any{"_doc"}, "track_total_hits": false,
	}
	if err := x.client.call(ctx, http.MethodPost, "/"+x.aliases(kinds...)+"/_search?"+strict, body, &answer); err != nil {
		return nil, err
	}
	var found []operation
	for _, hit := range answer.Hits.Hits {
		found = append(found, operation{index: hit.Index, id: hit.ID, version: hit.Version})
	}
	return found, nil
}
