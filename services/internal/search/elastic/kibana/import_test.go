package kibana

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func stetObjects(t *testing.T) []Object {
	t.Helper()
	objects, err := Objects("stet")
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func TestImport(t *testing.T) {
	f, server := newFake(t)
	objects := stetObjects(t)
	for round, replaced := range []bool{false, true} {
		result, err := Import(t.Context(), Server{URL: server.URL + "/"}, objects)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Imported) != len(objects) || result.Version != "8.19.2" || len(f.stored) != len(objects) {
			t.Errorf("round %d: %d imported, %d stored of %d, Kibana %s", round, len(result.Imported), len(f.stored), len(objects), result.Version)
		}
		if last := result.Imported[len(objects)-1]; last != (Imported{"dashboard", "Operations", replaced}) {
			t.Errorf("round %d: the last one is %+v", round, last)
		}
	}
}

func TestImportIntoASpace(t *testing.T) {
	f, server := newFake(t)
	f.space = "desk one"
	f.key = "ApiKey a2V5"
	if _, err := Import(t.Context(), Server{URL: server.URL, Space: "desk one", APIKey: "a2V5"}, stetObjects(t)); err != nil {
		t.Fatal(err)
	}
	if keys := f.keys(); len(keys) == 0 || keys[0] != "desk one/dashboard/stet-dashboard-newsroom" {
		t.Errorf("stored %v", keys)
	}
	_, err := Import(t.Context(), Server{URL: server.URL, Space: "desk two", APIKey: "a2V5"}, stetObjects(t))
	if err == nil || !strings.Contains(err.Error(), `has no space "desk two": make it there`) {
		t.Errorf("another space: %v", err)
	}
}

func TestImportBelowABasePath(t *testing.T) {
	f, _ := newFake(t)
	server := httptest.NewServer(http.StripPrefix("/tools/kibana", f))
	defer server.Close()
	if _, err := Import(t.Context(), Server{URL: server.URL + "/tools/kibana/"}, stetObjects(t)); err != nil {
		t.Error(err)
	}
}

