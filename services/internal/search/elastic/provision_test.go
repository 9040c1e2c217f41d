package elastic

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stetnews/stet/services/internal/search"
)

func TestProvisionTwiceChangesNothing(t *testing.T) {
	x := fresh(t, server(t))
	if changes, err := x.Provision(t.Context(), false); err != nil || len(changes) != 0 {
		t.Errorf("provisioning again changed %q, %v", changes, err)
	}
}

func TestProvisionMendsWhatIsMissing(t *testing.T) {
	x := fresh(t, server(t))
	if err := x.client.call(t.Context(), "DELETE", indexPath+x.alias(checks), nil, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{Addresses: []string{server(t)}, Prefix: x.prefix}); !errors.Is(err, ErrNotProvisioned) {
		t.Errorf("opening with a template missing: %v", err)
	}
	changes, err := x.Provision(t.Context(), false)
	if err != nil || len(changes) != 1 || changes[0] != "created index template "+x.alias(checks) {
		t.Errorf("provisioning changed %q, %v", changes, err)
	}
}

// TestProvisionRefusesWhatIsNotItsOwn changes a template as a newer stet or somebody else would.
func TestProvisionRefusesWhatIsNotItsOwn(t *testing.T) {
	x := fresh(t, server(t))
	path := componentPath + x.prefix + "-settings"
	for want, meta := range map[string]object{"newer stet": {"by": "stet", "schema": 99}, "not stet's": {"by": "logs"}} {
		if err := x.client.call(t.Context(), "PUT", path, object{"template": object{}, "_meta": meta}, nil); err != nil {
			t.Fatal(err)
		}
		if changes, err := x.Provision(t.Context(), false); err == nil || !strings.Contains(err.Error(), want) || len(changes) != 0 {
			t.Errorf("provisioning over what is of a %s: %q, %v", want, changes, err)
		}
		if changes, err := x.Provision(t.Context(), true); err != nil || len(changes) != 1 {
			t.Errorf("provisioning with force: %q, %v", changes, err)
		}
	}
}

// TestIndicesOfAnotherStet has indices whose fields are older, or whose words another analyzer cut.
func TestIndicesOfAnotherStet(t *testing.T) {
	x := fresh(t, server(t))
	if err := x.Write(t.Context(), []search.Document{sample("a", 1)}); err != nil {
		t.Fatal(err)
	}
	name := x.index(versions, day(1))
	remark := func(schema, analyzer int) {
		t.Helper()
		body := object{"_meta": signature{By: signer, Schema: schema, Analyzer: analyzer}}
		if err := x.client.call(t.Context(), "PUT", "/"+name+"/_mapping", body, nil); err != nil {
			t.Fatal(err)
		}
		clear(x.known)
	}
	remark(schemaVersion-1, search.AnalyzerVersion)
	if err := x.Write(t.Context(), []search.Document{sample("a", 2)}); !errors.Is(err, search.ErrUnavailable) || !strings.Contains(err.Error(), "stet provision") {
		t.Errorf("writing to an index of an older stet: %v", err)
	}
	if changes, err := x.Provision(t.Context(), false); err != nil || len(changes) != 1 || !strings.Contains(changes[0], name) {
		t.Errorf("provisioning changed %q, %v", changes, err)
	}
	if err := x.Write(t.Context(), []search.Document{sample("a", 2)}); err != nil {
		t.Errorf("writing after provisioning: %v", err)
	}
	remark(schemaVersion, search.AnalyzerVersion+1)
	for doing, err := range map[string]error{
		"writing": x.Write(t.Context(), []search.Document{sample("a", 3)}), "opening": x.verify(t.Context()),
		"provisioning": func() error { _, err := x.Provision(t.Context(), false); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "stet reindex") {
			t.Errorf("%s with words of another analyzer: %v", doing, err)
		}
	}
}

// TestWithoutTemplatesNothingIsGuessed writes where the templates were deleted.
func TestWithoutTemplatesNothingIsGuessed(t *testing.T) {
	x := fresh(t, server(t))
	if err := x.client.call(t.Context(), "DELETE", indexPath+x.prefix+"-*", nil, nil); err != nil {
		t.Fatal(err)
	}
	err := x.Write(t.Context(), []search.Document{sample("a", 1)})
	if !errors.Is(err, search.ErrUnavailable) || !strings.Contains(err.Error(), "run `stet provision`") {
		t.Errorf("writing without templates: %v", err)
	}
}

// TestProvisionWithLifeCycle has a server with life cycle management, which the real one of the tests lacks.
func TestProvisionWithLifeCycle(t *testing.T) {
	var mu sync.Mutex
	put := make(map[string]bool)
	base := greeting("8.19.0", 0)
	address := pretend(t, "Elasticsearch", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Method == "PUT" {
			put[r.URL.Path] = true
		}
		if r.Method == "GET" && r.URL.Path == policyPath+"stet" && !put[r.URL.Path] {
			say(w, 404, `{}`)
			return
		}
		base(w, r)
	})
	x, err := Connect(t.Context(), Config{Addresses: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	changes, err := x.Provision(t.Context(), false)
	if err != nil || !strings.HasSuffix(changes[0], "life cycle policy stet") || !put[componentPath+"stet-ilm"] {
		t.Errorf("provisioning changed %q, %v", changes, err)
	}
	again, err := x.Provision(context.WithoutCancel(t.Context()), false)
	if err != nil || strings.Contains(again[0], "policy") {
		t.Errorf("an operator's policy was replaced: %q, %v", again, err)
	}
}
