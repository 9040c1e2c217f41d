package politehttp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
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
	public *ssrf.Guardian
	allow  []netip.Prefix
}

func newGuard(allow []netip.Prefix) guard {
	return guard{
		public: ssrf.New(ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix(azureWireServer))),
		allow:  allow,
	}
}

// control is a net.Dialer's ControlContext.
func (g guard) control(_ context.Context, network, address string, conn syscall.RawConn) error {
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
	if err := g.public.Safe(network, address, conn); err != nil {
		return fmt.Errorf("%w: %w", errBlocked, err)
	}
	return nil
}
