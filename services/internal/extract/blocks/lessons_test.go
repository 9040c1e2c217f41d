package blocks

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/extract/dom"
)

func readLessons(t *testing.T, file string) []lesson {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var truths map[string]struct {
		ArticleBody, URL, Publisher string
		Standfirst                  []string
	}
	bodies := make(map[string]string)
	for archive := tar.NewReader(f); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch name := path.Base(header.Name); {
		case name == "ground-truth.json":
			err = json.NewDecoder(archive).Decode(&truths)
		case strings.HasSuffix(name, ".html.gz"):
			var z *gzip.Reader
			if z, err = gzip.NewReader(archive); err == nil {
				var body []byte
				body, err = io.ReadAll(z)
				bodies[strings.TrimSuffix(name, ".html.gz")] = dom.Decode(body, "")
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var all []lesson
	for id, truth := range truths {
		l := lesson{id: id, site: truth.Publisher, paper: truth.Publisher != "", html: bodies[id], truth: truth.ArticleBody, stand: strings.Join(truth.Standfirst, " ")}
		if u, err := url.Parse(truth.URL); err == nil {
			l.host = strings.TrimPrefix(u.Hostname(), "www.")
		}
		if l.site == "" {
			l.site = l.host
		}
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b lesson) int { return strings.Compare(a.id, b.id) })
	return all
}

func readSnippets(t *testing.T, folder string) []lesson {
	raw, err := os.ReadFile(filepath.Join(folder, "labels.json"))
	if err != nil {
		t.Fatal(err)
	}
	var labels map[string]struct {
		File                    string
		With, Without, Comments []string
	}
	if err := json.Unmarshal(raw, &labels); err != nil {
		t.Fatal(err)
	}
	var all []lesson
	for address, label := range labels {
		body, err := os.ReadFile(filepath.Join(folder, "pages", label.File))
		u, bad := url.Parse(address)
		if err != nil || bad != nil || label.File == "" {
			continue
		}
		host := strings.TrimPrefix(u.Hostname(), "www.")
		all = append(all, lesson{id: address, site: host, host: host, html: dom.Decode(body, ""),
			with: label.With, without: append(label.Without, label.Comments...)})
	}
	slices.SortFunc(all, func(a, b lesson) int { return strings.Compare(a.id, b.id) })
	return all
}
