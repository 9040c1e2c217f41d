package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/extract/blocks"
	"github.com/stetnews/stet/services/internal/extract/site"
	"github.com/stetnews/stet/services/internal/show"
)

type pageRequest struct {
	URL         string            `json:"url"`
	HTML        *string           `json:"html"` // text that is decoded already
	ContentType string            `json:"contentType"`
	Body        *[]byte           `json:"bodyBase64"` // bytes as they came
	Override    json.RawMessage   `json:"override"`
	chosen      *extract.Override // instead of Override, where a file named it
	Passages    bool              `json:"passages"` // tell all runs of text of the page, and why each was left out
	Site        *[]byte           `json:"site"`     // what is remembered of the site, empty for nothing yet
	Article     string            `json:"article"`  // the article's key in that memory, the URL if empty
	Previous    json.RawMessage   `json:"previous"` // the snapshot of the reading before
}

// pageAnswer is what was read, and what follows from what was known.
type pageAnswer struct {
	snapshot *eventv1.Snapshot
	passages []passage
	site     *[]byte
	changed  *bool
	judged   []judgement
	all      bool // tell the passages in JSON too
}

// passage is one run of text of the page.
type passage struct {
	Text   string  `json:"text"`
	Kept   bool    `json:"kept"`
	Reason string  `json:"reason,omitempty"`
	Score  float32 `json:"score,omitempty"`
}

// judgement is one block that differs from the reading before and is furniture.
type judgement struct {
	Text   string `json:"text"`
	Old    bool   `json:"old"`
	Reason string `json:"reason"`
}

func pageTool() Tool {
	return Tool{Name: "page", Arguments: "[FILE|URL|-] [--url URL] [--override FILE]", Help: "what stet reads from an article's page, and what it leaves out",
		Line: func(line []byte) (Answer, error) {
			var r pageRequest
			if err := request(line, &r); err != nil {
				return nil, err
			}
			p := extract.Page{URL: r.URL, ContentType: r.ContentType}
			switch {
			case r.HTML != nil:
				p.ContentType, p.Body = "text/html; charset=utf-8", []byte(*r.HTML)
			case r.Body != nil:
				p.Body = *r.Body
			default:
				return nil, errors.New(`the request has neither "html" nor "bodyBase64"`)
			}
			return readPage(p, r)
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
			var r pageRequest
			if o.Override != "" {
				text, err := from.ReadFile(o.Override)
				if err != nil {
					return nil, fmt.Errorf("reading the override: %w", err)
				}
				if r.chosen, err = extract.TryOverride(o.Override, text, in.URL); err != nil {
					return nil, err
				}
			}
			return readPage(extract.Page{URL: in.URL, ContentType: in.ContentType, Body: in.Body}, r)
		}}
}

func readPage(p extract.Page, r pageRequest) (Answer, error) {
	known := extract.Known{Article: r.Article, Override: r.chosen}
	if known.Article == "" {
		known.Article = p.URL
	}
	var err error
	if !isNull(r.Override) {
		if known.Override, err = extract.ParseOverride(r.Override); err != nil {
			return nil, err
		}
	}
	if r.Site != nil {
		if known.Site, err = site.Parse(*r.Site); err != nil {
			return nil, fmt.Errorf(`reading "site": %w`, err)
		}
	}
	reading, err := extract.Read(p, known)
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	answer := pageAnswer{snapshot: eventbus.SnapshotToWire(&reading.Snapshot), passages: passages(reading.Passages), all: r.Passages}
	if err := answer.remember(r, known, reading); err != nil {
		return nil, err
	}
	return answer, nil
}

// remember compares with the reading before, and gives the site's memory after this one.
func (a *pageAnswer) remember(r pageRequest, known extract.Known, reading extract.Reading) error {
	if !isNull(r.Previous) {
		old, err := snapshot("previous", r.Previous)
		if err != nil {
			return err
		}
		settled, judged := site.Judge(old, &reading.Snapshot, known.Site, known.Article)
		changed := settled.Hash() != old.Hash()
		a.changed = &changed
		for _, j := range judged {
			a.judged = append(a.judged, judgement{j.Text, j.Old, j.Reason})
		}
	}
	if known.Site == nil {
		return nil
	}
	if reading.Snapshot.Quality.Verdict == article.NotAnArticle {
		a.site = r.Site // nothing is learned from walls and errors
		return nil
	}
	stored, err := known.Site.Observe(known.Article, reading.Passages).MarshalBinary()
	a.site = &stored
	return err
}

func passages(all []blocks.Passage) []passage {
	told := make([]passage, len(all))
	for i, p := range all {
		told[i] = passage{Text: p.Text, Kept: p.Reason == "", Reason: p.Reason, Score: p.Score}
	}
	return told
}

// MarshalJSON writes the snapshot in the form of the event messages, and beside it what was asked for.
func (a pageAnswer) MarshalJSON() ([]byte, error) {
	snapshot, err := wire(a.snapshot)
	if err != nil {
		return nil, err
	}
	members := struct {
		Snapshot json.RawMessage `json:"snapshot"`
		Passages []passage       `json:"passages,omitempty"`
		Changed  *bool           `json:"changed,omitempty"`
		Judged   []judgement     `json:"judged,omitempty"`
		Site     *[]byte         `json:"site,omitempty"`
	}{Snapshot: snapshot, Changed: a.changed, Judged: a.judged, Site: a.site}
	if a.all {
		members.Passages = a.passages
	}
	return json.Marshal(members)
}

// People prints the article as it was read, and what of the page was left out.
func (a pageAnswer) People(p *show.Printer) {
	p.Snapshot(a.snapshot)
	left := make([]show.LeftOut, 0, len(a.passages))
	for _, passage := range a.passages {
		if !passage.Kept {
			left = append(left, show.LeftOut{Text: passage.Text, Reason: passage.Reason, Score: passage.Score})
		}
	}
	p.LeftOut(left)
}
