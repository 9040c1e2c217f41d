package launch

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/politehttp"
)

// TestAnAnonymousVisitorSaysSoOnce asks with a context that has ended, so that nothing leaves this machine.
func TestAnAnonymousVisitorSaysSoOnce(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		contact string
		asked   []string
		said    int
	}{
		{defaultContact, []string{"http://127.0.0.1:8080/feed", "http://localhost/feed", "http://[::1]:81/feed"}, 0},
		{defaultContact, []string{"http://127.0.0.1/feed", "https://news.example/feed", "https://paper.example/feed"}, 1},
		{"https://desk.example/robot", []string{"https://news.example/feed"}, 0},
	} {
		var log bytes.Buffer
		f := newFetcher(Config{Contact: c.contact}, slog.New(slog.NewTextHandler(&log, nil)))
		for _, address := range c.asked {
			if _, err := f.Do(ended, politehttp.Request{URL: address}); err == nil {
				t.Errorf("%s was asked for in a context that has ended", address)
			}
		}
		if said := strings.Count(log.String(), "--contact"); said != c.said {
			t.Errorf("%v with the contact %s: said %d times, want %d:\n%s", c.asked, c.contact, said, c.said, log.String())
		}
	}
}
