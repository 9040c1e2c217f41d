package politehttp

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A server that gives a byte a second is left when the time for the whole exchange is over, wherever it dawdles.
func TestServersThatDrip(t *testing.T) {
	for name, head := range map[string]string{
		"the status line": "",
		"headers":         "HTTP/1.1 200 OK\r\nX-More: ",
		"body":            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
		"chunks":          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
		"a redirect":      "HTTP/1.1 302 Found\r\nLocation: /",
		"an error":        "HTTP/1.1 500 No\r\nConnection: close\r\n\r\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			var serving sync.WaitGroup
			defer serving.Wait()
			client := NewSimulated(Config{}, func(context.Context, string, string) (net.Conn, error) {
				here, there := net.Pipe()
				serving.Go(func() {
					defer there.Close()
					if _, err := http.ReadRequest(bufio.NewReader(there)); err != nil {
						return
					}
					_, err := io.WriteString(there, head)
					for err == nil {
						time.Sleep(time.Second)
						_, err = io.WriteString(there, "H")
					}
				})
				return here, nil
			})
			defer client.CloseIdleConnections()
			began := time.Now()
			got := do(t, client, Request{URL: "http://paper.example/"})
			if took := time.Since(began); took > DefaultTimeout || got.Outcome == OK {
				t.Errorf("%s: %v after %v (%s)", name, got.Outcome, took, got.Reason)
			}
		})
	}
}

// A name with addresses of both versions of IP gets one request, by the one that answers.
func TestOneRequestByEitherVersion(t *testing.T) {
	for _, down := range []string{"", "tcp4", "tcp6"} {
		requests := new(atomic.Int32)
		four, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(four.Addr().String())
		six, err := net.Listen("tcp6", "[::1]:"+port)
		if err != nil {
			_ = four.Close()
			t.Skipf("This system gives no address of the sixth version of IP, or the port is taken there: %v", err)
		}
		for network, listener := range map[string]net.Listener{"tcp4": four, "tcp6": six} {
			if network == down {
				_ = listener.Close()
				continue
			}
			server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) })}}
			server.Start()
			defer server.Close()
		}
		client := New(Config{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}})
		client.dialer.Resolver = resolver(t, func() []string { return []string{"127.0.0.1", "::1"} })
		if got := do(t, client, Request{URL: "http://paper.example:" + port + "/"}); got.Outcome != OK || requests.Load() != 1 {
			t.Errorf("without %q: %v (%s), %d requests", down, got.Outcome, got.Reason, requests.Load())
		}
		client.CloseIdleConnections()
	}
}
