// Package certificates holds the certificates that stet shows and trusts, read again when their files change, so that a
// certificate is renewed without a restart.
package certificates

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc/credentials/tls/certprovider"
	"google.golang.org/grpc/credentials/tls/certprovider/pemfile"
)

// lookEvery is how often the files are compared with what was read.
const lookEvery = 30 * time.Second

// handshakePatience bounds the wait for the files in a handshake. They were read once when it matters.
const handshakePatience = 5 * time.Second

// Shown is the certificate of a server.
type Shown struct{ files certprovider.Provider }

// Show reads a certificate with its chain and its key, both PEM. Close ends the looking.
func Show(cert, key string) (*Shown, error) {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("the certificate %s with the key %s cannot be used: %w", cert, key, err)
	}
	if now := time.Now(); now.After(pair.Leaf.NotAfter) || now.Before(pair.Leaf.NotBefore) {
		return nil, fmt.Errorf("the certificate %s is good from %s to %s only: renew it, or set the clock", cert,
			pair.Leaf.NotBefore.Format(time.RFC3339), pair.Leaf.NotAfter.Format(time.RFC3339))
	}
	files, err := pemfile.NewProvider(pemfile.Options{CertFile: cert, KeyFile: key, RefreshDuration: lookEvery})
	if err != nil {
		return nil, fmt.Errorf("the certificate %s: %w", cert, err)
	}
	return &Shown{files}, nil
}

// TLS is the server's side of TLS. A file that is spoilt later leaves the certificate that was good.
func (s *Shown) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		ctx, cancel := context.WithTimeout(hello.Context(), handshakePatience)
		defer cancel()
		material, err := s.files.KeyMaterial(ctx)
		if err != nil {
			return nil, err
		}
		return &material.Certs[0], nil
	}}
}

// Close stops looking at the files.
func (s *Shown) Close() { s.files.Close() }

// Pin trusts the certificate in a file and no other, whatever host it is for: it is how a program trusts the server on
// its own machine whose files it can read. The file is read at every handshake.
func Pin(cert string) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection is stricter
		VerifyConnection: func(state tls.ConnectionState) error {
			text, err := os.ReadFile(cert)
			if err != nil {
				return fmt.Errorf("the server's certificate cannot be compared: %w", err)
			}
			pinned, err := leaf(text)
			if err != nil {
				return fmt.Errorf("the certificate %s: %w", cert, err)
			}
			if !state.PeerCertificates[0].Equal(pinned) {
				return fmt.Errorf("the server shows another certificate than %s", cert)
			}
			return nil
		},
	}
}

// Trust is the client's side of TLS with the authorities in a PEM file; "system" stands for those of the machine.
func Trust(authorities string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities == System {
		return config, nil
	}
	text, err := os.ReadFile(authorities)
	if err != nil {
		return nil, fmt.Errorf("the authorities cannot be read: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("there is no certificate in %s: it must be PEM", authorities)
	}
	return config, nil
}

// System stands for the authorities that the machine trusts.
const System = "system"

// leaf is the first certificate of a PEM file.
func leaf(text []byte) (*x509.Certificate, error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, errors.New("there is no certificate in it: it must be PEM")
}
