package politehttp

import (
	"net/http"
	"strings"
	"testing"
)

// However the inside is written, and whatever a name server says of it, nothing connects to it.
func TestFormsOfTheInside(t *testing.T) {
	port, touched := world(t, func(http.ResponseWriter, *http.Request) {})
	client := New(Config{AllowNetworks: outside})
	defer client.CloseIdleConnections()
	client.dialer.Resolver = resolver(t, func() []string { return []string{"127.0.0.1", "::1"} })
	forms := []string{
		"http://2130706433:P/", "http://0x7f000001:P/", "http://0x7f.1:P/", "http://0177.0.0.1:P/", "http://127.1:P/", "http://127.0.1:P/",
		"http://[::ffff:7f00:1]:P/", "http://[::]:P/", "http://0:P/", "http://①②⑦.0.0.1:P/", "http://127。0。0。1:P/",
		"http://127.0.0.1.nip.example:P/", "http://localhost:P/", "http://localhost.:P/", "http://foo@127.0.0.1:P/",
		"http://127.0.0.1:P#@paper.example/", `http://paper.example:P\@127.0.0.1/`, "http://[fe80::1%25eth0]:P/", "http://169.254.169.254./",
		"http://127.0.0.1:6379/", "file:///etc/passwd", "gopher://127.0.0.1:P/",
	}
	if len(forms) != 22 {
		t.Fatalf("the list has %d forms", len(forms))
	}
	for _, form := range forms {
		address := strings.Replace(form, ":P", ":"+port, 1)
		response, err := client.Do(t.Context(), Request{URL: address})
		if err == nil && response.Outcome != Blocked {
			t.Errorf("%s: %v (%s)", address, response.Outcome, response.Reason)
		}
	}
	if touched.Load() {
		t.Error("the inside was reached")
	}
	if got := do(t, client, Request{URL: "http://127.0.0.2:" + port + "/"}); got.Outcome != OK {
		t.Errorf("the outside is not reached: %v (%s)", got.Outcome, got.Reason)
	}
}
