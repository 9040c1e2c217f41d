package politehttp

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

// Addresses that must never be connected to: private and shared networks, the metadata services of clouds, and the
// ways to write an IPv4 address inside an IPv6 one.
var forbidden = []string{
	"127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
	"169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1",
	"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
	"168.63.129.16",
	"::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
	"64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:0:53aa:64c:0:fbff:80ff:fffe",
	"fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1", "2001:2::1", "5f00::1", "3fff::1",
}

var public = []string{"8.8.8.8", "1.1.1.1", "2606:4700::1111", "93.184.216.34"}

func TestGuardAddresses(t *testing.T) {
	g := newGuard(nil)
	if len(forbidden) != 45 {
		t.Fatalf("the list has %d addresses", len(forbidden))
	}
	for _, address := range forbidden {
		for _, port := range []string{"80", "443"} {
			for _, network := range []string{"tcp4", "tcp6"} {
				if err := g.control(t.Context(), network, net.JoinHostPort(address, port), nil); !errors.Is(err, errBlocked) {
					t.Errorf("%s port %s over %s: %v, want blocked", address, port, network, err)
				}
			}
		}
	}
	for _, address := range public {
		if err := g.control(t.Context(), networkOf(address), net.JoinHostPort(address, "443"), nil); err != nil {
			t.Errorf("%s: %v, want allowed", address, err)
		}
	}
}

func networkOf(address string) string {
	if netip.MustParseAddr(address).Is4() {
		return "tcp4"
	}
	return "tcp6"
}

func TestGuardPortsAndNetworks(t *testing.T) {
	inside := newGuard([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")})
	for _, test := range []struct {
		network, address string
		allowed          bool
	}{
		{"tcp4", "8.8.8.8:80", true},
		{"tcp4", "8.8.8.8:8080", false},
		{"tcp4", "8.8.8.8:22", false},
		{"udp4", "8.8.8.8:443", false},
		{"unix", "/run/secret.sock", false},
		{"tcp4", "not an address", false},
		{"tcp4", "10.1.2.3:9200", true},
		{"tcp6", "[::ffff:10.1.2.3]:9200", true},
		{"udp4", "10.1.2.3:9200", false},
		{"tcp4", "10.2.0.1:80", false},
	} {
		err := inside.control(t.Context(), test.network, test.address, nil)
		if (err == nil) != test.allowed {
			t.Errorf("%s %s: %v, want allowed %v", test.network, test.address, err, test.allowed)
		}
	}
}
