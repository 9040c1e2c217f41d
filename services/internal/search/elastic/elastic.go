// Package elastic keeps the search index in Elasticsearch 8. It finds what every other backend finds, because the words
// of a text are cut by search.Analyze before they are sent, and Elasticsearch only splits them at spaces.
//
// # What is where
//
// Behind four aliases stand the documents of four kinds. With the default prefix:
//
//   - stet-versions has one document for each version of an article: its text, and the words that searching uses, in
//     the fields tokens.*. Everything that search.Searcher gives comes from here.
//   - stet-revisions has one document for each version but the first: what kind of change made it, its weight and
//     score, whether it was disclosed, the text that came and went, and how long after publication it was seen. It is
//     for people with Kibana.
//   - stet-articles has one document for each article as of its newest version, with the number of versions.
//   - stet-checks has one document for each look at an article's page.
//
// The indices are monthly, named by the document's own time, so that a replay comes to the same index whenever it
// happens: stet-versions-1-2026.03, where 1 is the generation, which a reindex counts up. Articles have no time that
// stays, so theirs is the single index stet-articles-1-all. The month of a version must not change.
//
// # Order and repetition
//
// The id of a document is its article and version, and its external version is the sequence of the event it came from.
// An older copy that comes late is refused by Elasticsearch, which Write takes as success. For stet-articles the
// external version is the article's version with the sequence behind it. The fields tokens.* are searched, not stored.
//
// # When writes are seen
//
// Write returns when the documents are on the disk of every copy that answers. Searches see them after the index
// refreshes, at most a second later (the setting index.refresh_interval). Nothing waits for that but Delete, whose effect is
// seen at once.
package elastic

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// Config is how to reach Elasticsearch and what to call things there.
type Config struct {
	Addresses []string // URLs of nodes of one cluster; at least one
	Username  string
	Password  string
	APIKey    string // in base64; instead of a user name
	CAFile    string // PEM file of the authority that signed the nodes' certificates; empty for those of the system
	Prefix    string // of aliases, indices and templates; "stet" where empty
}

// Index is a search index in Elasticsearch. It is a search.Writer and a search.Searcher, safe for concurrent use.
type Index struct {
	client     *client
	prefix     string
	generation int
	now        func() time.Time

	mu    sync.Mutex
	known map[string]bool // indices that were seen to be of our templates
}

var (
	_ search.Writer   = (*Index)(nil)
	_ search.Searcher = (*Index)(nil)
)

// ErrNotProvisioned says that the templates are missing.
var ErrNotProvisioned = errors.New("the templates of stet are missing: run `stet provision`")

// Open connects to a cluster that was provisioned. Errors say what to do: they wrap ErrNotProvisioned where the
// templates are missing, and search.ErrUnavailable where it may help to try again later.
func Open(ctx context.Context, config Config) (*Index, error) {
	x, err := Connect(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := x.verify(ctx); err != nil {
		return nil, fmt.Errorf("opening the search index at %s: %w", x.client.name, err)
	}
	return x, nil
}

// Connect is Open without the demand that the templates be there, for Provision.
func Connect(ctx context.Context, config Config) (*Index, error) {
	return connect(ctx, config, time.Now)
}

var prefixForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,63}$`)

func connect(ctx context.Context, config Config, now func() time.Time) (*Index, error) {
	prefix := config.Prefix
	if prefix == "" {
		prefix = "stet"
	}
	if !prefixForm.MatchString(prefix) {
		return nil, fmt.Errorf("the prefix %q of the search index must be lower-case letters, digits, and - _ . inside: choose another", prefix)
	}
	c, err := newClient(config)
	if err != nil {
		return nil, fmt.Errorf("the settings of Elasticsearch: %w", err)
	}
	x := &Index{client: c, prefix: prefix, generation: 1, now: now, known: make(map[string]bool)}
	if err := x.recognise(ctx); err != nil {
		return nil, fmt.Errorf("connecting to Elasticsearch at %s: %w", c.name, err)
	}
	x.generation, err = x.currentGeneration(ctx)
	if errors.Is(err, ErrNotProvisioned) {
		x.generation, err = 1, nil
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to Elasticsearch at %s: %w", c.name, err)
	}
	return x, nil
}

// Close gives back the connections.
func (x *Index) Close() error {
	x.client.idle()
	return nil
}

// Refresh makes every write so far visible to searches.
func (x *Index) Refresh(ctx context.Context) error {
	return x.explain("refreshing", x.refresh(ctx, kinds...))
}

func (x *Index) refresh(ctx context.Context, which ...kind) error {
	return x.client.call(ctx, "POST", "/"+x.aliases(which...)+"/_refresh?"+lenient, nil, nil)
}

// lenient lets a request go to no index at all: before the first document of a kind there is none.
const lenient = "ignore_unavailable=true&allow_no_indices=true"

// kind is one of the four kinds of documents.
type kind string

const (
	articles  kind = "articles"
	versions  kind = "versions"
	revisions kind = "revisions"
	checks    kind = "checks"
)

var kinds = []kind{articles, versions, revisions, checks}

func (x *Index) alias(k kind) string { return x.prefix + "-" + string(k) }

func (x *Index) aliases(which ...kind) string {
	names := make([]string, len(which))
	for i, k := range which {
		names[i] = x.alias(k)
	}
	return strings.Join(names, ",")
}

// index is where a document of a time belongs.
func (x *Index) index(k kind, t time.Time) string {
	part := t.UTC().Format("2006.01")
	if k == articles {
		part = "all"
	}
	return fmt.Sprintf("%s-%s-%d-%s", x.prefix, k, x.generation, part)
}

// pattern is of all indices of a kind and this generation.
func (x *Index) pattern(k kind) string { return fmt.Sprintf("%s-%s-%d-*", x.prefix, k, x.generation) }

func (x *Index) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s the search index at %s: %w", doing, x.client.name, err)
}
