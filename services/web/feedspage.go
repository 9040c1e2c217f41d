package web

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/stetnews/stet/proto/stet/query/v1"
)

type feedsPage struct {
	frame
	Feeds []*queryv1.Feed
}

func (s *Service) feeds(w http.ResponseWriter, r *http.Request) error {
	feeds, err := s.query.feeds(r.Context())
	if err != nil {
		return err
	}
	sortFeeds(feeds)
	return s.show(w, "feeds", http.StatusOK, feedsPage{s.frame("Feeds", ""), feeds})
}

func sortFeeds(feeds []*queryv1.Feed) {
	slices.SortFunc(feeds, func(a, b *queryv1.Feed) int {
		if c := strings.Compare(a.GetSource(), b.GetSource()); c != 0 {
			return c
		}
		return strings.Compare(a.GetUrl(), b.GetUrl())
	})
}

// The parts of an OPML 2.0 document that a list of feeds needs.
type opml struct {
	XMLName xml.Name  `xml:"opml"`
	Version string    `xml:"version,attr"`
	Title   string    `xml:"head>title"`
	Body    []outline `xml:"body>outline"`
}

type outline struct {
	Text  string    `xml:"text,attr"`
	Title string    `xml:"title,attr,omitempty"`
	Type  string    `xml:"type,attr,omitempty"`
	URL   string    `xml:"xmlUrl,attr,omitempty"`
	Feeds []outline `xml:"outline"`
}

// opml gives the list of feeds for other feed readers, in the folders that they came in.
func (s *Service) opml(w http.ResponseWriter, r *http.Request) error {
	feeds, err := s.query.feeds(r.Context())
	if err != nil {
		return err
	}
	sortFeeds(feeds)
	document := opml{Version: "2.0", Title: "Feeds watched by stet"}
	folders := map[string]int{}
	for _, feed := range feeds {
		o := outline{Text: feed.GetSource(), Title: feed.GetTitle(), Type: "rss", URL: feed.GetUrl()}
		folder := feed.GetFolder()
		if folder == "" {
			document.Body = append(document.Body, o)
			continue
		}
		at, has := folders[folder]
		if !has {
			at = len(document.Body)
			folders[folder] = at
			document.Body = append(document.Body, outline{Text: folder})
		}
		document.Body[at].Feeds = append(document.Body[at].Feeds, o)
	}
	w.Header().Set("Content-Disposition", `attachment; filename="stet-feeds.opml"`)
	return writeXML(w, r, "text/x-opml; charset=utf-8", document)
}
