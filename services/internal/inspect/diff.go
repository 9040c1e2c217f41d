package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/revise"
	"github.com/stetnews/stet/services/internal/show"
)

type diffRequest struct {
	Old     json.RawMessage   `json:"old"`
	New     json.RawMessage   `json:"new"`
	Earlier []json.RawMessage `json:"earlier"` // versions before old, oldest first
}

type diffAnswer struct{ revision *eventv1.Revision }

func diffTool() Tool {
	return Tool{Name: "diff", Arguments: "OLD NEW (each FILE|URL|-) | [REQUEST|-] [--cosmetic]", Help: "what changed between two pages or snapshots",
		Line: diffLine,
		One: func(ctx context.Context, from Sources, args []string, _ Options) (Answer, error) {
			if len(args) == 2 {
				return diffTwo(ctx, from, args[0], args[1])
			}
			name, err := only(args)
			if err != nil {
				return nil, fmt.Errorf("%w: give two pages, or one request", ErrUsage)
			}
			in, err := from.read(ctx, name)
			if err != nil {
				return nil, err
			}
			return diffLine(in.Body)
		}}
}

func diffLine(line []byte) (Answer, error) {
	var r diffRequest
	if err := request(line, &r); err != nil {
		return nil, err
	}
	if isNull(r.New) {
		return nil, errors.New(`the request has no "new"`)
	}
	old, err := snapshot("old", r.Old)
	if err != nil {
		return nil, err
	}
	now, err := snapshot("new", r.New)
	if err != nil {
		return nil, err
	}
	var earlier []*article.Snapshot
	for i, text := range r.Earlier {
		s, err := snapshot(fmt.Sprintf("earlier[%d]", i), text)
		if err != nil {
			return nil, err
		}
		earlier = append(earlier, s)
	}
	return compare(old, now, earlier), nil
}

// diffTwo compares two inputs, each a page or the JSON of a snapshot.
func diffTwo(ctx context.Context, from Sources, old, now string) (Answer, error) {
	var both [2]*article.Snapshot
	for i, name := range []string{old, now} {
		in, err := from.read(ctx, name)
		if err != nil {
			return nil, err
		}
		if both[i], err = pageOrSnapshot(in); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return compare(both[0], both[1], nil), nil
}

func pageOrSnapshot(in Input) (*article.Snapshot, error) {
	if bytes.HasPrefix(bytes.TrimSpace(in.Body), []byte("{")) {
		// What `inspect page --json` prints holds the snapshot in a member.
		var printed struct{ Snapshot json.RawMessage }
		if json.Unmarshal(in.Body, &printed) == nil && !isNull(printed.Snapshot) {
			return snapshot("snapshot", printed.Snapshot)
		}
		return snapshot("snapshot", in.Body)
	}
	s, err := extract.Extract(extract.Page{URL: in.URL, ContentType: in.ContentType, Body: in.Body})
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return &s, nil
}

// snapshot reads one S of a request; an absent one is the empty article.
func snapshot(member string, text json.RawMessage) (*article.Snapshot, error) {
	if isNull(text) {
		return &article.Snapshot{}, nil
	}
	var s eventv1.Snapshot
	if err := fromWire(text, &s); err != nil {
		return nil, fmt.Errorf("reading %q: %w", member, err)
	}
	return eventbus.SnapshotFromWire(&s), nil
}

func isNull(text json.RawMessage) bool { return len(text) == 0 || string(text) == "null" }

func compare(old, now *article.Snapshot, earlier []*article.Snapshot) Answer {
	revision := revise.Diff(old, now, earlier)
	return diffAnswer{eventbus.RevisionToWire(&revision)}
}

// MarshalJSON writes the revision in the form of the event messages.
func (a diffAnswer) MarshalJSON() ([]byte, error) {
	revision, err := wire(a.revision)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]json.RawMessage{"revision": revision})
}

// People prints the change with its words marked.
func (a diffAnswer) People(p *show.Printer) { p.Revision(a.revision) }
