package main

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxFeed bounds one file.
const maxFeed = 32 << 20

func isFeed(name string) bool { return path.Ext(name) == ".xml" || path.Ext(name) == ".json" }

// readFeeds reads the .xml and .json files by name.
func readFeeds(from string) (map[string][]byte, error) {
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		return readFolder(from)
	}
	in := io.Reader(os.Stdin)
	if from != "-" {
		file, err := os.Open(from)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	files := map[string][]byte{}
	for archive := tar.NewReader(bufio.NewReader(in)); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the archive (it must be unpacked to a plain tar): %w", err)
		}
		if header.Typeflag != tar.TypeReg || !isFeed(header.Name) {
			continue
		}
		if files[header.Name], err = io.ReadAll(io.LimitReader(archive, maxFeed)); err != nil {
			return nil, fmt.Errorf("reading %s: %w", header.Name, err)
		}
	}
}

func readFolder(folder string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !isFeed(name) {
			return err
		}
		files[name], err = os.ReadFile(name)
		return err
	})
	return files, err
}

// headers reads what the set declares the server to have answered: lines "Header: Name: value" in the first comment.
func headers(body []byte) map[string]string {
	found := map[string]string{}
	comment, _, _ := strings.Cut(string(body[:min(len(body), 4096)]), "-->")
	for line := range strings.Lines(comment) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "Header:")
		if name, value, both := strings.Cut(rest, ":"); ok && both {
			found[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return found
}
