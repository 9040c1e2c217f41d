package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stetnews/stet/services/internal/search"
)

// Draft is the next generation of indices. It is made beside the one in use, whose aliases it takes over in one step. It
// stays in the cluster when the program ends, and goes on where it was.
//
// Its indices are made with the fields and settings of the templates, but not by them: templates would give them the
// aliases at once.
type Draft struct {
	next *Index // of the new generation
	old  *Index // of the one before
	made map[string]bool
}

// Draft opens the generation that is being made, or begins one; fresh throws away one that was begun, unless it is in
// use already. The templates must be there (ErrNotProvisioned).
func (x *Index) Draft(ctx context.Context, fresh bool) (*Draft, error) {
	d, err := x.draft(ctx, fresh)
	return d, x.explain("making a new generation of", err)
}

func (x *Index) draft(ctx context.Context, fresh bool) (*Draft, error) {
	current, err := x.currentGeneration(ctx)
	if err != nil {
		return nil, err
	}
	d := x.between(current-1, current)
	meta, err := d.meta(ctx)
	if err != nil {
		return nil, err
	}
	if meta != nil && meta.Reindex != "" {
		return d, nil // it is in use, but was not finished
	}
	d = x.between(current, current+1)
	if meta, err = d.meta(ctx); err != nil {
		return nil, err
	}
	other := meta != nil && (meta.By != signer || meta.Schema != schemaVersion || meta.Analyzer != search.AnalyzerVersion)
	if fresh || other { // one that another stet began is of no use
		if err := d.discard(ctx); err != nil {
			return nil, err
		}
	}
	return d, d.ensure(ctx, articles, d.next.index(articles, d.next.now()))
}

func (x *Index) between(old, next int) *Draft {
	return &Draft{next: x.ofGeneration(next), old: x.ofGeneration(old), made: map[string]bool{}}
}

func (x *Index) ofGeneration(n int) *Index {
	return &Index{client: x.client, prefix: x.prefix, generation: n, now: x.now, known: make(map[string]bool)}
}

// currentGeneration is the generation behind the aliases; while nothing is behind them, that of the templates.
func (x *Index) currentGeneration(ctx context.Context) (int, error) {
	var answer map[string]any
	if err := x.client.call(ctx, http.MethodGet, "/"+x.aliases(articles, versions)+"/_alias?"+lenient, nil, &answer); err != nil {
		return 0, err
	}
	current := 0
	for name := range answer {
		current = max(current, x.generationOf(name))
	}
	if current > 0 {
		return current, nil
	}
	stored, err := x.stored(ctx)
	if refused(err, http.StatusForbidden) {
		return 1, nil // who may not see templates cannot have made a second generation of nothing
	}
	if err != nil {
		return 0, err
	}
	s := stored[indexPath+x.alias(versions)]
	if s == nil || s.By != signer {
		return 0, ErrNotProvisioned
	}
	return max(s.Generation, 1), nil
}

var generationForm = regexp.MustCompile(`^-(?:articles|versions|revisions|checks)-([0-9]{1,9})-`)

// generationOf reads the name of an index, 0 where it is not one of ours.
func (x *Index) generationOf(name string) int {
	rest, ours := strings.CutPrefix(name, x.prefix)
	form := generationForm.FindStringSubmatch(rest)
	if !ours || form == nil {
		return 0
	}
	n, err := strconv.Atoi(form[1])
	if err != nil {
		return 0
	}
	return n
}

// draftMeta is what the index of articles of a generation says of itself, with the mark of a reindex.
type draftMeta struct {
	signature
	Reindex string `json:"reindex,omitempty"`
}

