package newssite

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kind names what happened to a story.
type Kind string

// The kinds of events in the ground-truth log.
const (
	Published         Kind = "published"
	Edited            Kind = "edited" // words of a paragraph
	Typo              Kind = "typo"
	Number            Kind = "number"
	Headline          Kind = "headline"
	Standfirst        Kind = "standfirst"
	Byline            Kind = "byline"
	Quote             Kind = "quote" // cut or altered
	ParagraphAdded    Kind = "added"
	ParagraphCut      Kind = "cut"
	ParagraphMoved    Kind = "moved-paragraph"
	ParagraphRestored Kind = "restored-paragraph"
	WordsRestored     Kind = "restored" // a paragraph got back words it had before
	Correction        Kind = "correction"
	Deleted           Kind = "deleted"
	Undeleted         Kind = "undeleted"
	Moved             Kind = "moved-url"
)

// kinds are all that a script may name.
var kinds = []Kind{
	Published, Edited, Typo, Number, Headline, Standfirst, Byline, Quote, ParagraphAdded, ParagraphCut, ParagraphMoved,
	ParagraphRestored, WordsRestored, Correction, Deleted, Undeleted, Moved,
}

// Event is one entry of the ground-truth log.
type Event struct {
	At        time.Time `json:"at"` // by the site's clock
	Publisher string    `json:"publisher"`
	URL       string    `json:"url"` // the story's path after the event
	Story     string    `json:"story"`
	Kind      Kind      `json:"kind"`
	Detail    string    `json:"detail,omitempty"`
	Old       string    `json:"old,omitempty"`
	New       string    `json:"new,omitempty"`
}

// Story is an article as its publisher holds it.
type Story struct {
	ID        string // unique on the site; Publish makes one where it is empty
	Publisher string // a publisher's name; the first publisher where it is empty
	Slug      string
	Path      string // made from slug and section by the publisher's habit where it is empty
	// FeedPath is where the feed says that the story is, Path where it is empty. The story is there too, and says that its
	// canonical address is Path: as the pages for small screens do.
	FeedPath   string
	EntryID    string // the feed's id of the story; one that never changes where it is empty
	Section    string
	Language   string // BCP 47, "en" where it is empty
	Title      string
	Standfirst string
	Byline     string
	// Paragraphs is the body. "## " begins a heading, "> " a quotation set apart; everything else is a paragraph.
	Paragraphs  []string
	Corrections []string
	ImageStem   string
	Caption     string
	Published   time.Time // the moment of Publish where it is zero
	Modified    time.Time // the newest edit, whether or not the publisher admits it

	declared time.Time // dateModified as the publisher gives it
	gone     int       // HTTP status while the story is deleted, else 0
	edition  int       // counts edits
	cut      []cutParagraph
}

type cutParagraph struct {
	index int
	text  string
}

// link is the path that the feed names.
func (s *Story) link() string {
	if s.FeedPath != "" {
		return s.FeedPath
	}
	return s.Path
}

func (s *Story) clone() Story {
	c := *s
	c.Paragraphs = slices.Clone(s.Paragraphs)
	c.Corrections = slices.Clone(s.Corrections)
	c.cut = slices.Clone(s.cut)
	return c
}

// op is one step of a scripted edit. What a and b mean stands at parseOp.
type op struct{ verb, a, b string }

// edit is a scripted edit, some story time after the story's publication.
type edit struct {
	after  time.Duration
	kind   Kind
	detail string
	ops    []op
}

// errNoText means that an edit names text the story does not hold.
var errNoText = errors.New("no such text in the story")

// apply does one step to the text and gives the text before and after. The verbs that change a story's address or
// standing are the site's, not the story's.
func (s *Story) apply(o op) (before, after string, err error) {
	swap := func(field *string) (string, string, error) {
		before := *field
		*field = o.a
		return before, o.a, nil
	}
	switch o.verb {
	case "title:":
		return swap(&s.Title)
	case "standfirst:":
		return swap(&s.Standfirst)
	case "by:":
		return swap(&s.Byline)
	case "correction:":
		s.Corrections = append(s.Corrections, o.a)
		return "", o.a, nil
	case "~":
		return s.replace(o.a, o.b)
	case "-":
		return s.cutOut(o.a)
	case "+":
		return s.insertAfter(o.a, o.b)
	case ">":
		return s.moveAfter(o.a, o.b)
	case "<":
		return s.putBack(o.a)
	}
	return "", "", fmt.Errorf("unknown step %q", o.verb)
}

// find gives the paragraph that begins with the prefix.
func (s *Story) find(prefix string) (int, error) {
	i := slices.IndexFunc(s.Paragraphs, func(p string) bool { return strings.HasPrefix(p, prefix) })
	if i < 0 {
		return 0, fmt.Errorf("finding the paragraph %q: %w", prefix, errNoText)
	}
	return i, nil
}

func (s *Story) replace(old, with string) (string, string, error) {
	i := slices.IndexFunc(s.Paragraphs, func(p string) bool { return strings.Contains(p, old) })
	if i < 0 {
		return "", "", fmt.Errorf("replacing %q: %w", old, errNoText)
	}
	before := s.Paragraphs[i]
	s.Paragraphs[i] = strings.Replace(before, old, with, 1)
	return before, s.Paragraphs[i], nil
}

func (s *Story) cutOut(prefix string) (string, string, error) {
	i, err := s.find(prefix)
	if err != nil {
		return "", "", err
	}
	text := s.Paragraphs[i]
	s.cut = append(s.cut, cutParagraph{index: i, text: text})
	s.Paragraphs = slices.Delete(s.Paragraphs, i, i+1)
	return text, "", nil
}

// insertAfter adds a paragraph after the one with the prefix, or at the top where the prefix is "^".
func (s *Story) insertAfter(prefix, text string) (string, string, error) {
	at := 0
	if prefix != "^" {
		i, err := s.find(prefix)
		if err != nil {
			return "", "", err
		}
		at = i + 1
	}
	s.Paragraphs = slices.Insert(s.Paragraphs, at, text)
	return "", text, nil
}

func (s *Story) moveAfter(prefix, target string) (string, string, error) {
	from, err := s.find(prefix)
	if err != nil {
		return "", "", err
	}
	if _, err = s.find(target); err != nil {
		return "", "", err
	}
	text := s.Paragraphs[from]
	s.Paragraphs = slices.Delete(s.Paragraphs, from, from+1)
	to, err := s.find(target)
	if err != nil { // the target was the paragraph itself
		s.Paragraphs = slices.Insert(s.Paragraphs, from, text)
		return "", "", err
	}
	s.Paragraphs = slices.Insert(s.Paragraphs, to+1, text)
	return text, text, nil
}

func (s *Story) putBack(prefix string) (string, string, error) {
	i := slices.IndexFunc(s.cut, func(c cutParagraph) bool { return strings.HasPrefix(c.text, prefix) })
	if i < 0 {
		return "", "", fmt.Errorf("putting back %q: %w", prefix, errNoText)
	}
	c := s.cut[i]
	s.cut = slices.Delete(s.cut, i, i+1)
	s.Paragraphs = slices.Insert(s.Paragraphs, min(c.index, len(s.Paragraphs)), c.text)
	return "", c.text, nil
}
