package elastic

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/searchtest"
)

// server is the address of a real Elasticsearch.
func server(t testing.TB) string {
	t.Helper()
	address := os.Getenv("STET_TEST_ELASTICSEARCH")
	if address == "" {
		t.Skip("needs Elasticsearch: run scripts/elasticsearch.sh start and set STET_TEST_ELASTICSEARCH to what it prints")
	}
	return address
}

// fresh is an empty index of its own on the server, reached by an address.
func fresh(t testing.TB, address string) *Index {
	t.Helper()
	config := Config{Addresses: []string{address}, Prefix: fmt.Sprintf("test-%d-%08x", os.Getpid(), rand.Uint32())}
	x, err := Connect(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wipe(t, config.Prefix) })
	if _, err := x.Provision(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if x, err = Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// wipe takes everything with a prefix off the server.
func wipe(t testing.TB, prefix string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	x, err := Connect(ctx, Config{Addresses: []string{server(t)}, Prefix: prefix})
	if err != nil {
		t.Error(err)
		return
	}
	var indices map[string]any
	if err := x.client.call(ctx, "GET", "/"+prefix+"-*/_alias?"+lenient, nil, &indices); err != nil {
		t.Error(err)
	}
	for name := range indices {
		if err := x.client.call(ctx, "DELETE", "/"+name, nil, nil); err != nil {
			t.Error(err)
		}
	}
	for _, path := range []string{indexPath, componentPath} {
		if err := x.client.call(ctx, "DELETE", path+prefix+"-*", nil, nil); err != nil && !refused(err, http.StatusNotFound) {
			t.Error(err)
		}
	}
}

func TestContract(t *testing.T) {
	address := server(t)
	searchtest.Run(t, func(t *testing.T) searchtest.Backend { return fresh(t, address) })
}

func day(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }

func sample(article string, version int) search.Document {
	return search.Document{
		Article: article, Version: version, Source: "The Harbour Gazette", Time: day(version), Title: "Ferry " + article,
		Body: "The ferry sails at noon.", Kinds: []string{"body"}, Weight: 2, Score: 0.5, Sequence: uint64(version),
	}
}
