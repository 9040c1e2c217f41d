package politehttp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// errProxy says that the configured proxy is at fault and not the site.
var errProxy = errors.New("the proxy cannot be reached")

// useProxy sends everything through the configured proxy, wherever it is: its address was chosen by the operator and
// not by a stranger. The addresses that the guard must judge are then connected to elsewhere; admit judges them here.
func (c *Client) useProxy() {
	c.dialer.ControlContext = nil
	dial := c.dialer.DialContext
	c.transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errProxy, err)
		}
		return conn, nil
	}
	c.transport.Proxy = http.ProxyURL(c.config.Proxy)
}

// admit gives the context to connect to an address with. Without a proxy, the guard judges when the connection is made.
// With one, the name is looked up and every address it has must be one that could be reached without; a name that means
// nothing here is refused. What remains is a name that answers the proxy differently a moment later: whoever runs a
// proxy for strangers' addresses must forbid it the inside of the network too.
func (c *Client) admit(ctx context.Context, address urls.URL, ports []uint16) (context.Context, error) {
	ctx = withPorts(ctx, ports)
	if c.config.Proxy == nil {
		return ctx, nil
	}
	host, port := splitPort(address)
	addresses, err := c.dialer.Resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for _, ip := range addresses {
		network := "tcp6"
		if ip = ip.Unmap(); ip.Is4() {
			network = "tcp4"
		}
		if err := c.guard.control(ctx, network, netip.AddrPortFrom(ip, port).String(), nil); err != nil {
			return nil, err
		}
	}
	return ctx, nil
}

func splitPort(address urls.URL) (host string, port uint16) {
	host, port = address.Host, 80
	if address.IsSecure() {
		port = 443
	}
	if at := strings.LastIndexByte(host, ':'); at > strings.LastIndexByte(host, ']') {
		if number, err := strconv.ParseUint(host[at+1:], 10, 16); err == nil {
			host, port = host[:at], uint16(number)
		}
	}
	return strings.Trim(host, "[]"), port
}
