package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// filter is what a reader chose above the list of revisions.
type filter struct {
	Source, Kind, Weight string
	First                bool
	Flapping             bool // returns of an article to a text it had before, too
}

// kindNames are the kinds that can be chosen; others can be searched for by hand.
var kindNames = []string{
	"headline", "standfirst", "byline", "lead", "body", "quotation", "caption", "note", "moved", "gone", "paywalled", "restored", "feed", flappingKind,
}

var weightNames = []string{"trivial", "minor", "substantive"}

func filterOf(v url.Values) filter {
	f := filter{Source: strings.TrimSpace(clean(v.Get("source"))), First: v.Get("first") != "", Flapping: v.Get(flappingKind) != ""}
	if k := v.Get("kind"); slices.Contains(kindNames, k) {
		f.Kind = k
	}
	if w := v.Get("weight"); slices.Contains(weightNames, w) {
		f.Weight = w
	}
	return f
}

// query is the choice in the query language. A weight means this one or a higher one.
func (f filter) query() string {
	var parts []string
	if f.Source != "" {
		parts = append(parts, "source:"+quoted(f.Source))
	}
	if f.Kind != "" {
		parts = append(parts, "kind:"+f.Kind)
	}
	if f.Weight != "" {
		parts = append(parts, "weight>="+f.Weight)
	}
	return strings.Join(parts, " ")
}

// listed is the choice without what lists leave out by themselves.
func (f filter) listed() string {
	if f.Flapping || f.Kind == flappingKind {
		return f.query()
	}
	return withoutFlapping(f.query())
}

func (f filter) address(path, page string) string {
	set := map[bool]string{true: "1"}
	return address(path, "source", f.Source, "kind", f.Kind, "weight", f.Weight, "first", set[f.First], flappingKind, set[f.Flapping], "page", page)
}

// entry is a revision in a list.
type entry struct {
	*queryv1.RevisionSummary
	Headline []run // the headline with its change marked
	Link     string
}

// WeightName is the weight in a word, or nothing for a first version.
func (e entry) WeightName() string {
	if e.GetWeight() == eventv1.Revision_NONE {
		return ""
	}
	return strings.ToLower(e.GetWeight().String())
}

type homePage struct {
	frame
	Heading string
	Action  string // where the filter form goes
	Source  string // of a source's own page
	Filter  filter
	Kinds   []string
	Weights []string
	Sources []string
	Entries []entry
	Older   string
	Status  *queryv1.GetStatusResponse
	Later   bool // not the first page of the list

	LeftOut int64  // revisions of flapping articles that are not listed
	All     string // address of the list with them
}

// Filtered says whether the reader left something out, so that an empty list has a simple reason.
func (p homePage) Filtered() bool { return p.Filter.query() != "" }

func (s *Service) home(w http.ResponseWriter, r *http.Request) error {
	f := filterOf(r.URL.Query())
	return s.list(w, r, homePage{Heading: "Newest revisions", Action: "/", Filter: f, frame: s.frame("Newest revisions", "/atom.xml")})
}

func (s *Service) source(w http.ResponseWriter, r *http.Request) error {
	name := clean(r.PathValue("name"))
	f := filterOf(r.URL.Query())
	f.Source = name
	path := "/source/" + url.PathEscape(name)
	return s.list(w, r, homePage{Heading: name, Action: path, Source: name, Filter: f, frame: s.frame(name, path+"/atom.xml")})
}

func (s *Service) list(w http.ResponseWriter, r *http.Request, p homePage) error {
	ctx := r.Context()
	page := r.URL.Query().Get("page")
	answer, err := s.query.revisions(ctx, &queryv1.ListRevisionsRequest{
		Query: p.Filter.listed(), IncludeFirst: p.Filter.First, PageToken: page,
	})
	if err != nil {
		return err
	}
	if p.Status, err = s.query.status(ctx); err != nil {
		return err
	}
	p.Kinds, p.Weights, p.Later = kindNames, weightNames, page != ""
	p.Sources = s.sources(ctx)
	if p.Filter.listed() != p.Filter.query() && !p.Later {
		p.LeftOut = s.flappings(ctx, p.Filter.query())
		with := p.Filter
		with.Flapping = true
		p.All = with.address(p.Action, "")
	}
	p.Entries = s.entries(ctx, answer.GetRevisions())
	if next := answer.GetNextPageToken(); next != "" {
		p.Older = p.Filter.address(p.Action, next)
	}
	return s.show(w, "home", http.StatusOK, p)
}

// sources are the names to choose from. They are a help: without them the form works all the same.
func (s *Service) sources(ctx context.Context) []string {
	feeds, err := s.query.feeds(ctx)
	if err != nil {
		s.log.Warn("the list of sources is missing", "error", err)
		return nil
	}
	var names []string
	for _, feed := range feeds {
		names = append(names, feed.GetSource())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// headlineReaders bounds how many diffs one list asks for at a time.
const headlineReaders = 4

// entries adds to each revision of a headline what the headline was before.
func (s *Service) entries(ctx context.Context, revisions []*queryv1.RevisionSummary) []entry {
	out := make([]entry, len(revisions))
	var group sync.WaitGroup
	free := make(chan struct{}, headlineReaders)
	for i, r := range revisions {
		out[i] = entry{RevisionSummary: r, Headline: []run{{Text: r.GetTitle()}}, Link: diffPath(r.GetArticle(), int(r.GetVersion())-1, int(r.GetVersion()))}
		if r.GetVersion() == 1 {
			out[i].Link = versionPath(r.GetArticle(), 1)
		}
		if r.GetVersion() < 2 || !slices.Contains(r.GetKinds(), "headline") {
			continue
		}
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			d, err := s.query.diff(ctx, r.GetArticle(), int(r.GetVersion())-1, int(r.GetVersion()))
			if err != nil {
				s.log.Warn("a headline's change is missing", "article", r.GetArticle(), "version", r.GetVersion(), "error", err)
				return
			}
			if words := headline(d); len(words) > 0 {
				out[i].Headline = words
			}
		})
	}
	group.Wait()
	return out
}

// headline gives the words of the headline, those that went and those that came.
func headline(d *queryv1.DiffResponse) []run {
	d, _ = essential(d)
	for _, row := range rowsOf(d) {
		if row.Right != nil && row.Right.block == titleBlock {
			return flat(row.Inline)
		}
	}
	return nil
}
