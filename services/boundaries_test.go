package services_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/stetnews/stet/services/"

// services are the six that run apart; nothing but the wiring may know them.
var services = []string{"feedpoller", "scraper", "differ", "indexer", "query", "web"}

// vendorOnly names the one package that may import a library, so that the library can be changed there.
var vendorOnly = map[string]string{
	"github.com/nats-io/nats-server/": "internal/eventbus/embedded",
	"github.com/nats-io/nats.go":      "internal/eventbus",
	"github.com/mmcdole/gofeed":       "internal/feed",
	"github.com/andybalholm/cascadia": "internal/extract",
	"modernc.org/sqlite":              "internal/search/sqlite",
	"github.com/elastic/":             "internal/search/elastic",
	"code.dny.dev/ssrf":               "internal/politehttp",
	"github.com/nlnwa/whatwg-url":     "internal/politehttp/urls",
	"gocloud.dev/":                    "internal/archive",
	"znkr.io/diff":                    "internal/revise",
	"github.com/prometheus/":          "internal/telemetry",
	"go.opentelemetry.io/":            "internal/telemetry",
}

// alsoVendor are further packages that hold a library's connection and nothing else of it.
var alsoVendor = map[string][]string{
	"github.com/nats-io/nats.go": {"internal/eventbus/embedded", "launch"},
}

// pure are packages without network, store or clock of their own.
var pure = []string{"internal/revise", "internal/extract", "internal/recheck", "internal/feed", "internal/websub"}

var impure = map[string]bool{"net": true, "os": true, "database/sql": true, "os/exec": true, "syscall": true}

func TestImportsGoDown(t *testing.T) {
	count := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			count++
			if why := forbidden(pkg, imported, strings.HasSuffix(path, "_test.go")); why != "" {
				t.Errorf("%s imports %s: %s", path, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 100 {
		t.Errorf("only %d imports were seen: the walk does not see the code", count)
	}
}

func TestForbiddenImportsAreSeen(t *testing.T) {
	for _, c := range []struct{ pkg, imported string }{
		{"scraper", module + "differ"},
		{"internal/eventbus", module + "query"},
		{"internal/article", module + "internal/search"},
		{"internal/search", "modernc.org/sqlite"},
		{"scraper", "github.com/nats-io/nats.go/jetstream"},
		{"internal/revise/align", "os"},
		{"scraper", "github.com/prometheus/client_golang/prometheus"},
		{"internal/eventbus", "go.opentelemetry.io/otel/trace"},
		{"web", module + "internal/search"},
		{"internal/extract", module + "internal/politehttp"},
	} {
		if forbidden(c.pkg, c.imported, false) == "" {
			t.Errorf("%s may import %s", c.pkg, c.imported)
		}
	}
	if why := forbidden("differ", module+"internal/revise", false); why != "" {
		t.Errorf("differ may not import revise: %s", why)
	}
}

func forbidden(pkg, imported string, test bool) string {
	wiring := within(pkg, "launch") || within(pkg, "cmd")
	own, ours := strings.CutPrefix(imported, module)
	if ours {
		for _, s := range services {
			if within(own, s) && !within(pkg, s) && !wiring {
				return "only launch and cmd import services; what two of them need belongs into internal"
			}
		}
		if within(own, "launch") && !wiring {
			return "the wiring knows the parts, never the other way round"
		}
	}
	for prefix, owner := range vendorOnly {
		if strings.HasPrefix(imported, prefix) && !within(pkg, owner) && !contains(alsoVendor[prefix], pkg) && !test {
			return "the library belongs to " + owner + " alone"
		}
	}
	if test {
		return ""
	}
	if ours && within(pkg, "internal/article") && !within(own, "internal/article") {
		return "article is the ground: it imports nothing of ours"
	}
	if ours && within(pkg, "web") && !within(own, "web") && own != "internal/show" {
		return "web is a client of query and of nothing else; what it tells in the terminal's words comes from show"
	}
	for _, p := range pure {
		if within(pkg, p) && (impure[imported] || (ours && within(own, "internal/politehttp") && !within(own, "internal/politehttp/urls") && !within(own, "internal/politehttp/charset"))) {
			return p + " is pure: no network, no store"
		}
	}
	return ""
}

func within(pkg, parent string) bool { return pkg == parent || strings.HasPrefix(pkg, parent+"/") }

func contains(list []string, pkg string) bool {
	for _, p := range list {
		if p == pkg {
			return true
		}
	}
	return false
}

// A simulated client judges no address: it is for tests alone.
func TestNothingThatRunsIsSimulated(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), "NewSimulated(") {
			seen++
			if !strings.HasSuffix(path, "_test.go") && filepath.Base(path) != "simulated.go" {
				t.Errorf("%s makes requests that nobody guards", path)
			}
		}
		return err
	})
	if err != nil || seen == 0 {
		t.Errorf("%v; seen in %d files", err, seen)
	}
}
