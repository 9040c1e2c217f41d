package kibana

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Server is a Kibana and who we are there.
type Server struct {
	URL            string // such as http://localhost:5601, with the base path if there is one
	APIKey         string // in base64; instead of a user
	User, Password string
	CA             []byte // certificates in PEM form that it is trusted by; none for those of the system
	Space          string // empty for the default one
}

const (
	patience  = 60 * time.Second // for a request with its answer: Kibana indexes what it imports
	maxAnswer = 8 << 20          // bytes; an answer tells some hundred bytes about each object
)

// client sends requests to a Kibana.
type client struct {
	Server
	base *url.URL
	http *http.Client
}

func newClient(s Server) (*client, error) {
	base, err := url.Parse(s.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("the address of Kibana must be like http://localhost:5601")
	}
	if base.User != nil {
		return nil, errors.New("the address of Kibana must not hold a password: name the user with --user")
	}
	base.RawQuery, base.Fragment = "", ""
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
	}
	if len(s.CA) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(s.CA) {
			return nil, errors.New("the file with the certificate authority holds no certificate in PEM form")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &client{s, base, &http.Client{Transport: transport, Timeout: patience,
		// Followed, a redirection would carry the credentials to another address.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// send sends a request to a path below the address and the space, and decodes the answer. The error of an answer that
// is no success is a *refusal.
func (c *client) send(ctx context.Context, method string, path []string, body []byte, contentType string, into any) error {
	if c.Space != "" {
		path = append([]string{"s", url.PathEscape(c.Space)}, path...)
	}
	target := c.base.JoinPath(path...)
	if method == http.MethodPost {
		target.RawQuery = "overwrite=true"
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("kbn-xsrf", "stet") // without it Kibana takes a request for a forged one
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	switch {
	case c.APIKey != "":
		request.Header.Set("Authorization", "ApiKey "+c.APIKey)
	case c.User != "":
		request.SetBasicAuth(c.User, c.Password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("reading its answer: %w", err)
	case len(text) > maxAnswer:
		return fmt.Errorf("its answer has more than %d MiB", maxAnswer>>20)
	case response.StatusCode != http.StatusOK:
		return c.refusal(response, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return errNotKibana
	}
	return nil
}

var errNotKibana = errors.New("what answers there is not Kibana: name its address with --url, such as http://localhost:5601")

// refusal is an answer that is no success.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

// refusal makes a sentence of an answer that says what to do.
func (c *client) refusal(response *http.Response, text []byte) *refusal {
	var body struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(text, &body) // what is no JSON says nothing
	r := &refusal{status: response.StatusCode}
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized && c.APIKey == "" && c.User == "":
		r.message = "Kibana wants to know who asks: name an --api-key, or a --user with the password in STET_KIBANA_PASSWORD"
	case status == http.StatusUnauthorized:
		r.message = "Kibana does not take these credentials: make a new API key, or look at the user's password"
	case status == http.StatusForbidden:
		r.message = "these credentials may not import: the role needs the Kibana privilege Saved Objects Management (all)"
	case status >= 300 && status < 400:
		r.message = fmt.Sprintf("it points to %q: name that address with --url", brief(response.Header.Get("Location")))
	case status == http.StatusRequestEntityTooLarge:
		r.message = "Kibana does not take so much at once: raise savedObjects.maxImportPayloadBytes in kibana.yml"
	case status >= 500:
		r.message = fmt.Sprintf("Kibana is not available (status %d): wait until it is, and try again", status)
	default:
		r.message = fmt.Sprintf("Kibana answers with status %d", status)
	}
	if message := brief(body.Message); message != "" {
		r.message += "; it says: " + message
	}
	return r
}

// brief bounds what a stranger says.
func brief(text string) string {
	const limit = 500
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
