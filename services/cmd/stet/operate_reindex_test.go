package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/embedded"
	"github.com/stetnews/stet/services/internal/reindex"
	indexed "github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/sqlite"
	"github.com/stetnews/stet/services/launch"
)

// publish makes a data folder with so many articles in its stream, as a stet would leave it; its index is behind.
func publish(t *testing.T, data string, articles int) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	server, err := embedded.Start(embedded.Config{Folder: filepath.Join(data, "nats"), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	nc, err := server.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	bus, err := eventbus.Open(t.Context(), nc, eventbus.Everything, log)
	if err != nil {
		t.Fatal(err)
	}
	for n := range articles {
		s := article.Snapshot{Title: fmt.Sprintf("Bridge %d", n), Blocks: []article.Block{{Text: "Lorries wait."}}}
		e := article.Event{Article: article.Token(fmt.Sprint("https://gazette.example/", n)), Source: "Harbour Post", Version: 1, Hash: s.Hash(),
			FetchedAt: time.Date(2026, 3, 1, 0, n, 0, 0, time.UTC), Snapshot: s, Kinds: []string{"first"}}
		if _, err := bus.PublishRevision(t.Context(), e, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// versionsIn counts what an index file has.
func versionsIn(t *testing.T, file string) int64 {
	t.Helper()
	x, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	counts, err := x.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts.Versions
}

func TestReindex(t *testing.T) {
	u := newUser(t)
	publish(t, u.data, 30)
	index := filepath.Join(u.data, "index.db")
	stdout, stderr, code := u.stet("reindex")
	if code != 0 || !strings.Contains(stdout, "30 articles, 30 versions, 0 of them revisions") || !strings.Contains(stderr, "streaming") {
		t.Fatalf("%d, %s%s", code, stdout, stderr)
	}
	if n := versionsIn(t, index); n != 30 {
		t.Errorf("the index has %d versions", n)
	}
	if left, err := filepath.Glob(index + "?*"); err != nil || len(left) != 0 {
		t.Errorf("there is left %v, %v", left, err)
	}
	// An index that is no index is moved away, as it says, and made from the stream alone.
	if err := os.WriteFile(index, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := u.stet("reindex"); code != 1 || !strings.Contains(stderr, "move its file away") {
		t.Errorf("%d, %s", code, stderr)
	}
	if err := os.Rename(index, index+".broken"); err != nil {
		t.Fatal(err)
	}
	var result struct{ Articles, Written int }
	stdout, stderr, code = u.stet("reindex", "--json")
	if isJSON(t, stdout, &result); code != 0 || result.Articles != 30 || result.Written != 30 {
		t.Errorf("%d, %s%s", code, stdout, stderr)
	}
}

func TestReindexTakesInAnotherFolder(t *testing.T) {
	laptop := filepath.Join(t.TempDir(), "laptop")
	if err := os.Mkdir(laptop, 0o700); err != nil {
		t.Fatal(err)
	}
	x, err := sqlite.Open(t.Context(), filepath.Join(laptop, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	d := indexed.Document{Article: "laptoplaptoplapt", Version: 1, Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Title: "Ferry", Sequence: 8}
	if err := x.Write(t.Context(), []indexed.Document{d}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{laptop, filepath.Join(laptop, "index.db")} {
		u := newUser(t)
		publish(t, u.data, 3)
		stdout, stderr, code := u.stet("reindex", "--from", from)
		if code != 0 || !strings.Contains(stdout, "4 articles, 4 versions") {
			t.Errorf("from %s: %d, %s%s", from, code, stdout, stderr)
		}
		if n := versionsIn(t, filepath.Join(u.data, "index.db")); n != 4 {
			t.Errorf("from %s there are %d versions", from, n)
		}
	}
}

func TestReindexRefusals(t *testing.T) {
	u := newUser(t)
	publish(t, u.data, 1)
	empty := t.TempDir()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--from", filepath.Join(empty, "none")}, "nothing can be taken in from"},
		{[]string{"--from", empty}, "has no search index in a file"},
		{[]string{"--from", u.data}, "is the index that is rebuilt"},
		{[]string{"--data", filepath.Join(empty, "none")}, "there is no data folder"},
	} {
		if stdout, stderr, code := u.stet(append([]string{"reindex"}, test.args...)...); code != 1 || !strings.Contains(stderr, test.want) {
			t.Errorf("%q: %d, %s%s", test.args, code, stdout, stderr)
		}
	}
}

func TestReindexIsInterrupted(t *testing.T) {
	u := newUser(t)
	publish(t, u.data, 5)
	ctx, stop := context.WithCancel(t.Context())
	var out, complaints bytes.Buffer
	a := u.app
	a.stdin, a.stdout = strings.NewReader(""), &out
	a.stderr = writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "streaming") {
			stop() // as someone at the keyboard would
		}
		return complaints.Write(p)
	})
	if code := a.main(ctx, []string{"reindex"}); code != 1 || !strings.Contains(complaints.String(), "goes on from here") || out.Len() != 0 {
		t.Fatalf("%d, %s%s", code, &out, &complaints)
	}
	stdout, stderr, code := u.stet("reindex")
	if code != 0 || !strings.Contains(stdout, "5 articles") || !strings.Contains(stdout, "of the interrupted run") {
		t.Errorf("%d, %s%s", code, stdout, stderr)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestMeter(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		terminal bool
		want     string
	}{
		{false, "streaming\nstreaming, 50 %, 2000 documents, 200 a second\nswitching\n"},
		{true, "\r\x1b[Kstreaming\r\x1b[Kstreaming, 10 %, 100 documents, 100 a second" +
			"\r\x1b[Kstreaming, 50 %, 2000 documents, 200 a second\n\r\x1b[Kswitching\n"},
	} {
		var out strings.Builder
		at := now
		m := newMeter(&out, func() time.Time { return at })
		m.terminal = test.terminal
		m.show(reindex.Progress{Step: "streaming", Share: -1})
		at = now.Add(time.Second)
		m.show(reindex.Progress{Step: "streaming", Share: 0.1, Documents: 100})
		m.show(reindex.Progress{Step: "streaming", Share: 0.11, Documents: 120})
		at = now.Add(10 * time.Second)
		m.show(reindex.Progress{Step: "streaming", Share: 0.5, Documents: 2000})
		m.show(reindex.Progress{Step: "switching", Share: -1})
		m.end()
		if out.String() != test.want {
			t.Errorf("on a terminal %v:\n%q\nwant\n%q", test.terminal, out.String(), test.want)
		}
	}
}

// The whole way on a data folder on which no stet runs: taken down, not found any more, and not brought back by a reindex.
func TestTakenDownStaysDown(t *testing.T) {
	u := newUser(t)
	u.app.offline = launch.Offline
	u.write("token", "0123456789abcdef\n")
	publish(t, u.data, 3)
	id := article.Token("https://gazette.example/1")
	run := func(want string, args ...string) {
		t.Helper()
		if stdout, stderr, code := u.stet(args...); code != 0 || !strings.Contains(stdout, want) {
			t.Fatalf("%q: %d, %s%s, want %s", args, code, stdout, stderr, want)
		}
	}
	run("3 articles", "reindex")
	run("3 of 3", "search", "bridge")
	run("a tombstone of", "takedown", id, "--reason", "named a witness")
	run("2 of 2", "search", "bridge")
	if _, stderr, code := u.stet("show", id); code != 1 || !strings.Contains(stderr, "was taken down: named a witness") {
		t.Errorf("%d, %s", code, stderr)
	}
	run("2 articles, 2 versions", "reindex")
	run("was taken down before", "takedown", id, "--reason", "again")
	run("there are no dead letters", "dead-letters", "list")
}
