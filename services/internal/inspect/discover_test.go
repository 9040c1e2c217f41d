package inspect

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/feed"
)

// Of a site's page, everything is named that may be its feed; places are guessed at only where nothing is pointed to.
func TestFeedsOfASite(t *testing.T) {
	const page = `<!doctype html><title>Paper</title>`
	for name, c := range map[string]struct {
		answers     map[string]string
		want, asked []string
	}{
		"a page that points to feeds": {map[string]string{"": page + `<link rel=alternate type=application/rss+xml href=/all><link rel=alternate type=application/atom+xml href=/sport>`,
			"robots.txt": "Sitemap: /map.xml\nSitemap: https://paper.example/news.xml"},
			[]string{"all", "sport", "news.xml", "map.xml"}, []string{"", "robots.txt"}},
		"a page that points to none": {map[string]string{"": page, "rss.xml": rss, "feed": page},
			[]string{"rss.xml"}, []string{"", "robots.txt", "feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml"}},
		"a feed": {map[string]string{"": rss}, nil, []string{""}},
	} {
		var asked []string
		fetch := func(_ context.Context, url string) (Input, error) {
			path := strings.TrimPrefix(url, "https://paper.example/")
			asked = append(asked, path)
			if body, there := c.answers[path]; there {
				return Input{Body: []byte(body), URL: url}, nil
			}
			return Input{Status: 404}, errors.New("not there")
		}
		_, err := tool(t, "feed").One(t.Context(), Sources{Fetch: fetch}, []string{"https://paper.example/"}, Options{})
		var not *feed.NotAFeed
		if (c.want != nil) != errors.As(err, &not) {
			t.Fatalf("%s: %v", name, err)
		}
		var got []string
		if not != nil {
			for _, candidate := range not.Candidates {
				got = append(got, strings.TrimPrefix(candidate, "https://paper.example/"))
			}
		}
		if !slices.Equal(got, c.want) || !slices.Equal(asked, c.asked) {
			t.Errorf("%s: found %q, asked for %q", name, got, asked)
		}
	}
}
