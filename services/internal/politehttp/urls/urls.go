// Package urls reads addresses the way browsers do (the WHATWG URL standard) and gives each the two forms the product
// needs: the one to fetch and the one that says "the same page". It resolves no names and opens no connections.
package urls

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
)

// MaxLength bounds an address in bytes. Browsers and servers give up far below it; it keeps a hostile feed from making
// us carry megabytes as a name.
const MaxLength = 64 << 10

// ErrTooLong says that an address is longer than MaxLength.
var ErrTooLong = errors.New("the address is too long")

// URL is an address in its three forms. The zero URL is not an address.
type URL struct {
	// Href is the serialisation of the standard, fragment included.
	Href string
	// Canonical is the key of identity, never an address to fetch: the scheme folded to https, user name, default
	// port, fragment and known tracking parameters removed, the remaining parameters sorted by name. Two addresses
	// with the same key are taken for the same page. Empty unless IsWeb.
	Canonical string
	// Host is the host in lower case and ASCII without a final dot, with the port where it is not the scheme's
	// default: what politeness and permissions are counted by. Empty unless IsWeb.
	Host string
}

// Parse reads raw, relative to base if base is not empty. It never panics; what the standard refuses is an error.
func Parse(raw, base string) (result URL, err error) {
	if len(raw) > MaxLength || len(base) > MaxLength {
		return URL{}, ErrTooLong
	}
	// The parser is not ours and reads what strangers send: a fault in it must stay an error of this one address.
	defer func() {
		if fault := recover(); fault != nil {
			result, err = URL{}, fmt.Errorf("reading an address: the parser gave up: %v", fault)
		}
	}()
	parsed, err := parse(raw, base)
	if err != nil {
		return URL{}, fmt.Errorf("reading the address %.200q: %w", raw, err)
	}
	result.Href = parsed.Href(false)
	if scheme := parsed.Scheme(); scheme != "http" && scheme != "https" {
		return result, nil
	}
	if parsed.Hostname() == "" {
		return URL{}, fmt.Errorf("reading the address %.200q: it names no host", raw)
	}
	result.Host = undotted(parsed.Hostname()) + colon(parsed.Port())
	result.Canonical = canonical(parsed)
	return result, nil
}

func parse(raw, base string) (*url.Url, error) {
	if base == "" {
		return url.Parse(raw)
	}
	return url.ParseRef(base, raw)
}

// IsWeb says whether the address is one of http or https.
func (u URL) IsWeb() bool { return u.Host != "" }

// IsSecure says whether the address is one of https.
func (u URL) IsSecure() bool { return strings.HasPrefix(u.Href, "https:") }

// Fetch is the address to ask a server for: Href without its fragment, unless the fragment starts with "!" and so
// chooses the page.
func (u URL) Fetch() string {
	before, fragment, found := strings.Cut(u.Href, "#")
	if !found || strings.HasPrefix(fragment, "!") {
		return u.Href
	}
	return before
}

// Request is the path and query of a web address as they stand in the request line, and "/" at least.
func (u URL) Request() string {
	before, _, _ := strings.Cut(u.Href, "#")
	_, rest, found := strings.Cut(before, "://")
	if !found {
		return "/"
	}
	if at := strings.IndexAny(rest, "/?"); at >= 0 && rest[at] == '/' {
		return rest[at:]
	}
	return "/"
}

func undotted(host string) string {
	if short := strings.TrimSuffix(host, "."); short != "" {
		return short
	}
	return host
}

func colon(port string) string {
	if port == "" {
		return ""
	}
	return ":" + port
}
