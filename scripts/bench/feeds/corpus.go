package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// setHost is where the files of the set say that they come from.
const setHost = "http://127.0.0.1:8097/"

type feedRequest struct {
	ID      string            `json:"id"`
	URL     string            `json:"url,omitempty"`
	Headers map[string]string `json:"headers"`
	Body    []byte            `json:"bodyBase64"`
}

type feedAnswer struct {
	Error string
	Feed  feedRead
}

type feedRead struct {
	ID, Title, Link, Updated string
	Items                    []itemRead
	Salvaged                 bool
}

type itemRead struct{ ID, URL, Title, Published, Updated string }

// corpus reads the set and compares.
func (b *bench) corpus() error {
	if b.data == "" {
		b.say("left out: name the set with --data")
		return nil
	}
	files, err := readFeeds(b.data)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s holds no feed", b.data)
	}
	names := slices.Sorted(maps.Keys(files))
	var requests []any
	for _, name := range names {
		requests = append(requests, request(name, files[name], files[name]))
	}
	start := time.Now()
	answers, err := ask[feedAnswer](b.stet, "feed", requests)
	if err != nil {
		return err
	}
	took := time.Since(start)
	parsed, salvaged := 0, 0
	for i, a := range answers {
		switch {
		case a.Error != "":
			b.say("not parsed\t%s: %s", names[i], a.Error)
			continue
		case a.Feed.Salvaged:
			salvaged++
		}
		parsed++
	}
	b.say("feeds\t%d\nparsed\t%d (%.2f %%)\nof them salvaged\t%d\nfeeds a second\t%.0f",
		len(files), parsed, percent(parsed, len(files)), salvaged, float64(len(files))/took.Seconds())
	b.values(names, files, answers)
	return b.cuts(names, files, answers)
}

// request asks for a body, or a part of it, as if it came from where the file says.
func request(name string, file, body []byte) feedRequest {
	answered := headers(file)
	address, err := url.Parse(setHost + name)
	if location := answered["Content-Location"]; err == nil && location != "" {
		if resolved, err := address.Parse(location); err == nil && resolved.Host != "" {
			address = resolved
		}
	}
	return feedRequest{name, address.String(), answered, body}
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }

// score counts the claims about one field.
type score struct{ right, all int }

// values compares what the files say should be found with what was found.
func (b *bench) values(names []string, files map[string][]byte, answers []feedAnswer) {
	all, plain := map[string]*score{}, map[string]*score{}
	for _, field := range []string{"title", "link", "id", "date"} {
		all[field], plain[field] = &score{}, &score{}
	}
	missed := map[string][]string{}
	for i, name := range names {
		for _, c := range claims(expectation(files[name])) {
			found, right := c.holds(&answers[i].Feed)
			reason := explanation(name, files[name], c)
			all[c.field].all++
			if reason == "" {
				plain[c.field].all++
			}
			switch {
			case right:
				all[c.field].right++
				if reason == "" {
					plain[c.field].right++
				}
			default:
				if reason == "" {
					reason = "WRONG"
				}
				missed[reason] = append(missed[reason], fmt.Sprintf("%s: %s is %.80q, want %.80q", name, c.field, found, c.want))
			}
		}
	}
	b.say("\nvalues\tall claims\twithout those about conventions of the set's own reader")
	for _, field := range []string{"title", "link", "id", "date"} {
		b.say("%s right\t%d of %d (%.1f %%)\t%d of %d (%.1f %%)", field, all[field].right, all[field].all, percent(all[field].right, all[field].all),
			plain[field].right, plain[field].all, percent(plain[field].right, plain[field].all))
	}
	b.say("\nmissed\twhy")
	for _, reason := range slices.Sorted(maps.Keys(missed)) {
		b.say("%d\t%s", len(missed[reason]), reason)
		for _, miss := range missed[reason] {
			if b.list || strings.HasPrefix(reason, "WRONG") {
				b.say("\t  %s", miss)
			}
		}
	}
}
