package politehttp

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

const (
	// maxErrorBody is enough of an error page to recognise what it is.
	maxErrorBody = 64 << 10
	// maxDrain is what is read of an unwanted body so that its connection can be used again.
	maxDrain = 16 << 10
)

// exchange is one request with its redirects.
type exchange struct {
	client   *Client
	request  Request
	address  urls.URL
	seen     map[string]bool
	response Response
	hops     int
	// conditional says that the last request was sent with validators.
	conditional bool
}

func (e *exchange) run(ctx context.Context) {
	for {
		e.response.URL, _, _ = strings.Cut(e.address.Href, "#")
		e.seen[e.response.URL] = true
		answer, err := e.ask(ctx)
		if err != nil {
			// The head of an earlier answer says nothing about an address that gave none.
			e.response.Status, e.response.Header, e.response.ContentType = 0, nil, ""
			e.response.ETag, e.response.LastModified, e.response.RetryAfter = "", "", 0
			e.end(explain(err, e.address.Host))
			return
		}
		target := e.read(answer)
		closeBody(answer.Body)
		if target == nil {
			return
		}
		e.address = *target
	}
}

func closeBody(body io.ReadCloser) {
	// What cannot be drained or closed has no consequence but one connection less to reuse.
	_, _ = io.CopyN(io.Discard, body, maxDrain)
	_ = body.Close()
}

func (e *exchange) ask(ctx context.Context) (*http.Response, error) {
	ctx, err := e.client.admit(ctx, e.address, e.request.Ports)
	if err != nil {
		return nil, err
	}
	asked := time.Now()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		if remote, is := got.Conn.RemoteAddr().(*net.TCPAddr); is {
			e.response.Address = remote.AddrPort()
		}
		asked = time.Now()
		e.response.Asked = asked
	}})
	request, err := newRequest(ctx, e.address, e.request.Form)
	if err != nil {
		return nil, err
	}
	if request.URL.Opaque != "" && e.client.config.Proxy != nil && !e.address.IsSecure() {
		request.URL.Opaque = "//" + request.Host + request.URL.Opaque // net/http would leave the host to be guessed
	}
	header := request.Header
	header.Set("User-Agent", e.client.config.UserAgent)
	header.Set("Accept", "*/*")
	header.Set("Accept-Encoding", "gzip, br, zstd")
	if e.request.Accept != "" {
		header.Set("Accept", e.request.Accept)
	}
	if e.conditional = e.knows(); e.conditional {
		setVerbatim(header, "If-None-Match", e.request.ETag)
		setVerbatim(header, "If-Modified-Since", e.request.LastModified)
	}
	answer, err := e.client.transport.RoundTrip(request)
	e.response.Latency = time.Since(asked)
	return answer, err
}

// knows says whether the validators are those of the address that is asked now.
func (e *exchange) knows() bool {
	if e.request.ETag == "" && e.request.LastModified == "" {
		return false
	}
	if e.request.ValidatorsOf == "" {
		return e.hops == 0
	}
	of, err := urls.Parse(e.request.ValidatorsOf, "")
	return err == nil && of.Fetch() == e.address.Fetch()
}

func setVerbatim(header http.Header, name, value string) {
	if value != "" && httpguts.ValidHeaderFieldValue(value) {
		header[name] = []string{value}
	}
}

// newRequest keeps the path as the URL standard writes it: net/url would refuse or rewrite some of what sites use.
func newRequest(ctx context.Context, address urls.URL, form url.Values) (*http.Request, error) {
	scheme := "http"
	if address.IsSecure() {
		scheme = "https"
	}
	target := &url.URL{Scheme: scheme, Host: address.Host}
	wanted := address.Request()
	if parsed, err := url.ParseRequestURI(wanted); err == nil {
		target.Path, target.RawPath, target.RawQuery = parsed.Path, parsed.RawPath, parsed.RawQuery
		target.ForceQuery = parsed.ForceQuery
	}
	if target.RequestURI() != wanted && !strings.HasPrefix(wanted, "//") {
		target.Opaque, target.RawQuery, target.ForceQuery = wanted, "", false
	}
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	request, err := http.NewRequestWithContext(ctx, method, scheme+"://"+address.Host+"/", body)
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.URL = target
	request.Host = address.Host
	return request, nil
}

