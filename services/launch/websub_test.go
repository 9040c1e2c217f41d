package launch

import (
	"strings"
	"testing"
)

func TestHubsAreHeardWhereTheOperatorSays(t *testing.T) {
	const address = "127.0.0.1:0"
	for name, c := range map[string]struct {
		cfg   Config
		token string
		hears bool
		wrong string
	}{
		"off":               {Config{}, "the token of a test", false, ""},
		"by the token":      {Config{WebSub: address, WebSubURL: "https://stet.example"}, "the token of a test", true, ""},
		"by its own secret": {Config{WebSub: address, WebSubURL: "https://stet.example", WebSubSecret: "a secret of a test"}, "", true, ""},
		"without a secret":  {Config{WebSub: address, WebSubURL: "https://stet.example"}, "", false, "--websub-secret"},
		"a taken address":   {Config{WebSub: "192.0.2.1:1", WebSubURL: "https://stet.example"}, "the token of a test", false, "--websub"},
	} {
		t.Run(name, func(t *testing.T) {
			p := &process{cfg: c.cfg, token: c.token}
			hubs, err := p.webSub()
			if (hubs != nil) != c.hears || (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Fatalf("hubs are heard: %v, error %v", hubs != nil, err)
			}
			if hubs == nil {
				return
			}
			if err := hubs.Listener.Close(); err != nil {
				t.Error(err)
			}
			if callback := hubs.Keys.Callback("f"); !strings.HasPrefix(callback, "https://stet.example/websub/f/") {
				t.Errorf("hubs are sent to %s", callback)
			}
		})
	}
}
