package newssite

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFaults(t *testing.T) {
	site, _ := demo(t, Config{Publishers: 3, Seed: 1})
	p := site.Publishers()[2]
	story := p.Stories()[0]
	tests := []struct {
		fault Fault
		check func(w *httptest.ResponseRecorder) bool
	}{
		{Status500, func(w *httptest.ResponseRecorder) bool { return w.Code == 500 }},
		{LoginWall, func(w *httptest.ResponseRecorder) bool {
			return w.Code == 200 && strings.Contains(w.Body.String(), "password")
		}},
		{PDF, func(w *httptest.ResponseRecorder) bool { return w.Header().Get("Content-Type") == "application/pdf" }},
		{WrongCharset, func(w *httptest.ResponseRecorder) bool { return !utf8.Valid(w.Body.Bytes()) }},
		{Empty, func(w *httptest.ResponseRecorder) bool { return w.Code == 200 && w.Body.Len() == 0 }},
		{Truncated, func(w *httptest.ResponseRecorder) bool {
			return w.Body.Len() > 100 && !bytes.HasSuffix(w.Body.Bytes(), []byte(">\n"))
		}},
		{RedirectLoop, func(w *httptest.ResponseRecorder) bool {
			return w.Code == 302 && strings.Contains(w.Header().Get("Location"), "?again=")
		}},
		{Huge, func(w *httptest.ResponseRecorder) bool { return w.Body.Len() >= 49<<20 }},
		{GzipBomb, bombExpands},
		{Fault("plague"), func(w *httptest.ResponseRecorder) bool { return w.Code == 501 }},
		{NoFault, func(w *httptest.ResponseRecorder) bool { return w.Code == 200 }},
	}
	for _, tt := range tests {
		if err := errors.Join(site.Fail(story.ID, tt.fault), site.FailFeed(p.Name(), tt.fault)); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{story.Path, p.FeedPath()} {
			if w := get(p, path); !tt.check(w) {
				t.Errorf("%q at %s: %d, %d bytes", tt.fault, path, w.Code, w.Body.Len())
			}
		}
	}
}

// bombExpands says whether a small body holds a large one; it reads only the first 40 MB of it.
func bombExpands(w *httptest.ResponseRecorder) bool {
	size := w.Body.Len()
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		return false
	}
	n, err := io.CopyN(io.Discard, z, 40<<20)
	return err == nil && n == 40<<20 && size < 1<<20
}
