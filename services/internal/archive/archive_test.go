package archive

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stetnews/stet/services/internal/article"
)

func TestPagesAndVersionsComeBack(t *testing.T) {
	ctx := t.Context()
	a, err := OpenFolder(t.TempDir() + "/archive with space")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	page := bytes.Repeat([]byte("<p>A page.</p>\x00\xff"), 1000)
	first, err := a.PutPage(ctx, page)
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.PutPage(ctx, page)
	if err != nil || first != second {
		t.Fatalf("an equal page got the key %q after %q, error %v", second, first, err)
	}
	got, err := a.Page(ctx, first)
	if err != nil || !bytes.Equal(got, page) {
		t.Fatalf("the page came back with %d bytes, error %v", len(got), err)
	}
	s := article.Snapshot{Title: "Ferry strike off", Blocks: []article.Block{{Kind: article.Paragraph, Text: "Boats sail."}}}
	if err := a.PutVersion(ctx, "abcd", 3, &s); err != nil {
		t.Fatal(err)
	}
	back, err := a.Version(ctx, "abcd", 3, s.Hash())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Error(diff)
	}
	if _, err := a.Version(ctx, "abcd", 4, s.Hash()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a version that is not there: %v, want ErrNotFound", err)
	}
}