func TestPartOfAnImportIsRefused(t *testing.T) {
	f, server := newFake(t)
	f.refuse = map[string]jsonObject{
		"stet-panel-lag":             {"type": "unknown", "message": "Document [x] belongs to a more recent\nversion of Kibana", "statusCode": 400},
		"stet-dashboard-operations":  {"type": "missing_references", "references": []any{jsonObject{"type": "lens", "id": "stet-panel-lag"}}},
		"stet-panel-looks":           {"type": "unsupported_type"},
		"stet-search-text-removed":   {"type": "conflict"},
		"stet-panel-failures":        {"type": "ambiguous_conflict"},
		"stet-panel-share-edited":    {"type": "weather"},
		"stet-search-headline-other": {"type": "conflict"}, // not among ours
	}
	objects := stetObjects(t)
	result, err := Import(t.Context(), Server{URL: server.URL}, objects)
	if err == nil {
		t.Fatal("no error")
	}
	if len(result.Imported) != len(objects)-6 {
		t.Errorf("%d of %d were imported", len(result.Imported), len(objects))
	}
	for _, want := range []string{
		"panel Lag: looks planned and looks made was not imported: Kibana says: Document [x] belongs to a more recent version of Kibana",
		"dashboard Operations was not imported: it refers to what Kibana does not have: lens stet-panel-lag",
		"panel Looks was not imported: this Kibana knows no such objects",
		"search Text removed was not imported: another object has its id",
		"panel Looks that failed was not imported: several objects",
		`panel Share of articles edited was not imported: Kibana calls the error "weather"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	if n := strings.Count(err.Error(), "was not imported"); n != 6 {
		t.Errorf("%d sentences of 6", n)
	}
}

func TestRefusedServers(t *testing.T) {
	always := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body) // who hangs up sees nothing
			return true
		}
	}
	onImport := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			return r.Method == http.MethodPost && always(status, body)(w, r)
		}
	}
	for name, c := range map[string]struct {
		set  func(f *fake)
		as   Server
		want string
	}{
		"Kibana 7":              {func(f *fake) { f.version = "7.17.9" }, Server{}, "it is Kibana 7.17.9: stet's objects are for Kibana 8, from 8.8.0 on"},
		"Kibana 8.7":            {func(f *fake) { f.version = "8.7.1" }, Server{}, "it is Kibana 8.7.1"},
		"Kibana 9":              {func(f *fake) { f.version = "9.2.2" }, Server{}, "it is Kibana 9.2.2"},
		"OpenSearch Dashboards": {func(f *fake) { f.version = "2.11.0" }, Server{}, "it is Kibana 2.11.0"},
		"no number":             {func(f *fake) { f.version = "eight" }, Server{}, "it is Kibana eight"},
		"hidden version":        {func(f *fake) { f.version = "" }, Server{}, "tells its version only to those it knows"},
		"not Kibana, JSON":      {func(f *fake) { f.answer = always(200, `{"status": "green"}`) }, Server{}, "is not Kibana"},
		"not Kibana, page":      {func(f *fake) { f.answer = always(200, `<html>`) }, Server{}, "is not Kibana"},
		"not Kibana, nothing":   {func(f *fake) { f.answer = always(404, "") }, Server{}, "is not Kibana"},
		"Elasticsearch":         {func(f *fake) { f.answer = always(400, `{"error":"no handler"}`) }, Server{}, "is not Kibana"},
		"redirection":           {func(f *fake) { f.answer = redirected }, Server{}, `it points to "https://kibana.example/login": name that address`},
		"starting":              {func(f *fake) { f.answer = always(503, "Kibana server is not ready yet") }, Server{}, "Kibana is not available (status 503): wait"},
		"nobody":                {func(f *fake) { f.key = "ApiKey x" }, Server{}, "wants to know who asks: name an --api-key"},
		"wrong key":             {func(f *fake) { f.key = "ApiKey x" }, Server{APIKey: "y"}, "does not take these credentials"},
		"wrong password":        {func(f *fake) { f.key = "ApiKey x" }, Server{User: "ada", Password: "y"}, "does not take these credentials"},
		"not allowed":           {func(f *fake) { f.answer = onImport(403, `{"message":"Unable to bulk_create"}`) }, Server{}, "Saved Objects Management (all); it says: Unable to bulk_create"},
		"too much":              {func(f *fake) { f.answer = onImport(413, ``) }, Server{}, "savedObjects.maxImportPayloadBytes"},
		"bad request":           {func(f *fake) { f.answer = onImport(400, `{"message":"no"}`) }, Server{}, "answers with status 400; it says: no"},
		"no answer to it":       {func(f *fake) { f.answer = onImport(200, `{}`) }, Server{}, "is not Kibana"},
		"fewer without a word":  {func(f *fake) { f.answer = onImport(200, `{"success":true,"successCount":3}`) }, Server{}, "took 3 of"},
		"endless":               {func(f *fake) { f.answer = onImport(200, strings.Repeat(" ", maxAnswer+1)) }, Server{}, "more than 8 MiB"},
		"long message":          {func(f *fake) { f.answer = onImport(400, `{"message":"`+strings.Repeat("x ", 4000)+`"}`) }, Server{}, "x x …"},
	} {
		t.Run(name, func(t *testing.T) {
			f, server := newFake(t)
			c.set(f)
			c.as.URL = server.URL
			_, err := Import(t.Context(), c.as, stetObjects(t))
			if err == nil || !strings.Contains(err.Error(), c.want) || len(err.Error()) > 1500 {
				t.Errorf("%v, want %s", err, c.want)
			}
			if len(f.stored) > 0 {
				t.Errorf("%d objects were stored", len(f.stored))
			}
		})
	}
}

func redirected(w http.ResponseWriter, r *http.Request) bool {
	http.Redirect(w, r, "https://kibana.example/login", http.StatusFound)
	return true
}

func TestBadAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"":                              "must be like http://localhost:5601",
		"localhost:5601":                "must be like http://localhost:5601",
		"ftp://a.example":               "must be like http://localhost:5601",
		"http://ada:secret@host:5601":   "must not hold a password",
		"http://ada:secret@[host:5601/": "must be like http://localhost:5601",
	} {
		_, err := Import(t.Context(), Server{URL: address}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %s", address, err, want)
		}
	}
	_, err := Import(t.Context(), Server{URL: "https://a.example", CA: []byte("no certificate")}, nil)
	if err == nil || !strings.Contains(err.Error(), "holds no certificate") {
		t.Errorf("bad authority: %v", err)
	}
}

func TestImportTrustsAnAuthority(t *testing.T) {
	f, _ := newFake(t)
	f.key = "Basic YWRhOmxvdmVsYWNl" // ada:lovelace
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it will be mistrusted
	server.StartTLS()
	defer server.Close()
	as := Server{URL: server.URL, User: "ada", Password: "lovelace"}
	if _, err := Import(t.Context(), as, stetObjects(t)); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an unknown authority is trusted: %v", err)
	}
	as.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if _, err := Import(t.Context(), as, stetObjects(t)); err != nil {
		t.Error(err)
	}
}

// silent is a server that takes every request and never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := newClient(Server{URL: "http://kibana.example"})
		if err != nil {
			t.Fatal(err)
		}
		c.http.Transport = silent{}
		begun := time.Now()
		_, err = c.version(t.Context())
		if waited := time.Since(begun); err == nil || waited != patience {
			t.Errorf("gave up after %s: %v", waited, err)
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(`{"success":true,"successCount":1,"successResults":[{"type":"lens","id":"x","meta":{"title":"X"}}]}`)
	f.Add(`{"success":false,"errors":[{"type":"lens","id":"x","error":{"type":"missing_references","references":[{"type":"a","id":"b"}]}}]}`)
	f.Add(`{"success":null}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		var answer importAnswer
		if json.Unmarshal([]byte(body), &answer) != nil {
			return
		}
		result, err := answer.result("8.8.0", 1)
		if err == nil && (answer.Count != 1 || !*answer.Success) {
			t.Errorf("%s is taken for a success: %+v", body, result)
		}
	})
}
