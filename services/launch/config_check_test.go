package launch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/certificates/certificatetest"
)

func TestFilesThatSettingsName(t *testing.T) {
	folder := t.TempDir()
	files, none := certificatetest.In(folder), filepath.Join(folder, "none")
	files.Write(t, time.Now().Add(time.Hour))
	for setting, wrong := range map[string]Config{
		"opml":             {OPML: none},
		"overrides":        {Overrides: none},
		"tls-cert":         {TLSCert: files.Key, TLSKey: files.Cert},
		"grpc-ca":          {GRPCCA: files.Key},
		"nats-creds":       {NATSCreds: none},
		"nats-ca":          {NATSCA: none},
		"nats-cert":        {NATSCert: none},
		"nats-key":         {NATSKey: none},
		"elasticsearch-ca": {ElasticsearchCA: none},
	} {
		got := CheckFiles(wrong)
		if len(got) != 1 || got[0].Setting != setting {
			t.Errorf("%s: found %v", setting, got)
			continue
		}
		if text := got[0].Err.Error(); !strings.Contains(text, folder) {
			t.Errorf("%s: %q does not name the file", setting, text)
		}
	}
	if got := CheckFiles(Config{TLSCert: files.Cert, TLSKey: files.Key, GRPCCA: files.Authority, NATSCA: files.Authority}); len(got) > 0 {
		t.Errorf("found %v", got)
	}
}

func TestAListNamesThePublishers(t *testing.T) {
	name := filepath.Join(t.TempDir(), "feeds.opml")
	text := `<opml version="2.0"><body><outline text="Dailies">
<outline text="The Harbour Post" xmlUrl="https://post.example/rss"/><outline xmlUrl="https://mill.example/rss"/>
<outline text="` + strings.Repeat("long ", 60) + `" xmlUrl="https://long.example/rss"/></outline></body></opml>`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := subscriptions(Config{OPML: name, Feeds: []string{"https://a.example/f"}})
	want := []subscription{{url: "https://a.example/f"}, {url: "https://post.example/rss", source: "The Harbour Post", folder: "Dailies"},
		{url: "https://mill.example/rss", folder: "Dailies"}, {url: "https://long.example/rss", folder: "Dailies"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, error %v, want %v", got, err, want)
	}
}
