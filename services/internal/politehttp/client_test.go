package politehttp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// site starts a server and a client that may reach it.
func site(t *testing.T, config Config, handler http.HandlerFunc) (*Client, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	config.AllowNetworks = loopback
	client := New(config)
	t.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
	})
	return client, server.URL
}

func do(t *testing.T, client *Client, request Request) *Response {
	t.Helper()
	response, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if response.Reason == "" || !strings.HasSuffix(response.Reason, ".") {
		t.Errorf("the reason is no sentence: %q", response.Reason)
	}
	return response
}

func TestHonestRequest(t *testing.T) {
	var got *http.Request
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		got = r.Clone(context.Background())
		http.SetCookie(w, &http.Cookie{Name: "visitor", Value: "1"})
		w.Header().Set("ETag", `W/"v1-gzip"`)
		w.Header().Set("Last-Modified", "yesterday, about noon")
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "hello")
	})
	// Twice, so that a cookie could come back.
	do(t, client, Request{URL: address + "/a"})
	response := do(t, client, Request{URL: address + "/a|b?q=%#part", Accept: "application/rss+xml"})
	if response.Outcome != OK || response.Status != 200 || string(response.Body) != "hello" {
		t.Errorf("got %v %d %q", response.Outcome, response.Status, response.Body)
	}
	if response.ETag != `W/"v1-gzip"` || response.LastModified != "yesterday, about noon" || response.ContentType != "text/plain" {
		t.Errorf("validators or type changed: %q %q %q", response.ETag, response.LastModified, response.ContentType)
	}
	if response.URL != address+"/a|b?q=%" {
		t.Errorf("answered by %s", response.URL)
	}
	want := http.Header{"User-Agent": {DefaultUserAgent}, "Accept": {"application/rss+xml"}, "Accept-Encoding": {"gzip, br, zstd"}}
	if fmt.Sprint(got.Header) != fmt.Sprint(want) {
		t.Errorf("sent headers %v, want %v", got.Header, want)
	}
}

// The path must arrive as the URL standard writes it, even where net/http would refuse to read it.
func TestRequestLine(t *testing.T) {
	for _, path := range []string{"/a%zz", "/a|b", "/a%2Fb", "/?", "/a//b", "//a", "/a?b=%&c={}", "/a|b?c", "/a|?"} {
		var got string
		client, address := site(t, Config{}, func(_ http.ResponseWriter, r *http.Request) { got = r.RequestURI })
		response := do(t, client, Request{URL: address + path})
		if response.Status == http.StatusBadRequest {
			continue // the test server's own reading of the path, not ours
		}
		if got != path {
			t.Errorf("asked for %q, want %q", got, path)
		}
	}
}

func TestValidatorsAreSentVerbatim(t *testing.T) {
	var etag, modified []string
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		etag, modified = r.Header["If-None-Match"], r.Header["If-Modified-Since"]
		w.Header().Set("ETag", `"new"`)
		w.WriteHeader(http.StatusNotModified)
	})
	response := do(t, client, Request{URL: address, ETag: `W/"x"-odd`, LastModified: "Mon, 31 Feb 2026"})
	if len(etag) != 1 || etag[0] != `W/"x"-odd` || len(modified) != 1 || modified[0] != "Mon, 31 Feb 2026" {
		t.Errorf("sent %q and %q", etag, modified)
	}
	if response.Outcome != NotModified || response.ETag != `"new"` {
		t.Errorf("got %v with ETag %s", response.Outcome, response.ETag)
	}
	if response = do(t, client, Request{URL: address}); response.Outcome != ServerError {
		t.Errorf("304 to an unconditional request is %v", response.Outcome)
	}
	if etag != nil || modified != nil {
		t.Errorf("invented validators %q and %q", etag, modified)
	}
}

func TestValidatorsStayOnTheFirstHop(t *testing.T) {
	var leaked string
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
			return
		}
		leaked = r.Header.Get("If-None-Match") + r.Header.Get("Referer")
	})
	response := do(t, client, Request{URL: address + "/old", ETag: `"x"`})
	if leaked != "" {
		t.Errorf("sent %q to the second address", leaked)
	}
	if response.Outcome != OK || response.URL != address+"/new" || !response.Permanent {
		t.Errorf("got %v from %s, permanent %v", response.Outcome, response.URL, response.Permanent)
	}
}

// What is known of the place that a redirect leads to is asked there, and nothing of it where the redirect stands.
func TestValidatorsGoWhereTheyCameFrom(t *testing.T) {
	var asked []string
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+r.Header.Get("If-None-Match"))
		switch {
		case r.URL.Path == "/old":
			http.Redirect(w, r, "/new", http.StatusFound)
		case r.Header.Get("If-None-Match") == `"x"`:
			w.WriteHeader(http.StatusNotModified)
		}
	})
	got := do(t, client, Request{URL: address + "/old", ETag: `"x"`, ValidatorsOf: address + "/new"})
	if want := `/old /new"x"`; got.Outcome != NotModified || strings.Join(asked, " ") != want {
		t.Errorf("%v (%s), asked %q, want %q", got.Outcome, got.Reason, asked, want)
	}
	asked = nil
	if got := do(t, client, Request{URL: address + "/old", ETag: `"x"`, ValidatorsOf: address + "/gone"}); got.Outcome != OK || strings.Join(asked, " ") != "/old /new" {
		t.Errorf("%v (%s), asked %q", got.Outcome, got.Reason, asked)
	}
}

