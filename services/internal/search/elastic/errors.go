package elastic

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/stetnews/stet/services/internal/search"
)

// errOtherProduct is what the client says of a server that does not name itself Elasticsearch.
var errOtherProduct = errors.New("what answers there is not Elasticsearch 8: OpenSearch, Elasticsearch before 7.14 " +
	"and proxies that drop the header X-Elastic-Product do not do; give the address of an Elasticsearch 8")

// refusal is an answer that is no success.
type refusal struct {
	status       int
	kind, reason string // as Elasticsearch names them
}

// cause is an error inside an answer.
type cause struct {
	Type     string `json:"type"`
	Reason   string `json:"reason"`
	CausedBy *cause `json:"caused_by"`
}

func newRefusal(status int, text []byte) *refusal {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	var c cause
	if json.Unmarshal(text, &answer) != nil || json.Unmarshal(answer.Error, &c) != nil {
		const most = 300
		reason := strings.Trim(string(answer.Error), `"`)
		if reason == "" {
			reason = string(text[:min(len(text), most)])
		}
		return &refusal{status, "", strings.ToValidUTF8(reason, "?")}
	}
	return &refusal{status, c.Type, c.text()}
}

// text is the reason, with the innermost one where that says more.
func (c *cause) text() string {
	inner := c
	for inner.CausedBy != nil {
		inner = inner.CausedBy
	}
	if inner == c || strings.Contains(c.Reason, inner.Reason) {
		return c.Reason
	}
	return c.Reason + ": " + inner.Reason
}

// Error says what to do where that is known, and Elasticsearch's own words.
func (r *refusal) Error() string {
	words := fmt.Sprintf("it answers %d", r.status)
	if r.kind != "" {
		words += " " + r.kind
	}
	if r.reason != "" {
		words += ": " + r.reason
	}
	if what := r.advice(); what != "" {
		return what + " (" + words + ")"
	}
	return words
}

func (r *refusal) advice() string {
	switch {
	case r.status == http.StatusUnauthorized:
		return "it refuses the user name and password or the API key: check them"
	case r.kind == "cluster_block_exception":
		return "it is read-only, as it makes itself when its disk is nearly full: free some space, then lift the block"
	case r.status == http.StatusForbidden:
		return "the user or API key lacks a right: give it those of the documentation"
	case r.kind == "strict_dynamic_mapping_exception":
		return "the index is of an older stet: run `stet provision`"
	case r.kind == "too_many_clauses", strings.Contains(r.reason, "too many clauses"), strings.Contains(r.reason, "maxClauseCount"):
		return "a word with * begins too many words: write more of it"
	}
	return ""
}

// Is makes a refusal one that may pass by itself, unless another request or other rights are needed.
func (r *refusal) Is(target error) bool {
	rights := r.status == http.StatusUnauthorized || r.status == http.StatusForbidden && r.kind != "cluster_block_exception"
	return target == search.ErrUnavailable && !r.final() && !rights
}

// final says that the same document would be refused again. Not so where the index, the cluster or the rights are at
// fault, even if Elasticsearch answers 400.
func (r *refusal) final() bool {
	switch r.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	switch r.kind {
	case "strict_dynamic_mapping_exception", "validation_exception", "cluster_block_exception", "index_not_found_exception":
		return false
	}
	return r.status >= 400 && r.status < 500
}

// refused says whether an error is an answer of one of the statuses.
func refused(err error, statuses ...int) bool {
	var r *refusal
	if !errors.As(err, &r) {
		return false
	}
	for _, status := range statuses {
		if r.status == status {
			return true
		}
	}
	return false
}
