package newssite

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
)

// Control lets a load or chaos run outside the process change stories and hold the truth against what was seen. Every
// story that it edits says which edition it is.
//
//	GET  /truth.jsonl   the ground-truth log
//	GET  /stories       the stories with their addresses and editions
//	POST /edit?story=ID the next edition of a story
type Control struct {
	site  *Site
	bases map[string]string // URL of a publisher's front page, by its name

	mu       sync.Mutex
	editions map[string]int
}

// NewControl gives the control of a site that is served at these addresses.
func NewControl(site *Site, addresses []Address) *Control {
	c := &Control{site: site, bases: map[string]string{}, editions: map[string]int{}}
	for _, a := range addresses {
		c.bases[a.Name] = a.URL
	}
	for _, p := range site.Publishers() {
		for number, story := range p.Stories() {
			// Generated paragraphs stand in many stories alike, which makes furniture of them. A story deleted meanwhile needs none.
			_ = site.Edit(story.ID, func(s *Story) { sign(s, number) })
		}
	}
	return c
}

// sign has every paragraph of a story name its writer, whom no other story of the publisher has.
func sign(s *Story, number int) {
	writer := []byte("Brack")
	for ; number > 0; number /= 26 {
		writer = append(writer, byte('a'+number%26))
	}
	s.Paragraphs = slices.Clone(s.Paragraphs)
	for i := range s.Paragraphs {
		s.Paragraphs[i] += fmt.Sprintf(" That is how clerk %s wrote it down.", writer)
	}
}

// Controlled is a story as the control tells of it.
type Controlled struct {
	ID      string `json:"id"`
	URL     string `json:"url"`
	Edition int    `json:"edition"` // 1 until it is edited
}

// Handler answers requests.
func (c *Control) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /truth.jsonl", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-ndjson")
		_ = c.site.TruthJSONL(w) // who asks may go away
	})
	mux.HandleFunc("GET /stories", func(w http.ResponseWriter, _ *http.Request) { reply(w, c.Stories()) })
	mux.HandleFunc("POST /edit", func(w http.ResponseWriter, r *http.Request) {
		story, err := c.Edit(r.URL.Query().Get("story"))
		switch {
		case errors.Is(err, ErrNoStory):
			http.Error(w, err.Error(), http.StatusNotFound)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			reply(w, story)
		}
	})
	return mux
}

func reply(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // who asks may go away
}

// Stories lists the stories that are not deleted.
func (c *Control) Stories() []Controlled {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Controlled
	for _, p := range c.site.Publishers() {
		for _, s := range p.Stories() {
			all = append(all, c.controlled(s))
		}
	}
	return all
}

func (c *Control) controlled(s Story) Controlled {
	address, err := url.JoinPath(c.bases[s.Publisher], s.Path)
	if err != nil {
		address = s.Path
	}
	return Controlled{ID: s.ID, URL: address, Edition: max(c.editions[s.ID], 1)}
}

// editionLine is the sentence that tells the edition. It stands in another paragraph each time: what changes in one place
// from reading to reading, or stands on many pages alike, is rightly taken for furniture.
const editionLine = " The desk marked this as edition %d of the story."

var (
	editionNumber   = regexp.MustCompile(`marked this as edition (\d+) of the story`)
	editionSentence = regexp.MustCompile(` The desk marked this as edition \d+ of the story\.`)
)

// EditionOf is the edition that a text is: 1 for one that says nothing about it.
func EditionOf(text string) int {
	m := editionNumber.FindStringSubmatch(text)
	if m == nil {
		return 1
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// Edit makes the next edition of a story.
func (c *Control) Edit(id string) (Controlled, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	edition := max(c.editions[id], 1) + 1
	var edited Story
	err := c.site.Edit(id, func(s *Story) {
		s.Paragraphs = slices.Clone(s.Paragraphs)
		for i, p := range s.Paragraphs {
			s.Paragraphs[i] = editionSentence.ReplaceAllLiteralString(p, "")
		}
		if len(s.Paragraphs) > 0 {
			s.Paragraphs[edition%len(s.Paragraphs)] += fmt.Sprintf(editionLine, edition)
		}
		edited = *s
	})
	if err != nil {
		return Controlled{}, err
	}
	c.editions[id] = edition
	return c.controlled(edited), nil
}