// meta is nil where the generation was not begun.
func (d *Draft) meta(ctx context.Context) (*draftMeta, error) {
	name := d.next.index(articles, d.next.now())
	var answer map[string]struct {
		Mappings struct {
			Meta draftMeta `json:"_meta"`
		} `json:"mappings"`
	}
	err := d.next.client.call(ctx, http.MethodGet, "/"+name+"/_mapping", nil, &answer)
	if refused(err, http.StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	index, real := answer[name] // by an alias it would have another name
	if !real {
		return nil, nil
	}
	return &index.Mappings.Meta, nil
}

// Mark gives what SetMark stored.
func (d *Draft) Mark(ctx context.Context) (string, error) {
	meta, err := d.meta(ctx)
	if err != nil || meta == nil {
		return "", d.next.explain("reading from", err)
	}
	return meta.Reindex, nil
}

// SetMark stores how far the draft is, in the mapping of its index of articles.
func (d *Draft) SetMark(ctx context.Context, mark string) error {
	return d.next.explain("writing to", d.setMark(ctx, mark))
}

func (d *Draft) setMark(ctx context.Context, text string) error {
	body := object{"_meta": draftMeta{mark(), text}}
	return d.next.client.call(ctx, http.MethodPut, "/"+d.next.index(articles, d.next.now())+"/_mapping", body, nil)
}

// ensure makes an index of the new generation.
func (d *Draft) ensure(ctx context.Context, k kind, name string) error {
	if d.made[name] {
		return nil
	}
	lifecycle, err := d.next.hasLifecycle(ctx)
	if err != nil {
		return err
	}
	err = d.next.client.call(ctx, http.MethodPut, "/"+name, d.next.indexBody(k, lifecycle), nil)
	var r *refusal
	if err != nil && !(errors.As(err, &r) && r.kind == "resource_already_exists_exception") {
		return fmt.Errorf("making index %s: %w", name, err)
	}
	d.made[name] = true
	return nil
}

// indexBody is what the templates say of an index, but for its aliases.
func (x *Index) indexBody(k kind, lifecycle bool) object {
	wanted := []string{x.prefix + "-settings", x.alias(k) + "-mappings", x.prefix + "-ilm"}
	body, all := object{}, object{}
	for _, t := range x.templates(lifecycle) {
		if t.path != componentPath || !slices.Contains(wanted, t.name) {
			continue
		}
		content, _ := t.body["template"].(object) // as component makes it
		if some, has := content["settings"].(object); has {
			body["settings"] = with(all, some)
		}
		if mappings, has := content["mappings"]; has {
			body["mappings"] = mappings
		}
	}
	return body
}

// Write keeps the promises of search.Writer, in the new generation.
func (d *Draft) Write(ctx context.Context, documents []search.Document) error {
	for i := range documents {
		if documents[i].Check() != nil {
			continue // Write says so
		}
		for _, k := range []kind{versions, articles, revisions} {
			if err := d.ensure(ctx, k, d.next.index(k, documents[i].Time)); err != nil {
				return d.next.explain("writing to", err)
			}
		}
	}
	return d.next.Write(ctx, documents)
}

// patterns are of all indices of the new generation.
func (d *Draft) patterns() string {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		all[i] = d.next.pattern(k)
	}
	return strings.Join(all, ",")
}

func (d *Draft) refresh(ctx context.Context) error {
	return d.next.client.call(ctx, http.MethodPost, "/"+d.patterns()+"/_refresh?"+lenient, nil, nil)
}

// Delete removes an article from the new generation.
func (d *Draft) Delete(ctx context.Context, article string) error {
	return d.next.explain("deleting from", d.delete(ctx, article))
}

