package elastic

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
	"os"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8"

	"github.com/stetnews/stet/services/internal/search"
)

const (
	maxAnswer = 256 << 20 // bytes of an answer; 200 hits with the longest articles seen are a tenth of it
	patience  = 60 * time.Second
)

// client sends requests and reads answers.
type client struct {
	base *elasticsearch.BaseClient
	http *http.Transport
	name string // the addresses, without secrets
}

func newClient(config Config) (*client, error) {
	if len(config.Addresses) == 0 {
		return nil, errors.New("no address: name at least one, such as http://127.0.0.1:9200")
	}
	var names []string
	for _, address := range config.Addresses {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("%q is no address: write it like http://127.0.0.1:9200", redact(address))
		}
		names = append(names, u.Redacted())
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: patience,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       90 * time.Second,
	}
	settings := elasticsearch.Config{
		Addresses: config.Addresses, Username: config.Username, Password: config.Password, APIKey: config.APIKey,
		Transport: transport, DisableMetaHeader: true,
		// With several nodes the next one is asked when one does not answer. Nothing else is tried again here: who
		// writes waits longer than a client would.
		DisableRetry: len(config.Addresses) == 1, MaxRetries: len(config.Addresses) - 1,
	}
	if config.CAFile != "" {
		authority, err := os.ReadFile(config.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate authority: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(authority) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form: name the file of the authority that signed those of the nodes", config.CAFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	base, err := elasticsearch.NewBaseClient(settings)
	if err != nil {
		return nil, err
	}
	return &client{base, transport, strings.Join(names, ", ")}, nil
}

// redact hides what an address that cannot be parsed has before its @.
func redact(address string) string {
	if at := strings.LastIndex(address, "@"); at >= 0 {
		return "…" + address[at:]
	}
	return address
}

func (c *client) idle() { c.http.CloseIdleConnections() }

// call sends a body as JSON (bytes as they are), and decodes the answer unless into is nil. An answer that is no success is a *refusal.
func (c *client) call(ctx context.Context, method, path string, body, into any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := newRequest(ctx, method, path, body)
	if err != nil {
		return err
	}
	response, err := c.base.Perform(request)
	if err != nil {
		if strings.Contains(err.Error(), "not Elasticsearch") { // the client has no name for this error
			return errOtherProduct
		}
		return fmt.Errorf("%w: %w", search.ErrUnavailable, err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", search.ErrUnavailable, err)
	case len(text) > maxAnswer:
		return fmt.Errorf("the answer has more than %d MiB: ask for fewer documents", maxAnswer>>20)
	case response.StatusCode >= 300:
		return newRefusal(response.StatusCode, text)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: its answer to %s %s is no JSON that it should be: %w", search.ErrUnavailable, method, path, err)
	}
	return nil
}

func newRequest(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var reader io.Reader
	contentType := ""
	switch body := body.(type) {
	case nil:
	case []byte:
		reader, contentType = bytes.NewReader(body), "application/x-ndjson"
	default:
		text, err := encode(body)
		if err != nil {
			return nil, err
		}
		reader, contentType = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequestWithContext(ctx, method, path, reader)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	return request, nil
}

// encode is JSON that leaves < > & as they are: they are frequent in addresses and quotations.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return b.Bytes(), nil
}
