package politehttp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// resolver answers every question with the addresses that it is given at that moment. What is no address is a name that
// the one asked for stands for.
func resolver(t *testing.T, addresses func() []string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer := resolve(buffer[:n], addresses()); answer != nil {
				_, _ = server.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp4", server.LocalAddr().String())
	}}
}

func resolve(question []byte, addresses []string) []byte {
	var message dnsmessage.Message
	if message.Unpack(question) != nil || len(message.Questions) != 1 {
		return nil
	}
	asked := message.Questions[0]
	message.Response, message.RecursionAvailable, message.Additionals = true, true, nil
	name := asked.Name
	for _, address := range addresses {
		header := dnsmessage.ResourceHeader{Name: name, Class: asked.Class}
		ip, err := netip.ParseAddr(address)
		switch {
		case err != nil: // another name, whose addresses follow
			header.Type = dnsmessage.TypeCNAME
			to := dnsmessage.MustNewName(address)
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.CNAMEResource{CNAME: to}})
			name = to
		case ip.Is4() && asked.Type == dnsmessage.TypeA:
			header.Type = dnsmessage.TypeA
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: ip.As4()}})
		case ip.Is6() && asked.Type == dnsmessage.TypeAAAA:
			header.Type = dnsmessage.TypeAAAA
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}})
		}
	}
	packed, err := message.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// In these tests 127.0.0.2 is the public internet, and 127.0.0.1 the inside, where a canary listens on the same port.
var outside = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}

// world starts the server outside and the canary, and gives the port of both.
func world(t *testing.T, handler http.HandlerFunc) (port string, touched *atomic.Bool) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.2:0")
	if err != nil {
		t.Skipf("This system gives no second loopback address: %v", err)
	}
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	inside, err := net.Listen("tcp4", "127.0.0.1:"+port)
	if err != nil {
		t.Skipf("The port is taken at the other loopback address: %v", err)
	}
	touched = new(atomic.Bool)
	for _, start := range []struct {
		on net.Listener
		do http.HandlerFunc
	}{{listener, handler}, {inside, func(http.ResponseWriter, *http.Request) { touched.Store(true) }}} {
		server := &httptest.Server{Listener: start.on, Config: &http.Server{Handler: start.do}}
		server.Start()
		t.Cleanup(server.Close)
	}
	return port, touched
}

func TestRebinding(t *testing.T) {
	port, touched := world(t, func(http.ResponseWriter, *http.Request) {})
	var answers atomic.Pointer[[]string]
	answers.Store(&[]string{"127.0.0.2"})
	client := New(Config{AllowNetworks: outside})
	defer client.CloseIdleConnections()
	client.dialer.Resolver = resolver(t, func() []string { return *answers.Load() })
	address := "http://paper.example:" + port + "/"
	if got := do(t, client, Request{URL: address}); got.Outcome != OK {
		t.Fatalf("before: %v (%s)", got.Outcome, got.Reason)
	}
	client.CloseIdleConnections()
	for name, addresses := range map[string][]string{"inside": {"127.0.0.1"}, "metadata": {"169.254.169.254"}, "several": {"10.0.0.1", "127.0.0.1"},
		"another name": {"metadata.internal.", "169.254.169.254"}, "inside of both kinds": {"::1", "127.0.0.1"}} {
		answers.Store(&addresses)
		if got := do(t, client, Request{URL: address}); got.Outcome != Blocked {
			t.Errorf("%s: %v (%s)", name, got.Outcome, got.Reason)
		}
	}
	answers.Store(&[]string{"127.0.0.1", "127.0.0.2"})
	if got := do(t, client, Request{URL: address}); got.Outcome != OK || got.Address.Addr().String() != "127.0.0.2" {
		t.Errorf("mixed: %v at %v (%s)", got.Outcome, got.Address, got.Reason)
	}
	if touched.Load() {
		t.Error("the inside was reached")
	}
}

func TestRedirectsInside(t *testing.T) {
	var target string
	port, touched := world(t, func(w http.ResponseWriter, r *http.Request) {
		if left := len(r.URL.Path) - 1; left > 0 {
			w.Header().Set("Location", r.URL.Path[:left])
		} else {
			w.Header()["Location"] = []string{target}
		}
		w.WriteHeader(http.StatusFound)
	})
	client := New(Config{AllowNetworks: outside})
	defer client.CloseIdleConnections()
	for hop := 1; hop <= DefaultMaxRedirects; hop++ {
		for _, place := range []string{"127.0.0.1:" + port, "2130706433:" + port, "0x7f.1:" + port, "0177.0.0.1:" + port,
			"127.1:" + port, "[::ffff:7f00:1]:" + port, "0:" + port, "①②⑦.0.0.1:" + port, "127。0。0。1:" + port,
			"localhost.:" + port, "x@127.0.0.1:" + port, "169.254.169.254", "169.254.169.254.", "10.0.0.1:6379"} {
			target = "http://" + place + "/"
			got := do(t, client, Request{URL: "http://127.0.0.2:" + port + "/" + strings.Repeat("a", hop-1)})
			if got.Outcome != Blocked && got.Outcome != Unreachable {
				t.Errorf("hop %d to %s: %v (%s)", hop, place, got.Outcome, got.Reason)
			}
		}
		for _, target = range []string{"file:///etc/passwd", "gopher://127.0.0.1:" + port + "/", "ftp://127.0.0.1/", "http://[fe80::1%25eth0]/"} {
			got := do(t, client, Request{URL: "http://127.0.0.2:" + port + "/" + strings.Repeat("a", hop-1)})
			if got.Outcome != BadRedirect {
				t.Errorf("hop %d to %s: %v (%s)", hop, target, got.Outcome, got.Reason)
			}
		}
	}
	if touched.Load() {
		t.Error("the inside was reached")
	}
}

