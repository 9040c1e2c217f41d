package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
)

// page is one page with what should be found on it. Only Body is always known.
type page struct {
	id, url, html string
	site          string // publisher, where the truth names none the host
	held          bool   // belongs to the part that nothing was developed on
	truth         truth
}

// truth is what a person or a hand-written parser read.
type truth struct {
	ArticleBody string
	URL         string
	Publisher   string
	Title       string
	Standfirst  []string
	Byline      []string
	Published   string
	Captions    []string
	full        bool // more than the body is known
}

// maxPage bounds one unpacked page.
const maxPage = 64 << 20

// load reads a tar file of html/ID.html.gz and ground-truth.json, in the order of the ids.
func load(file string) ([]page, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	truths := make(map[string]truth)
	bodies := make(map[string]string)
	for archive := tar.NewReader(f); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		name := path.Base(header.Name)
		switch {
		case name == "ground-truth.json":
			err = json.NewDecoder(archive).Decode(&truths)
		case strings.HasSuffix(name, ".html.gz"):
			bodies[strings.TrimSuffix(name, ".html.gz")], err = unpack(archive)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", header.Name, err)
		}
	}
	var set []page
	for id, expected := range truths {
		if html, ok := bodies[id]; ok {
			set = append(set, newPage(id, html, expected))
		}
	}
	if len(set) == 0 {
		return nil, errors.New("no page has a ground truth")
	}
	slices.SortFunc(set, func(a, b page) int { return strings.Compare(a.id, b.id) })
	return set, nil
}

func newPage(id, html string, t truth) page {
	t.full = t.Publisher != ""
	site := t.Publisher
	if u, err := url.Parse(t.URL); err == nil && site == "" {
		site = strings.TrimPrefix(u.Hostname(), "www.")
	}
	return page{id: id, url: t.URL, html: html, site: site, held: heldOut(site), truth: t}
}

// heldOut says whether a publisher belongs to the part that is only reported on: one in three, chosen by a digest of its
// name, so that all pages of a publisher are on one side. The program that trains the extractor's model parts alike.
func heldOut(site string) bool {
	h := fnv.New32a()
	h.Write([]byte(site))
	return h.Sum32()%3 == 0
}

// fold is which of several parts of the cross-validation a publisher's pages are in; the program that grows the models
// parts alike.
func fold(site string, parts int) int {
	h := fnv.New32a()
	h.Write([]byte("fold " + site))
	return int(h.Sum32() % uint32(parts))
}

func unpack(r io.Reader) (string, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxPage))
	return string(text), err
}
