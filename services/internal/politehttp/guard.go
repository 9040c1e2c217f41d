package politehttp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

// errBlocked says that an address must not be reached from here.
var errBlocked = errors.New("the address is not on the public internet")

// azureWireServer hands out credentials to every virtual machine of one cloud, on an address that looks public.
const azureWireServer = "168.63.129.16/32"

// guard decides at the last moment, on the address that is really connected to: whatever was checked earlier (names,
// other spellings of numbers, redirects) can say one thing and resolve to another.
type guard struct {
	public *ssrf.Guardian // judges addresses; ports are judged here, since a request can bring some of its own
	allow  []netip.Prefix
}

func newGuard(allow []netip.Prefix) guard {
	return guard{
		public: ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix(azureWireServer))),
		allow:  allow,
	}
}

// portsKey is where a context carries the ports that its request may use beside those of the web.
type portsKey struct{}

func withPorts(ctx context.Context, ports []uint16) context.Context {
	if len(ports) == 0 {
		return ctx
	}
	return context.WithValue(ctx, portsKey{}, ports)
}

// control is a net.Dialer's ControlContext.
func (g guard) control(ctx context.Context, network, address string, conn syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: network %s", errBlocked, network)
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %w", errBlocked, err)
	}
	for _, prefix := range g.allow {
		if prefix.Contains(target.Addr().Unmap()) {
			return nil
		}
	}
	ports, _ := ctx.Value(portsKey{}).([]uint16)
	if port := target.Port(); port != 80 && port != 443 && !slices.Contains(ports, port) {
		return fmt.Errorf("%w: port %d", errBlocked, port)
	}
	if err := g.public.Safe(network, address, conn); err != nil {
		return fmt.Errorf("%w: %w", errBlocked, err)
	}
	return nil
}
