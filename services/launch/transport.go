package launch

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/services/internal/certificates"
)

// serverTLS is how pages and API are served: nil for plain text.
func (p *process) serverTLS() (*tls.Config, error) {
	if p.cfg.TLSCert == "" {
		return nil, nil
	}
	if p.shown == nil {
		shown, err := certificates.Show(p.cfg.TLSCert, p.cfg.TLSKey)
		if err != nil {
			return nil, err
		}
		p.shown = shown
	}
	return p.shown.TLS(), nil
}

func (p *process) closeTransport() {
	if p.shown != nil {
		p.shown.Close()
	}
}

// refuseOpen keeps the API from listening where others can hear the token and read what is answered.
func refuseOpen(cfg Config) error {
	if cfg.TLSCert != "" || cfg.TrustNetwork || IsLoopback(cfg.GRPC) {
		return nil
	}
	return fmt.Errorf("gRPC would listen at %s, where others can reach it, in plain text: give it a certificate with --tls-cert and "+
		"--tls-key, or an address such as 127.0.0.1:9090, or say with --trust-network that nobody else is on that network", cfg.GRPC)
}

// IsLoopback says whether an address of the form host:port can be reached from this machine alone.
func IsLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// ownQuery are the options of a client in the same process, which knows the certificate by its file.
func (p *process) ownQuery() []client.Option {
	options := []client.Option{client.WithToken(p.token)}
	if p.cfg.TLSCert != "" {
		options = append(options, client.WithTLS(certificates.Pin(p.cfg.TLSCert)))
	}
	return options
}

// DialOptions are the options of a client that asks the API at an address: as the settings say, else as the stet says that
// runs on this machine.
func DialOptions(cfg Config, token string, local Running) ([]client.Option, error) {
	if token == "" {
		token = cfg.ReadToken
	}
	options := []client.Option{client.WithToken(token)}
	switch {
	case cfg.GRPCCA != "":
		trusted, err := certificates.Trust(cfg.GRPCCA)
		if err != nil {
			return nil, fmt.Errorf("grpc-ca: %w", err)
		}
		options = append(options, client.WithTLS(trusted))
	case local.Certificate != "":
		options = append(options, client.WithTLS(certificates.Pin(local.Certificate)))
	}
	return options, nil
}