func TestStatus(t *testing.T) {
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		var status int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "why")
	})
	for status, want := range map[int]Outcome{
		200: OK, 203: OK, 400: ClientError, 401: Refused, 403: Refused, 404: Gone, 407: Refused, 410: Gone, 418: ClientError,
		429: Busy, 451: Refused, 500: ServerError, 502: ServerError, 503: Busy, 599: ServerError,
	} {
		response := do(t, client, Request{URL: fmt.Sprintf("%s/%d", address, status)})
		if response.Outcome != want || response.Status != status || string(response.Body) != "why" {
			t.Errorf("%d: %v %d %q, want %v", status, response.Outcome, response.Status, response.Body, want)
		}
		if response.RetryAfter != 2*time.Minute {
			t.Errorf("%d: retry after %v", status, response.RetryAfter)
		}
	}
}

func TestRedirects(t *testing.T) {
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		location := map[string]string{
			"/loop": "/loop2", "/loop2": "/loop#again", "/other": "http://127.0.0.2:9/", "/file": "file:///etc/passwd",
			"/nowhere": "", "/long": "/" + strings.Repeat("x", maxLocation), "/1": "/2", "/2": "/3", "/3": "/4", "/4": "/5",
			"/5": "/6", "/6": "/7", "/inside": "http://10.0.0.1/", "/latin": "/caf\xe9",
		}[r.URL.Path]
		if r.URL.Path == "/café" || r.URL.Path == "/7" {
			return
		}
		w.Header()["Location"] = []string{location}
		w.WriteHeader(http.StatusFound)
	})
	for _, test := range []struct {
		path     string
		sameHost bool
		want     Outcome
	}{
		{"/loop", false, BadRedirect}, {"/file", false, BadRedirect}, {"/nowhere", false, BadRedirect},
		{"/long", false, BadRedirect}, {"/1", false, BadRedirect}, {"/2", false, OK}, {"/2", true, OK},
		{"/inside", false, Blocked}, {"/other", true, Redirected}, {"/latin", false, OK},
	} {
		response := do(t, client, Request{URL: address + test.path, SameHostOnly: test.sameHost})
		if response.Outcome != test.want {
			t.Errorf("%s: %v (%s), want %v", test.path, response.Outcome, response.Reason, test.want)
		}
		if test.want == Redirected && response.RedirectedTo != "http://127.0.0.2:9/" {
			t.Errorf("%s: redirected to %q", test.path, response.RedirectedTo)
		}
		if response.Permanent {
			t.Errorf("%s: a temporary redirect counts as permanent", test.path)
		}
	}
}

func TestDowngradeAndCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(http.RedirectHandler("http://127.0.0.1:9/", http.StatusFound))
	server.Config.ErrorLog = quiet(t)
	server.StartTLS()
	defer server.Close()
	client := New(Config{AllowNetworks: loopback})
	defer client.CloseIdleConnections()
	stranger := do(t, client, Request{URL: server.URL})
	if stranger.Outcome != Unreachable || !strings.Contains(stranger.Reason, "authority") {
		t.Errorf("an unknown authority: %v, %s", stranger.Outcome, stranger.Reason)
	}
	client.transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	if response := do(t, client, Request{URL: server.URL}); response.Outcome != BadRedirect {
		t.Errorf("https to http: %v", response.Outcome)
	}
	client.CloseIdleConnections()
	client.transport.TLSClientConfig.Time = func() time.Time { return time.Now().AddDate(500, 0, 0) }
	late := do(t, client, Request{URL: server.URL})
	expired := server.Certificate().NotAfter.UTC().Format("2 January 2006")
	if late.Outcome != Unreachable || !strings.Contains(late.Reason, "expired on "+expired) {
		t.Errorf("an expired certificate: %v, %s", late.Outcome, late.Reason)
	}
}

func TestGuardOnTheWire(t *testing.T) {
	touched := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { touched = true }))
	defer server.Close()
	client := New(Config{})
	defer client.CloseIdleConnections()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for _, host := range []string{"127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::ffff:127.0.0.1]", "①②⑦.0.0.1"} {
		response := do(t, client, Request{URL: "http://" + host + ":" + port + "/"})
		if response.Outcome != Blocked && response.Outcome != Unreachable {
			t.Errorf("%s: %v", host, response.Outcome)
		}
	}
	if touched {
		t.Error("a server that must not be reached was reached")
	}
}

func TestCallerCancels(t *testing.T) {
	arrived := make(chan struct{})
	client, address := site(t, Config{}, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if response, err := client.Do(ctx, Request{URL: address}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v", response, err)
	}
}

func TestMalformedRequest(t *testing.T) {
	for _, address := range []string{"", "ftp://news.example/", "/a", "http://"} {
		if _, err := New(Config{}).Do(t.Context(), Request{URL: address}); err == nil {
			t.Errorf("%q: no error", address)
		}
	}
}

func TestDeadlineCoversTheBody(t *testing.T) {
	client, address := site(t, Config{Timeout: 200 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "some")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	if response := do(t, client, Request{URL: address}); response.Outcome != Unreachable || response.Body != nil {
		t.Errorf("got %v with %q", response.Outcome, response.Body)
	}
}

func TestOneConnectionServesMany(t *testing.T) {
	remotes := map[string]bool{}
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		remotes[r.RemoteAddr] = true
		_, _ = w.Write(bytes.Repeat([]byte("x"), 5000))
	})
	for range 5 {
		do(t, client, Request{URL: address})
	}
	if len(remotes) != 1 {
		t.Errorf("five requests in a row took %d connections", len(remotes))
	}
}
