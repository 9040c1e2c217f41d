package elastic

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// pretend is a server that says it is some product, and answers by a function.
func pretend(t *testing.T, product string, answer func(w http.ResponseWriter, r *http.Request)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if product != "" {
			w.Header().Set("X-Elastic-Product", product)
		}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client sees what is missing
}

// greeting answers as a whole Elasticsearch of a version does, whose clock is off by some time.
func greeting(version string, off time.Duration) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			say(w, 200, `{"version":{"number":"`+version+`"}}`)
		case strings.HasPrefix(r.URL.Path, "/_nodes/_local/stats"):
			say(w, 200, fmt.Sprintf(`{"nodes":{"n":{"timestamp":%d}}}`, time.Now().Add(off).UnixMilli()))
		case strings.HasPrefix(r.URL.Path, componentPath):
			say(w, 200, `{"component_templates":[]}`)
		case strings.HasPrefix(r.URL.Path, indexPath):
			say(w, 200, `{"index_templates":[]}`)
		default:
			say(w, 200, `{}`)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	const elastic = "Elasticsearch"
	always := func(status int, text string) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) { say(w, status, text) }
	}
	for name, test := range map[string]struct {
		product     string
		answer      func(http.ResponseWriter, *http.Request)
		want        string
		unavailable bool // may pass by itself
	}{
		"OpenSearch":                   {"", always(200, `{"version":{"distribution":"opensearch","number":"2.19.0"}}`), "not Elasticsearch 8", false},
		"OpenSearch behind a proxy":    {elastic, always(200, `{"version":{"distribution":"opensearch","number":"2.19.0"}}`), "it is opensearch 2.19.0", false},
		"Elasticsearch 7":              {elastic, greeting("7.17.29", 0), "it is Elasticsearch 7.17.29: stet needs 8", false},
		"Elasticsearch before 7.14":    {"", greeting("7.10.2", 0), "not Elasticsearch 8", false},
		"a web server":                 {"", always(200, `<html>`), "not Elasticsearch 8", false},
		"no version":                   {elastic, always(200, `{}`), "stet needs 8", false},
		"wrong password":               {elastic, always(401, `{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}`), "check them", false},
		"too few rights":               {elastic, always(403, `{"error":{"type":"security_exception","reason":"action is unauthorized"}}`), "lacks a right", false},
		"too many requests":            {elastic, always(429, `{"error":{"type":"es_rejected_execution_exception","reason":"queue is full"}}`), "queue is full", true},
		"starting or stopping":         {elastic, always(503, `{"error":{"type":"master_not_discovered_exception","reason":"no master"}}`), "no master", true},
		"a gateway":                    {"", always(502, `<h1>Bad gateway</h1>`), "502", true},
		"a clock an hour behind":       {elastic, greeting("8.19.0", -time.Hour), "set the one that is wrong", false},
		"a clock an hour ahead":        {elastic, greeting("8.19.0", time.Hour), "set the one that is wrong", false},
		"nothing provisioned":          {elastic, greeting("9.1.0", time.Minute), "run `stet provision`", false},
		"no greeting, as when reduced": {elastic, reduced(greeting("", 0), "8.19.16"), "run `stet provision`", false},
		"no greeting, and 7":           {elastic, reduced(greeting("", 0), "7.17.0"), "it is Elasticsearch 7.17.0", false},
	} {
		_, err := Open(t.Context(), Config{Addresses: []string{pretend(t, test.product, test.answer)}})
		if err == nil || !strings.Contains(err.Error(), test.want) || errors.Is(err, search.ErrUnavailable) != test.unavailable {
			t.Errorf("%s: %v", name, err)
		}
		if provisioned := errors.Is(err, ErrNotProvisioned); provisioned != strings.Contains(test.want, "provision") {
			t.Errorf("%s is ErrNotProvisioned: %v", name, provisioned)
		}
	}
}

