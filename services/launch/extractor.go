package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract"
	"github.com/stetnews/stet/services/internal/extract/site"
	"github.com/stetnews/stet/services/internal/rebaseline"
	"github.com/stetnews/stet/services/scraper"
)

// extractor reads pages, with what people say of their sources at the time.
type extractor struct {
	place     string // of the overrides, empty for none
	known     []byte // their whole text, as it was read last
	overrides atomic.Pointer[extract.Overrides]
	log       *slog.Logger
}

// Identity implements rebaseline.Extractor.
func (x *extractor) Identity(source, url string) article.Extractor {
	return extract.Identity(x.overrides.Load().For(source, url))
}

// Read implements rebaseline.Extractor.
func (x *extractor) Read(p rebaseline.Page, memory []byte) (article.Snapshot, error) {
	s, _, err := x.scrape(scraper.Page(p), memory)
	return s, err
}

// scrape extracts a page by what its site is known for, and adds what the page tells of the site.
func (x *extractor) scrape(p scraper.Page, memory []byte) (article.Snapshot, []byte, error) {
	known, err := site.Parse(memory)
	if err != nil { // spoilt, or of another stet: the site is learned again
		known = &site.Memory{}
	}
	r, err := extract.Read(
		extract.Page{URL: p.URL, ContentType: p.ContentType, Body: p.Body},
		extract.Known{Article: p.Article, Site: known, Override: x.overrides.Load().For(p.Source, p.URL)})
	if err != nil || r.Snapshot.Quality.Verdict == article.NotAnArticle {
		return r.Snapshot, memory, err
	}
	remembered, err := known.Observe(p.Article, r.Passages).MarshalBinary()
	return r.Snapshot, remembered, err
}

// readOverrides makes the process's extractor, with the overrides that are set.
func (p *process) readOverrides() error {
	p.extractor = &extractor{place: p.cfg.Overrides, log: p.log}
	if p.cfg.Overrides == "" {
		return nil
	}
	set, text, err := readOverrides(p.cfg.Overrides)
	if err != nil {
		return err
	}
	p.extractor.overrides.Store(set)
	p.extractor.known = text
	return nil
}

// readOverrides reads a file of overrides, or all files of a folder that are named .yaml, .yml or .json. It also gives
// their whole text, by which a change is seen.
func readOverrides(place string) (*extract.Overrides, []byte, error) {
	files := []string{place}
	info, err := os.Stat(place)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no file or folder of overrides at %s: mend --overrides", place)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the overrides: %w", err)
	}
	if info.IsDir() {
		if files, err = overrideFiles(place); err != nil {
			return nil, nil, err
		}
	}
	set := &extract.Overrides{}
	var all bytes.Buffer
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the overrides: %w", err)
		}
		if err := set.Add(file, text); err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(&all, "%s\x00%s\x00", file, text)
	}
	return set, all.Bytes(), nil
}

func overrideFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the overrides: %w", err)
	}
	var files []string
	for _, e := range entries {
		// What begins with a dot is an editor's, or Kubernetes' own in a mounted ConfigMap.
		if e.Type()&fs.ModeDir != 0 || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(e.Name())) {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	return files, nil
}

// overridesEvery is how often the overrides are read again. They are a few small files, mounted or edited by hand: asking
// works on every system, a signal does not.
const overridesEvery = 10 * time.Second

// follow reads the overrides again and again until the context ends. Overrides that are wrong are told once, and those
// before stay in force.
func (x *extractor) follow(ctx context.Context) error {
	if x.place == "" {
		return nil
	}
	ticker := time.NewTicker(overridesEvery)
	defer ticker.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		set, text, err := readOverrides(x.place)
		switch {
		case err != nil && err.Error() != told:
			told = err.Error()
			x.log.Error("the overrides are wrong, those before stay in force", "error", err)
		case err == nil && !bytes.Equal(text, x.known):
			x.overrides.Store(set)
			x.known, told = text, ""
			x.log.Info("the overrides changed: articles of their sources are read again from the archive as they are looked at", "overrides", set.Len())
		case err == nil:
			told = ""
		}
	}
}

// checkOverrides says what is wrong with the overrides of a configuration.
func checkOverrides(cfg Config) error {
	if cfg.Overrides == "" {
		return nil
	}
	_, _, err := readOverrides(cfg.Overrides)
	return err
}
