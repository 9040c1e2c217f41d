package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/show"
)

type feedRequest struct {
	URL     string          `json:"url"`
	Headers json.RawMessage `json:"headers"` // of the answer, by name; one text or a list of them each
	Body    *[]byte         `json:"bodyBase64"`
}

type feedAnswer struct {
	Feed feedDocument `json:"feed"`
}

type feedDocument struct {
	Format   string     `json:"format"`
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	Link     string     `json:"link"`
	Updated  string     `json:"updated"`
	Summary  string     `json:"summary"`
	Items    []feedItem `json:"items"`
	Salvaged bool       `json:"salvaged"`
	Warnings []string   `json:"warnings"`
}

type feedItem struct {
	ID        string `json:"id"`
	URL       string `json:"url"`
	Title     string `json:"title"`
	Published string `json:"published"`
	Updated   string `json:"updated"`
	Summary   string `json:"summary"`
}

func feedTool() Tool {
	return Tool{Name: "feed", Arguments: "[FILE|URL|-] [--url URL]", Help: "the items stet finds in a feed",
		Line: func(line []byte) (Answer, error) {
			var r feedRequest
			if err := request(line, &r); err != nil {
				return nil, err
			}
			if r.Body == nil {
				return nil, errors.New(`the request has no "bodyBase64"`)
			}
			contentType, err := header(r.Headers, "content-type")
			if err != nil {
				return nil, err
			}
			location, err := header(r.Headers, "content-location")
			if err != nil {
				return nil, err
			}
			if r.URL == "" {
				r.URL = location
			}
			return readFeed(*r.Body, contentType, r.URL)
		},
		One: func(ctx context.Context, from Sources, args []string, o Options) (Answer, error) {
			name, err := only(args)
			if err != nil {
				return nil, err
			}
			in, err := from.read(ctx, name)
			if err != nil {
				return nil, err
			}
			fetched := in.URL
			if o.URL != "" {
				in.URL = o.URL
			}
			answer, err := readFeed(in.Body, in.ContentType, in.URL)
			if err != nil {
				return nil, discover(ctx, from, fetched, err)
			}
			return answer, nil
		}}
}

// header finds a header's value, whatever the case of its name.
func header(headers json.RawMessage, name string) (string, error) {
	if isNull(headers) {
		return "", nil
	}
	var members map[string]any
	if err := json.Unmarshal(headers, &members); err != nil {
		return "", errors.New(`"headers" is not an object`)
	}
	for key, value := range members {
		if !strings.EqualFold(key, name) {
			continue
		}
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		if text, ok := value.(string); ok {
			return text, nil
		}
		return "", errors.New(`"headers": the value of ` + name + " is no text")
	}
	return "", nil
}

func readFeed(body []byte, contentType, url string) (Answer, error) {
	d, err := feed.Parse(body, contentType, url)
	if err != nil {
		return nil, err
	}
	answer := feedDocument{Format: d.Format, ID: d.ID, Title: d.Title, Link: d.Link, Updated: stamp(d.Updated),
		Summary: d.Summary, Items: make([]feedItem, 0, len(d.Items)), Salvaged: d.Salvaged, Warnings: d.Warnings}
	if answer.Warnings == nil {
		answer.Warnings = []string{}
	}
	for _, i := range d.Items {
		answer.Items = append(answer.Items, feedItem{ID: i.ID, URL: i.URL, Title: i.Title, Published: stamp(i.Published),
			Updated: stamp(i.Updated), Summary: i.Summary})
	}
	return feedAnswer{answer}, nil
}

// stamp is a time in RFC 3339, empty where none is known.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// People prints the feed and its items.
func (a feedAnswer) People(p *show.Printer) {
	p.Heading(a.Feed.Title)
	p.Aside("%s, %d items, %s", a.Feed.Format, len(a.Feed.Items), a.Feed.Link)
	if a.Feed.Salvaged {
		p.Line("the feed is damaged: only its intact items are here")
	}
	for _, warning := range a.Feed.Warnings {
		p.Line("warning: %s", warning)
	}
	for _, i := range a.Feed.Items {
		p.Blank()
		p.Line("%s", i.Title)
		p.Aside("  %s %s", i.Published, i.URL)
	}
}
