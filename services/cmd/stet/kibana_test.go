package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// kibanaServer is a Kibana that takes everything from one user.
func kibanaServer(t *testing.T, posted *string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ada" || password != "lovelace" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer := `{"version":{"number":"8.19.2"},"status":{"overall":{"level":"available"}}}`
		if r.Method == http.MethodPost {
			file, _, err := r.FormFile("file")
			if err != nil {
				t.Error(err)
				return
			}
			lines, err := io.ReadAll(file)
			if err != nil {
				t.Error(err)
			}
			*posted = r.URL.Path + "\n" + string(lines)
			answer = `{"success":false,"successCount":1,"successResults":[{"type":"dashboard","id":"a","meta":{"title":"News\u001b[31mroom"},"overwrite":true}],` +
				`"errors":[{"type":"lens","id":"b","meta":{"title":"Lag"},"error":{"type":"unknown","message":"too\u001b[2J new"}}],"warnings":[{"message":"look here"}]}`
		}
		_, _ = io.WriteString(w, answer) // who hangs up sees nothing
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestKibanaImport(t *testing.T) {
	var posted string
	address := kibanaServer(t, &posted)
	u := newUser(t)
	data := u.app.getenv
	u.app.getenv = func(name string) string {
		if name == kibanaPassword {
			return "lovelace"
		}
		return data(name)
	}
	stdout, stderr, code := u.stet("kibana", "import", "--url", address, "--user", "ada", "--space", "desk", "--index-prefix", "city")
	if code != exitError || stdout != "replaced dashboard Newsroom\nwarning: look here\n" {
		t.Errorf("%d, %q", code, stdout)
	}
	if !strings.Contains(stderr, "panel Lag was not imported: Kibana says: too new") || strings.Contains(stderr, "\x1b") {
		t.Errorf("%q", stderr)
	}
	if !strings.HasPrefix(posted, "/s/desk/api/saved_objects/_import\n") || !strings.Contains(posted, `"title":"city-revisions"`) {
		t.Errorf("posted %.200s", posted)
	}
	_, stderr, code = u.stet("kibana", "import", "--url", address, "--api-key", "x")
	if code != exitError || !strings.Contains(stderr, "does not take these credentials") {
		t.Errorf("%d, %s", code, stderr)
	}
}

func TestKibanaImportWrongly(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "stet kibana import --url http://localhost:5601"},
		{[]string{"--url", "http://a.example", "--user", "ada"}, exitUsage, "set it in the environment as STET_KIBANA_PASSWORD"},
		{[]string{"--url", "http://a.example", "--user", "ada", "--api-key", "k"}, exitUsage, "name one of them"},
		{[]string{"--url", "a.example"}, exitError, "must be like http://localhost:5601"},
		{[]string{"--url", "https://a.example", "--ca", "missing.pem"}, exitError, "reading the certificates"},
	} {
		_, stderr, code := newUser(t).stet(append([]string{"kibana", "import"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: %d, %s, want %s", c.args, code, stderr, c.want)
		}
	}
}

func TestKibanaExport(t *testing.T) {
	want, err := os.ReadFile("../../../deploy/kibana/stet.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	u := newUser(t)
	stdout, stderr, code := u.stet("kibana", "export")
	if code != exitOK || stdout != string(want) {
		t.Errorf("%d, %s, %d bytes", code, stderr, len(stdout))
	}
	name := filepath.Join(t.TempDir(), "kibana.ndjson")
	if _, stderr, code = u.stet("kibana", "export", name); code != exitOK {
		t.Errorf("%d, %s", code, stderr)
	}
	if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes in the file: %v", len(got), err)
	}
	if _, stderr, code = u.stet("kibana", "export", filepath.Join(name, "x")); code != exitError || !strings.Contains(stderr, "writing the objects for Kibana") {
		t.Errorf("%d, %s", code, stderr)
	}
}
