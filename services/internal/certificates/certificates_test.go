package certificates

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stetnews/stet/services/internal/certificates/certificatetest"
)

// shake lets a client and a server shake hands, and gives what the client says of it.
func shake(client, server *tls.Config) error {
	near, far := net.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- tls.Server(far, server).Handshake()
		_ = far.Close()
	}()
	client = client.Clone()
	client.ServerName = "localhost"
	err := tls.Client(near, client).Handshake()
	_ = near.Close()
	<-done
	return err
}

func TestARenewedCertificateIsShownWithoutARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := certificatetest.In(t.TempDir())
		files.Write(t, time.Now().Add(time.Hour))
		shown, err := Show(files.Cert, files.Key)
		if err != nil {
			t.Fatal(err)
		}
		defer shown.Close()
		old, err := Trust(files.Authority)
		if err != nil {
			t.Fatal(err)
		}
		if err := shake(old, shown.TLS()); err != nil {
			t.Error("the certificate:", err)
		}
		files.Write(t, time.Now().Add(500*time.Hour))
		renewed, err := Trust(files.Authority)
		if err != nil {
			t.Fatal(err)
		}
		if err := shake(renewed, shown.TLS()); err == nil {
			t.Error("the new authority trusts what the old one signed")
		}
		time.Sleep(2 * lookEvery)
		synctest.Wait()
		if err := shake(renewed, shown.TLS()); err != nil {
			t.Error("the renewed certificate:", err)
		}
		if err := shake(Pin(files.Cert), shown.TLS()); err != nil {
			t.Error("pinned:", err)
		}
		if err := os.WriteFile(files.Cert, []byte("half a fi"), 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * lookEvery)
		synctest.Wait()
		if err := shake(renewed, shown.TLS()); err != nil {
			t.Error("a spoilt file took the good certificate away:", err)
		}
	})
}

func TestPinTrustsOneCertificate(t *testing.T) {
	here, other := certificatetest.In(t.TempDir()), certificatetest.In(t.TempDir())
	here.Write(t, time.Now().Add(time.Hour))
	other.Write(t, time.Now().Add(time.Hour))
	shown, err := Show(here.Cert, here.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer shown.Close()
	if err := shake(Pin(here.Cert), shown.TLS()); err != nil {
		t.Error(err)
	}
	if err := shake(Pin(other.Cert), shown.TLS()); err == nil || !strings.Contains(err.Error(), "another certificate") {
		t.Errorf("another certificate was trusted: %v", err)
	}
	if err := shake(Pin(here.Key), shown.TLS()); err == nil {
		t.Error("a file without a certificate was trusted")
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	good, late := certificatetest.In(t.TempDir()), certificatetest.In(t.TempDir())
	good.Write(t, time.Now().Add(time.Hour))
	late.Write(t, time.Now().Add(-time.Hour))
	missing := filepath.Join(t.TempDir(), "none.pem")
	show := func(cert, key string) error { _, err := Show(cert, key); return err }
	trust := func(file string) error { _, err := Trust(file); return err }
	for _, c := range []struct {
		name string
		err  error
		says string
	}{
		{"no file", show(missing, good.Key), "none.pem"},
		{"another's key", show(good.Cert, late.Key), "cannot be used"},
		{"run out", show(late.Cert, late.Key), "renew it"},
		{"no authorities", trust(good.Key), "PEM"},
		{"no file of authorities", trust(missing), "none.pem"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v, want in it %q", c.name, c.err, c.says)
		}
	}
	if err := trust(System); errors.Is(err, os.ErrNotExist) {
		t.Error("system is a word, not a file:", err)
	}
}