// reduced lacks the greeting, as Elastic's distribution for integration tests does.
func reduced(answer func(http.ResponseWriter, *http.Request), version string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			say(w, 405, `{"error":"Incorrect HTTP method for uri [/] and method [GET], allowed: [DELETE]","status":405}`)
		case "/_nodes/_local":
			say(w, 200, `{"nodes":{"n":{"version":"`+version+`"}}}`)
		default:
			answer(w, r)
		}
	}
}

func TestOpenRefusesForeignTemplates(t *testing.T) {
	for name, test := range map[string]struct{ meta, want string }{
		"of a newer stet":        {`{"by":"stet","schema":99,"analyzer":1}`, "newer stet"},
		"of an older stet":       {`{"by":"stet","schema":0,"analyzer":1}`, "run `stet provision`"},
		"of somebody else":       {`{"by":"logs"}`, "not stet's"},
		"without a name":         {`null`, "not stet's"},
		"with other words in it": {`{"by":"stet","schema":1,"analyzer":77}`, "run `stet reindex`"},
	} {
		base := greeting("8.19.0", 0)
		address := pretend(t, "Elasticsearch", func(w http.ResponseWriter, r *http.Request) {
			var items []string
			for _, k := range kinds {
				for _, part := range map[string][]string{componentPath: {"-mappings", "-aliases"}, indexPath: {""}}[folder(r.URL.Path)] {
					body := `"component_template":{"_meta":` + test.meta + `}`
					if part == "" {
						body = `"index_template":{"_meta":` + test.meta + `}`
					}
					items = append(items, `{"name":"stet-`+string(k)+part+`",`+body+`}`)
				}
			}
			switch folder(r.URL.Path) {
			case componentPath:
				say(w, 200, `{"component_templates":[`+strings.Join(items, ",")+`]}`)
			case indexPath:
				say(w, 200, `{"index_templates":[`+strings.Join(items, ",")+`]}`)
			default:
				base(w, r)
			}
		})
		_, err := Open(t.Context(), Config{Addresses: []string{address}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("templates %s: %v", name, err)
		}
	}
}

func folder(path string) string {
	for _, folder := range []string{componentPath, indexPath} {
		if strings.HasPrefix(path, folder) {
			return folder
		}
	}
	return ""
}

func TestSettingsThatCannotBe(t *testing.T) {
	nonsense := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(nonsense, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	const address = "http://127.0.0.1:1"
	for name, test := range map[string]struct {
		config Config
		want   string
	}{
		"no address":       {Config{}, "name at least one"},
		"no URL":           {Config{Addresses: []string{"127.0.0.1:9200"}}, "write it like"},
		"a secret in it":   {Config{Addresses: []string{"user:secret@host"}}, "@host"},
		"a bad prefix":     {Config{Addresses: []string{address}, Prefix: "Stet*"}, "choose another"},
		"no authority":     {Config{Addresses: []string{address}, CAFile: nonsense + "x"}, "certificate authority"},
		"not an authority": {Config{Addresses: []string{address}, CAFile: nonsense}, "PEM"},
		"nobody there":     {Config{Addresses: []string{address}}, "connecting to Elasticsearch at " + address},
	} {
		_, err := Open(t.Context(), test.config)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCredentialsAndAuthority(t *testing.T) {
	var seen string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get("Authorization")
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		greeting("8.19.0", 0)(w, r)
	}))
	defer s.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		config Config
		want   string
	}{
		"user": {Config{Username: "u", Password: "p"}, "Basic dTpw"}, "key": {Config{APIKey: "a2V5"}, "APIKey a2V5"},
	} {
		test.config.Addresses, test.config.CAFile = []string{s.URL}, ca
		if _, err := Connect(t.Context(), test.config); err != nil || !strings.EqualFold(seen, test.want) {
			t.Errorf("%s: %q, %v", name, seen, err)
		}
	}
	if _, err := Connect(t.Context(), Config{Addresses: []string{s.URL}}); !errors.Is(err, search.ErrUnavailable) {
		t.Errorf("a certificate of nobody's: %v", err)
	}
}

