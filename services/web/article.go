package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/show"
)

func articlePath(id string) string { return "/article/" + url.PathEscape(id) }

func versionPath(id string, n int) string { return articlePath(id) + "/version/" + strconv.Itoa(n) }

func diffPath(id string, from, to int) string {
	return fmt.Sprintf("%s/diff/%d..%d", articlePath(id), from, to)
}

// step is a version in an article's history with the size of its change.
type step struct {
	*queryv1.RevisionSummary
	Came, Went       int // words
	CameBar, WentBar int // widths, of barWidth
	From             int // the version before
	Text, Diff       string
	Collapsed        int   // in place of this many versions that only went to and fro; then the rest is empty
	Through          int32 // the newest of them
}

// barWidth is how long the bar of the largest change is, in pixels.
const barWidth = 120

type articlePage struct {
	frame
	MoreLeftOut int // passages left out that are not listed
	Article     *queryv1.Article
	Steps       []step
	Older       string
	State       string
	PickFrom    int32
	Path        string
	All         string // address at which no version is collapsed
}

func (s *Service) article(w http.ResponseWriter, r *http.Request) error {
	id, ctx := r.PathValue("id"), r.Context()
	a, err := s.query.article(ctx, id)
	if err != nil {
		return err
	}
	if a.GetId() != "" && a.GetId() != id { // the address turned out to be this article
		http.Redirect(w, r, articlePath(a.GetId()), http.StatusSeeOther)
		return nil
	}
	list, err := s.query.versions(ctx, &queryv1.ListVersionsRequest{Article: id, PageToken: r.URL.Query().Get("page"), PageSize: 100})
	if err != nil {
		return err
	}
	path := articlePath(id)
	p := articlePage{
		frame: s.frame(a.GetTitle(), path+"/atom.xml"), Article: a, Path: path,
		Steps: steps(list.GetVersions()), State: stateText(a.GetState()), PickFrom: max(a.GetVersions()-1, 1),
		MoreLeftOut: int(a.GetLeftOutTotal()) - len(a.GetLeftOut()),
	}
	all := ""
	if r.URL.Query().Get(flappingKind) != "" {
		all = "1"
	} else if shown := collapse(p.Steps); len(shown) < len(p.Steps) {
		p.Steps, p.All = shown, address(path, flappingKind, "1", "page", r.URL.Query().Get("page"))
		p.PickFrom = pickable(shown, p.PickFrom)
	}
	if next := list.GetNextPageToken(); next != "" {
		p.Older = address(path, flappingKind, all, "page", next)
	}
	return s.show(w, "article", http.StatusOK, p)
}

// pickable is the version before the newest, or the nearest older one that is not collapsed.
func pickable(steps []step, wanted int32) int32 {
	for _, s := range steps {
		if s.Collapsed == 0 && s.GetVersion() <= wanted {
			return s.GetVersion()
		}
	}
	return wanted
}

func stateText(state eventv1.RevisionEvent_State) string {
	switch state {
	case eventv1.RevisionEvent_GONE:
		return "gone from its site"
	case eventv1.RevisionEvent_BLOCKED:
		return "no longer readable for stet"
	}
	return "on its site"
}

func steps(versions []*queryv1.RevisionSummary) []step {
	out := make([]step, len(versions))
	largest := 1
	for i, v := range versions {
		n := int(v.GetVersion())
		out[i] = step{
			RevisionSummary: v, Came: words(v.GetAdded()), Went: words(v.GetRemoved()), From: n - 1,
			Text: versionPath(v.GetArticle(), n), Diff: diffPath(v.GetArticle(), n-1, n),
		}
		if n > 1 {
			largest = max(largest, out[i].Came+out[i].Went)
		}
	}
	for i := range out {
		out[i].CameBar = bar(out[i].Came, largest)
		out[i].WentBar = bar(out[i].Went, largest)
	}
	return out
}

// bar is a count as a width; what is not nothing can be seen.
func bar(count, largest int) int {
	if count == 0 {
		return 0
	}
	return max(min(count*barWidth/largest, barWidth), 2)
}

// words counts words; in scripts that do not part them every character counts as one.
func words(text string) int {
	count, inside := 0, false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			count, inside = count+1, false
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			if !inside {
				count++
			}
			inside = true
		case r == '\'' || r == '’' || r == '-':
		default:
			inside = false
		}
	}
	return count
}

// pick sends the form with the two versions on to the address of their difference.
func (s *Service) pick(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	from, err1 := strconv.ParseUint(v.Get("from"), 10, 31)
	to, err2 := strconv.ParseUint(v.Get("to"), 10, 31)
	if err1 != nil || err2 != nil {
		return errBadLink
	}
	http.Redirect(w, r, diffPath(r.PathValue("id"), int(from), int(to)), http.StatusSeeOther)
	return nil
}

