package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/certificates"
	"github.com/stetnews/stet/services/internal/certificates/certificatetest"
	"github.com/stetnews/stet/services/launch"
)

// One certificate serves pages and API; the commands on the same machine trust it by its file, others by its authority.
func TestServedByTLS(t *testing.T) {
	ctx := deadline(t)
	files := certificatetest.In(t.TempDir())
	files.Write(t, time.Now().Add(time.Hour))
	data := filepath.Join(t.TempDir(), "data")
	spawn(ctx, t, "--data", data, "--web", "127.0.0.1:0", "--grpc", "0.0.0.0:0", "--log-format", "json",
		"--tls-cert", files.Cert, "--tls-key", files.Key, "--read-token", "a-secret-of-readers")
	var at launch.Running
	text, err := os.ReadFile(filepath.Join(data, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &at); err != nil {
		t.Fatal(err)
	}
	port := at.GRPC[strings.LastIndex(at.GRPC, ":"):]
	command := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, binary(t), args...).CombinedOutput()
		return string(out), err
	}
	for _, c := range []struct {
		name string
		args []string
		want string // in what it says; empty for success
	}{
		{"on the same machine", []string{"feeds", "list", "--data", data}, ""},
		{"by its authority", []string{"feeds", "list", "--data", t.TempDir(), "--grpc", "127.0.0.1" + port, "--grpc-ca", files.Authority, "--read-token", "a-secret-of-readers"}, ""},
		{"without a token", []string{"feeds", "list", "--data", t.TempDir(), "--grpc", "127.0.0.1" + port, "--grpc-ca", files.Authority}, "token"},
		{"by others' authorities", []string{"feeds", "list", "--data", t.TempDir(), "--grpc", "127.0.0.1" + port, "--grpc-ca", "system", "--read-token", "a-secret-of-readers"}, "127.0.0.1"},
	} {
		said, err := command(c.args...)
		if (err == nil) != (c.want == "") || !strings.Contains(said, c.want) {
			t.Errorf("%s: %v\n%s", c.name, err, said)
		}
	}
	pages := &http.Client{Transport: &http.Transport{TLSClientConfig: certificates.Pin(files.Cert), ForceAttemptHTTP2: true}}
	defer pages.CloseIdleConnections()
	if page := get(ctx, t, pages, "https://"+at.Web+"/feeds"); !strings.Contains(page, "<h1") {
		t.Errorf("the page is\n%s", page)
	}
}

func get(ctx context.Context, t *testing.T, from *http.Client, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := from.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, answer.Status, err)
	}
	return string(body)
}

func TestAPIIsNotOpenedToOthersInPlainText(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.7:9090"} {
		wantComplaint(t, fails(t, "--data", data, "--web", "127.0.0.1:0", "--grpc", address), address, "--tls-cert", "--trust-network")
	}
}
