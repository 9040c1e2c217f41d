package newssite

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// ManualClock is a clock for Config.Clock that only moves when told to.
type ManualClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewManualClock makes a clock that stands at a time.
func NewManualClock(now time.Time) *ManualClock { return &ManualClock{now: now} }

// Now is where the clock stands.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Publish adds a story now and gives its id. A story of the same id is replaced.
func (s *Site) Publish(story Story) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	s.withdraw(story.ID)
	return s.publish(story.clone(), s.cfg.Clock())
}

// withdraw forgets a story altogether, so that another can take its id.
func (s *Site) withdraw(id string) {
	old, ok := s.stories[id]
	if !ok {
		return
	}
	p := s.publisherNamed(old.Publisher)
	p.order = slices.DeleteFunc(p.order, func(other string) bool { return other == id })
	for path, other := range p.paths {
		if other == id {
			delete(p.paths, path)
		}
	}
	delete(s.stories, id)
}

// Edit changes a story now. Its id, publisher and path stay as they are: see Move.
func (s *Site) Edit(id string, change func(*Story)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	held, ok := s.stories[id]
	if !ok {
		return fmt.Errorf("editing %q: %w", id, ErrNoStory)
	}
	before, story := held.clone(), held.clone()
	change(&story)
	story.ID, story.Publisher, story.Path = before.ID, before.Publisher, before.Path
	now := s.cfg.Clock()
	story.edition++
	story.Modified = now
	if s.publisherNamed(story.Publisher).house.admits(Edited) {
		story.declared = now
	}
	s.publisherNamed(story.Publisher).paths[story.link()] = id
	*held = story.clone()
	s.log(held, Event{At: now, Kind: Edited, Old: before.Text(), New: story.Text()})
	return nil
}

// Text is title, standfirst, body and corrections as a reader reads them, a blank line between them.
func (s *Story) Text() string {
	parts := append([]string{s.Title, s.Standfirst}, s.Paragraphs...)
	return strings.Join(append(parts, s.Corrections...), "\n\n")
}

// Delete takes a story away: its page answers 404.
func (s *Site) Delete(id string) error {
	return s.now(id, edit{kind: Deleted, ops: []op{{verb: "delete:", a: "404"}}})
}

// DeleteWith takes a story away with the status 404 or 410.
func (s *Site) DeleteWith(id string, status int) error {
	return s.now(id, edit{kind: Deleted, ops: []op{{verb: "delete:", a: strconv.Itoa(status)}}})
}

// Restore brings a deleted story back.
func (s *Site) Restore(id string) error {
	return s.now(id, edit{kind: Undeleted, ops: []op{{verb: "undelete"}}})
}

// Move gives a story a new path; the old ones answer 301.
func (s *Site) Move(id, path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	held, ok := s.stories[id]
	if !ok {
		return fmt.Errorf("moving %q: %w", id, ErrNoStory)
	}
	old := held.Path
	held.Path = path
	held.edition++
	s.publisherNamed(held.Publisher).paths[path] = id
	s.log(held, Event{At: s.cfg.Clock(), Kind: Moved, Old: old, New: path})
	return nil
}

func (s *Site) now(id string, e edit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return s.edit(id, e, s.cfg.Clock())
}

// Fail makes a story's page answer with a fault until it is given NoFault.
func (s *Site) Fail(id string, fault Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	if _, ok := s.stories[id]; !ok {
		return fmt.Errorf("failing %q: %w", id, ErrNoStory)
	}
	s.faults["story "+id] = fault
	return nil
}

// FailFeed makes a publisher's feed answer with a fault until it is given NoFault.
func (s *Site) FailFeed(publisher string, fault Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.publishers {
		if p.name == publisher {
			s.faults["feed "+publisher] = fault
			return nil
		}
	}
	return fmt.Errorf("failing the feed of %q: no such publisher", publisher)
}
