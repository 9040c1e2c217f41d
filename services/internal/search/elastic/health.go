package elastic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/stetnews/stet/services/internal/search"
)

// Check says why the index cannot be searched or written to now, naming the indices, or nil. The errors wrap
// search.ErrUnavailable.
func (x *Index) Check(ctx context.Context) error {
	err := errors.Join(x.red(ctx), x.blocked(ctx))
	if err != nil && !errors.Is(err, search.ErrUnavailable) {
		err = fmt.Errorf("%w: %w", search.ErrUnavailable, err)
	}
	return x.explain("checking", err)
}

func (x *Index) red(ctx context.Context) error {
	var answer struct {
		Indices map[string]struct {
			Status string `json:"status"`
		} `json:"indices"`
	}
	patterns := make([]string, len(kinds)) // aliases would be waited for until they exist
	for i, k := range kinds {
		patterns[i] = x.pattern(k)
	}
	path := "/_cluster/health/" + strings.Join(patterns, ",") + "?level=indices&timeout=5s&filter_path=indices.*.status"
	err := x.client.call(ctx, http.MethodGet, path, nil, &answer)
	if refused(err, http.StatusForbidden) {
		return nil // this is not ours to see
	}
	if err != nil {
		return err
	}
	var red []string
	for name, index := range answer.Indices {
		if index.Status == "red" {
			red = append(red, name)
		}
	}
	if len(red) == 0 {
		return nil
	}
	slices.Sort(red)
	return fmt.Errorf("a part of %s does not answer (it is red): bring its nodes back, or see GET /_cluster/allocation/explain",
		strings.Join(red, ", "))
}

func (x *Index) blocked(ctx context.Context) error {
	var answer map[string]struct {
		Settings map[string]string `json:"settings"`
	}
	path := "/" + x.aliases(kinds...) + "/_settings/index.blocks.*?flat_settings=true&" + lenient
	err := x.client.call(ctx, http.MethodGet, path, nil, &answer)
	if refused(err, http.StatusForbidden) {
		return nil
	}
	if err != nil {
		return err
	}
	var blocks []string
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		for setting, value := range answer[name].Settings {
			if value == "true" && setting != "index.blocks.metadata" {
				blocks = append(blocks, name+" ("+setting+")")
			}
		}
	}
	if len(blocks) == 0 {
		return nil
	}
	return fmt.Errorf("it is read-only: %s: free some space on its disks, then set these to null", strings.Join(blocks, ", "))
}
