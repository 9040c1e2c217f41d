package archive

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/stetnews/stet/services/internal/article"
)

func open(t *testing.T, place string) *Archive {
	t.Helper()
	a, err := Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// store is an object store that counts what is written, and answers 503 while it is told to.
type store struct {
	http.Handler
	puts, refused atomic.Int64
	down          atomic.Bool
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.down.Load() {
		s.refused.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.Method == http.MethodPut {
		s.puts.Add(1)
	}
	s.Handler.ServeHTTP(w, r)
}

// newStore serves a bucket over S3's protocol and gives the archive's URL.
func newStore(t *testing.T) (*store, string) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("stet"); err != nil {
		t.Fatal(err)
	}
	s := &store{Handler: gofakes3.New(backend).Server()}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return s, "s3://stet?region=any&use_path_style=true&endpoint=" + url.QueryEscape(server.URL)
}

func TestContract(t *testing.T) {
	t.Run("folder", func(t *testing.T) { contract(t, open(t, t.TempDir()+"/archive with space")) })
	t.Run("object store", func(t *testing.T) {
		_, place := newStore(t)
		contract(t, open(t, place))
	})
}

func TestARepeatCostsNothing(t *testing.T) {
	s, place := newStore(t)
	a := open(t, place)
	for range 3 {
		if _, err := a.PutPage(t.Context(), "abcd", []byte("<p>A page.</p>")); err != nil {
			t.Fatal(err)
		}
	}
	if puts := s.puts.Load(); puts != 1 {
		t.Errorf("an equal page was written %d times", puts)
	}
}

func TestAStoreThatIsDownIsAnErrorUntilItIsBack(t *testing.T) {
	s, place := newStore(t)
	a := open(t, place)
	s.down.Store(true)
	impatient := func() context.Context { // the client would try again for seconds
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	if _, err := a.PutPage(impatient(), "abcd", []byte("<p>A page.</p>")); err == nil {
		t.Error("a page was kept by a store that is down")
	}
	if err := a.Ready(impatient()); err == nil {
		t.Error("a store that is down is ready")
	}
	if _, err := a.Version(impatient(), "abcd", 1, "x"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("a store that is down answers %v: that must not read as nothing there", err)
	}
	if s.refused.Load() == 0 {
		t.Error("the store was never asked while it was down")
	}
	s.down.Store(false)
	key, err := a.PutPage(t.Context(), "abcd", []byte("<p>A page.</p>"))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := a.Page(t.Context(), key); err != nil || string(body) != "<p>A page.</p>" {
		t.Errorf("got %q, error %v", body, err)
	}
}

func contract(t *testing.T, a *Archive) {
	ctx := t.Context()
	if err := a.Ready(ctx); err != nil {
		t.Error(err)
	}
	page := bytes.Repeat([]byte("<p>A page.</p>\x00\xff"), 1000)
	first, err := a.PutPage(ctx, "abcd", page)
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.PutPage(ctx, "abcd", page)
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

	if err := a.PutVersion(ctx, "abcde", 1, &s); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds nothing
		if err := errors.Join(a.DeleteArticle(ctx, "abcd"), a.DeletePage(ctx, first)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Version(ctx, "abcd", 3, s.Hash()); !errors.Is(err, ErrNotFound) {
		t.Errorf("a deleted version: %v, want ErrNotFound", err)
	}
	if _, err := a.Page(ctx, first); !errors.Is(err, ErrNotFound) {
		t.Errorf("a deleted page: %v, want ErrNotFound", err)
	}
	if _, err := a.Version(ctx, "abcde", 1, s.Hash()); err != nil {
		t.Errorf("another article lost a version: %v", err)
	}
	if err := a.DeletePage(ctx, "versions/ab/abcde"); err == nil {
		t.Error("what is not a page was deleted as one")
	}
}
