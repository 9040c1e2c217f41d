package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stetnews/stet/proto/client"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// places are the parts of an article that a search can be narrowed to, with their names for readers.
var places = []struct{ Field, Label string }{
	{"", "anywhere"}, {"title", "in headlines"}, {"body", "in the text as it stands"},
	{"added", "in what was added"}, {"removed", "in what was removed"},
}

type searchPage struct {
	frame
	In       string
	Relevant bool
	Places   []struct{ Field, Label string }
	Hits     []hit
	Total    int64
	Asked    bool
	Next     string
	Fault    *fault
	LeftOut  int64  // versions of flapping articles that are not listed
	All      string // address of the list with them
}

type hit struct {
	entry
	Excerpts []*queryv1.Excerpt
}

// fault is a query that cannot be understood, with the place marked.
type fault struct{ Message, Before, At, After string }

func (s *Service) search(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	text := strings.TrimSpace(clean(v.Get("q")))
	p := searchPage{frame: s.frame("Search", ""), Places: places, Relevant: v.Get("order") == "relevance", Asked: text != ""}
	p.Query = text
	if in := v.Get("in"); slices.ContainsFunc(places, func(p struct{ Field, Label string }) bool { return p.Field == in }) {
		p.In = in
	}
	if !p.Asked {
		return s.show(w, "search", http.StatusOK, p)
	}
	query := within(p.In, text)
	p.Title, p.Atom = "Search: "+cut(text, 60), address("/search/atom.xml", "q", query)
	request := &queryv1.SearchRequest{Query: query, PageToken: v.Get("page")}
	order := ""
	if p.Relevant {
		request.Order, order = queryv1.SearchRequest_RELEVANCE, "relevance"
	}
	flapping := v.Get(flappingKind)
	answer, err := s.searchCollapsed(r.Context(), request, flapping != "")
	if f := faultOf(query, err); f != nil {
		p.Fault, p.Atom = f, ""
		return s.show(w, "search", http.StatusBadRequest, p)
	}
	if err != nil {
		return err
	}
	p.Total = answer.GetTotal()
	for _, h := range answer.GetHits() {
		rev := h.GetRevision()
		e := entry{RevisionSummary: rev, Link: diffPath(rev.GetArticle(), int(rev.GetVersion())-1, int(rev.GetVersion()))}
		if rev.GetVersion() < 2 {
			e.Link = versionPath(rev.GetArticle(), int(rev.GetVersion()))
		}
		p.Hits = append(p.Hits, hit{e, h.GetExcerpts()})
	}
	if next := answer.GetNextPageToken(); next != "" {
		p.Next = address("/search", "q", text, "in", p.In, "order", order, flappingKind, flapping, "page", next)
	}
	if request.GetQuery() != query && v.Get("page") == "" {
		p.LeftOut = s.flappings(r.Context(), query)
		p.All = address("/search", "q", text, "in", p.In, "order", order, flappingKind, "1")
	}
	return s.show(w, "search", http.StatusOK, p)
}

// faultOf says what is wrong with a query, or nil if that is not the trouble.
func faultOf(query string, err error) *fault {
	var refusal *client.Error
	if !errors.Is(err, client.ErrInvalid) || !errors.As(err, &refusal) || refusal.Field != "query" {
		return nil
	}
	f := &fault{Message: clean(refusal.Message), Before: query}
	if at := refusal.Offset; at >= 0 && at <= len(query) {
		rest := query[at:]
		_, size := utf8.DecodeRuneInString(rest)
		f.Before, f.At, f.After = query[:at], rest[:size], rest[size:]
	}
	return f
}

// within narrows each word and phrase of a query to a field. Operators, brackets and words that name a field already
// stay as they are.
func within(field, query string) string {
	if field == "" {
		return query
	}
	var b strings.Builder
	quote, start := false, true
	for i, r := range query {
		if start && !quote && !strings.ContainsRune(" \t\n()-", r) {
			word := query[i:]
			if end := strings.IndexAny(word, " \t\n()\""); end > 0 {
				word = word[:end]
			}
			if !slices.Contains([]string{"AND", "OR", "NOT"}, word) && !strings.ContainsAny(word, ":<>=") {
				b.WriteString(field + ":")
			}
		}
		if r == '"' {
			quote = !quote
		}
		start = !quote && (strings.ContainsRune(" \t\n()", r) || r == '-' && start)
		b.WriteRune(r)
	}
	return b.String()
}
