package kibana

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
	"github.com/stetnews/stet/services/internal/search/elastic"
)

// edits are the versions of some articles. What they hold is counted by hand in TestPanels and TestSearches.
var edits = []struct {
	article, source string
	version         int
	seen, published string // day of March and time
	kinds           string
	weight          article.Weight
	disclosed       bool
	added, removed  string
}{
	{"ferry", "Gazette", 1, "02 08:02", "02 08:00", "first", 0, false, "", ""},
	{"ferry", "Gazette", 2, "02 08:04", "02 08:00", "body", article.Minor, false, "ten", "nine"},
	{"ferry", "Gazette", 3, "03 09:00", "02 08:00", "headline", article.Substantive, false, "fast ferry", "slow ferry"},
	{"bridge", "Gazette", 1, "02 10:05", "02 10:00", "first", 0, false, "", ""},
	{"bridge", "Gazette", 2, "02 10:30", "02 10:00", "body headline", article.Substantive, true, "it is closed", ""},
	{"harbour", "Gazette", 1, "02 12:00", "02 12:00", "first", 0, false, "", ""},
	{"mill", "Observer", 1, "02 13:00", "", "first", 0, false, "", ""},
	{"mill", "Observer", 2, "03 12:00", "", "body", article.Trivial, false, "", "a comma"},
	{"tram", "Observer", 1, "02 06:10", "02 06:00", "first", 0, false, "", ""},
	{"tram", "Observer", 2, "03 12:00", "02 06:00", "note", article.Minor, true, "a note", ""},
	{"lamp", "Observer", 1, "03 14:00", "03 15:00", "first", 0, false, "", ""},
	{"lamp", "Observer", 2, "03 14:30", "03 15:00", "body", article.Substantive, false, "new text", "old text"},
	{"pier", "Observer", 1, "03 16:00", "03 16:00", "first", 0, false, "", ""},
}

var looks = []struct {
	article, source string
	at              string
	outcome         article.Outcome
	status          int
	next            string
}{
	{"ferry", "Gazette", "02 08:02", article.Read, 200, "02 08:04"},
	{"ferry", "Gazette", "02 08:04", article.Read, 200, "03 09:00"},
	{"ferry", "Gazette", "03 09:00", article.Read, 200, "04 09:00"},
	{"bridge", "Gazette", "03 10:00", article.Failed, 500, "03 11:00"},
	{"bridge", "Gazette", "03 11:00", article.Failed, 0, "03 12:00"},
	{"mill", "Observer", "02 13:00", article.Read, 200, "03 12:00"},
	{"mill", "Observer", "03 12:00", article.Unchanged, 304, "04 12:00"},
	{"tram", "Observer", "03 12:05", article.OutcomeBlocked, 403, "04 12:05"},
	{"lamp", "Observer", "03 14:00", article.OutcomeGone, 410, ""},
	{"tram", "Observer", "03 18:00", article.Moved, 200, "04 18:00"},
}

func march(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse("2006-01-02 15:04", "2026-03-"+text)
	if err != nil {
		panic(err) // the tables are of this file
	}
	return at
}

func page(name string) string { return "https://news.example/" + name }

func documents() []search.Document {
	var all []search.Document
	for i, e := range edits {
		d := search.Document{
			Article: e.article, Source: e.source, URL: page(e.article), Version: e.version, Time: march(e.seen),
			Title: "About the " + e.article, Body: "The " + e.article + " stands.", Added: e.added, Removed: e.removed,
			Kinds: strings.Fields(e.kinds), Weight: int(e.weight), Score: 0.5, State: int(article.Live), Disclosed: e.disclosed,
			Sequence: uint64(i + 1),
		}
		if e.published != "" {
			d.Published = march(e.published).Format(time.RFC3339)
		}
		all = append(all, d)
	}
	return all
}

func checks() []article.CheckOutcome {
	var all []article.CheckOutcome
	for _, l := range looks {
		all = append(all, article.CheckOutcome{
			Article: l.article, Source: l.source, URL: page(l.article), FetchedAt: march(l.at), Outcome: l.outcome,
			Status: l.status, Next: march(l.next), Reason: "The reason is told.",
		})
	}
	return all
}

// cluster is a real Elasticsearch with the fixtures under a prefix of its own.
type cluster struct {
	address, prefix string
}

func start(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{os.Getenv("STET_TEST_ELASTICSEARCH"), fmt.Sprintf("test-kibana-%d-%08x", os.Getpid(), rand.Uint32())}
	if c.address == "" {
		t.Skip("needs Elasticsearch: run scripts/elasticsearch.sh start and set STET_TEST_ELASTICSEARCH to what it prints")
	}
	ctx := t.Context()
	config := elastic.Config{Addresses: []string{c.address}, Prefix: c.prefix}
	made, err := elastic.Connect(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.wipe(t) })
	if _, err := made.Provision(ctx, false); err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Error(err)
	}
	index, err := elastic.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := index.Write(ctx, documents()); err != nil {
		t.Fatal(err)
	}
	if err := index.WriteChecks(ctx, checks()); err != nil {
		t.Fatal(err)
	}
	if err := index.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	return c
}

// call asks the cluster.
func (c *cluster) call(ctx context.Context, t *testing.T, method, path string, body any) jsonObject {
	t.Helper()
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.address+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer jsonObject
	if err := json.Unmarshal(text, &answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s", method, path, response.Status, text)
	}
	return answer
}

// wipe takes everything of the prefix away.
func (c *cluster) wipe(t *testing.T) {
	ctx := context.WithoutCancel(t.Context())
	for name := range c.call(ctx, t, "GET", "/"+c.prefix+"-*/_alias", nil) {
		c.call(ctx, t, "DELETE", "/"+name, nil)
	}
	for _, path := range []string{"/_index_template/", "/_component_template/"} {
		c.call(ctx, t, "DELETE", path+c.prefix+"-*", nil)
	}
}