func TestPortsOfASource(t *testing.T) {
	g := newGuard(nil)
	ctx := withPorts(t.Context(), []uint16{8080})
	for address, allowed := range map[string]bool{
		"8.8.8.8:8080": true, "8.8.8.8:443": true, "8.8.8.8:8081": false, "10.0.0.1:8080": false, "127.0.0.1:8080": false,
	} {
		if err := g.control(ctx, "tcp4", address, nil); (err == nil) != allowed {
			t.Errorf("%s: %v, want allowed %v", address, err, allowed)
		}
	}
	if g.control(t.Context(), "tcp4", "8.8.8.8:8080", nil) == nil {
		t.Error("a port of one source is open to others")
	}
}

// proxied starts a proxy that answers itself and a client that uses it.
func proxied(t *testing.T, addresses ...string) (client *Client, asked *[]string) {
	t.Helper()
	asked = new([]string)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Method+" "+r.RequestURI)
	}))
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	client = New(Config{Proxy: address})
	client.dialer.Resolver = resolver(t, func() []string { return addresses })
	t.Cleanup(func() {
		client.CloseIdleConnections()
		proxy.Close()
	})
	return client, asked
}

func TestProxyIsAskedForWhatIsOutside(t *testing.T) {
	client, asked := proxied(t, "93.184.216.34")
	if got := do(t, client, Request{URL: "http://paper.example/a|b?c"}); got.Outcome != OK {
		t.Errorf("got %v (%s)", got.Outcome, got.Reason)
	}
	if want := "[GET http://paper.example/a|b?c]"; fmt.Sprint(*asked) != want {
		t.Errorf("asked %v, want %v", *asked, want)
	}
}

func TestProxyIsNotAskedForWhatIsInside(t *testing.T) {
	client, asked := proxied(t, "93.184.216.34", "10.0.0.1")
	for _, address := range []string{"http://paper.example/", "https://paper.example/", "http://127.0.0.1/", "http://8.8.8.8:22/",
		"http://[::1]/", "http://[64:ff9b::7f00:1]/", "http://169.254.169.254/latest"} {
		if got := do(t, client, Request{URL: address}); got.Outcome != Blocked {
			t.Errorf("%s: %v (%s)", address, got.Outcome, got.Reason)
		}
	}
	if len(*asked) != 0 {
		t.Errorf("the proxy was asked %v", *asked)
	}
}

func TestProxyThatIsDown(t *testing.T) {
	client := New(Config{Proxy: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}})
	if got := do(t, client, Request{URL: "http://8.8.8.8/"}); got.Outcome != Unreachable || !strings.Contains(got.Reason, "proxy") {
		t.Errorf("got %v (%s)", got.Outcome, got.Reason)
	}
}

func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	client, address := site(t, Config{}, func(http.ResponseWriter, *http.Request) {})
	if got := do(t, client, Request{URL: address}); got.Outcome != OK {
		t.Errorf("got %v (%s)", got.Outcome, got.Reason)
	}
}

func TestCertificatesInWords(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = quiet(t)
	server.StartTLS()
	defer server.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	trusting := server.Client().Transport.(*http.Transport).TLSClientConfig
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	begins := server.Certificate().NotBefore.UTC()
	for _, test := range []struct {
		name, address string
		config        *tls.Config
		want          string
	}{
		{"another name", "https://localhost:" + port, trusting.Clone(), "for other names than localhost"},
		{"not yet valid", server.URL, &tls.Config{RootCAs: trusting.RootCAs, Time: begins.AddDate(-1, 0, 0).UTC},
			"not valid before " + begins.Format("2 January 2006")},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), nil, "does not answer securely"},
		{"no common version", server.URL, &tls.Config{RootCAs: trusting.RootCAs, MaxVersion: tls.VersionTLS10, MinVersion: tls.VersionTLS10},
			"failed (protocol version not supported)"},
	} {
		client := New(Config{AllowNetworks: loopback})
		client.transport.TLSClientConfig = test.config
		if got := do(t, client, Request{URL: test.address}); got.Outcome != Unreachable || !strings.Contains(got.Reason, test.want) {
			t.Errorf("%s: %v, %q, want %q", test.name, got.Outcome, got.Reason, test.want)
		}
		client.CloseIdleConnections()
	}
}
