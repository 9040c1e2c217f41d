// Package bustest starts a real bus for tests: a NATS server inside the process with its files in a temporary folder.
package bustest

import (
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/embedded"
)

// New gives a bus that ends with the test.
func New(t testing.TB) *eventbus.Bus {
	t.Helper()
	bus, _ := Open(t)
	return bus
}

// Open gives the bus's connection too, for what no program of ours does.
func Open(t testing.TB) (*eventbus.Bus, *nats.Conn) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	server, err := embedded.Start(embedded.Config{Folder: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	nc, err := server.Connect(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if _, err := eventbus.Provision(t.Context(), nc, eventbus.ProvisionOptions{}); err != nil {
		t.Fatal(err)
	}
	bus, err := eventbus.Open(t.Context(), nc, eventbus.Everything, log)
	if err != nil {
		t.Fatal(err)
	}
	return bus, nc
}
