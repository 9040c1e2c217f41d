package elastic

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	oldestMajor = 8
	maxSkew     = 5 * time.Minute
)

// recognise refuses what is not Elasticsearch 8 or newer, and a cluster whose clock is far from ours: indices are named
// by times, and analysts compare them.
func (x *Index) recognise(ctx context.Context) error {
	version, err := x.version(ctx)
	if err != nil {
		return err
	}
	major, _, _ := strings.Cut(version, ".")
	if number, err := strconv.Atoi(major); err != nil || number < oldestMajor {
		return fmt.Errorf("it is Elasticsearch %s: stet needs 8 or newer", version)
	}
	return x.clock(ctx)
}

func (x *Index) version(ctx context.Context) (string, error) {
	var root struct {
		Version struct {
			Number       string `json:"number"`
			Distribution string `json:"distribution"`
		} `json:"version"`
	}
	err := x.client.call(ctx, "GET", "/", nil, &root)
	switch {
	case refused(err, http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed):
		return x.nodeVersion(ctx) // reduced distributions do not have the greeting
	case err != nil:
		return "", err
	case root.Version.Distribution != "" && root.Version.Distribution != "elasticsearch":
		return "", fmt.Errorf("it is %s %s: %w", root.Version.Distribution, root.Version.Number, errOtherProduct)
	}
	return root.Version.Number, nil
}

func (x *Index) nodeVersion(ctx context.Context) (string, error) {
	var answer struct {
		Nodes map[string]struct {
			Version string `json:"version"`
		} `json:"nodes"`
	}
	if err := x.client.call(ctx, "GET", "/_nodes/_local?filter_path=nodes.*.version", nil, &answer); err != nil {
		return "", err
	}
	for _, node := range answer.Nodes {
		return node.Version, nil
	}
	return "", errOtherProduct
}

func (x *Index) clock(ctx context.Context) error {
	var answer struct {
		Nodes map[string]struct {
			Timestamp int64 `json:"timestamp"` // milliseconds
		} `json:"nodes"`
	}
	asked := x.now()
	err := x.client.call(ctx, "GET", "/_nodes/_local/stats/jvm?filter_path=nodes.*.timestamp", nil, &answer)
	if refused(err, http.StatusForbidden) {
		return nil // its clock is for those with the right to monitor
	}
	if err != nil {
		return err
	}
	for _, node := range answer.Nodes {
		theirs, answered := time.UnixMilli(node.Timestamp), x.now()
		if theirs.Before(asked.Add(-maxSkew)) || theirs.After(answered.Add(maxSkew)) {
			return fmt.Errorf("its clock says %s and this machine's %s: set the one that is wrong",
				theirs.UTC().Format(time.DateTime), answered.UTC().Format(time.DateTime))
		}
	}
	return nil
}
