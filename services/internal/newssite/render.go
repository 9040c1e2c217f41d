package newssite

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

var templates = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").ParseFS(templateFiles, "templates/*.html")
})

// block is a paragraph as a template sees it: Kind is paragraph, heading or quotation.
type block struct {
	Kind, Text string
	Index      int
}

func blocksOf(paragraphs []string) []block {
	blocks := make([]block, 0, len(paragraphs))
	for i, text := range paragraphs {
		b := block{Kind: "paragraph", Text: text, Index: i}
		if rest, ok := strings.CutPrefix(text, "## "); ok {
			b.Kind, b.Text = "heading", rest
		} else if rest, ok := strings.CutPrefix(text, "> "); ok {
			b.Kind, b.Text = "quotation", rest
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// link is a link of the furniture.
type link struct{ URL, Text string }

// view is all that a template needs.
type view struct {
	Site, Base, Lang, Notice string
	FeedURL, FeedType        string
	Sections                 []string

	Story      Story
	Canonical  string
	Blocks     []block
	Published  time.Time
	Declared   time.Time
	LinkedData any

	furniture
}

// furniture is what stands around a story and differs on every request.
type furniture struct {
	MostRead, Related, Latest []link
	Comments, Readers         int
	Ago                       int // minutes
	Weather, Advert, Nonce    string
	Now                       time.Time
}

var (
	weathers = [...]string{"7° drizzle", "9° bright spells", "4° fog on the hills", "11° breezy", "6° showers", "13° fair"}
	adverts  = [...]string{
		"Half price on oak bookcases until Sunday", "Is your boiler ready for winter?", "Learn the fiddle in ten evenings",
		"Fresh crab, landed daily: find your nearest stall", "Compare van insurance in a minute", "Spectacles from a workshop, not a warehouse",
	}
	fillers = [...]string{
		"Crossword: today's answers", "In pictures: the frost fair", "Your letters: leave the bench where it is",
		"Quiz: how well do you know the coast?", "What is on this weekend", "Obituary: a life among bees",
	}
)

// furnish draws the furniture of one request. The same seed and the same count of requests give the same furniture.
func (p *Publisher) furnish(base string, f found) furniture {
	random := rand.New(rand.NewPCG(p.site.cfg.Seed^hash(p.name), p.hits.Add(1)))
	var links []link
	for i, s := range f.others {
		if i == 20 {
			break
		}
		links = append(links, link{base + s.Path, s.Title})
	}
	latest := links[:min(len(links), 6)]
	for i, text := range fillers {
		links = append(links, link{fmt.Sprintf("%s/more/%d", base, i), text})
	}
	pick := func(n int) []link {
		var picked []link
		for _, i := range random.Perm(len(links))[:n] {
			picked = append(picked, links[i])
		}
		return picked
	}
	return furniture{
		MostRead: pick(5), Related: pick(3), Latest: latest,
		Comments: 3 + random.IntN(400), Readers: 20 + random.IntN(3000), Ago: 1 + random.IntN(58),
		Weather: weathers[random.IntN(len(weathers))], Advert: adverts[random.IntN(len(adverts))],
		Nonce: fmt.Sprintf("%016x", random.Uint64()), Now: f.at,
	}
}

func (p *Publisher) view(host string, f found) view {
	base := "http://" + host
	return view{
		Site: p.name, Base: base, Lang: p.house.language, FeedURL: base + p.house.feedPath,
		FeedType: strings.TrimSuffix(p.house.feed.contentType(), "; charset=utf-8"), Sections: p.house.sections,
		furniture: p.furnish(base, f),
	}
}

func (p *Publisher) renderStory(host string, f found) ([]byte, error) {
	v := p.view(host, f)
	v.Story, v.Lang = f.story, f.story.Language
	v.Canonical = v.Base + f.story.Path
	v.Blocks = blocksOf(f.story.Paragraphs)
	v.Published, v.Declared = f.story.Published.UTC(), f.story.declared.UTC()
	v.LinkedData = map[string]any{
		"@context": "https://schema.org", "@type": "NewsArticle", "headline": f.story.Title,
		"description": f.story.Standfirst, "inLanguage": f.story.Language, "articleSection": f.story.Section,
		"datePublished": v.Published.Format(time.RFC3339), "dateModified": v.Declared.Format(time.RFC3339),
		"mainEntityOfPage": v.Canonical, "author": map[string]string{"@type": "Person", "name": f.story.Byline},
		"publisher": map[string]string{"@type": "NewsMediaOrganization", "name": p.name},
	}
	return execute(p.house.layout, v)
}

// renderList makes the front page, or a page that says why there is no story.
func (p *Publisher) renderList(host string, f found, notice string) ([]byte, error) {
	v := p.view(host, f)
	v.Notice = notice
	return execute("list.html", v)
}

func execute(name string, v view) ([]byte, error) {
	all, err := templates()
	if err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	var b bytes.Buffer
	if err := all.ExecuteTemplate(&b, name, v); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}
	return b.Bytes(), nil
}
