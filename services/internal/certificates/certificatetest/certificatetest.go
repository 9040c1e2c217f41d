// Package certificatetest makes certificates for tests.
package certificatetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Files are a certificate, its key and the authority that signed it, as files in PEM.
type Files struct{ Cert, Key, Authority string }

// In gives the names of the files in a folder.
func In(folder string) Files {
	return Files{
		Cert: filepath.Join(folder, "stet.pem"), Key: filepath.Join(folder, "stet.key"), Authority: filepath.Join(folder, "authority.pem"),
	}
}

// Write makes an authority and a certificate of it for 127.0.0.1 and localhost that is good until a time, and writes
// the files, over those that are there.
func (f Files) Write(t *testing.T, until time.Time) {
	t.Helper()
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: until.Add(-1000 * time.Hour), NotAfter: until, KeyUsage: x509.KeyUsageCertSign,
	}
	signer := newKey(t)
	root := sign(t, authority, authority, signer, signer)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "stet"}, NotBefore: authority.NotBefore, NotAfter: until,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	own := newKey(t)
	key, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f.Cert, "CERTIFICATE", sign(t, leaf, authority, own, signer))
	write(t, f.Key, "PRIVATE KEY", key)
	write(t, f.Authority, "CERTIFICATE", root)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, of, by *x509.Certificate, key, signer *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, of, by, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func write(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
