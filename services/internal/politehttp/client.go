package politehttp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// The defaults of Config, and bounds that nobody needs to change.
const (
	// DefaultUserAgent names the program and where to complain about it.
	DefaultUserAgent = "stet (+https://github.com/stetnews/stet)"
	// DefaultTimeout covers names, connecting, redirects and the body together.
	DefaultTimeout = 20 * time.Second
	// DefaultMaxBody is above any page or feed seen that was meant for readers.
	DefaultMaxBody = 15 << 20
	// DefaultMaxRatio is above what honest text compresses to (about 20; a repetitive table may reach 100).
	DefaultMaxRatio = 200
	// DefaultMaxRedirects is what RFC 9309 asks for and reader software agrees on.
	DefaultMaxRedirects = 5

	maxHeader   = 64 << 10
	maxLocation = 8 << 10
	// perHost keeps a site with many feeds to two connections, reused.
	perHost = 2
)

// Config says how to meet strangers. Its zero value is a good configuration.
type Config struct {
	UserAgent string // product, version and a contact address
	// AllowNetworks may be reached although they are not public, on any port. Elsewhere only ports 80 and 443 are.
	AllowNetworks []netip.Prefix
	Timeout       time.Duration // for the whole exchange
	MaxBody       int64         // bytes, after decompression
	MaxRatio      int           // decompressed to transferred bytes
	MaxRedirects  int           // hops; negative means none
	// Proxy, an address such as http://proxy.example:3128, makes all connections; nil means none. See proxy.go for what
	// then becomes of the guard.
	Proxy *url.URL
}

// Client makes requests. It is safe for concurrent use; one serves a whole process, for it keeps connections.
type Client struct {
	config    Config
	guard     guard
	dialer    *net.Dialer
	transport *http.Transport
}

// New makes a client. Environment variables for proxies are not read: a proxy connects where the guard cannot see, so
// that one has to be asked for.
func New(config Config) *Client {
	config.UserAgent = cmp.Or(config.UserAgent, DefaultUserAgent)
	config.Timeout = cmp.Or(config.Timeout, DefaultTimeout)
	config.MaxBody = cmp.Or(config.MaxBody, DefaultMaxBody)
	config.MaxRatio = cmp.Or(config.MaxRatio, DefaultMaxRatio)
	config.MaxRedirects = cmp.Or(config.MaxRedirects, DefaultMaxRedirects)
	guard := newGuard(config.AllowNetworks)
	dialer := &net.Dialer{
		Timeout:        config.Timeout,
		KeepAlive:      30 * time.Second,
		Resolver:       &net.Resolver{PreferGo: true}, // the C resolver also understands numbers such as 0x7f.1
		ControlContext: guard.control,
	}
	client := &Client{config: config, guard: guard, dialer: dialer, transport: &http.Transport{
		DialContext:            dialer.DialContext,
		DisableCompression:     true, // decoded in body.go, where it is bounded
		MaxConnsPerHost:        perHost,
		MaxIdleConnsPerHost:    perHost,
		MaxIdleConns:           256,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    config.Timeout,
		MaxResponseHeaderBytes: maxHeader,
		ForceAttemptHTTP2:      true,
	}}
	if config.Proxy != nil {
		client.useProxy()
	}
	return client
}

// CloseIdleConnections closes the connections that are kept for reuse. The client can still be used.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// Request is one GET, or one POST of a form.
type Request struct {
	URL string
	// Form, if not nil, is posted instead of asking for a page. Nothing is then followed: whoever was chosen to be told
	// what is in it does not choose others.
	Form url.Values
	// ETag and LastModified are the validators of the copy at hand, exactly as they were received; empty if unknown.
	// They are sent to the one address that they came from, which is ValidatorsOf, or URL if that is empty: never to another
	// that a redirect leads to.
	ETag, LastModified string
	ValidatorsOf       string
	Accept             string // media types; empty means any
	// Cut, if not 0, is how many bytes of the body are wanted. They are then the body, whatever follows, as is right for
	// robots.txt and nothing else.
	Cut int64
	// Ports may be asked for beside 80 and 443; for a source whose site lives on one. They hold for its redirects too.
	Ports []uint16
	// SameHostOnly ends the exchange with outcome Redirected where the site sends to another host, so that the caller
	// can wait for that host's turn. From http to https is no other host.
	SameHostOnly bool
}

// Response is how an exchange ended.
type Response struct {
	Outcome     Outcome
	Status      int            // of the answer of URL; 0 where none came
	URL         string         // asked last; without fragment
	Redirects   []string       // the addresses before URL, in the order they were asked, without fragments
	Address     netip.AddrPort // that was connected to last, or the proxy's; the zero AddrPort where none was
	Protocol    string         // of the last answer, such as HTTP/2.0
	Header      http.Header
	Body        []byte   // decompressed; for outcomes other than OK what there was of it, to 64 KB
	Transferred int64    // bytes of the body before decompression
	Digest      [32]byte // SHA-256 of Body; zero unless the outcome is OK
	ContentType string
	// ETag and LastModified are the validators as received, empty if there were none.
	ETag, LastModified string
	RetryAfter         time.Duration // the pause the site asks for, at most a day
	RedirectedTo       string        // where outcome Redirected leads
	Permanent          bool          // there was a redirect, and every one of them was permanent (301, 308)
	Reason             string        // one plain sentence for people
	Started            time.Time
	Asked              time.Time     // when the last request was sent on its connection; zero where none was
	Took               time.Duration // for everything, redirects included
	// Latency is how long the last server took from being asked on an open connection to the head of its answer.
	Latency time.Duration
}

// Do makes the request and follows its redirects. Whatever goes wrong with the stranger is an Outcome; the error says
// that the caller cancelled or that Request.URL is not a web address.
func (c *Client) Do(ctx context.Context, request Request) (*Response, error) {
	address, err := urls.Parse(request.URL, "")
	if err != nil {
		return nil, fmt.Errorf("preparing a request: %w", err)
	}
	if !address.IsWeb() {
		return nil, fmt.Errorf("preparing a request: %.200q is not an http or https address", request.URL)
	}
	bounded, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	exchange := &exchange{client: c, request: request, address: address, seen: map[string]bool{}}
	exchange.response.Started = time.Now()
	exchange.run(bounded)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("requesting %s: %w", address.Host, err)
	}
	exchange.response.Took = time.Since(exchange.response.Started)
	return &exchange.response, nil
}
