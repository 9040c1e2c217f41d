// Command corpora puts the public test sets of feeds and robots.txt through stet and counts.
//
//	corpora --stet bin/stet --feeds feeds.tar       a tar file or a folder; of a packed one: xz -dc FILE | corpora --feeds -
//	corpora --stet bin/stet --robots cases.json
//
// The product comes in by its public door, the filters `stet inspect feed --jsonl` and `stet inspect robots --jsonl`.
// A feed counts as parsed when the answer is a feed and no error, whatever is in it. A case of robots.txt counts as a
// match when the decision is the expected one.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	stet := flag.String("stet", "stet", "the stet binary")
	feeds := flag.String("feeds", "", "feeds: a tar file, a folder, or - for a tar on standard input")
	robots := flag.String("robots", "", "JSON list of {robots, url, ua, want}")
	list := flag.Bool("list", false, "name those that fail")
	flag.Parse()
	if err := run(os.Stdout, *stet, *feeds, *robots, *list); err != nil {
		fmt.Fprintln(os.Stderr, "corpora:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, stet, feeds, robots string, list bool) error {
	if feeds == "" && robots == "" {
		return errors.New("name a set with --feeds or --robots")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var err error
	if feeds != "" {
		err = runFeeds(table, stet, feeds, list)
	}
	if err == nil && robots != "" {
		err = runRobots(table, stet, robots, list)
	}
	return errors.Join(err, table.Flush())
}

// maxFeed bounds one file.
const maxFeed = 32 << 20

// readFeeds reads the .xml files by name.
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
		if header.Typeflag != tar.TypeReg || path.Ext(header.Name) != ".xml" {
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
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".xml" {
			return err
		}
		files[name], err = os.ReadFile(name)
		return err
	})
	return files, err
}

type feedRequest struct {
	ID      string            `json:"id"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"bodyBase64"`
}

type feedAnswer struct {
	Error string
	Feed  struct {
		Items    []json.RawMessage
		Salvaged bool
	}
}

func runFeeds(table io.Writer, stet, from string, list bool) error {
	files, err := readFeeds(from)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s holds no .xml file", from)
	}
	names := slices.Sorted(maps.Keys(files))
	var requests []any
	for _, name := range names {
		requests = append(requests, feedRequest{name, headers(files[name]), files[name]})
	}
	start := time.Now()
	answers, err := ask[feedAnswer](stet, "feed", requests)
	if err != nil {
		return err
	}
	took := time.Since(start)
	parsed, withItems, salvaged := 0, 0, 0
	for i, a := range answers {
		switch {
		case a.Error != "":
			if list {
				fmt.Fprintf(table, "not parsed\t%s: %s\n", names[i], a.Error)
			}
			continue
		case a.Feed.Salvaged:
			salvaged++
		}
		parsed++
		if len(a.Feed.Items) > 0 {
			withItems++
		}
	}
	fmt.Fprintf(table, "feeds\t%d\nparsed\t%d\nof them with items\t%d\nof them salvaged\t%d\nfeeds per second\t%.0f\n",
		len(files), parsed, withItems, salvaged, float64(len(files))/took.Seconds())
	return nil
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

type robotsCase struct {
	File     string
	Robots   []int // bytes
	URL      string
	UA, Want string
	Typ      string
}

type robotsRequest struct {
	Agent string `json:"agent"`
	URL   string `json:"url"`
	Body  []byte `json:"bodyBase64"`
}

type robotsAnswer struct {
	Error   string
	Allowed bool
}

func runRobots(table io.Writer, stet, file string, list bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var cases []robotsCase
	if err := json.Unmarshal(text, &cases); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	var requests []any
	for _, c := range cases {
		body := make([]byte, len(c.Robots))
		for i, b := range c.Robots {
			body[i] = byte(b)
		}
		requests = append(requests, robotsRequest{c.UA, c.URL, body})
	}
	answers, err := ask[robotsAnswer](stet, "robots", requests)
	if err != nil {
		return err
	}
	total, matched := map[string]int{}, map[string]int{}
	for i, c := range cases {
		total[c.Typ]++
		switch a := answers[i]; {
		case a.Error == "" && a.Allowed == (c.Want == "ALLOWED"):
			matched[c.Typ]++
		case list:
			fmt.Fprintf(table, "no match\t%s: %s for %q: want %s %s\n", c.File, c.URL, c.UA, c.Want, a.Error)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(total)) {
		fmt.Fprintf(table, "robots cases, %s\t%d of %d match\n", kind, matched[kind], total[kind])
	}
	return nil
}

// maxAnswer bounds one line of the filter's.
const maxAnswer = 64 << 20

// ask sends a line for each request and reads a line for each.
func ask[A any](stet, tool string, requests []any) ([]A, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, r := range requests {
		if err := encoder.Encode(r); err != nil {
			return nil, fmt.Errorf("encoding a request: %w", err)
		}
	}
	command := exec.Command(stet, "inspect", tool, "--jsonl")
	command.Stdin, command.Stderr = &lines, os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s inspect %s: %w", stet, tool, err)
	}
	var answers []A
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, maxAnswer)
	for scanner.Scan() {
		var a A
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("reading answer %d: %w", len(answers)+1, err)
		}
		answers = append(answers, a)
	}
	if err := scanner.Err(); err != nil {
		return nil, err
	}
	if len(answers) != len(requests) {
		return nil, fmt.Errorf("%d answers to %d requests", len(answers), len(requests))
	}
	return answers, nil
}
