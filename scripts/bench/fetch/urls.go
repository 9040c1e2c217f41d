package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// urlCase is one of the web platform tests.
type urlCase struct {
	Input   string  `json:"input"`
	Base    *string `json:"base"`
	Href    string  `json:"href"`
	Failure bool    `json:"failure"`
}

// addresses compares how addresses are read with how they should be.
func (b *bench) addresses() error {
	file := b.urls
	if file == "" {
		folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nlnwa/whatwg-url").Output()
		if err != nil || len(bytes.TrimSpace(folder)) == 0 {
			b.say("left out: the library's module is not at hand; name the cases with --urls")
			return nil
		}
		file = filepath.Join(string(bytes.TrimSpace(folder)), "testdata", "urltestdata.json")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return fmt.Errorf("reading %s: %w", file, err)
	}
	var cases []urlCase
	for _, part := range parts {
		var c urlCase
		if part[0] != '{' {
			continue // a comment
		}
		if err := json.Unmarshal(part, &c); err != nil {
			return fmt.Errorf("reading %s: %w", file, err)
		}
		cases = append(cases, c)
	}
	return b.compare(cases)
}

func (b *bench) compare(cases []urlCase) error {
	answers, err := b.read(cases)
	if err != nil {
		return err
	}
	right, valid, refused, bad := 0, 0, 0, 0
	for i, c := range cases {
		a := answers[i]
		switch {
		case c.Failure:
			bad++
			if a.Error != "" {
				refused++
				continue
			}
		default:
			valid++
			if a.Error == "" && a.Href == c.Href {
				right++
				continue
			}
		}
		base := ""
		if c.Base != nil {
			base = *c.Base
		}
		b.say("missed\t%q on %q: %q %s, want %q", c.Input, base, a.Href, a.Error, c.Href)
	}
	b.say("addresses read right\t%d of %d", right, valid)
	b.say("addresses refused that are none\t%d of %d", refused, bad)
	return nil
}

type urlAnswer struct{ Error, Href string }

// read asks the product.
func (b *bench) read(cases []urlCase) ([]urlAnswer, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, c := range cases {
		request := map[string]string{"url": c.Input}
		if c.Base != nil {
			request["base"] = *c.Base
		}
		if err := encoder.Encode(request); err != nil {
			return nil, err
		}
	}
	command := exec.Command(b.stet, "inspect", "url", "--jsonl")
	command.Stdin, command.Stderr = &lines, os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s inspect url: %w", b.stet, err)
	}
	var answers []urlAnswer
	for scanner := bufio.NewScanner(strings.NewReader(string(out))); scanner.Scan(); {
		var a urlAnswer
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	if len(answers) != len(cases) {
		return nil, fmt.Errorf("%d answers to %d addresses", len(answers), len(cases))
	}
	return answers, nil
}
