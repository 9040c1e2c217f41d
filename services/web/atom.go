package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stetnews/stet/proto/stet/query/v1"
)

// The parts of an Atom feed (RFC 4287) that the pages give.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title      string         `xml:"title"`
	ID         string         `xml:"id"`
	Updated    string         `xml:"updated"`
	Published  string         `xml:"published"`
	Author     atomPerson     `xml:"author"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Content    atomContent    `xml:"content"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// atomSize is how many revisions a feed holds: a reader that asks twice a day misses none at 25 in 12 hours.
const atomSize = 25

func (s *Service) atomHome(w http.ResponseWriter, r *http.Request) error {
	f := filterOf(r.URL.Query())
	return s.atomList(w, r, "Newest revisions", f.address("/", ""), f)
}

func (s *Service) atomSource(w http.ResponseWriter, r *http.Request) error {
	name := clean(r.PathValue("name"))
	f := filterOf(r.URL.Query())
	f.Source = name
	return s.atomList(w, r, "Revisions of "+name, "/source/"+url.PathEscape(name), f)
}

func (s *Service) atomArticle(w http.ResponseWriter, r *http.Request) error {
	a, err := s.query.article(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := s.query.revisions(r.Context(), &queryv1.ListRevisionsRequest{
		Query: withoutFlapping("article:" + quoted(a.GetId())), IncludeFirst: true, PageSize: atomSize,
	})
	if err != nil {
		return err
	}
	return s.atom(w, r, "Revisions of “"+a.GetTitle()+"”", articlePath(a.GetId()), list.GetRevisions())
}

func (s *Service) atomSearch(w http.ResponseWriter, r *http.Request) error {
	q := strings.TrimSpace(clean(r.URL.Query().Get("q")))
	all := r.URL.Query().Get(flappingKind) != ""
	answer, err := s.searchCollapsed(r.Context(), &queryv1.SearchRequest{Query: q, PageSize: atomSize}, all)
	if err != nil {
		return err
	}
	var revisions []*queryv1.RevisionSummary
	for _, h := range answer.GetHits() {
		revisions = append(revisions, h.GetRevision())
	}
	return s.atom(w, r, "Search: "+q, address("/search", "q", q), revisions)
}

func (s *Service) atomList(w http.ResponseWriter, r *http.Request, title, page string, f filter) error {
	answer, err := s.query.revisions(r.Context(), &queryv1.ListRevisionsRequest{
		Query: f.listed(), IncludeFirst: f.First, PageSize: atomSize,
	})
	if err != nil {
		return err
	}
	return s.atom(w, r, title, page, answer.GetRevisions())
}

// atom writes revisions as a feed with each change inside it.
func (s *Service) atom(w http.ResponseWriter, r *http.Request, title, page string, revisions []*queryv1.RevisionSummary) error {
	feed := atomFeed{
		Title: "stet: " + title, ID: s.tag("feed" + page), Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
		Author: atomPerson{"stet"},
		Links: []atomLink{
			{"self", "application/atom+xml", s.base + r.URL.RequestURI()},
			{"alternate", "text/html", s.base + page},
		},
	}
	if len(revisions) > 0 {
		feed.Updated = stamp(revisions[0].GetTime())
	}
	for _, rev := range revisions {
		e, err := s.atomEntry(r.Context(), rev)
		if err != nil {
			return err
		}
		feed.Entries = append(feed.Entries, e)
	}
	return writeXML(w, r, "application/atom+xml; charset=utf-8", feed)
}

// tag is an id (RFC 4151) that stays the same as long as the site has its name.
func (s *Service) tag(rest string) string { return "tag:" + s.host + ",2026:" + rest }

func (s *Service) atomEntry(ctx context.Context, rev *queryv1.RevisionSummary) (atomEntry, error) {
	version := int(rev.GetVersion())
	link := diffPath(rev.GetArticle(), version-1, version)
	e := atomEntry{
		Title: rev.GetTitle(), ID: s.tag(fmt.Sprintf("revision/%s/%d", rev.GetArticle(), version)),
		Updated: stamp(rev.GetTime()), Published: stamp(rev.GetTime()), Author: atomPerson{rev.GetSource()},
		Links: []atomLink{{"alternate", "text/html", s.base + link}},
	}
	if e.Title == "" {
		e.Title = "Article without a headline"
	}
	if e.Author.Name == "" {
		e.Author.Name = "unknown source"
	}
	for _, kind := range rev.GetKinds() {
		e.Categories = append(e.Categories, atomCategory{kind})
	}
	if original := weblink(rev.GetUrl()); original != "" {
		e.Links = append(e.Links, atomLink{"related", "text/html", original})
	}
	d, err := s.query.diff(ctx, rev.GetArticle(), version-1, version)
	if err != nil {
		return e, err
	}
	d, hidden := essential(d)
	content := struct {
		*queryv1.DiffResponse
		Rows    []row
		Link    string
		Verdict verdict
	}{d, hideUnchanged(rowsOf(d)), s.base + link, verdictOf(d.GetRevision(), hidden)}
	var b bytes.Buffer
	if err := s.pages["diff"].ExecuteTemplate(&b, "change", content); err != nil {
		return e, fmt.Errorf("writing a change for a feed: %w", err)
	}
	e.Content = atomContent{"html", b.String()}
	return e, nil
}

// writeXML sends a document, or says that the reader has it already.
func writeXML(w http.ResponseWriter, r *http.Request, kind string, document any) error {
	body, err := xml.MarshalIndent(document, "", " ")
	if err != nil {
		return fmt.Errorf("writing XML: %w", err)
	}
	body = append([]byte(xml.Header), body...)
	sum := sha256.Sum256(body)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	w.Header().Set("Cache-Control", "max-age=60")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}
