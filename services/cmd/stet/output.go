package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/stetnews/stet/services/internal/terminal"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// encode writes a message as one line of JSON with all members, and always with the same spaces.
func encode(message proto.Message) (json.RawMessage, error) {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("printing JSON: %w", err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return nil, fmt.Errorf("printing JSON: %w", err)
	}
	return b.Bytes(), nil
}

// encodeAll writes messages as a JSON list, never as null.
func encodeAll[M proto.Message](messages []M) ([]json.RawMessage, error) {
	list := make([]json.RawMessage, 0, len(messages))
	for _, m := range messages {
		text, err := encode(m)
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}

// printMessages prints messages as one JSON list.
func printMessages[M proto.Message](c *call, messages []M) error {
	list, err := encodeAll(messages)
	if err != nil {
		return err
	}
	return c.printJSON(list)
}

// printMessage prints one message as JSON.
func printMessage(c *call, message proto.Message) error {
	text, err := encode(message)
	if err != nil {
		return err
	}
	return c.printJSON(text)
}

// when is a time as people read it, in their zone.
func when(t *timestamppb.Timestamp) string {
	if t == nil {
		return "-"
	}
	return t.AsTime().Local().Format("2006-01-02 15:04:05")
}

// progress shows how far long work is, in one line on a terminal and nowhere else.
type progress struct {
	out  io.Writer // nil where nobody would see it
	what string
	done int
	last time.Time
}

func (c *call) progress(what string) *progress {
	p := &progress{what: what}
	if terminal.Is(c.stderr) {
		p.out = c.stderr
	}
	return p
}

// step counts one more; total is 0 where it is not known. It draws ten times a second at most.
func (p *progress) step(total int) {
	p.done++
	if p.out == nil || time.Since(p.last) < 100*time.Millisecond && p.done != total {
		return
	}
	p.last = time.Now()
	if total > 0 {
		fmt.Fprintf(p.out, "\r%s %d of %d", p.what, p.done, total)
		return
	}
	fmt.Fprintf(p.out, "\r%s %d", p.what, p.done)
}

func (p *progress) end() {
	if p.out != nil && p.done > 0 {
		fmt.Fprintln(p.out)
	}
}