func (d *Draft) delete(ctx context.Context, article string) error {
	body := object{
		"query": object{"term": object{"article": article}}, "_source": false, "version": true, "size": maxPage,
		"sort": []any{"_doc"}, "track_total_hits": false,
	}
	for range maxRounds {
		if err := d.refresh(ctx); err != nil {
			return err
		}
		var answer searchAnswer
		if err := d.next.client.call(ctx, http.MethodPost, "/"+d.patterns()+"/_search?"+strict, body, &answer); err != nil {
			return err
		}
		if len(answer.Hits.Hits) == 0 {
			return nil
		}
		var found []operation
		for _, hit := range answer.Hits.Hits {
			found = append(found, operation{index: hit.Index, id: hit.ID, version: hit.Version})
		}
		if err := errors.Join(d.next.bulk(ctx, found)...); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: article %q goes on being written while it is deleted", search.ErrUnavailable, article)
}

// Has says which of the documents the new generation has, by article and version.
func (d *Draft) Has(ctx context.Context, documents []search.Document) ([]bool, error) {
	has, err := d.has(ctx, documents)
	return has, d.next.explain("reading from", err)
}

func (d *Draft) has(ctx context.Context, documents []search.Document) ([]bool, error) {
	if err := d.refresh(ctx); err != nil {
		return nil, err
	}
	keys := make([]string, len(documents))
	for i := range documents {
		keys[i] = documentID(&documents[i])
	}
	there := map[string]bool{}
	for part := range slices.Chunk(keys, maxPage) {
		body := object{
			"query": object{"bool": object{"filter": object{"terms": object{"key": part}}}}, "_source": false, "size": len(part),
			"track_total_hits": false,
		}
		var answer searchAnswer
		if err := d.next.client.call(ctx, http.MethodPost, "/"+d.next.pattern(versions)+"/_search?"+strict, body, &answer); err != nil {
			return nil, err
		}
		for _, hit := range answer.Hits.Hits {
			there[hit.ID] = true
		}
	}
	has := make([]bool, len(keys))
	for i, key := range keys {
		has[i] = there[key]
	}
	return has, nil
}

// Count gives the size of the new generation.
func (d *Draft) Count(ctx context.Context) (c search.Counts, err error) {
	if err := d.refresh(ctx); err != nil {
		return c, d.next.explain("counting in", err)
	}
	for k, into := range map[kind]*int64{articles: &c.Articles, versions: &c.Versions, revisions: &c.Revisions} {
		var answer struct {
			Count int64 `json:"count"`
		}
		if err := d.next.client.call(ctx, http.MethodGet, "/"+d.next.pattern(k)+"/_count?"+lenient, nil, &answer); err != nil {
			return search.Counts{}, d.next.explain("counting in", err)
		}
		*into = answer.Count
	}
	return c, nil
}

// names are the indices of a generation and a kind. Names that are aliases of another generation's are not
// among them.
func (x *Index) names(ctx context.Context, k kind) (map[string]indexAliases, error) {
	var answer map[string]indexAliases
	if err := x.client.call(ctx, http.MethodGet, "/"+x.pattern(k)+"/_alias?"+lenient, nil, &answer); err != nil {
		return nil, err
	}
	for name := range answer {
		if x.generationOf(name) != x.generation {
			delete(answer, name)
		}
	}
	return answer, nil
}

// indexAliases are the aliases of an index.
type indexAliases struct {
	Aliases map[string]any `json:"aliases"`
}

func sortedNames(of map[string]indexAliases) []string {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// discard deletes the indices of the new generation.
func (d *Draft) discard(ctx context.Context) error {
	for _, k := range kinds {
		all, err := d.next.names(ctx, k)
		if err != nil {
			return err
		}
		for _, name := range sortedNames(all) {
			if err := d.next.client.call(ctx, http.MethodDelete, "/"+name, nil, nil); err != nil && !refused(err, http.StatusNotFound) {
				return fmt.Errorf("deleting index %s: %w", name, err)
			}
		}
	}
	return nil
}

// readRaw pages through whole documents of an index as they are stored.
func (x *Index) readRaw(ctx context.Context, index string, sort []any, page func(ids []string, sources []json.RawMessage) error) error {
	body := object{"query": object{"match_all": object{}}, "size": maxPage, "sort": sort, "track_total_hits": false}
	for {
		var answer struct {
			Hits struct {
				Hits []struct {
					ID     string          `json:"_id"`
					Source json.RawMessage `json:"_source"`
					Sort   []any           `json:"sort"`
				} `json:"hits"`
			} `json:"hits"`
		}
		if err := x.client.call(ctx, http.MethodPost, "/"+index+"/_search?"+strict, body, &answer); err != nil {
			return err
		}
		var ids []string
		var sources []json.RawMessage
		for _, hit := range answer.Hits.Hits {
			ids, sources = append(ids, hit.ID), append(sources, hit.Source)
		}
		if err := page(ids, sources); err != nil || len(ids) < maxPage {
			return err
		}
		body["search_after"] = answer.Hits.Hits[len(ids)-1].Sort
	}
}
