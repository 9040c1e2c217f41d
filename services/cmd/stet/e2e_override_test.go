package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/newssite"
)

// TestAnOverrideThatChangesUnderARunningStet leaves a paragraph out from one day to the next: no revision comes of that, nor
// of an edit in it from then on, while an edit elsewhere is seen as what it is.
func TestAnOverrideThatChangesUnderARunningStet(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	press := newPress(t, 1)
	id, address := press.write(t, 0, 0)
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "overrides.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[]\n")
	stet := spawn(ctx, t, "--data", data, "--web", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--allow-network", "127.0.0.0/8",
		"--host-gap", "50ms", "--log-format", "json", "--overrides", file, "--feed", press.addresses[0].FeedURL)
	stet.connect(data)
	first := stet.watch(ctx, func(h history) bool { return h.total() == 1 })[address][0]
	article := first.GetArticle()

	write(fmt.Sprintf("- source: %q\n  note: the desk's standing paragraph\n  exclude: ['p:contains(\"Two engineers\")']\n", first.GetSource()))
	again := &queryv1.ReExtractResponse{}
	eventually(ctx, t, "the changed override is in force", func() bool {
		for p, err := range stet.client.ReExtract(ctx, article, "") {
			if err != nil {
				t.Fatal(err)
			}
			again = p
		}
		return again.GetDone() == 1
	})
	if again.GetChanged() != 1 || again.GetMissing() != 0 {
		t.Errorf("reading the page again: %v", again)
	}
	edit := func(old, now string) {
		t.Helper()
		before, err := stet.client.Article(ctx, article)
		if err != nil {
			t.Fatal(err)
		}
		if err := press.Edit(id, func(s *newssite.Story) {
			for i := range s.Paragraphs {
				s.Paragraphs[i] = strings.Replace(s.Paragraphs[i], old, now, 1)
			}
		}); err != nil {
			t.Fatal(err)
		}
		stet.checkNow(ctx, article)
		eventually(ctx, t, "the article was looked at", func() bool {
			a, err := stet.client.Article(ctx, article)
			return err == nil && a.GetLastChecked().AsTime().After(before.GetLastChecked().AsTime())
		})
	}
	edit("Two engineers from the harbour", "Two engineers from the university")
	if versions := stet.versions(ctx, article); len(versions) != 1 || !strings.Contains(versions[0].GetSnapshot().GetBody(), "Two engineers from the harbour") {
		t.Errorf("after an edit of what is left out there are %d versions", len(versions))
	}
	edit("loaded with gravel", "laden with quartz")
	stet.watch(ctx, func(h history) bool { return len(h[address]) == 2 })
	answer, err := stet.client.Diff(ctx, article, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	if changes := answer.GetRevision().GetChanges(); len(changes) != 1 || strings.Contains(answer.GetTo().GetSnapshot().GetBody(), "Two engineers") {
		t.Errorf("the second version has the changes %v", changes)
	}
	stet.interrupt()
}
