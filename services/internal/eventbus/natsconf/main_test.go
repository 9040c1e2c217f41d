package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const deployed = "../../../../deploy/nats"

func TestTheShippedConfigurationIsUpToDate(t *testing.T) {
	for name, want := range files() {
		got, err := os.ReadFile(filepath.Join(deployed, name))
		if err != nil {
			t.Fatalf("%v; run scripts/generate.sh", err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is stale, run scripts/generate.sh: %s", name, diff)
		}
	}
}

func TestWriteMakesTheFiles(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "nats")
	if err := write(folder); err != nil {
		t.Fatal(err)
	}
	for name, want := range files() {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, error %v; want %d bytes", name, len(got), err, len(want))
		}
	}
}