// TestOutcomes is the table of what becomes of documents.
func TestOutcomes(t *testing.T) {
	for _, test := range []struct {
		status int
		text   string
		want   error
	}{
		{200, "", nil}, {201, "", nil}, {409, `{"type":"version_conflict_engine_exception"}`, nil}, {404, "", nil},
		{400, `{"type":"document_parsing_exception","reason":"[1:2] failed","caused_by":{"reason":"out of range"}}`, search.ErrBadDocument},
		{400, `{"type":"illegal_argument_exception","reason":"immense term"}`, search.ErrBadDocument},
		{413, `{"type":"x"}`, search.ErrBadDocument},
		{400, `{"type":"strict_dynamic_mapping_exception","reason":"[x] is not allowed"}`, search.ErrUnavailable},
		{400, `{"type":"validation_exception","reason":"this action would add [2] shards"}`, search.ErrUnavailable},
		{401, `{"type":"security_exception"}`, search.ErrUnavailable}, {403, `{"type":"cluster_block_exception"}`, search.ErrUnavailable},
		{404, `{"type":"index_not_found_exception"}`, search.ErrUnavailable}, {429, `{"type":"es_rejected_execution_exception"}`, search.ErrUnavailable},
		{500, `{"type":"x"}`, search.ErrUnavailable}, {503, `{"type":"unavailable_shards_exception"}`, search.ErrUnavailable},
	} {
		var text []byte
		if test.text != "" {
			text = []byte(test.text)
		}
		got := outcome(test.status, text)
		if !errors.Is(got, test.want) || errors.Is(got, search.ErrBadDocument) && errors.Is(got, search.ErrUnavailable) {
			t.Errorf("%d %s gives %v, want %v", test.status, test.text, got, test.want)
		}
	}
	if got := outcome(400, []byte(`{"type":"t","reason":"outer","caused_by":{"reason":"inner"}}`)); !strings.Contains(got.Error(), "outer: inner") {
		t.Errorf("the reasons are lost: %v", got)
	}
}

// TestOneDocumentOfABulkIsRefused has a server that takes no request with a certain word, as one does whose limit of
// bytes is reached, and answers 429 for another.
func TestOneDocumentOfABulkIsRefused(t *testing.T) {
	address := pretend(t, "Elasticsearch", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := string(body)
		switch {
		case r.URL.Path != "/_bulk":
			greeting("8.19.0", 0)(w, r)
		case strings.Contains(text, "toolarge"):
			say(w, 413, "")
		default:
			var items []string
			for line := range strings.Lines(text) {
				switch {
				case strings.HasPrefix(line, `{"index":`) && strings.Contains(line, "busy"):
					items = append(items, `{"index":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"queue is full"}}}`)
				case strings.HasPrefix(line, `{"index":`):
					items = append(items, `{"index":{"status":201}}`)
				}
			}
			say(w, 200, `{"errors":true,"items":[`+strings.Join(items, ",")+`]}`)
		}
	})
	x, err := Connect(t.Context(), Config{Addresses: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	var documents []search.Document
	for _, name := range []string{"a", "toolarge", "b", "busy", "c"} {
		d := sample(name, 1)
		documents = append(documents, d)
		x.known[x.index(versions, d.Time)], x.known[x.index(articles, d.Time)] = true, true
	}
	err = x.Write(t.Context(), documents)
	var some search.Unstored
	if !errors.As(err, &some) || len(some) != 2 || !errors.Is(some[1], search.ErrBadDocument) || !errors.Is(some[3], search.ErrUnavailable) {
		t.Errorf("Write: %v", err)
	}
}

func TestAnEndIsNoOutage(t *testing.T) {
	address := pretend(t, "Elasticsearch", greeting("8.19.0", 0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Connect(ctx, Config{Addresses: []string{address}}); !errors.Is(err, context.Canceled) {
		t.Errorf("connecting when all is over: %v", err)
	}
}
