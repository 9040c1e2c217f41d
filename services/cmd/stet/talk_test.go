package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

func TestTalk(t *testing.T) {
	for _, test := range []struct {
		args   []string
		stdin  string
		code   int
		stdout []string // in the output, in this order
		stderr string
	}{
		{args: []string{"search", "bridge", `"two years"`}, stdout: []string{harmless, "body: the *bridge*", "3 of 3"}},
		{args: []string{"search", "--limit", "1", "bridge", `"two years"`}, stdout: []string{harmless, "1 of 3"}},
		{args: []string{"search", "--limit=none", "x"}, code: 2, stderr: `limit is "none"`},
		{args: []string{"search", "title:"}, code: 1, stderr: "unknown query title:"},
		{args: []string{"show", known}, stdout: []string{"failed (the site failed)", "left out at the newest reading", "- " + harmless, "a counter", "and 2 more", "tries again", "version 1", "version 3", harmless, "It cost money."}},
		{args: []string{"show", known, "2"}, stdout: []string{"version 2, read"}},
		{args: []string{"show", known, "4"}, code: 1, stderr: "no such version"},
		{args: []string{"show", known, "new"}, code: 2, stderr: `VERSION is "new"`},
		{args: []string{"show", "qqqqqqqqqqqqqqqq"}, code: 1, stderr: "no article"},
		{args: []string{"show", "bridge"}, code: 2, stderr: "neither an article's id"},
		{args: []string{"show", "https://news.example/x"}, code: 1, stderr: article.Token("https://news.example/x")},
		{args: []string{"checks", known}, stdout: []string{"503  failed", harmless, "200  read, a new version", "2 of 7"}},
		{args: []string{"checks", "qqqqqqqqqqqqqqqq"}, code: 1, stderr: "no article"},
		{args: []string{"checks", known, "--limit", "-"}, code: 2, stderr: "limit is"},
		{args: []string{"feeds", "polls", "https://a.example/f"}, stdout: []string{"404", harmless, "20 items, 3 new, 0 changed", "nothing in it was known", "2 of 2"}},
		{args: []string{"diff", known}, stdout: []string{"nothing to version 3", "It cost [-30-]{+45+}."}},
		{args: []string{"diff", known, "1..x"}, code: 2, stderr: `TO is "x"`},
		{args: []string{"check", known}, stdout: []string{"1 asked for, 1 waited already"}},
		{args: []string{"check"}, code: 2, stderr: "say which articles"},
		{args: []string{"check", "--all", known}, code: 2, stderr: "say which articles"},
		{args: []string{"check", "--all", "--token", "0123456789abcdef"}, code: 1, stderr: "this needs the token (it came by flag --token)"},
		{args: []string{"feeds", "list"}, stdout: []string{"no feed is watched"}},
		{args: []string{"feeds", "add", "https://a.example/f", "gopher://b"}, code: 1, stdout: []string{"watching https://a.example/f"}, stderr: "gopher://b: adding a feed: not a web address"},
		{args: []string{"feeds", "remove", "zzz"}, code: 1, stderr: "no feed zzz"},
		{args: []string{"feeds", "pause", "zzz"}, code: 1, stderr: "no such feed is watched"},
		{args: []string{"feeds", "import"}, stdin: "<html></html>", code: 1, stderr: "this is not OPML"},
		{args: []string{"feeds", "import", "none.opml"}, code: 1, stderr: "none.opml"},
		{args: []string{"hosts"}, stdout: []string{"gazette.example", "resting: It asked for a pause", "next turn from 2026-", "12 pages and 1 feeds wait",
			"gap 2s, answers in 300ms, robots.txt asks for 5s", "(status 200)", "last trouble 2026-", harmless, "post.example", "idle: Nothing waits", "next turn at once",
			"gap -", "robots.txt was not read yet, and cannot be read now: " + harmless}},
		{args: []string{"hosts", "--limit", "1", "example"}, stdout: []string{"gazette.example", "there are more"}},
		{args: []string{"hosts", "nowhere"}, stdout: []string{"no such host is known"}},
		{args: []string{"hosts", "--limit", "0"}, code: 2, stderr: `limit is "0"`},
		{args: []string{"hosts", "--json", "gazette"}, stdout: []string{`"name": "gazette.example"`, `"state": "RESTING"`, `"gap": "2s"`}},
		{args: []string{"export", "versions", "--since", "soon"}, code: 2, stderr: `--since "soon"`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			u := userOf(t, serve(t))
			u.stdin = test.stdin
			stdout, stderr, code := u.stet(test.args...)
			if code != test.code || !strings.Contains(stderr, test.stderr) || test.stderr == "" && stderr != "" {
				t.Errorf("exit %d, want %d; complaint %q, want %q", code, test.code, stderr, test.stderr)
			}
			rest := stdout
			for _, want := range test.stdout {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Fatalf("%q is not (in this order) in\n%s", want, stdout)
				}
				rest = after
			}
			if strings.ContainsAny(stdout+stderr, "\x1b\x07\u202e") {
				t.Errorf("the terminal is commanded: %q", stdout+stderr)
			}
		})
	}
}

