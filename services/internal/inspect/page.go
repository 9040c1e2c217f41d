package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/show"
)

type pageRequest struct {
	URL         string  `json:"url"`
	HTML        *string `json:"html"` // text that is decoded already
	ContentType string  `json:"contentType"`
	Body        *[]byte `json:"bodyBase64"` // bytes as they came
}

type pageAnswer struct{ snapshot *eventv1.Snapshot }

func pageTool() Tool {
	return Tool{Name: "page", Arguments: "[FILE|URL|-] [--url URL]", Help: "what stet reads from an article's page",
		Line: func(line []byte) (Answer, error) {
			var r pageRequest
			if err := request(line, &r); err != nil {
				return nil, err
			}
			switch {
			case r.HTML != nil:
				return readPage(r.URL, "text/html; charset=utf-8", []byte(*r.HTML))
			case r.Body != nil:
				return readPage(r.URL, r.ContentType, *r.Body)
			}
			return nil, errors.New(`the request has neither "html" nor "bodyBase64"`)
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
			if o.URL != "" {
				in.URL = o.URL
			}
			return readPage(in.URL, in.ContentType, in.Body)
		}}
}

func readPage(url, contentType string, body []byte) (Answer, error) {
	snapshot, err := extract.Extract(extract.Page{URL: url, ContentType: contentType, Body: body})
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return pageAnswer{eventbus.SnapshotToWire(&snapshot)}, nil
}

// MarshalJSON writes the snapshot in the form of the event messages.
func (a pageAnswer) MarshalJSON() ([]byte, error) {
	snapshot, err := wire(a.snapshot)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]json.RawMessage{"snapshot": snapshot})
}

// People prints the article as it was read.
func (a pageAnswer) People(p *show.Printer) { p.Snapshot(a.snapshot) }
