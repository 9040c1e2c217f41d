package reindex_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stetnews/stet/services/internal/reindex"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/elastic"
)

// cluster is an empty index of its own on a real Elasticsearch.
func cluster(t *testing.T) *elastic.Index {
	t.Helper()
	address := os.Getenv("STET_TEST_ELASTICSEARCH")
	if address == "" {
		t.Skip("needs Elasticsearch: run scripts/elasticsearch.sh start and set STET_TEST_ELASTICSEARCH to what it prints")
	}
	prefix := fmt.Sprintf("test-%d-%08x", os.Getpid(), rand.Uint32())
	t.Cleanup(func() { wipe(t, address, prefix) })
	x, err := elastic.Connect(t.Context(), elastic.Config{Addresses: []string{address}, Prefix: prefix})
	must(t, err)
	t.Cleanup(func() { must(t, x.Close()) })
	_, err = x.Provision(t.Context(), false)
	must(t, err)
	return x
}

// wipe takes everything with a prefix off the server.
func wipe(t *testing.T, address, prefix string) {
	call := func(method, path string, into any) {
		request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, address+path, nil)
		must(t, err)
		answer, err := http.DefaultClient.Do(request)
		must(t, err)
		defer answer.Body.Close()
		if into != nil {
			must(t, json.NewDecoder(answer.Body).Decode(into))
		}
	}
	var indices map[string]any
	call("GET", "/"+prefix+"-*/_alias?ignore_unavailable=true", &indices)
	for name := range indices {
		call("DELETE", "/"+name, nil)
	}
	call("DELETE", "/_index_template/"+prefix+"-*", nil)
	call("DELETE", "/_component_template/"+prefix+"-*", nil)
}

// live is a draft in a cluster in which others go on writing.
type live struct {
	*elastic.Draft
	writes   int // until Write fails; negative for never
	onSwitch func()
}

func (l *live) Write(ctx context.Context, documents []search.Document) error {
	if l.writes == 0 {
		return errBroken
	}
	l.writes--
	return l.Draft.Write(ctx, documents)
}

func (l *live) Switch(ctx context.Context) error {
	l.onSwitch()
	return l.Draft.Switch(ctx)
}

// A laptop's collection moves into a cluster in which an indexer is at work: interrupted, gone on with, with an article
// taken down meanwhile.
func TestInAClusterAtWork(t *testing.T) {
	x := cluster(t)
	o := newOffice(t)
	want := map[string]search.Document{}
	commit := func(n, version int) {
		d := o.commit(n, fmt.Sprintf(text, version), false)
		want[d.ID()] = d
		must(t, x.Write(t.Context(), []search.Document{d})) // as the indexer does
	}
	for version := range 2 {
		for n := range 30 {
			commit(n, version)
		}
	}
	laptop := openIndex(t, filepath.Join(t.TempDir(), "index.db"))
	d := search.Document{Article: id(90), Version: 1, Time: day, Title: "Bridge", Body: "Lorries wait.", Sequence: 7000, Source: "Laptop"}
	must(t, laptop.Write(t.Context(), []search.Document{d}))
	d.Sequence = 0
	want[d.ID()] = d
	run := func(set func(*live)) (reindex.Result, error) {
		draft, err := x.Draft(t.Context(), false)
		must(t, err)
		l := &live{draft, -1, func() {}}
		set(l)
		return reindex.Run(t.Context(), reindex.Job{
			Stream: o, Draft: l, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
			Sources: []reindex.Source{{Name: "the index in use", Index: x}, {Name: "laptop", Index: laptop, Foreign: true}},
		})
	}
	if _, err := run(func(l *live) { l.writes = 1 }); err == nil {
		t.Fatal("the interruption is not told")
	}
	o.takeDown(3)
	must(t, x.Delete(t.Context(), id(3)))
	result, err := run(func(l *live) {
		l.onSwitch = func() {
			commit(5, 3) // into the old index, after the stream was read
			o.takeDown(4)
			must(t, x.Delete(t.Context(), id(4)))
		}
	})
	must(t, err)
	if !result.Resumed {
		t.Errorf("the result is %+v", result)
	}
	commit(6, 4) // by a writer that was there before
	must(t, x.Refresh(t.Context()))
	if diff := cmp.Diff(without(without(want, 3), 4), all(t, x)); diff != "" {
		t.Errorf("the new index (-want +got):\n%s", diff)
	}
	counts, err := x.Count(t.Context())
	if err != nil || counts != (search.Counts{Articles: 29, Versions: 59, Revisions: 30}) {
		t.Errorf("counted %+v, %v", counts, err)
	}
}
