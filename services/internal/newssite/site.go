package newssite

import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says what a site is like. Its zero value is four publishers in real time.
type Config struct {
	Seed       uint64
	Publishers int       // 4 where it is 0; beyond 4 they repeat the layouts under other names
	Start      time.Time // when story time begins; Clock's now where it is zero
	// Speed is story minutes per real second: 1/60 (real time) where it is 0. The scripts are paced for 60, at which
	// an hour of theirs takes a second.
	Speed float64
	Clock func() time.Time // time.Now where it is nil; must be safe to call from many goroutines
	// Stories is how many generated stories stand at the start, spread over the publishers, beside the written ones.
	Stories int
	// Empty leaves out the written stories and the ones that appear over time: only Stories and what Publish adds.
	Empty bool
	// Host is where Serve listens, 127.0.0.1 where it is empty. Port is the first publisher's port, the others
	// follow; any free ports where it is 0.
	Host string
	Port int
}

// ErrNoStory means that the site has no story of that id.
var ErrNoStory = errors.New("no such story")

// Site is a set of publishers that share a clock and a ground-truth log. All its methods may be called from many
// goroutines.
type Site struct {
	cfg        Config
	publishers []*Publisher
	requests   requestLog
	servers    sync.WaitGroup

	mu        sync.Mutex
	random    *rand.Rand // plans and generated stories; used in planned order only, so that a seed gives one history
	stories   map[string]*Story
	truth     []Event
	plan      planHeap
	planned   int
	generated int
	published int
	faults    map[string]Fault
}

// New makes a site. It panics if the stories compiled into the program cannot be read, which a test rules out.
func New(cfg Config) *Site {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Start.IsZero() {
		cfg.Start = cfg.Clock()
	}
	if cfg.Publishers <= 0 {
		cfg.Publishers = 4
	}
	if cfg.Speed <= 0 {
		cfg.Speed = 1.0 / 60
	}
	s := &Site{
		cfg:     cfg,
		random:  rand.New(rand.NewPCG(cfg.Seed, 0x57e7)),
		stories: map[string]*Story{},
		faults:  map[string]Fault{},
	}
	for i := range cfg.Publishers {
		s.publishers = append(s.publishers, newPublisher(s, i))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.planStart(); err != nil {
		panic(err)
	}
	s.advance()
	return s
}

// Publishers gives the publishers, always the same ones in the same order.
func (s *Site) Publishers() []*Publisher { return slices.Clone(s.publishers) }

// Truth is the ground-truth log up to the clock's now, in the order of time.
func (s *Site) Truth() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return slices.Clone(s.truth)
}

// TruthJSONL writes the ground-truth log as one JSON object a line.
func (s *Site) TruthJSONL(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, e := range s.Truth() {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("writing the ground truth: %w", err)
		}
	}
	return nil
}

// planned is something that will happen to a story, or a new story.
type planned struct {
	at      time.Time
	order   int // ties happen in the order in which they were planned
	story   string
	edit    edit
	publish *script
	arrival bool // a story is to be generated, and the next arrival planned
}

type planHeap []planned