// read takes in an answer and returns where to go on, nil at the end.
func (e *exchange) read(answer *http.Response) *urls.URL {
	r := &e.response
	r.Status, r.Header, r.Protocol = answer.StatusCode, answer.Header, answer.Proto
	r.ContentType = answer.Header.Get("Content-Type")
	r.ETag, r.LastModified = answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
	r.RetryAfter = retryAfter(answer.Header.Get("Retry-After"), r.Started)
	switch {
	case r.Status == http.StatusNotModified:
		e.notModified()
		return nil
	case r.Status >= 300 && r.Status < 400 && e.request.Form != nil:
		e.end(BadRedirect, "The site sends on what was posted to it, which is not followed.")
		return nil
	case r.Status >= 300 && r.Status < 400:
		return e.redirect(answer.Header.Get("Location"))
	}
	e.readBody(answer)
	return nil
}

func (e *exchange) notModified() {
	if !e.conditional {
		e.end(ServerError, "The site answered that nothing had changed, although it was not asked that.")
		return
	}
	e.end(NotModified, "Nothing has changed since the last look.")
}

func (e *exchange) redirect(location string) *urls.URL {
	target, problem := e.target(location)
	if problem != "" {
		e.end(BadRedirect, problem)
		return nil
	}
	permanent := e.response.Status == http.StatusMovedPermanently || e.response.Status == http.StatusPermanentRedirect
	e.response.Permanent = permanent && (e.hops == 0 || e.response.Permanent)
	if e.request.SameHostOnly && target.Host != e.address.Host {
		e.response.RedirectedTo = target.Fetch()
		e.end(Redirected, fmt.Sprintf("The site sends readers on to %s.", target.Host))
		return nil
	}
	if e.hops++; e.hops > e.client.config.MaxRedirects {
		e.end(BadRedirect, fmt.Sprintf("The site redirects more than %d times.", max(0, e.client.config.MaxRedirects)))
		return nil
	}
	e.response.Redirects = append(e.response.Redirects, e.response.URL)
	return &target
}

// target reads a Location, and says in a sentence why it cannot be followed.
func (e *exchange) target(location string) (target urls.URL, problem string) {
	switch e.response.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect:
	default:
		return target, fmt.Sprintf("The site answered with status %d, which leads nowhere.", e.response.Status)
	}
	if location == "" {
		return target, "The site redirects without saying where to."
	}
	if len(location) > maxLocation {
		return target, "The site redirects to an address that is too long."
	}
	if !utf8.ValidString(location) {
		location = latin1(location)
	}
	target, err := urls.Parse(location, e.address.Href)
	if err != nil || !target.IsWeb() {
		return target, fmt.Sprintf("The site redirects to %.100q, which is not a web address.", location)
	}
	if e.address.IsSecure() && !target.IsSecure() {
		return target, "The site redirects from a secure address to an insecure one."
	}
	if withoutFragment, _, _ := strings.Cut(target.Href, "#"); e.seen[withoutFragment] {
		return target, "The site redirects in a circle; it may insist on cookies."
	}
	return target, ""
}

// latin1 reads bytes as the characters they were before UTF-8.
func latin1(text string) string {
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}

func (e *exchange) readBody(answer *http.Response) {
	outcome := outcomeOf(answer.StatusCode)
	limits := bodyLimits{size: e.client.config.MaxBody, cut: e.request.Cut, ratio: e.client.config.MaxRatio}
	if outcome != OK {
		limits.size = min(limits.size, maxErrorBody)
	}
	body, transferred, err := readBody(answer, limits)
	e.response.Body, e.response.Transferred = body, transferred
	switch {
	case outcome != OK:
		// The status is the news; half an error page is as good as a whole one.
		e.end(outcome, statusReason(outcome, answer.StatusCode))
	case err != nil:
		e.response.Body = nil
		e.end(explain(err, e.address.Host))
	default:
		e.response.Digest = sha256.Sum256(body)
		e.end(OK, "The site answered.")
	}
}

// end records how the exchange ended.
func (e *exchange) end(outcome Outcome, reason string) {
	e.response.Outcome, e.response.Reason = outcome, reason
}
