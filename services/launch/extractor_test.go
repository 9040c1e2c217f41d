package launch

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stetnews/stet/services/internal/rebaseline"
)

const boxed = "- host: paper.example\n  note: the box has no name of its own\n  exclude: [.c7]\n"

func TestOverridesAreReadAgainWhenTheyChange(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(".swap.yaml", "neither JSON nor YAML: [")
	write("readme.txt", "for people")
	write("paper.yaml", boxed)
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		p := &process{cfg: Config{Overrides: folder}, log: slog.New(slog.NewTextHandler(&log, nil))}
		if err := p.readOverrides(); err != nil {
			t.Fatal(err)
		}
		identity := func() string { return p.extractor.Identity("The Paper", "https://www.paper.example/a").String() }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.extractor.follow(ctx) }()
		first := identity()
		if !strings.Contains(first, "+") {
			t.Errorf("the page is read by %s, without its override", first)
		}
		time.Sleep(3 * overridesEvery)
		if synctest.Wait(); log.Len() > 0 {
			t.Errorf("nothing changed: %s", log.String())
		}
		write("paper.yaml", strings.Replace(boxed, ".c7", ".c8", 1))
		time.Sleep(overridesEvery)
		synctest.Wait()
		second := identity()
		if second == first {
			t.Error("the change was not seen")
		}
		write("gazette.json", `{"source": "The Gazette"}`)
		time.Sleep(3 * overridesEvery)
		if synctest.Wait(); identity() != second || strings.Count(log.String(), "are wrong") != 1 {
			t.Errorf("wrong overrides: the page is read by %s, the log says %s", identity(), log.String())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if err := checkOverrides(Config{Overrides: folder}); err == nil || !strings.Contains(err.Error(), "gazette.json") {
		t.Errorf("checked: %v", err)
	}
	if err := checkOverrides(Config{Overrides: filepath.Join(folder, "none")}); err == nil || !strings.Contains(err.Error(), "--overrides") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestAnOverrideIsUsedForItsSourceAlone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "overrides.yaml")
	if err := os.WriteFile(file, []byte(boxed), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{cfg: Config{Overrides: file}, log: slog.New(slog.DiscardHandler)}
	if err := p.readOverrides(); err != nil {
		t.Fatal(err)
	}
	const page = `<!doctype html><title>Bridge</title><article><h1>Bridge closed</h1><p>The harbour office closed the old bridge on Tuesday evening after engineers found cracks in two of its piers.</p>
<p class="c7">The bridge was built in nineteen thirty-one and is the oldest one of the town of Ulverport by far.</p><p>Buses will run every ten minutes until the repair is done, which may take six weeks or more.</p></article>`
	for host, left := range map[string]bool{"paper.example": true, "other.example": false} {
		s, err := p.extractor.Read(rebaseline.Page{Article: "a", URL: "https://" + host + "/bridge-closed", ContentType: "text/html", Body: []byte(page)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(s.Body(), "oldest") == left {
			t.Errorf("at %s the text is %q", host, s.Body())
		}
		if want := p.extractor.Identity("", "https://"+host+"/bridge-closed"); s.Extractor != want {
			t.Errorf("at %s the text is read by %s, want %s", host, s.Extractor, want)
		}
	}
}
