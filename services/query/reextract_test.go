package query

import (
	"errors"
	"testing"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/rebaseline"
)

// plain reads every page as one paragraph.
type plain struct{}

func (plain) Identity(string, string) article.Extractor {
	return article.Extractor{Name: "plain", Version: "2"}
}

func (x plain) Read(p rebaseline.Page, _ []byte) (article.Snapshot, error) {
	return article.Snapshot{
		Blocks: []article.Block{{Kind: article.Paragraph, Text: string(p.Body)}}, Extractor: x.Identity("", ""), Quality: article.Quality{Verdict: article.OK},
	}, nil
}

func TestReExtractTellsItsProgress(t *testing.T) {
	p := newPort(t)
	for id, text := range map[string]string{article.Token("a"): "The ferry.", article.Token("b"): "The bridge."} {
		key, err := p.archive.PutPage(t.Context(), id, []byte(text))
		p.must(err)
		p.must(p.bus.PutHead(t.Context(), article.Head{Article: id, Source: "Gazette", Version: 1, Hash: "of another text", Page: key, URL: "https://news.example/" + id}, 0))
	}
	deps := Deps{Index: p.index, Bus: p.bus, Archive: p.archive, ReExtract: &rebaseline.Job{
		Heads: p.bus, Reader: rebaseline.Reader{Bus: p.bus, Archive: p.archive, Extractor: plain{}},
	}}
	run := func(c *client.Client, id, source string) (last *queryv1.ReExtractResponse, err error) {
		for answer, err := range c.ReExtract(t.Context(), id, source) {
			if err != nil {
				return last, err
			}
			last = answer
		}
		return last, nil
	}
	c := serveDeps(t, deps, client.WithToken(secret))
	last, err := run(c, article.Token("a"), "")
	p.must(err)
	if last.GetTotal() != 1 || last.GetDone() != 1 || last.GetChanged() != 1 {
		t.Errorf("one article: %v", last)
	}
	last, err = run(c, "", "Gazette")
	p.must(err)
	if last.GetTotal() != 1 || last.GetDone() != 1 {
		t.Errorf("the rest of the source: %v", last)
	}
	if last, err = run(c, "", ""); err != nil || last.GetTotal() != 0 {
		t.Errorf("when all is done: %v, error %v", last, err)
	}
	a, err := c.Article(t.Context(), article.Token("a"))
	if err != nil || a.GetExtractor() != "plain/2" || a.GetVersions() != 1 {
		t.Errorf("the article is %v, error %v", a, err)
	}
	for name, call := range map[string]struct {
		c          *client.Client
		id, source string
		want       error
	}{
		"without the token":    {serveDeps(t, deps), "", "", client.ErrUnauthenticated},
		"both":                 {c, article.Token("a"), "Gazette", client.ErrInvalid},
		"no id":                {c, "nonsense/", "", client.ErrInvalid},
		"no such article":      {c, article.Token("none"), "", client.ErrNotFound},
		"without an extractor": {serveDeps(t, Deps{Index: p.index, Bus: bustest.New(t), Archive: p.archive}, client.WithToken(secret)), "", "", nil},
	} {
		if _, err := run(call.c, call.id, call.source); err == nil || call.want != nil && !errors.Is(err, call.want) {
			t.Errorf("%s: error %v, want %v", name, err, call.want)
		}
	}
}