func (h planHeap) Len() int { return len(h) }
func (h planHeap) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].order < h[j].order
}
func (h planHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *planHeap) Push(x any)   { *h = append(*h, x.(planned)) }
func (h *planHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

func (s *Site) push(p planned) {
	s.planned++
	p.order = s.planned
	heap.Push(&s.plan, p)
}

// real turns story time into real time.
func (s *Site) real(story time.Duration) time.Duration {
	return time.Duration(float64(story) / (s.cfg.Speed * 60))
}

// firstArrival is the story time at which the first generated story appears on a living site.
const firstArrival = 26 * time.Hour

func (s *Site) planStart() error {
	if !s.cfg.Empty {
		scripts, err := writtenScripts()
		if err != nil {
			return err
		}
		for _, sc := range scripts {
			s.push(planned{at: s.cfg.Start.Add(s.real(sc.appears)), publish: &sc})
		}
		s.push(planned{at: s.cfg.Start.Add(s.real(firstArrival)), arrival: true})
	}
	for range s.cfg.Stories {
		sc := s.generate()
		sc.age = time.Duration(1+s.random.IntN(48*60)) * time.Minute
		s.push(planned{at: s.cfg.Start, publish: &sc})
	}
	return nil
}

// advance lets everything happen that is due. The caller holds the lock.
func (s *Site) advance() {
	now := s.cfg.Clock()
	for len(s.plan) > 0 && !s.plan[0].at.After(now) {
		p := heap.Pop(&s.plan).(planned)
		switch {
		case p.arrival:
			sc := s.generate()
			s.publishScript(&sc, p.at)
			wait := time.Duration(20+s.random.IntN(30)) * time.Hour
			s.push(planned{at: p.at.Add(s.real(wait)), arrival: true})
		case p.publish != nil:
			s.publishScript(p.publish, p.at)
		default:
			// A hook may have taken away the text that a scripted edit names; then the edit does not happen.
			_ = s.edit(p.story, p.edit, p.at)
		}
	}
}

func (s *Site) publishScript(sc *script, at time.Time) {
	story := sc.story.clone()
	story.Publisher = s.publishers[sc.publisher%len(s.publishers)].name
	story.Published = at.Add(-sc.age)
	id := s.publish(story, at)
	for _, e := range sc.edits {
		s.push(planned{at: at.Add(s.real(e.after)), story: id, edit: e})
	}
}

func (s *Site) publish(story Story, at time.Time) string {
	p := s.publisherNamed(story.Publisher)
	story.Publisher = p.name
	s.published++
	if story.ID == "" {
		story.ID = "story-" + strconv.Itoa(s.published)
	}
	if story.Language == "" {
		story.Language = "en"
	}
	if story.Slug == "" {
		story.Slug = story.ID
	}
	if story.Published.IsZero() {
		story.Published = at
	}
	story.Modified, story.declared = story.Published, story.Published
	if story.Path == "" {
		story.Path = p.house.path(&story, story.Slug)
	}
	held := story.clone()
	s.stories[story.ID] = &held
	p.order = append(p.order, story.ID)
	p.paths[story.Path], p.paths[story.link()] = story.ID, story.ID
	s.log(&held, Event{At: at, Kind: Published, New: held.Title})
	return story.ID
}

// log records an event; everything happens in the order of time except hooks used while the clock stands still.
func (s *Site) log(story *Story, e Event) {
	e.Publisher, e.URL, e.Story = story.Publisher, story.Path, story.ID
	s.truth = append(s.truth, e)
	s.publisherNamed(story.Publisher).changed = e.At
}

// edit does all steps of an edit or, where one cannot be done, none.
func (s *Site) edit(id string, e edit, at time.Time) error {
	held, ok := s.stories[id]
	if !ok {
		return fmt.Errorf("editing %q: %w", id, ErrNoStory)
	}
	story := held.clone()
	var before, after []string
	for _, o := range e.ops {
		b, a, err := s.step(&story, o)
		if err != nil {
			return fmt.Errorf("editing %q: %w", id, err)
		}
		before, after = appendText(before, b), appendText(after, a)
	}
	if story.Path != held.Path {
		s.publisherNamed(story.Publisher).paths[story.Path] = id
	}
	story.edition++
	story.Modified = at
	if s.publisherNamed(story.Publisher).house.admits(e.kind) {
		story.declared = at
	}
	*held = story
	s.log(held, Event{
		At: at, Kind: e.kind, Detail: e.detail, Old: strings.Join(before, "\n"), New: strings.Join(after, "\n"),
	})
	return nil
}

func appendText(texts []string, text string) []string {
	if text == "" {
		return texts
	}
	return append(texts, text)
}

func (s *Site) step(story *Story, o op) (before, after string, err error) {
	switch o.verb {
	case "delete:":
		status, err := strconv.Atoi(o.a)
		if err != nil || status != 404 && status != 410 {
			return "", "", fmt.Errorf("a deleted story answers 404 or 410, not %q", o.a)
		}
		story.gone = status
		return story.Title, "", nil
	case "undelete":
		story.gone = 0
		return "", story.Title, nil
	case "move:":
		before := story.Path
		story.Slug = o.a
		story.Path = s.publisherNamed(story.Publisher).house.path(story, o.a)
		return before, story.Path, nil
	}
	return story.apply(o)
}

// publisherNamed gives the publisher of that name, or the first.
func (s *Site) publisherNamed(name string) *Publisher {
	for _, p := range s.publishers {
		if p.name == name {
			return p
		}
	}
	return s.publishers[0]
}
