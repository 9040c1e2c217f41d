package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/searchtest"
)

func open(t testing.TB, path string) *Index {
	t.Helper()
	x, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func TestContract(t *testing.T) {
	searchtest.Run(t, func(t *testing.T) searchtest.Backend {
		return open(t, filepath.Join(t.TempDir(), "index.db"))
	})
}

func sample(article string, version int, body string) search.Document {
	return search.Document{Article: article, Version: version, Time: time.Date(2026, 3, version, 0, 0, 0, 0, time.UTC), Body: body}
}

func total(t *testing.T, x *Index, query string) int64 {
	t.Helper()
	q, err := search.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	result, err := x.Search(t.Context(), search.Request{Query: q, WithTotal: true})
	if err != nil {
		t.Fatal(err)
	}
	return result.Total
}

func TestOpenAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "odd name? 100% #1 ü")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "in dex?mode=memory&x=1#.db")
	x, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Write(t.Context(), []search.Document{sample("a", 1, "ferry")}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file has another name: %v", err)
	}
	if got := total(t, open(t, path), "ferry"); got != 1 {
		t.Errorf("after opening again: %d hits", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer := filepath.Join(folder, "newer.db")
	x, err := Open(t.Context(), newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.write.Exec(`UPDATE meta SET value = 99 WHERE key = 'schema_version'`); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, want string }{
		"not a database": {file("text.db", strings.Repeat("This is a letter to the editor. ", 99)), "no SQLite database"},
		"no folder":      {filepath.Join(folder, "missing", "index.db"), "cannot be opened"},
		"newer layout":   {newer, "layout 99"},
	} {
		_, err := Open(t.Context(), test.path)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLayoutOne opens a file as it was before versions said whether they were disclosed.
func TestLayoutOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	d := sample("a", 1, "ferry")
	if err := x.Write(t.Context(), []search.Document{d}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.write.Exec(`ALTER TABLE version DROP COLUMN disclosed; UPDATE meta SET value = 1 WHERE key = 'schema_version'`); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if x, err = Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if got, err := x.Get(t.Context(), "a", 1); err != nil || got.Disclosed || got.Body != "ferry" {
			t.Errorf("from layout 1 comes %+v, %v", got, err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	x = open(t, path)
	d.Disclosed = true
	if err := x.Write(t.Context(), []search.Document{d}); err != nil {
		t.Fatal(err)
	}
	if got, err := x.Get(t.Context(), "a", 1); err != nil || !got.Disclosed {
		t.Errorf("after writing it is disclosed: %v, %v", got.Disclosed, err)
	}
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for version := range 28 {
		if err := x.Write(t.Context(), []search.Document{sample("a", version+1, strings.Repeat("ferry ", 900))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ { // all but the page of the schema's root
		data[i] = 0xA5
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if x, err = Open(t.Context(), path); err == nil {
		defer func() { _ = x.Close() }()
		_, err = x.Search(t.Context(), search.Request{})
	}
	if err == nil || !strings.Contains(err.Error(), "stet reindex") {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index.db"))
	if err := x.Write(t.Context(), []search.Document{sample("a", 1, "ferry")}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.write.Exec(`PRAGMA max_page_count = 40`); err != nil {
		t.Fatal(err)
	}
	var letters strings.Builder
	for i := range 60000 {
		letters.WriteString(string(rune(0x4E00+i*7919%20000)) + " ")
	}
	large := sample("b", 1, letters.String())
	err := x.Write(t.Context(), []search.Document{large})
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Fatalf("Write to a full disk: %v", err)
	}
	if got := total(t, x, ""); got != 1 {
		t.Errorf("after a failed write: %d documents", got)
	}
	if _, err := x.write.Exec(`PRAGMA max_page_count = 100000`); err != nil {
		t.Fatal(err)
	}
	if err := x.Write(t.Context(), []search.Document{large}); err != nil {
		t.Errorf("once there is space: %v", err)
	}
	if counts, err := x.Count(t.Context()); err != nil || counts.Versions != 2 {
		t.Errorf("Count() = %+v, %v", counts, err)
	}
}

// TestRebuild makes an index whose tokens are another analyzer's, and stops the first rebuild midway.
func TestRebuild(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	const many = rebuildBatch*2 + 50
	var documents []search.Document
	for i := range many {
		d := sample("a", 1+i, strings.Repeat("ferry ", 50))
		d.Time = time.Date(1989, 12, 31, 23, 59, 59, i*1000000, time.UTC)
		d.Kinds = []string{"note"}
		documents = append(documents, d)
	}
	if err := x.Write(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`UPDATE meta SET value = -1 WHERE key = 'analyzer_version'`, `DELETE FROM fts`} {
		if _, err := x.write.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if done, err := x.rebuildSome(t.Context()); done || err != nil {
		t.Fatalf("first part of the rebuild: %v, %v", done, err)
	}
	if got := total(t, x, "ferry kind:note"); got != rebuildBatch {
		t.Errorf("after the first part: %d hits", got)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, path)
	if got := total(t, x, "ferry kind:note"); got != many {
		t.Errorf("after the rebuild: %d hits, want %d", got, many)
	}
	if _, err := x.write.Exec(`UPDATE meta SET value = -1 WHERE key = 'analyzer_version'`); err != nil {
		t.Fatal(err)
	}
	if err := x.rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := total(t, x, "ferry kind:note"); got != many {
		t.Errorf("after the second rebuild: %d hits, want %d", got, many)
	}
}

// TestOneMoment puts more documents into a millisecond than it has keys of its own.
func TestOneMoment(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index.db"))
	at := time.Date(2026, 3, 1, 0, 0, 0, 999999999, time.UTC)
	var documents []search.Document
	for i := range 1500 {
		d := sample("a", 1+i, "ferry")
		d.Time = at
		documents = append(documents, d)
	}
	if err := x.Write(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int64{
		"after:2026-03-01T00:00:01Z": 0, "before:2026-03-01T00:00:01Z": 1500, "ferry before:2026-03-01T00:00:01Z": 1500,
		"ferry after:2026-03-01T00:00:01Z": 0, "after:2026-03-01T00:00:00.999999999Z": 1500, "before:2026-03-01T00:00:00.999999999Z": 0,
	} {
		if got := total(t, x, query); got != want {
			t.Errorf("%s finds %d, want %d", query, got, want)
		}
	}
}

// TestTakedown looks for a deleted text in the bytes of the file and its log.
func TestTakedown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open(t, path)
	secret := sample("a", 1, "zebrafinch")
	secret.Title, secret.Added = "Zebrafinch", "zebrafinch"
	if err := x.Write(t.Context(), []search.Document{secret, sample("b", 1, "ferry")}); err != nil {
		t.Fatal(err)
	}
	if err := x.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := x.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(data)), "zebrafinch") {
			t.Errorf("%s still holds the deleted text", filepath.Base(name))
		}
	}
	if got := total(t, x, "ferry"); got != 1 {
		t.Errorf("the other article: %d hits", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index.db"))
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for version := range 20 {
				if err := x.Write(t.Context(), []search.Document{sample(string(rune('a'+worker)), version+1, "ferry")}); err != nil {
					t.Error(err)
				}
				if _, err := x.Search(t.Context(), search.Request{Query: search.Text{Text: "ferry"}, Highlight: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if got := total(t, x, "ferry"); got != 80 {
		t.Errorf("%d hits", got)
	}
}

func TestCancelled(t *testing.T) {
	x := open(t, filepath.Join(t.TempDir(), "index.db"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, search.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Search after cancelling: %v", err)
	}
	if err := x.Write(ctx, []search.Document{sample("a", 1, "ferry")}); !errors.Is(err, context.Canceled) {
		t.Errorf("Write after cancelling: %v", err)
	}
}
