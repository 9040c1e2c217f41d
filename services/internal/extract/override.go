package extract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/andybalholm/cascadia"
	"github.com/stetnews/stet/services/internal/extract/blocks"
	"github.com/stetnews/stet/services/internal/extract/dom"
	"github.com/stetnews/stet/services/internal/extract/metadata"
	"golang.org/x/net/html"
	"gopkg.in/yaml.v3"
)

// The reasons of overrides.
const (
	ReasonExcluded    = "left out by the source's override"
	ReasonNotIncluded = "not among what the source's override includes"
)

// The bounds of an override.
const (
	maxSelectors    = 50
	maxSelectorSize = 500
)

// Override is what people say of a source's pages, as data: CSS selectors, each with the meaning of its member. A nil
// override says nothing.
type Override struct {
	digest                                 string
	include, exclude                       []cascadia.Sel
	title, standfirst, published, modified cascadia.Sel
}

// overrideText is an override as it is written.
type overrideText struct {
	Source     string   `json:"source"`     // whose pages it is for, by the name of the publisher
	Host       string   `json:"host"`       // and by the host they are on, with those below it
	Note       string   `json:"note"`       // why it is needed
	Include    []string `json:"include"`    // only text in these is the article's; all that is in them is
	Exclude    []string `json:"exclude"`    // text in these never is
	Title      string   `json:"title"`      // the headline's element
	Standfirst string   `json:"standfirst"` // the standfirst's
	Published  string   `json:"published"`  // the time's: its datetime or content attribute, else its text
	Modified   string   `json:"modified"`
}

// ParseOverride reads one override from JSON or YAML with the members note, include, exclude, title, standfirst, published
// and modified; source and host say whose pages it is for (see Overrides) and are not looked at here. Its errors say
// which member to mend.
func ParseOverride(text []byte) (*Override, error) {
	text, err := asJSON(text)
	if err != nil {
		return nil, fmt.Errorf("reading an override: %w", err)
	}
	var t overrideText
	if err := strictly(text, &t); err != nil {
		return nil, fmt.Errorf("reading an override: %w", err)
	}
	return t.compile()
}

// asJSON gives JSON for a text that is JSON already or YAML.
func asJSON(text []byte) ([]byte, error) {
	if json.Valid(text) {
		return text, nil
	}
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return json.Marshal(value)
}

// strictly reads JSON and refuses members that it does not know.
func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// sum is a digest of what is told of pages; for whom and why make no difference to what is read.
func (t overrideText) sum() string {
	t.Note, t.Source, t.Host = "", "", ""
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings can be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}

func (t overrideText) compile() (*Override, error) {
	if len(t.Include)+len(t.Exclude) > maxSelectors {
		return nil, fmt.Errorf("reading an override: more than %d selectors", maxSelectors)
	}
	if t.Note == "" {
		return nil, errors.New(`reading an override: say in "note" why it is needed`)
	}
	o := &Override{digest: t.sum()}
	var err error
	compile := func(member, selector string) cascadia.Sel {
		if selector == "" || err != nil {
			return nil
		}
		if len(selector) > maxSelectorSize {
			err = fmt.Errorf("reading an override: the selector of %q is longer than %d bytes", member, maxSelectorSize)
			return nil
		}
		var s cascadia.Sel
		if s, err = cascadia.Parse(selector); err != nil {
			err = fmt.Errorf("reading an override: the selector %q of %q: %w", selector, member, err)
		}
		return s
	}
	for _, selector := range t.Include {
		o.include = append(o.include, compile("include", selector))
	}
	for _, selector := range t.Exclude {
		o.exclude = append(o.exclude, compile("exclude", selector))
	}
	o.title, o.standfirst = compile("title", t.Title), compile("standfirst", t.Standfirst)
	o.published, o.modified = compile("published", t.Published), compile("modified", t.Modified)
	if err != nil {
		return nil, err
	}
	return o, nil
}

// amend writes what the override finds over what the page declares.
func (o *Override) amend(doc *html.Node, m *metadata.Metadata) {
	if o == nil {
		return
	}
	for _, field := range []struct {
		selector cascadia.Sel
		limit    int
		date     bool
		into     *string
	}{
		{o.title, metadata.MaxTitle, false, &m.Title}, {o.standfirst, metadata.MaxStandfirst, false, &m.Standfirst},
		{o.published, 0, true, &m.Published}, {o.modified, 0, true, &m.Modified},
	} {
		if field.selector == nil {
			continue
		}
		n := cascadia.Query(doc, field.selector)
		if n == nil {
			continue
		}
		switch text := dom.Text(n); {
		case field.date:
			if found := metadata.DateOf(n, m.Language); found != "" {
				*field.into = found
			}
		case text != "" && len(text) <= field.limit:
			*field.into = text
		}
	}
	if o.title != nil {
		m.Headlines = append(m.Headlines, m.Title)
	}
}

// rule gives the override's judgement on passages, then another's.
func (o *Override) rule(doc *html.Node, next blocks.Ruling) blocks.Ruling {
	if o == nil || len(o.include)+len(o.exclude) == 0 {
		return next
	}
	included, excluded := matching(doc, o.include), matching(doc, o.exclude)
	return func(p *blocks.Passage) (bool, string) {
		switch {
		case within(p.Node, excluded):
			return false, ReasonExcluded
		case len(o.include) > 0 && !within(p.Node, included):
			return false, ReasonNotIncluded
		case len(o.include) > 0 && p.Reason != blocks.ReasonHeadline && p.Reason != blocks.ReasonStand:
			return true, ""
		case next != nil:
			return next(p)
		}
		return p.Reason == "", p.Reason
	}
}

func matching(doc *html.Node, selectors []cascadia.Sel) map[*html.Node]bool {
	found := make(map[*html.Node]bool)
	for _, s := range selectors {
		for _, n := range cascadia.QueryAll(doc, s) {
			found[n] = true
		}
	}
	return found
}

func within(n *html.Node, holders map[*html.Node]bool) bool {
	for ; n != nil; n = n.Parent {
		if holders[n] {
			return true
		}
	}
	return false
}
