package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// truth is what a backup must hold beside the archive; docs/operating.md says so.
var truth = []string{"REVISIONS", "KV_articles", "KV_feeds"}

// A machine burns. What comes back is the archive and three streams; the index, all schedules, queues and memories are
// gone. stet goes on where it was: no version is lost, none doubled, and edits are found.
func TestRestoredFromABackup(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	press := newPress(t, 2)
	reader := newReader(t, press)
	for i := range 4 {
		reader.publish(i%2, i)
	}
	f := newFleet(t, []string{press.addresses[0].FeedURL, press.addresses[1].FeedURL})
	f.provision(ctx)
	services := []string{"scraper", "differ", "indexer", "query", "feed-poller"}
	for _, name := range services {
		f.start(ctx, name)
	}
	all := func(h history) bool { return h.total() >= reader.states() }
	seen := f.running["query"].watch(ctx, all)
	f.running["query"].checkNow(ctx, reader.edit(seen, 2)...)
	f.settle(ctx, reader)
	for _, name := range services {
		f.running[name].interrupt()
	}
	f.stopNATS()
	f.burn()
	f.startNATS()
	f.provision(ctx)
	args := append([]string{"reindex", "--nats", f.address("query")}, f.settings...)
	if out, err := exec.CommandContext(ctx, binary(t), args...).CombinedOutput(); err != nil {
		t.Fatalf("reindex: %v\n%s", err, out)
	}
	f.feeds = nil // they are in the backup
	for _, name := range services {
		f.start(ctx, name)
	}
	seen = f.running["query"].watch(ctx, all)
	f.running["query"].checkNow(ctx, reader.edit(seen, 2)...)
	f.settle(ctx, reader)
	reader.compare(ctx, f.running["query"], f.running["query"].watch(ctx, all))
}

// burn leaves of NATS what is in the backup, and of the data folder the archive.
func (f *fleet) burn() {
	f.t.Helper()
	streams, err := filepath.Glob(filepath.Join(f.folder, "jetstream", "*", "streams", "*"))
	if err != nil {
		f.t.Fatal(err)
	}
	lost := 0
	for _, folder := range streams {
		if slices.Contains(truth, filepath.Base(folder)) {
			continue
		}
		lost++
		if err := os.RemoveAll(folder); err != nil {
			f.t.Fatal(err)
		}
	}
	if lost < 8 || lost != len(streams)-len(truth) {
		f.t.Fatalf("of %d streams %d were lost", len(streams), lost)
	}
	data := f.settings[slices.Index(f.settings, "--data")+1]
	entries, err := os.ReadDir(data)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() == "archive" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(data, entry.Name())); err != nil {
			f.t.Fatal(err)
		}
	}
}
