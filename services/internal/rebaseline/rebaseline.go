// Package rebaseline reads the archived page of an article's newest version again, after the extractor or what people say
// of the source's pages changed. What it reads becomes the text that the next reading is compared with; the version
// itself stays as it was published, and no revision comes of it.
package rebaseline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/stetnews/stet/services/internal/archive"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// Page is a raw page, and whose it is.
type Page struct {
	Article, Source, URL, ContentType string
	Body                              []byte
}

// Extractor reads pages by what is remembered of their sites.
type Extractor interface {
	// Identity names what pages of a source at an address are read by. Equal identities read equal pages alike.
	Identity(source, url string) article.Extractor
	// Read reads a page. Its error says that the page is no text at all.
	Read(p Page, memory []byte) (article.Snapshot, error)
}

// bus tells where a version's page is, and what is known of its site.
type bus interface {
	LastRevision(ctx context.Context, source, id string) (article.Event, uint64, error)
	Site(ctx context.Context, host string) ([]byte, uint64, error)
}

// store keeps pages and texts.
type store interface {
	Page(ctx context.Context, key string) ([]byte, error)
	PutVersion(ctx context.Context, id string, version int, s *article.Snapshot) error
}

// Reader reads pages again. Its Extractor may be nil: then nothing is ever read again.
type Reader struct {
	Bus       bus
	Archive   store
	Extractor Extractor
	Log       *slog.Logger
}

// ErrNoPage says that the page of a version cannot be read again: the archive does not have it, or it is no article to
// the extractor of today.
var ErrNoPage = errors.New("its archived page cannot be read again")

// Identity names what an article is read by today, as heads name it.
func (r *Reader) Identity(h article.Head) string {
	return r.Extractor.Identity(h.Source, h.URL).String()
}

// Newest reads the page of the newest version again and keeps the text in the archive, beside the version's own. It
// gives the text, and the head with that text as what readings are compared with; whoever stores the head does so by
// compare-and-swap, so that a crash before leaves a text in the archive that nothing refers to, and it is made again. An
// error that is ErrNoPage is for good; any other may be tried again.
func (r *Reader) Newest(ctx context.Context, h article.Head) (article.Snapshot, article.Head, error) {
	if h.Page == "" { // the head is older than this member, or the version is
		last, _, err := r.Bus.LastRevision(ctx, h.Source, h.Article)
		switch {
		case eventbus.IsNotFound(err) || err == nil && (last.Version != h.Version || last.Page == ""):
			return article.Snapshot{}, h, fmt.Errorf("%w: nothing says which it is", ErrNoPage)
		case err != nil:
			return article.Snapshot{}, h, err
		}
		h.Page, h.ContentType = last.Page, last.ContentType
	}
	s, err := r.Again(ctx, Page{Article: h.Article, Source: h.Source, URL: h.URL, ContentType: h.ContentType}, h.Page)
	if err != nil {
		return s, h, err
	}
	h, err = r.Take(ctx, h, &s)
	return s, h, err
}

// Again reads the page that the archive has under a key. Its errors are those of Newest.
func (r *Reader) Again(ctx context.Context, p Page, key string) (article.Snapshot, error) {
	if key == "" {
		return article.Snapshot{}, fmt.Errorf("%w: it has none", ErrNoPage)
	}
	var err error
	if p.Body, err = r.Archive.Page(ctx, key); errors.Is(err, archive.ErrNotFound) {
		return article.Snapshot{}, fmt.Errorf("%w: %w", ErrNoPage, err)
	} else if err != nil {
		return article.Snapshot{}, err
	}
	s, err := r.Extractor.Read(p, r.memory(ctx, p.URL))
	switch {
	case err != nil:
		return s, fmt.Errorf("%w: %w", ErrNoPage, err)
	case s.Quality.Verdict == article.NotAnArticle:
		return s, fmt.Errorf("%w: it does not read like an article %v", ErrNoPage, s.Quality.Reasons)
	}
	return s, nil
}

// Take makes a text what readings of the article are compared with from now on, and gives the head that says so.
func (r *Reader) Take(ctx context.Context, h article.Head, s *article.Snapshot) (article.Head, error) {
	h.Extractor, h.Baseline = s.Extractor.String(), ""
	hash := s.Hash()
	if hash == h.Hash {
		return h, nil
	}
	h.Baseline = hash
	return h, r.Archive.PutVersion(ctx, h.Article, h.Version, s)
}

func (r *Reader) memory(ctx context.Context, url string) []byte {
	u, err := urls.Parse(url, "")
	if err != nil {
		return nil
	}
	memory, _, err := r.Bus.Site(ctx, u.Host)
	if err != nil && !eventbus.IsNotFound(err) {
		r.Log.Warn("what is known of a site cannot be read", "site", u.Host, "error", err)
	}
	return memory
}