type versionPage struct {
	frame
	*queryv1.Version
	Path string
	Diff string
}

func (s *Service) version(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	n, err := strconv.ParseUint(r.PathValue("n"), 10, 31)
	if err != nil {
		return errNoPage
	}
	v, err := s.query.version(r.Context(), id, int(n))
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%s (version %d)", v.GetSnapshot().GetTitle(), v.GetVersion())
	p := versionPage{
		frame: s.frame(title, articlePath(id)+"/atom.xml"), Version: v, Path: articlePath(id),
	}
	if v.GetVersion() > 1 {
		p.Diff = diffPath(id, int(v.GetVersion())-1, int(v.GetVersion()))
	}
	return s.show(w, "version", http.StatusOK, p)
}

type diffPage struct {
	frame
	*queryv1.DiffResponse
	Path    string
	Before  int
	After   int
	View    string // "", changes or inline
	Rows    []row
	Changes []change
	Further []change // more of them, folded
	More    int      // changes that the list leaves out
	Weight  string
	First   bool // there is nothing before
	Swap    string
	Verdict verdict
	Views   []view
	Toggle  string // address that shows cosmetic changes, or hides them
	Shown   bool   // they are shown
}

// view is a way to show the text.
type view struct {
	Name, Address string
	Current       bool
}

// cosmeticParameter asks for changes of marks and spaces too.
const cosmeticParameter = "cosmetic"

// views are the ways to show the text, and the address that shows or hides what is cosmetic in this one.
func (p *diffPage) views() {
	cosmetic := map[bool]string{true: "shown"}
	for _, v := range []struct{ name, value string }{{"side by side", ""}, {"changes only", "changes"}, {"in one text", "inline"}} {
		p.Views = append(p.Views, view{Name: v.name, Current: p.View == v.value,
			Address: address("", "view", v.value, cosmeticParameter, cosmetic[p.Shown])})
	}
	for i := range p.Views {
		if p.Views[i].Address == "" {
			p.Views[i].Address = "?"
		}
	}
	if p.Toggle = address("", "view", p.View, cosmeticParameter, cosmetic[!p.Shown]); p.Toggle == "" {
		p.Toggle = "?"
	}
}

func (s *Service) diff(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	from, to, err := versionsOf(r.PathValue("range"))
	if err != nil {
		return err
	}
	d, err := s.answerDiff(r, id, from, to)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%s (versions %d and %d)", d.GetTo().GetSnapshot().GetTitle(), from, to)
	shown, hidden := r.URL.Query().Get(cosmeticParameter) == "shown", 0
	if !shown {
		d, hidden = essential(d)
	}
	p := diffPage{
		frame: s.frame(title, articlePath(id)+"/atom.xml"), DiffResponse: d, Path: articlePath(id),
		Before: from, After: to, Rows: rowsOf(d), First: d.GetFrom() == nil,
		Weight: show.Weight(d.GetRevision().GetWeight()), Verdict: verdictOf(d.GetRevision(), hidden), Shown: shown,
	}
	if from > 0 {
		p.Swap = diffPath(id, to, from)
	}
	p.Changes, p.Further, p.More = changesOf(d.GetRevision())
	switch p.View = r.URL.Query().Get("view"); p.View {
	case "changes":
		p.Rows = hideUnchanged(p.Rows)
	case "inline":
	default:
		p.View = ""
	}
	p.views()
	return s.show(w, "diff", http.StatusOK, p)
}

// essential is a difference without its cosmetic changes, and how many they are.
func essential(d *queryv1.DiffResponse) (*queryv1.DiffResponse, int) {
	r, hidden := show.Essential(d.GetRevision())
	if hidden == 0 {
		return d, 0
	}
	return &queryv1.DiffResponse{From: d.GetFrom(), To: d.GetTo(), Revision: r, Kinds: d.GetKinds()}, hidden
}

// answerDiff asks for a difference. Version 0 is nothing, and for the service 0 is the version before: so only the
// step to the first version can be asked for from nothing.
func (s *Service) answerDiff(r *http.Request, id string, from, to int) (*queryv1.DiffResponse, error) {
	if to == 0 || (from == 0 && to != 1) {
		return nil, errBadLink
	}
	return s.query.diff(r.Context(), id, from, to)
}

func versionsOf(text string) (from, to int, err error) {
	a, b, found := strings.Cut(text, "..")
	if !found {
		return 0, 0, errBadLink
	}
	f, err1 := strconv.ParseUint(a, 10, 31)
	t, err2 := strconv.ParseUint(b, 10, 31)
	if err1 != nil || err2 != nil {
		return 0, 0, errBadLink
	}
	return int(f), int(t), nil
}
