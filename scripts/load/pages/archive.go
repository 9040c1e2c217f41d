package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
)

// page is a page of the archive and the true text of its article.
type page struct {
	id   string
	html []byte
	body string // articleBody
	site string // the host that it was found at
}

// maxPage bounds one page; the largest in the public sets has 6 MB.
const maxPage = 32 << 20

// readTar reads the pages that have a ground truth, in the order of their ids.
func readTar(file string) ([]page, error) {
	if file == "" {
		return nil, errors.New("--data names no archive")
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the archive: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	return readPages(f)
}

func readPages(r io.Reader) ([]page, error) {
	htmls := map[string][]byte{}
	var truth map[string]struct {
		ArticleBody string `json:"articleBody"`
		URL         string `json:"url"`
	}
	files := tar.NewReader(r)
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the archive: %w", err)
		}
		name := path.Base(h.Name)
		if name == "ground-truth.json" {
			if err := json.NewDecoder(io.LimitReader(files, maxPage)).Decode(&truth); err != nil {
				return nil, fmt.Errorf("reading %s: %w", h.Name, err)
			}
			continue
		}
		id, ok := strings.CutSuffix(name, ".html.gz")
		if !ok {
			continue
		}
		if htmls[id], err = unzip(files); err != nil {
			return nil, fmt.Errorf("reading %s: %w", h.Name, err)
		}
	}
	var pages []page
	for id, text := range htmls {
		if t, ok := truth[id]; ok {
			p := page{id: id, html: text, body: t.ArticleBody}
			if u, err := url.Parse(t.URL); err == nil {
				p.site = u.Hostname()
			}
			pages = append(pages, p)
		}
	}
	if len(pages) == 0 {
		return nil, errors.New("the archive holds no page with a ground truth")
	}
	slices.SortFunc(pages, func(a, b page) int { return strings.Compare(a.id, b.id) })
	return pages, nil
}

func unzip(r io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxPage))
	return text, errors.Join(err, z.Close())
}

// multiply makes n pages by going round the given ones. Every copy has an id and a first paragraph word of its own, so
// that no two are equal.
func multiply(pages []page, n int) []page {
	var out []page
	for i := range n {
		p := pages[i%len(pages)]
		id := fmt.Sprintf("copy-%06d", i)
		p.html = bytes.Replace(p.html, []byte("</title>"), []byte(" ("+id+")</title>"), 1)
		if t, ok := findTarget(p); ok {
			words := "No " + id + ": "
			p.html = slices.Concat(p.html[:t.at], []byte(words), p.html[t.at:])
			p.body = strings.Replace(p.body, t.text, words+t.text, 1)
		}
		p.id = id
		out = append(out, p)
	}
	return out
}

// target is a run of text in a page that is a part of its article.
type target struct {
	at, end int    // in the page's bytes
	text    string // as read: entities resolved, white space collapsed
}

// minTarget is the least length of a text that is surely the article's and not a caption or a teaser.
const minTarget = 80

// findTarget finds the first text node of at least minTarget bytes that stands in the article's body.
func findTarget(p page) (target, bool) {
	body := collapse(p.body)
	rest := lower(p.html)
	for at := 0; at < len(rest); {
		open := bytes.IndexByte(rest[at:], '<')
		if open < 0 {
			return target{}, false
		}
		open += at
		if text := collapse(html.UnescapeString(string(p.html[at:open]))); len(text) >= minTarget && strings.Contains(body, text) {
			return target{at: at, end: open, text: text}, true
		}
		at = skipTag(rest, open)
	}
	return target{}, false
}

// skipTag gives the place after the tag, comment, script or style that begins at open.
func skipTag(text []byte, open int) int {
	until := ">"
	switch from := text[open:]; {
	case bytes.HasPrefix(from, []byte("<!--")):
		until = "-->"
	case bytes.HasPrefix(from, []byte("<script")):
		until = "</script>"
	case bytes.HasPrefix(from, []byte("<style")):
		until = "</style>"
	case bytes.HasPrefix(from, []byte("<head>")), bytes.HasPrefix(from, []byte("<head ")):
		until = "</head>"
	}
	end := bytes.Index(text[open:], []byte(until))
	if end < 0 {
		return len(text)
	}
	return open + end + len(until)
}

// lower lowers ASCII letters only, so that places stay the same.
func lower(text []byte) []byte {
	out := bytes.Clone(text)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}

func collapse(text string) string { return strings.Join(strings.Fields(text), " ") }
