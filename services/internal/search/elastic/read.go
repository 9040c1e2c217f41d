package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/stetnews/stet/services/internal/search"
)

const (
	maxPage = 1000
	// strict makes a search fail where a part of an index does not answer, rather than find less.
	strict = lenient + "&allow_partial_search_results=false"
	// scored makes scores of indices of different sizes comparable.
	scored = strict + "&search_type=dfs_query_then_fetch"
)

// searchAnswer is the part of an answer that is read.
type searchAnswer struct {
	Hits struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
		Hits []struct {
			Index   string          `json:"_index"`
			ID      string          `json:"_id"`
			Version int64           `json:"_version"`
			Source  json.RawMessage `json:"_source"`
		} `json:"hits"`
	} `json:"hits"`
}

// newestFirst orders exactly: no two versions have the same key.
var newestFirst = []any{object{"nanoseconds": "desc"}, object{"key": "desc"}}

// Search keeps the promises of search.Searcher.
func (x *Index) Search(ctx context.Context, request search.Request) (search.Result, error) {
	var at *cursor
	of, query := orderName(request.Order), queryText(request.Query)
	if request.Cursor != "" {
		c, err := decodeCursor(request.Cursor, of, query)
		if err != nil {
			return search.Result{}, err
		}
		at = &c
	}
	page := x.newest
	if request.Order == search.Relevance {
		page = x.relevant
	}
	found, total, next, err := page(ctx, request, at)
	if err != nil {
		return search.Result{}, x.explain("searching", err)
	}
	result := search.Result{Hits: make([]search.Hit, 0, len(found))}
	if limit := search.PageSize(request.Limit); len(found) > limit {
		found = found[:limit]
		result.Next = next.encode(of, query)
	}
	if request.WithTotal {
		result.Total = total
	}
	for _, d := range found {
		hit := search.Hit{Document: d}
		if request.Highlight {
			hit.Excerpts = search.Highlight(request.Query, &d)
		}
		if !request.WithBody {
			hit.Body = ""
		}
		result.Hits = append(result.Hits, hit)
	}
	return result, nil
}

// newest gives a page, and one document more where there are more.
func (x *Index) newest(ctx context.Context, request search.Request, at *cursor) (found []search.Document, total int64, next cursor, err error) {
	limit := search.PageSize(request.Limit)
	body := page(object{"bool": object{"filter": compile(request.Query)}}, limit+1, request)
	body["sort"], body["track_total_hits"] = newestFirst, request.WithTotal
	if at != nil {
		body["search_after"] = []any{at.Last.Time, at.Last.Key}
	}
	found, total, err = x.documents(ctx, strict, body)
	if len(found) > limit {
		next.Last = placeOf(&found[limit-1])
	}
	return found, total, next, err
}

func placeOf(d *search.Document) *place { return &place{d.Time.UnixNano(), documentID(d)} }

// page is the body of a search for a number of documents.
func page(query object, size int, request search.Request) object {
	body := object{"query": query, "size": size}
	if !request.WithBody && !request.Highlight {
		body["_source"] = object{"excludes": []string{"body"}}
	}
	return body
}

// relevant ranks the newest matches. The first page says which they are; later ones leave out what came since.
func (x *Index) relevant(ctx context.Context, request search.Request, at *cursor) (found []search.Document, total int64, next cursor, err error) {
	if at != nil {
		next = *at
	}
	if at == nil || request.WithTotal {
		window, matches, err := x.window(ctx, request)
		if err != nil || matches == 0 {
			return nil, 0, next, err
		}
		if total = matches; at == nil {
			next = window
		}
	}
	limit := search.PageSize(request.Limit)
	body := page(object{"bool": object{"must": compile(request.Query), "filter": next.bounds()}}, limit+1, request)
	body["from"], body["track_total_hits"] = next.Offset, false
	body["sort"] = append([]any{object{"_score": "desc"}}, newestFirst...)
	found, _, err = x.documents(ctx, scored, body)
	next.Offset += limit
	return found, total, next, err
}

// window finds the newest match and, where there are more than are ranked, the oldest one that is.
func (x *Index) window(ctx context.Context, request search.Request) (c cursor, total int64, err error) {
	body := object{
		"query": object{"bool": object{"filter": compile(request.Query)}}, "size": 1, "sort": newestFirst,
		"_source": places, "track_total_hits": search.RelevanceWindow + 1,
	}
	if request.WithTotal {
		body["track_total_hits"] = true
	}
	first, total, err := x.places(ctx, body)
	if err != nil || len(first) == 0 {
		return c, 0, err
	}
	c.Newest = &first[0]
	if total > search.RelevanceWindow {
		body["from"], body["track_total_hits"] = search.RelevanceWindow-1, false
		last, _, err := x.places(ctx, body)
		if err != nil {
			return c, 0, err
		}
		if len(last) == 1 {
			c.Oldest = &last[0]
		}
	}
	return c, total, nil
}

