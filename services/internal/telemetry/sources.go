package telemetry

import (
	"sync"
	"time"
	"unicode/utf8"
)

// The bounds of the label "source": how many there are, and how long a name may be. What comes when the places are taken
// is counted together, as OtherSources.
const (
	mostSources  = 300
	longestLabel = 80 // bytes
)

// OtherSources is the label of all sources that have no place of their own.
const OtherSources = "other"

// sources hands out the values of the label "source". Its zero value is ready; it is safe for concurrent use.
type sources struct {
	mu     sync.Mutex
	latest map[string]time.Time // by label
}

// label gives the source's own label if it has or finds a place, else the one for all others. Names come from feeds:
// they are cut, and made valid UTF-8, which a label has to be.
func (s *sources) label(name string) string {
	name = clean(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.latest[name]; known {
		return name
	}
	if len(s.latest) >= mostSources || name == "" {
		return OtherSources
	}
	if s.latest == nil {
		s.latest = map[string]time.Time{}
	}
	s.latest[name] = time.Time{}
	return name
}

// later says whether a moment is after all that were asked about for this label before.
func (s *sources) later(label string, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest == nil {
		s.latest = map[string]time.Time{}
	}
	if !at.After(s.latest[label]) {
		return false
	}
	s.latest[label] = at
	return true
}

func clean(name string) string {
	var b []byte
	for _, r := range name {
		if len(b)+utf8.RuneLen(r) > longestLabel {
			break
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
