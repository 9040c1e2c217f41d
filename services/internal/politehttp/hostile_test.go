package politehttp

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// rawSite answers every connection's first request with bytes that no server library would write, and keeps the
// connection open until the client gives up.
func rawSite(t *testing.T, answer func(io.Writer)) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				answer(conn)
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return "http://" + listener.Addr().String()
}

// repeat writes a text until nobody reads any more.
func repeat(head, text string) func(io.Writer) {
	return func(w io.Writer) {
		block := strings.Repeat(text, 1+4096/len(text))
		_, err := io.WriteString(w, head)
		for err == nil {
			_, err = io.WriteString(w, block)
		}
	}
}

func once(text string) func(io.Writer) {
	return func(w io.Writer) { _, _ = io.WriteString(w, text) }
}

func TestHostileServers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, test := range []struct {
		name   string
		answer func(io.Writer)
		want   Outcome
	}{
		{"never says anything", once(""), Unreachable},
		{"stops within the status line", once("HTTP/1.1 2"), Unreachable},
		{"stops within the headers", once(ok + "Content-Ty"), Unreachable},
		{"stops within the body", once(ok + "Content-Length: 10\r\n\r\nfive"), Unreachable},
		{"stops within a chunk", once(ok + "Transfer-Encoding: chunked\r\n\r\nff\r\nfive"), Unreachable},
		{"headers without end", repeat(ok, "X-More: and more\r\n"), TooLarge},
		{"one header without end", repeat(ok+"X-More: ", "x"), TooLarge},
		{"a status line without end", repeat("HTTP/1.1 200 ", "x"), TooLarge},
		{"interim answers without end", repeat("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), TooLarge},
		{"chunks without end", repeat(ok+"Transfer-Encoding: chunked\r\n\r\n", "5\r\nabcde\r\n"), TooLarge},
		{"chunk extensions without end", repeat(ok+"Transfer-Encoding: chunked\r\n\r\n", "1;x=y\r\na\r\n"), TooLarge},
		{"a chunk size beyond sense", once(ok + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"), Unreachable},
		{"trailers without end", repeat(ok+"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "X: y\r\n"), Unreachable},
		{"a body until the end that never comes", repeat(ok+"Connection: close\r\n\r\n", "text "), TooLarge},
		{"two lengths", once(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), Unreachable},
		{"a negative length", once(ok + "Content-Length: -1\r\n\r\nab"), Unreachable},
		{"another protocol", once("SSH-2.0-server\r\n"), Unreachable},
		{"a split redirect", once("HTTP/1.1 302 Found\r\nLocation: /a\rX: y\r\nContent-Length: 0\r\n\r\n"), Unreachable},
		{"status 999", once("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"), ServerError},
		{"status 099", once("HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n"), ServerError},
		{"no content", once("HTTP/1.1 204 No Content\r\n\r\n"), ServerError},
		{"a challenge", once("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nab"), ServerError},
		{"a part", once("HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nab"), ServerError},
		{"a second answer nobody asked for", once(ok + "Content-Length: 2\r\n\r\nabHTTP/1.1 500 No\r\n\r\n"), OK},
	} {
		t.Run(test.name, func(t *testing.T) {
			address := rawSite(t, test.answer)
			client := New(Config{AllowNetworks: loopback, Timeout: time.Second, MaxBody: 64 << 10})
			defer client.CloseIdleConnections()
			if response := do(t, client, Request{URL: address}); response.Outcome != test.want {
				t.Errorf("%v (%s), want %v", response.Outcome, response.Reason, test.want)
			}
		})
	}
}

func TestWhatIsToldOfAnExchange(t *testing.T) {
	text := strings.Repeat("The council met again. ", 500)
	zipped := compress(t, "gzip", []byte(text))
	var cookies, referrers []string
	client, address := site(t, Config{}, func(w http.ResponseWriter, r *http.Request) {
		cookies = append(cookies, r.Header["Cookie"]...)
		referrers = append(referrers, r.Header["Referer"]...)
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(zipped)
		case "/error":
			w.WriteHeader(http.StatusTeapot)
		default:
			http.SetCookie(w, &http.Cookie{Name: "visitor", Value: "1", Path: "/"})
			http.Redirect(w, r, map[string]string{"/old": "/older", "/older": "/page#part"}[r.URL.Path], http.StatusMovedPermanently)
		}
	})
	got := do(t, client, Request{URL: address + "/old#top"})
	if got.Outcome != OK || !got.Permanent || got.URL != address+"/page" || got.Protocol != "HTTP/1.1" {
		t.Errorf("got %v by %s from %s, permanent %v", got.Outcome, got.Protocol, got.URL, got.Permanent)
	}
	if want := []string{address + "/old", address + "/older"}; fmt.Sprint(got.Redirects) != fmt.Sprint(want) {
		t.Errorf("redirects %v, want %v", got.Redirects, want)
	}
	if got.Digest != sha256.Sum256([]byte(text)) || got.Transferred != int64(len(zipped)) {
		t.Errorf("digest %x of %d bytes, %d transferred", got.Digest, len(got.Body), got.Transferred)
	}
	if "http://"+got.Address.String() != address || got.Latency <= 0 || got.Took < got.Latency {
		t.Errorf("address %v, latency %v of %v", got.Address, got.Latency, got.Took)
	}
	if failed := do(t, client, Request{URL: address + "/error"}); failed.Digest != [32]byte{} || failed.Redirects != nil {
		t.Errorf("an error has the digest %x and redirects %v", failed.Digest, failed.Redirects)
	}
	if cookies != nil || referrers != nil {
		t.Errorf("sent cookies %v and referrers %v", cookies, referrers)
	}
}

// The answer of a redirect must not pass for the answer of where it leads.
func TestRedirectToNowhere(t *testing.T) {
	client, address := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"of the redirect"`)
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(http.StatusFound)
	})
	got := do(t, client, Request{URL: address})
	if got.Outcome != Unreachable || got.Status != 0 || got.ETag != "" || got.Header != nil || len(got.Redirects) != 1 {
		t.Errorf("got %+v", got)
	}
}

// Sitemaps are often files that gzip wrote, sent as they are.
func TestGzipFileWithoutAWord(t *testing.T) {
	for name, test := range map[string]struct {
		body []byte
		want Outcome
	}{
		"file": {compress(t, "gzip", []byte("<urlset/>")), OK},
		"bomb": {compress(t, "gzip", make([]byte, 8<<20)), TooLarge},
		"half": {compress(t, "gzip", []byte("<urlset/>"))[:15], BadEncoding},
	} {
		client, address := site(t, Config{MaxBody: 2 << 20}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/gzip")
			_, _ = w.Write(test.body)
		})
		got := do(t, client, Request{URL: address})
		if got.Outcome != test.want || test.want == OK && string(got.Body) != "<urlset/>" {
			t.Errorf("%s: %v with %q", name, got.Outcome, got.Body)
		}
	}
}

// Of a robots.txt without end, the beginning still counts.
func TestCut(t *testing.T) {
	endless := rawSite(t, repeat("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "line\n"))
	client := New(Config{AllowNetworks: loopback, MaxBody: 64 << 10})
	defer client.CloseIdleConnections()
	got := do(t, client, Request{URL: endless, Cut: 1000})
	if want := strings.Repeat("line\n", 200); got.Outcome != OK || string(got.Body) != want {
		t.Errorf("got %v with %d bytes", got.Outcome, len(got.Body))
	}
	client, short := site(t, Config{}, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "all of it") })
	if got := do(t, client, Request{URL: short, Cut: 1000}); got.Outcome != OK || string(got.Body) != "all of it" {
		t.Errorf("a short one: %v with %q", got.Outcome, got.Body)
	}
}

func TestTwoConnectionsForAHost(t *testing.T) {
	for _, second := range []bool{false, true} {
		var mu sync.Mutex
		remotes, open, most, full := map[string]bool{}, 0, 0, make(chan struct{})
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			remotes[r.RemoteAddr] = true
			open++
			if most = max(most, open); open == perHost {
				select {
				case <-full:
				default:
					close(full)
				}
			}
			mu.Unlock()
			<-full // until as many are being answered at once as there may be
			mu.Lock()
			open--
			mu.Unlock()
			_, _ = io.WriteString(w, r.Proto)
		}))
		server.EnableHTTP2, server.Config.ErrorLog = second, quiet(t)
		server.StartTLS()
		client := New(Config{AllowNetworks: loopback})
		client.transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		client.transport.TLSClientConfig.NextProtos = nil
		var asking sync.WaitGroup
		for range 8 {
			asking.Go(func() {
				want := map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[second]
				if got := do(t, client, Request{URL: server.URL}); got.Outcome != OK || got.Protocol != want {
					t.Errorf("%v by %s (%s), want %s", got.Outcome, got.Protocol, got.Reason, want)
				}
			})
		}
		asking.Wait()
		if len(remotes) > perHost || most < perHost {
			t.Errorf("HTTP/2 %v: %d connections, %d requests at once", second, len(remotes), most)
		}
		client.CloseIdleConnections()
		server.Close()
	}
}

func TestHeaderLimitHoldsForHTTP2(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 14 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 5000))
		}
	}))
	server.EnableHTTP2, server.Config.ErrorLog = true, quiet(t)
	server.StartTLS()
	defer server.Close()
	client := New(Config{AllowNetworks: loopback})
	defer client.CloseIdleConnections()
	client.transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	if got := do(t, client, Request{URL: server.URL}); got.Outcome != TooLarge || got.Body != nil {
		t.Errorf("got %v: %s", got.Outcome, got.Reason)
	}
}
