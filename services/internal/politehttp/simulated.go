package politehttp

import (
	"context"
	"net"
)

// NewSimulated makes a client for tests under simulated time: connections come from dial, and their addresses are judged
// by nobody. Nothing that runs may use it.
func NewSimulated(config Config, dial func(ctx context.Context, network, address string) (net.Conn, error)) *Client {
	config.Proxy = nil
	client := New(config)
	client.transport.DialContext = dial
	return client
}
