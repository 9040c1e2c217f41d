package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"unicode/utf8"
)

// request is one page for the filter `stet inspect page --jsonl`.
type request struct {
	id, url, html string
	site          json.RawMessage // what is remembered of the site, nil at first sight
	previous      json.RawMessage // the snapshot of the reading before, nil where there is none
}

// snapshot is what makes a version of an article.
type snapshot struct {
	Title        string   `json:"title"`
	SharedTitle  string   `json:"sharedTitle"`
	IndexedTitle string   `json:"indexedTitle"`
	Standfirst   string   `json:"standfirst"`
	Byline       []string `json:"byline"`
	Published    string   `json:"published"`
	Body         string   `json:"body"`
	Blocks       []block  `json:"blocks"`
}

type block struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
}

func (s snapshot) body() string {
	var b strings.Builder
	for _, block := range s.Blocks {
		if block.Kind != "CAPTION" {
			b.WriteString(block.Text + "\n")
		}
	}
	return b.String()
}

// identity is the text of everything whose change makes a new version.
func (s snapshot) identity() string {
	var b strings.Builder
	b.WriteString(s.Title + "\x00" + s.Standfirst + "\x00" + strings.Join(s.Byline, ";"))
	for _, block := range s.Blocks {
		b.WriteString("\x00" + block.Kind + " " + block.Text)
	}
	return b.String()
}

// answer is what is read of the filter's answer.
type answer struct {
	ID       string
	Raw      json.RawMessage // the snapshot as it came
	Snapshot snapshot
	Site     json.RawMessage
	Changed  bool // against the previous reading, after judging what differs
}

// ask sends pages through the filter, which uses all cores, and gives each answer away as it comes.
func ask(stet string, requests func(yield func(request) bool), take func(answer)) error {
	filter := exec.Command(stet, "inspect", "page", "--jsonl")
	filter.Stderr = os.Stderr
	in, err := filter.StdinPipe()
	if err != nil {
		return err
	}
	out, err := filter.StdoutPipe()
	if err != nil {
		return err
	}
	if err := filter.Start(); err != nil {
		return err
	}
	written := make(chan error, 1)
	go func() {
		written <- write(in, requests)
	}()
	if err := read(out, take); err != nil {
		return err
	}
	if err := <-written; err != nil {
		return err
	}
	return filter.Wait()
}

func write(in io.WriteCloser, requests func(yield func(request) bool)) error {
	buffered := bufio.NewWriterSize(in, 1<<16)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for r := range requests {
		line := map[string]any{"id": r.id, "url": r.url, "html": r.html}
		if !utf8.ValidString(r.html) { // JSON would spoil the bytes
			delete(line, "html")
			line["contentType"], line["bodyBase64"] = "text/html", base64.StdEncoding.EncodeToString([]byte(r.html))
		}
		if r.site != nil {
			line["site"] = r.site
		}
		if r.previous != nil {
			line["previous"] = r.previous
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
		if err := buffered.Flush(); err != nil { // whoever waits for the answer before the next page must get it
			return err
		}
	}
	return in.Close()
}

func read(out io.Reader, take func(answer)) error {
	decoder := json.NewDecoder(bufio.NewReaderSize(out, 1<<20))
	for {
		var raw struct {
			ID       string          `json:"id"`
			Error    string          `json:"error"`
			Snapshot json.RawMessage `json:"snapshot"`
			Site     json.RawMessage `json:"site"`
			Changed  bool            `json:"changed"`
		}
		if err := decoder.Decode(&raw); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reading answers: %w", err)
		}
		a := answer{ID: raw.ID, Raw: raw.Snapshot, Site: raw.Site, Changed: raw.Changed}
		if raw.Error == "" {
			if err := json.Unmarshal(raw.Snapshot, &a.Snapshot); err != nil {
				return fmt.Errorf("reading the answer for %s: %w", raw.ID, err)
			}
		}
		take(a)
	}
}
