package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/stetnews/stet/services/internal/search"
)

// operation stores a document, or deletes it where there is no source.
type operation struct {
	kind    kind
	index   string
	id      string
	version int64 // external: an older one than the stored changes nothing
	source  any
}

// bulkPath asks for no more of the answer than is read, and for a primary copy that does not come back to be given up
// after a while.
const bulkPath = "/_bulk?timeout=20s&filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason," +
	"items.*.error.caused_by"

// bulk sends operations in one request and gives the outcome of each: nil where the document, or a newer one, is stored.
// A request that is refused as a whole because of one of its documents is sent again in halves.
func (x *Index) bulk(ctx context.Context, operations []operation) []error {
	outcomes := make([]error, len(operations))
	if len(operations) == 0 {
		return outcomes
	}
	body, err := encodeBulk(operations)
	if err == nil {
		err = x.send(ctx, body, outcomes)
	}
	if refused(err, http.StatusBadRequest, http.StatusRequestEntityTooLarge) {
		if half := len(operations) / 2; half > 0 {
			return append(x.bulk(ctx, operations[:half]), x.bulk(ctx, operations[half:])...)
		}
		err = fmt.Errorf("%w: %w", search.ErrBadDocument, err)
	}
	if err != nil {
		for i := range outcomes {
			outcomes[i] = err
		}
	}
	return outcomes
}

func (x *Index) send(ctx context.Context, body []byte, outcomes []error) error {
	var answer struct {
		Errors bool `json:"errors"`
		Items  []map[string]struct {
			Status int             `json:"status"`
			Error  json.RawMessage `json:"error"`
		} `json:"items"`
	}
	if err := x.client.call(ctx, http.MethodPost, bulkPath, body, &answer); err != nil {
		return err
	}
	if len(answer.Items) != len(outcomes) {
		return fmt.Errorf("%w: it answers for %d of %d documents", search.ErrUnavailable, len(answer.Items), len(outcomes))
	}
	for i, item := range answer.Items {
		for _, result := range item { // there is one
			outcomes[i] = outcome(result.Status, result.Error)
		}
	}
	return nil
}

// outcome judges what became of one document.
func outcome(status int, text json.RawMessage) error {
	switch {
	case status >= 200 && status < 300, status == http.StatusConflict:
		return nil // a conflict is a newer document
	case status == http.StatusNotFound && text == nil:
		return nil // there was nothing to delete
	}
	r := &refusal{status: status}
	var c cause
	if json.Unmarshal(text, &c) == nil {
		r.kind, r.reason = c.Type, c.text()
	}
	if r.final() {
		return fmt.Errorf("%w: %w", search.ErrBadDocument, r)
	}
	return fmt.Errorf("%w: %w", search.ErrUnavailable, r)
}

// bulkAddress is the line before a document.
type bulkAddress struct {
	Index   string `json:"_index"`
	ID      string `json:"_id"`
	Version int64  `json:"version"`
	Type    string `json:"version_type"`
}

func encodeBulk(operations []operation) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, o := range operations {
		action := "index"
		if o.source == nil {
			action = "delete"
		}
		address := bulkAddress{o.index, o.id, o.version, "external_gte"}
		if err := encoder.Encode(map[string]bulkAddress{action: address}); err != nil {
			return nil, fmt.Errorf("encoding %s: %w", o.id, err)
		}
		if o.source == nil {
			continue
		}
		if err := encoder.Encode(o.source); err != nil {
			return nil, fmt.Errorf("encoding %s: %w", o.id, err)
		}
	}
	return b.Bytes(), nil
}
