package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// request is a line for `stet inspect diff --jsonl`; old, new and earlier are snapshots.
type request struct {
	ID      string `json:"id"`
	Old     any    `json:"old"`
	New     any    `json:"new"`
	Earlier any    `json:"earlier,omitempty"`
}

// revision is what is read of its answer.
type revision struct {
	OldUnits []unit `json:"oldUnits"`
	NewUnits []unit `json:"newUnits"`
	Links    []link `json:"links"`
	Deleted  []int  `json:"deleted"`
	Added    []int  `json:"added"`
	Restored []struct {
		New     int `json:"new"`
		Version int `json:"version"`
	} `json:"restored"`
	Changes []struct {
		Element string `json:"element"`
		Kind    string `json:"kind"`
		Facts   []struct{ Kind, Old, New string }
	} `json:"changes"`
	Weight     string  `json:"weight"`
	Score      float64 `json:"score"`
	Disclosure struct {
		NoteAdded bool `json:"noteAdded"`
	} `json:"disclosure"`
}

type unit struct {
	Block int    `json:"block"`
	Text  string `json:"text"`
}

type link struct {
	Old   []int  `json:"old"`
	New   []int  `json:"new"`
	Kind  string `json:"kind"`
	Moved bool   `json:"moved"`
	Words []struct {
		Op   string `json:"op"`
		Text string `json:"text"`
	} `json:"words"`
}

// cost is what a run of the filter took.
type cost struct {
	work   time.Duration // of the processor
	memory int64         // most resident bytes
}

// answers sends requests through the filter and gives the answers, each as it stands in the line, in order. With a
// number of cores the filter gets no more of them.
func answers(stet string, requests []request, cores int) ([]json.RawMessage, cost, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for i := range requests {
		requests[i].ID = strconv.Itoa(i)
		if err := encoder.Encode(requests[i]); err != nil {
			return nil, cost{}, err
		}
	}
	filter := exec.Command(stet, "inspect", "diff", "--jsonl")
	filter.Stdin, filter.Stderr = &lines, os.Stderr
	if cores > 0 {
		filter.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(cores))
	}
	replies, err := filter.Output()
	var spent cost
	if filter.ProcessState != nil {
		spent.work = filter.ProcessState.UserTime() + filter.ProcessState.SystemTime()
	}
	if err != nil {
		return nil, spent, fmt.Errorf("running %s: %w", stet, err)
	}
	if usage, ok := filter.ProcessState.SysUsage().(*syscall.Rusage); ok {
		spent.memory = usage.Maxrss << 10
	}
	list, err := parse(replies)
	if err == nil && len(list) != len(requests) {
		err = fmt.Errorf("%d requests got %d answers", len(requests), len(list))
	}
	return list, spent, err
}

func parse(replies []byte) ([]json.RawMessage, error) {
	var list []json.RawMessage
	decoder := json.NewDecoder(bufio.NewReader(bytes.NewReader(replies)))
	for {
		var answer struct {
			ID       string          `json:"id"`
			Error    string          `json:"error"`
			Revision json.RawMessage `json:"revision"`
		}
		switch err := decoder.Decode(&answer); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, fmt.Errorf("reading answers: %w", err)
		case answer.Error != "":
			return nil, fmt.Errorf("request %s: %s", answer.ID, answer.Error)
		}
		list = append(list, answer.Revision)
	}
}

// revisions asks for the revisions of requests.
func revisions(stet string, requests []request) ([]revision, error) {
	texts, _, err := answers(stet, requests, 0)
	if err != nil {
		return nil, err
	}
	list := make([]revision, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal(text, &list[i]); err != nil {
			return nil, fmt.Errorf("answer %d: %w", i, err)
		}
	}
	return list, nil
}