func TestTalkJSON(t *testing.T) {
	f := serve(t)
	u := userOf(t, f)
	get := func(into any, args ...string) {
		t.Helper()
		stdout, stderr, code := u.stet(append(args, "--json")...)
		if code != 0 {
			t.Fatalf("%q: %s", args, stderr)
		}
		if strings.ContainsAny(stdout, "\x1b\x07\u202e") {
			t.Errorf("the terminal is commanded: %q", stdout)
		}
		isJSON(t, stdout, into)
	}
	var feeds []map[string]any
	if get(&feeds, "feeds", "list"); feeds == nil || len(feeds) != 0 {
		t.Errorf("no feeds are %v", feeds)
	}
	get(&feeds, "feeds", "add", "https://a.example/f", "--source", "A", "--folder", "Dailies")
	if len(feeds) != 1 || feeds[0]["source"] != "A" || feeds[0]["folder"] != "Dailies" || feeds[0]["paused"] != false {
		t.Errorf("added %v", feeds)
	}
	if get(&feeds, "feeds", "pause", "https://a.example/f"); feeds[0]["paused"] != true || feeds[0]["id"] != "ida" {
		t.Errorf("paused %v", feeds)
	}
	var hits struct {
		Total int
		Hits  []struct{ Revision map[string]any }
	}
	if get(&hits, "search", "--relevance", "bridge", `"two years"`); hits.Total != 3 || len(hits.Hits) != 3 || hits.Hits[0].Revision["title"] != hostile {
		t.Errorf("found %v", hits)
	}
	var shown struct {
		Article, Version map[string]any
		Versions         []any
	}
	if get(&shown, "show", known); shown.Article["id"] != known || len(shown.Versions) != 3 || shown.Version["version"] != 3.0 {
		t.Errorf("shown %v", shown)
	}
	var change struct{ Revision map[string]any }
	if get(&change, "diff", known, "1..3"); change.Revision["weight"] != "NONE" || !slices.Contains(f.diffed, [2]int32{1, 3}) {
		t.Errorf("changed %v of %v", change, f.diffed)
	}
	var asked map[string]any
	if get(&asked, "check", known, "https://news.example/x"); asked["asked"] != 2.0 || len(f.checked) != 2 {
		t.Errorf("asked %v, checked %v", asked, f.checked)
	}
}

func TestWatch(t *testing.T) {
	f := serve(t)
	u := userOf(t, f)
	f.cursors <- "c1"
	f.cursors <- "c2"
	close(f.cursors)
	stdout, stderr, code := u.stet("watch", "--json", "--cursor", "c0", "kind:headline", "bridge")
	if code != 1 || !strings.Contains(stderr, "the fake is done") {
		t.Errorf("%d, %s", code, stderr)
	}
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); len(lines) != 2 {
		t.Errorf("%d lines", len(lines))
	} else {
		var line struct{ Cursor string }
		if isJSON(t, lines[1], &line); line.Cursor != "c2" {
			t.Errorf("line 2 is %s", lines[1])
		}
	}
	if f.watched.GetQuery() != "kind:headline bridge" || f.watched.GetCursor() == "" {
		t.Errorf("asked for %v", f.watched)
	}
	stdout, _, _ = userOf(t, f).stet("watch")
	if stdout != "" {
		t.Errorf("after the end there is %q", stdout)
	}
}

func TestExport(t *testing.T) {
	u := userOf(t, serve(t))
	for _, test := range []struct {
		args    []string
		lines   int
		members []string
	}{
		{[]string{"export", "versions", "--jsonl"}, 3, []string{"article", "version", "snapshot", "hash"}},
		{[]string{"export", "revisions", "--since", "2026-03-01T02:00:00Z"}, 2, []string{"article", "version", "title", "revision"}},
	} {
		stdout, stderr, code := u.stet(test.args...)
		lines := strings.Split(strings.TrimSpace(stdout), "\n")
		if code != 0 || len(lines) != test.lines || stderr != "" {
			t.Fatalf("%q: exit %d, %d lines, %s", test.args, code, len(lines), stderr)
		}
		for i, line := range lines {
			var members map[string]json.RawMessage
			isJSON(t, line, &members)
			for _, m := range test.members {
				if members[m] == nil {
					t.Errorf("%q: line %d has no %s", test.args, i+1, m)
				}
			}
			if want := string(rune('3' - i)); string(members["version"]) != want {
				t.Errorf("%q: line %d is version %s", test.args, i+1, members["version"])
			}
		}
	}
}

func TestFeedsTravelAsOPML(t *testing.T) {
	u := userOf(t, serve(t))
	u.stdin = `<opml version="2.0"><body><outline text="Dailies"><outline text="A &amp; B" xmlUrl="https://a.example/f"/></outline>
		<outline text="bad" xmlUrl="gopher://c"/><outline text="D" xmlUrl="https://d.example/f"/></body></opml>`
	stdout, stderr, code := u.stet("feeds", "import", "-")
	if code != 1 || !strings.Contains(stdout, "watching 2 feeds of the list, 1 were refused") || !strings.Contains(stderr, "gopher://c") {
		t.Fatalf("%d, %s%s", code, stdout, stderr)
	}
	file := filepath.Join(t.TempDir(), "feeds.opml")
	if stdout, stderr, code := u.stet("feeds", "export", file); code != 0 || !strings.Contains(stdout, "2 feeds are in") {
		t.Fatalf("%d, %s%s", code, stdout, stderr)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://a.example/f", "https://d.example/f", "Dailies", "A &amp; B"} {
		if !strings.Contains(string(content), want) {
			t.Errorf("%q is not in %s", want, content)
		}
	}
	if stdout, _, _ := u.stet("feeds", "list"); !strings.Contains(stdout, "A & B") || !strings.Contains(stdout, "not polled yet") {
		t.Errorf("the list is %s", stdout)
	}
}
