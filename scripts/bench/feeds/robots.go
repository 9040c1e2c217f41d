package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
)

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

// robotsCases counts decisions.
func (b *bench) robotsCases() error {
	if b.robots == "" {
		b.say("left out: name the cases with --robots")
		return nil
	}
	text, err := os.ReadFile(b.robots)
	if err != nil {
		return err
	}
	var cases []robotsCase
	if err := json.Unmarshal(text, &cases); err != nil {
		return fmt.Errorf("reading %s: %w", b.robots, err)
	}
	var requests []any
	for _, c := range cases {
		body := make([]byte, len(c.Robots))
		for i, c := range c.Robots {
			body[i] = byte(c)
		}
		requests = append(requests, robotsRequest{c.UA, c.URL, body})
	}
	answers, err := ask[robotsAnswer](b.stet, "robots", requests)
	if err != nil {
		return err
	}
	total, matched := map[string]int{}, map[string]int{}
	for i, c := range cases {
		total[c.Typ]++
		switch a := answers[i]; {
		case a.Error == "" && a.Allowed == (c.Want == "ALLOWED"):
			matched[c.Typ]++
		case b.list:
			b.say("no match\t%s: %s for %q: want %s %s", c.File, c.URL, c.UA, c.Want, a.Error)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(total)) {
		b.say("robots cases, %s\t%d of %d match", kind, matched[kind], total[kind])
	}
	return nil
}
