package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

//go:embed templates/*.html static/stet.css
var files embed.FS

// pages are the templates by name.
type pages map[string]*template.Template

// frame is what every page has around it.
type frame struct {
	Title string
	Atom  string // address of the page's feed, or empty
	Query string // what the search box holds
}

func (s *Service) frame(title, atom string) frame { return frame{Title: title, Atom: atom} }

// load reads the embedded templates and style sheet.
func (s *Service) load() error {
	css, err := fs.ReadFile(files, "static/stet.css")
	if err != nil {
		return fmt.Errorf("reading the style sheet: %w", err)
	}
	s.css, s.pages = css, pages{}
	layout, err := template.New("layout.html").Funcs(functions()).ParseFS(files, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return fmt.Errorf("reading the page layout: %w", err)
	}
	for _, name := range []string{"home", "article", "diff", "version", "search", "feeds", "records", "problem"} {
		page, err := template.Must(layout.Clone()).ParseFS(files, "templates/"+name+".html")
		if err != nil {
			return fmt.Errorf("reading the page %s: %w", name, err)
		}
		s.pages[name] = page
	}
	return nil
}

// show makes a page whole before it sends the first byte, so that a failure becomes an error page.
func (s *Service) show(w http.ResponseWriter, name string, status int, data any) error {
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout.html", data); err != nil {
		return fmt.Errorf("making the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return ignoreBroken(err)
}

func functions() template.FuncMap {
	return template.FuncMap{
		"when":     when,
		"stamp":    stamp,
		"weblink":  weblink,
		"lang":     language,
		"cut":      cut,
		"passages": passages,
		"quote":    quoteFact,
		// What stands between quotation marks may run in another direction than the sentence around it.
		"isolate": func(reason string) []string { return strings.Split(reason, `"`) },
		"odd":     func(n int) bool { return n%2 == 1 },
		"path":    url.PathEscape,
		"plural":  plural,
		"add":     func(a, b int) int { return a + b },
		"only":    inlineCell,
		"slug":    func(kind string) string { return strings.ReplaceAll(kind, " ", "-") },
	}
}

// when is a time as readers see it, always in UTC, because the server does not know where they are.
func when(t *timestamppb.Timestamp) string {
	if t == nil {
		return "never"
	}
	return t.AsTime().UTC().Format("2 Jan 2006, 15:04 UTC")
}

// stamp is a time for machines.
func stamp(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().UTC().Format(time.RFC3339)
}

// weblink gives an address back if it may become a link, else nothing: only http and https lead to pages.
func weblink(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return address
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$`)

// language gives a language tag back if it has the form of one.
func language(tag string) string {
	if languageTag.MatchString(tag) {
		return tag
	}
	return ""
}

func plural(n any, one, many string) string {
	if fmt.Sprint(n) == "1" {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// passages puts the passages that came or went on one line, each once: a figure that changed in headline and lead is
// one figure.
func passages(text string) string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && len(list) < mostPassages && !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return strings.Join(list, " · ")
}

// mostPassages bounds the passages on one line, which is cut much sooner.
const mostPassages = 40

// address joins a path of the site and a query, leaving out what is empty.
func address(path string, values ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		if values[i+1] != "" {
			v.Set(values[i], values[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// quoted writes a name as one value of the query language.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`"`, " ", "“", " ", "”", " ", "„", " ").Replace(text) + `"`
}

// inlineCell is a row as one cell: the new paragraph's, or the old one's where there is no new one, with both texts.
func inlineCell(r row, segments []segment) *cell {
	c := r.Right
	if c == nil {
		c = r.Left
	}
	one := *c
	one.Segments = segments
	return &one
}
