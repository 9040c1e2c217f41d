package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// request is one page for the filter `stet inspect page --jsonl`.
type request struct {
	id, url, html string
	publisher     string          // whose page it is
	site          json.RawMessage // what is remembered of the site, nil at first sight
	previous      json.RawMessage // the snapshot of the reading before, nil where there is none
	unread        string          // goes with the request as the article's key: decoded like a page, and not looked into
}

// line is a request as it is written, the id first, so that it need not be searched for.
type line struct {
	ID          string          `json:"id"`
	URL         string          `json:"url"`
	ContentType string          `json:"contentType,omitempty"`
	HTML        string          `json:"html,omitempty"`
	Body        []byte          `json:"bodyBase64,omitempty"`
	Site        json.RawMessage `json:"site,omitempty"`
	Previous    json.RawMessage `json:"previous,omitempty"`
	Unread      string          `json:"article,omitempty"`
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

// filter is a running `stet inspect page --jsonl`.
type filter struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     io.Reader
}

func start(stet string) (*filter, error) {
	f := &filter{command: exec.Command(stet, "inspect", "page", "--jsonl")}
	f.command.Stderr = os.Stderr
	var err error
	if f.in, err = f.command.StdinPipe(); err != nil {
		return nil, err
	}
	if f.out, err = f.command.StdoutPipe(); err != nil {
		return nil, err
	}
	return f, f.command.Start()
}

// ask sends pages through the filter, which uses all cores, and gives each answer away as it comes, one at a time. Of
// several binaries each reads its part of the sites.
func ask(stets []string, requests func(yield func(request) bool), take func(answer)) error {
	_, err := timed(stets, requests, take)
	return err
}

// timed asks, and tells what processor time the filters took, which other work on the machine does not make longer.
func timed(stets []string, requests func(yield func(request) bool), take func(answer)) (time.Duration, error) {
	var filters []*filter
	for _, stet := range stets {
		f, err := start(stet)
		if err != nil {
			return 0, err
		}
		filters = append(filters, f)
	}
	written := make(chan error, 1)
	go func() {
		written <- write(filters, requests)
	}()
	var taking sync.Mutex
	failed := make(chan error, len(filters))
	for _, f := range filters {
		go func() {
			failed <- read(f.out, func(a answer) {
				taking.Lock()
				defer taking.Unlock()
				take(a)
			})
		}()
	}
	var all []error
	for range filters {
		all = append(all, <-failed)
	}
	all = append(all, <-written)
	var took time.Duration
	for _, f := range filters {
		all = append(all, f.command.Wait())
		took += f.command.ProcessState.UserTime() + f.command.ProcessState.SystemTime()
	}
	return took, errors.Join(all...)
}

// write sends the requests and closes the filters' inputs, also where one of them is gone, so that the others end.
func write(filters []*filter, requests func(yield func(request) bool)) error {
	all := []error{send(filters, requests)}
	for _, f := range filters {
		all = append(all, f.in.Close())
	}
	return errors.Join(all...)
}

func send(filters []*filter, requests func(yield func(request) bool)) error {
	var buffers []*bufio.Writer
	for _, f := range filters {
		buffers = append(buffers, bufio.NewWriterSize(f.in, 1<<16))
	}
	for r := range requests {
		buffered := buffers[fold(r.publisher, len(filters))]
		encoder := json.NewEncoder(buffered)
		encoder.SetEscapeHTML(false)
		line := line{ID: r.id, URL: r.url, HTML: r.html, Site: r.site, Previous: r.previous, Unread: r.unread}
		if !utf8.ValidString(r.html) { // JSON would spoil the bytes
			line.HTML, line.ContentType, line.Body = "", "text/html", []byte(r.html)
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
		if err := buffered.Flush(); err != nil { // whoever waits for the answer before the next page must get it
			return err
		}
	}
	return nil
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