var places = []string{"nanoseconds", "key"}

// bounds keep to what is ranked.
func (c *cursor) bounds() []object {
	bounds := []object{side("lt", "lte", c.Newest)}
	if c.Oldest != nil {
		bounds = append(bounds, side("gt", "gte", c.Oldest))
	}
	return bounds
}

// side is everything beyond a place, and the place itself.
func side(beyond, orAt string, p *place) object {
	return object{"bool": object{"should": []object{
		{"range": object{"nanoseconds": object{beyond: p.Time}}},
		{"bool": object{"filter": []object{
			{"term": object{"nanoseconds": p.Time}}, {"range": object{"key": object{orAt: p.Key}}},
		}}},
	}}}
}

func (x *Index) places(ctx context.Context, body object) (found []place, total int64, err error) {
	answer, err := x.search(ctx, strict, body)
	if err != nil {
		return nil, 0, err
	}
	for _, hit := range answer.Hits.Hits {
		var v versionDocument
		if err := json.Unmarshal(hit.Source, &v); err != nil {
			return nil, 0, fmt.Errorf("reading %s: %w", hit.ID, err)
		}
		found = append(found, place{v.Nanoseconds, v.Key})
	}
	return found, answer.Hits.Total.Value, nil
}

func (x *Index) search(ctx context.Context, how string, body object) (*searchAnswer, error) {
	var answer searchAnswer
	err := x.client.call(ctx, http.MethodPost, "/"+x.alias(versions)+"/_search?"+how, body, &answer)
	return &answer, err
}

// documents searches the versions.
func (x *Index) documents(ctx context.Context, how string, body object) (found []search.Document, total int64, err error) {
	answer, err := x.search(ctx, how, body)
	if err != nil {
		return nil, 0, err
	}
	found = make([]search.Document, 0, len(answer.Hits.Hits))
	for _, hit := range answer.Hits.Hits {
		var v versionDocument
		err := json.Unmarshal(hit.Source, &v)
		if err != nil {
			return nil, 0, fmt.Errorf("reading %s: %w", hit.ID, err)
		}
		d, err := v.document()
		if err != nil {
			return nil, 0, fmt.Errorf("reading %s: %w", hit.ID, err)
		}
		found = append(found, d)
	}
	return found, answer.Hits.Total.Value, nil
}

// Versions keeps the promises of search.Searcher.
func (x *Index) Versions(ctx context.Context, article string, limit int, after string) (documents []search.Document, next string, err error) {
	filter := []object{{"term": object{"article": article}}}
	if after != "" {
		c, err := decodeCursor(after, ofVersions, article)
		if err != nil {
			return nil, "", err
		}
		filter = append(filter, object{"range": object{"version": object{"lt": c.Version}}})
	}
	limit = search.PageSize(limit)
	found, err := x.versions(ctx, filter, limit+1, search.Request{})
	if err != nil {
		return nil, "", x.explain("listing versions in", err)
	}
	if len(found) > limit {
		found = found[:limit]
		next = cursor{Version: found[limit-1].Version}.encode(ofVersions, article)
	}
	return found, next, nil
}

func (x *Index) versions(ctx context.Context, filter []object, size int, request search.Request) ([]search.Document, error) {
	body := page(object{"bool": object{"filter": filter}}, size, request)
	body["sort"], body["track_total_hits"] = []any{object{"version": "desc"}}, false
	found, _, err := x.documents(ctx, strict, body)
	return found, err
}

// Get keeps the promises of search.Searcher.
func (x *Index) Get(ctx context.Context, article string, version int) (search.Document, error) {
	filter := []object{{"term": object{"article": article}}}
	if version != 0 {
		filter = append(filter, object{"term": object{"version": version}})
	}
	found, err := x.versions(ctx, filter, 1, search.Request{WithBody: true})
	if err != nil {
		return search.Document{}, x.explain("reading from", err)
	}
	if len(found) == 0 {
		return search.Document{}, fmt.Errorf("version %d of article %s: %w", version, strings.ToValidUTF8(article, "?"), search.ErrNotFound)
	}
	return found[0], nil
}

// Count keeps the promises of search.Searcher.
func (x *Index) Count(ctx context.Context) (c search.Counts, err error) {
	for _, part := range []struct {
		of   kind
		into *int64
	}{{articles, &c.Articles}, {versions, &c.Versions}, {revisions, &c.Revisions}} {
		var answer struct {
			Count int64 `json:"count"`
		}
		if err := x.client.call(ctx, http.MethodGet, "/"+x.alias(part.of)+"/_count?"+lenient, nil, &answer); err != nil {
			return search.Counts{}, x.explain("counting in", err)
		}
		*part.into = answer.Count
	}
	return c, nil
}
