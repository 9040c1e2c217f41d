package query

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/certificates"
	"github.com/stetnews/stet/services/internal/certificates/certificatetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// running serves until the test ends and gives the address.
func running(t *testing.T, config Config) string {
	t.Helper()
	w := harbour()
	config.Listen = "127.0.0.1:0"
	s, err := New(config, Deps{Index: w, Bus: w, Archive: w})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s.Addr()
}

func TestReadersNeedTheReadToken(t *testing.T) {
	const readers = "a secret that readers share"
	address := running(t, Config{Token: secret, ReadToken: readers})
	for _, c := range []struct {
		name, token   string
		reads, writes bool
	}{
		{"none", "", false, false}, {"a wrong one", readers + "x", false, false},
		{"the readers'", readers, true, false}, {"the operator's", secret, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			asker, err := client.Dial(address, client.WithToken(c.token))
			if err != nil {
				t.Fatal(err)
			}
			defer asker.Close()
			_, err = asker.Status(t.Context())
			if got := !errors.Is(err, client.ErrUnauthenticated); got != c.reads || c.reads && err != nil {
				t.Errorf("reading: %v", err)
			}
			_, err = asker.CheckAllNow(t.Context())
			if got := !errors.Is(err, client.ErrUnauthenticated); got != c.writes || c.writes && err != nil {
				t.Errorf("writing: %v", err)
			}
			for _, err := range asker.Watch(t.Context(), &queryv1.WatchRevisionsRequest{FromStart: true}) {
				if got := !errors.Is(err, client.ErrUnauthenticated); got != c.reads || c.reads && err != nil {
					t.Errorf("watching: %v", err)
				}
				break
			}
		})
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
		t.Error("a probe has no token:", err)
	}
}

func TestServedByTLS(t *testing.T) {
	files := certificatetest.In(t.TempDir())
	files.Write(t, time.Now().Add(time.Hour))
	shown, err := certificates.Show(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer shown.Close()
	trusted, err := certificates.Trust(files.Authority)
	if err != nil {
		t.Fatal(err)
	}
	address := running(t, Config{Token: secret, TLS: shown.TLS()})
	for _, c := range []struct {
		name    string
		options []client.Option
		answers bool
	}{
		{"trusted", []client.Option{client.WithTLS(trusted)}, true},
		{"by the system's authorities", []client.Option{client.WithTLS(nil)}, false},
		{"plain text", nil, false},
	} {
		asker, err := client.Dial(address, append(c.options, client.WithToken(secret))...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := asker.CheckAllNow(t.Context()); (err == nil) != c.answers {
			t.Errorf("%s: %v", c.name, err)
		}
		_ = asker.Close()
	}
}
