package politehttp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
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
}

// Client makes requests. It is safe for concurrent use; one serves a whole process, for it keeps connections.
type Client struct {
	config    Config
	transport *http.Transport
}

// New makes a client. Environment variables for proxies are not read: a proxy would connect where the guard cannot see.
func New(config Config) *Client {
	config.UserAgent = cmp.Or(config.UserAgent, DefaultUserAgent)
	config.Timeout = cmp.Or(config.Timeout, DefaultTimeout)
	config.MaxBody = cmp.Or(config.MaxBody, DefaultMaxBody)
	config.MaxRatio = cmp.Or(config.MaxRatio, DefaultMaxRatio)
	config.MaxRedirects = cmp.Or(config.MaxRedirects, DefaultMaxRedirects)
	dialer := &net.Dialer{
		Timeout:        config.Timeout,
		KeepAlive:      30 * time.Second,
		Resolver:       &net.Resolver{PreferGo: true}, // the C resolver also understands numbers such as 0x7f.1
		ControlContext: newGuard(config.AllowNetworks).control,
	}
	return &Client{config: config, transport: &http.Transport{
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
}

// CloseIdleConnections closes the connections that are kept for reuse. The client can still be used.
func (c *Client) CloseIdleConnections() { c.transport.CloseIdleConnections() }

// Request is one GET.
type Request struct {
	URL string
	// ETag and LastModified are the validators of the copy at hand, exactly as they were received; empty if unknown.
	// They are sent to URL only, never to where it redirects.
	ETag, LastModified string
	Accept             string // media types; empty means any
	// SameHostOnly ends the exchange with outcome Redirected where the site sends to another host, so that the caller
	// can wait for that host's turn. From http to https is no other host.
	SameHostOnly bool
}

// Response is how an exchange ended.
type Response struct {
	Outcome     Outcome
	Status      int    // of the last answer; 0 where none came
	URL         string // that gave the last answer, or should have; without fragment
	Header      http.Header
	Body        []byte // decompressed; for outcomes other than OK what there was of it, to 64 KB
	ContentType string
	// ETag and LastModified are the validators as received, empty if there were none.
	ETag, LastModified string
	RetryAfter         time.Duration // the pause the site asks for, at most a day
	RedirectedTo       string        // where outcome Redirected leads
	Permanent          bool          // there was a redirect, and every one of them was permanent (301, 308)
	Reason             string        // one plain sentence for people
	Started            time.Time
	Took               time.Duration
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
