package newssite

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"
)

// feedFormat is the format of a publisher's feed.
type feedFormat int

const (
	rss feedFormat = iota
	rssContent
	atom
	jsonFeed
)

// contentType is what the feed is served as.
func (f feedFormat) contentType() string {
	return [...]string{
		"application/rss+xml; charset=utf-8", "application/rss+xml; charset=utf-8", "application/atom+xml; charset=utf-8",
		"application/feed+json; charset=utf-8",
	}[f]
}

// feedItems is how many stories a feed shows.
const feedItems = 30

func (p *Publisher) serveFeed(w http.ResponseWriter, r *http.Request) {
	p.site.mu.Lock()
	p.site.advance()
	stories, changed, fault := p.live(), p.changed, p.site.faults["feed "+p.name]
	p.site.mu.Unlock()
	if len(stories) > feedItems {
		stories = stories[:feedItems]
	}
	body, err := p.renderFeed("http://"+r.Host, stories, changed)
	if err != nil {
		http.Error(w, "the feed could not be made", http.StatusInternalServerError)
		return
	}
	if fault != NoFault {
		p.serveFeedFault(w, r, fault, body)
		return
	}
	a := answer{contentType: p.house.feed.contentType(), body: body, etag: fmt.Sprintf(`"%x"`, hash(string(body)))}
	if p.house.feed != jsonFeed {
		a.modified = changed
	}
	p.send(w, r, a)
}

func (p *Publisher) renderFeed(base string, stories []Story, changed time.Time) ([]byte, error) {
	switch p.house.feed {
	case atom:
		return p.renderAtom(base, stories, changed)
	case jsonFeed:
		return p.renderJSON(base, stories)
	}
	return p.renderRSS(base, stories, changed)
}

type rssDocument struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Content string     `xml:"xmlns:content,attr,omitempty"`
	DC      string     `xml:"xmlns:dc,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Built       string    `xml:"lastBuildDate"`
	TTL         int       `xml:"ttl"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	GUID        rssGUID `xml:"guid"`
	Published   string  `xml:"pubDate"`
	Category    string  `xml:"category,omitempty"`
	Creator     string  `xml:"dc:creator,omitempty"`
	Description string  `xml:"description"`
	Content     string  `xml:"content:encoded,omitempty"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

func (p *Publisher) renderRSS(base string, stories []Story, changed time.Time) ([]byte, error) {
	doc := rssDocument{
		Version: "2.0", DC: "http://purl.org/dc/elements/1.1/",
		Channel: rssChannel{
			Title: p.name, Link: base + "/", Description: "All stories of " + p.name, Language: p.house.language,
			Built: changed.UTC().Format(time.RFC1123Z), TTL: 5,
		},
	}
	if p.house.feed == rssContent {
		doc.Content = "http://purl.org/rss/1.0/modules/content/"
	}
	for _, s := range stories {
		item := rssItem{
			Title: s.Title, Link: base + s.link(), GUID: rssGUID{ID: p.guid(s)},
			Published: s.Published.UTC().Format(time.RFC1123Z), Category: s.Section, Creator: s.Byline, Description: s.Standfirst,
		}
		if p.house.feed == rssContent {
			item.Content = bodyHTML(s)
		}
		doc.Channel.Items = append(doc.Channel.Items, item)
	}
	return encodeXML(doc)
}

// guid does not change when a story moves.
func (p *Publisher) guid(s Story) string {
	if s.EntryID != "" {
		return s.EntryID
	}
	return fmt.Sprintf("tag:newssite,2026:%d/%s", p.index, s.ID)
}

type atomDocument struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Link      atomLink `xml:"link"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Author    string   `xml:"author>name"`
	Summary   string   `xml:"summary"`
}

func (p *Publisher) renderAtom(base string, stories []Story, changed time.Time) ([]byte, error) {
	doc := atomDocument{
		Lang: p.house.language, ID: base + "/", Title: p.name, Updated: changed.UTC().Format(time.RFC3339),
		Links: []atomLink{{"alternate", base + "/"}, {"self", base + p.house.feedPath}},
	}
	for _, s := range stories {
		doc.Entries = append(doc.Entries, atomEntry{
			ID: p.guid(s), Title: s.Title, Link: atomLink{"alternate", base + s.link()},
			Published: s.Published.UTC().Format(time.RFC3339), Updated: s.declared.UTC().Format(time.RFC3339),
			Author: s.Byline, Summary: s.Standfirst,
		})
	}
	return encodeXML(doc)
}

func encodeXML(doc any) ([]byte, error) {
	body, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing a feed: %w", err)
	}
	return append([]byte(xml.Header), body...), nil
}

func (p *Publisher) renderJSON(base string, stories []Story) ([]byte, error) {
	type author struct {
		Name string `json:"name"`
	}
	type item struct {
		ID        string   `json:"id"`
		URL       string   `json:"url"`
		Title     string   `json:"title"`
		Summary   string   `json:"summary"`
		Text      string   `json:"content_text"`
		Published string   `json:"date_published"`
		Authors   []author `json:"authors"`
		Language  string   `json:"language"`
		Tags      []string `json:"tags"`
	}
	items := make([]item, 0, len(stories))
	for _, s := range stories {
		items = append(items, item{
			ID: p.guid(s), URL: base + s.link(), Title: s.Title, Summary: s.Standfirst, Text: s.Standfirst,
			Published: s.Published.UTC().Format(time.RFC3339), Authors: []author{{s.Byline}}, Language: s.Language,
			Tags: []string{s.Section},
		})
	}
	body, err := json.MarshalIndent(map[string]any{
		"version": "https://jsonfeed.org/version/1.1", "title": p.name, "home_page_url": base + "/",
		"feed_url": base + p.house.feedPath, "language": p.house.language, "items": items,
	}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing a feed: %w", err)
	}
	return body, nil
}

// bodyHTML is a story's body as feeds carry it.
func bodyHTML(s Story) string {
	var b strings.Builder
	for _, para := range blocksOf(s.Paragraphs) {
		tag := map[string]string{"heading": "h2", "quotation": "blockquote"}[para.Kind]
		if tag == "" {
			tag = "p"
		}
		fmt.Fprintf(&b, "<%s>%s</%[1]s>", tag, html.EscapeString(para.Text))
	}
	for _, c := range s.Corrections {
		fmt.Fprintf(&b, "<p><em>%s</em></p>", html.EscapeString(c))
	}
	return b.String()
}
