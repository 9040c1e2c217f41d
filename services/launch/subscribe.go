package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/feed"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

// subscription is a feed to watch, as the configuration names it.
type subscription struct{ url, source, folder string }

// maxSource is how many bytes of a list's title are a publisher's name; the host is the name where it is longer.
const maxSource = 200

func subscriptions(cfg Config) ([]subscription, error) {
	var list []subscription
	for _, url := range cfg.Feeds {
		list = append(list, subscription{url: url})
	}
	if cfg.OPML == "" {
		return list, nil
	}
	file, err := os.Open(cfg.OPML)
	if err != nil {
		return nil, fmt.Errorf("the OPML file cannot be read: %w", err)
	}
	outlines, err := feed.ReadOPML(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("reading %s: %w", cfg.OPML, err)
	}
	for _, o := range outlines {
		source := strings.TrimSpace(o.Title) // as an import takes it
		if len(source) > maxSource || strings.ContainsFunc(source, unicode.IsControl) {
			source = ""
		}
		list = append(list, subscription{url: o.URL, source: source, folder: o.Folder})
	}
	return list, nil
}

// subscribe adds the feeds that are not watched yet. The poller arms what has no schedule when it starts.
func subscribe(ctx context.Context, bus *eventbus.Bus, list []subscription) error {
	for _, s := range list {
		u, err := urls.Parse(s.url, "")
		if err != nil || !u.IsWeb() {
			return fmt.Errorf("%q is not the address of a feed: it must begin with http:// or https://", s.url)
		}
		source := s.source
		if source == "" {
			source = strings.TrimPrefix(u.Host, "www.")
		}
		err = bus.PutFeed(ctx, article.Feed{
			ID: article.Token(u.Canonical), URL: u.Fetch(), Source: source, Folder: s.folder, NextPoll: time.Now(),
		}, 0)
		if err != nil && !errors.Is(err, eventbus.ErrConflict) { // a conflict: it is watched already
			return err
		}
	}
	return nil
}
