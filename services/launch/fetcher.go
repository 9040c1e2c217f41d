package launch

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"

	"github.com/stetnews/stet/services/internal/politehttp"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// defaultContact is the project's own page, which tells publishers what stet does and not who runs it.
const defaultContact = "https://github.com/stetnews/stet"

// fetcher makes all requests to strangers of a process. Where nobody configured a contact, it says so once, before the
// first request that leaves this machine.
type fetcher struct {
	*politehttp.Client
	anonymous bool
	once      sync.Once
	log       *slog.Logger
}

func newFetcher(cfg Config, log *slog.Logger) *fetcher {
	client := politehttp.New(politehttp.Config{UserAgent: userAgent(cfg), AllowNetworks: cfg.AllowNetworks, Proxy: cfg.Proxy})
	return &fetcher{Client: client, anonymous: cfg.Contact == defaultContact, log: log}
}

// Do makes a request.
func (f *fetcher) Do(ctx context.Context, r politehttp.Request) (*politehttp.Response, error) {
	if f.anonymous && !isLoopback(r.URL) {
		f.once.Do(func() {
			f.log.Warn("publishers cannot tell who asks them: name a page or address of yours with --contact; until then they find "+
				"the project's", "contact", defaultContact)
		})
	}
	return f.Client.Do(ctx, r)
}

func isLoopback(address string) bool {
	u, err := urls.Parse(address, "")
	if err != nil {
		return false
	}
	name := u.Host
	if host, _, err := net.SplitHostPort(name); err == nil {
		name = host
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
