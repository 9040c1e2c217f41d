package newssite

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The written stories. A file is a head of "name: value" lines, an empty line, the paragraphs, and the edits, each
// begun by "@ AFTER KIND DETAIL". AFTER is story time since publication. The steps of an edit:
//
//	~ OLD => NEW               replace words in the first paragraph that has them
//	- PREFIX                   cut the paragraph that begins so
//	< PREFIX                   put back a paragraph that was cut
//	+ PREFIX => TEXT           add a paragraph after the one that begins so ("^": at the top)
//	> PREFIX => PREFIX         move the first paragraph after the second
//	title: | standfirst: | by: | correction:   set, or append a correction
//	delete: STATUS | undelete | move: SLUG
//
//go:embed stories/*.txt
var storyFiles embed.FS

// script is a story and what will be done to it.
type script struct {
	story     Story
	publisher int           // index, taken modulo the number of publishers
	age       time.Duration // real time since publication at the start, for stories that stand then
	appears   time.Duration // story time until publication, for the others
	edits     []edit
}

// writtenScripts reads the embedded stories in the order of their names.
func writtenScripts() ([]script, error) {
	names, err := fs.Glob(storyFiles, "stories/*.txt")
	if err != nil {
		return nil, fmt.Errorf("listing stories: %w", err)
	}
	slices.Sort(names)
	var scripts []script
	for _, name := range names {
		text, err := storyFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		s, err := parseScript(string(text))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		s.story.ID = strings.TrimSuffix(strings.TrimPrefix(name, "stories/"), ".txt")
		scripts = append(scripts, s)
	}
	return scripts, nil
}

func parseScript(text string) (script, error) {
	var s script
	head, rest, ok := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n")
	if !ok {
		return s, fmt.Errorf("no empty line after the head")
	}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if err := s.setHead(name, strings.TrimSpace(value)); err != nil {
			return s, err
		}
	}
	for part := range strings.SplitSeq(rest, "\n\n") {
		part = strings.TrimSpace(part)
		switch {
		case part == "":
		case strings.HasPrefix(part, "@ "):
			e, err := parseEdit(part)
			if err != nil {
				return s, err
			}
			s.edits = append(s.edits, e)
		default:
			s.story.Paragraphs = append(s.story.Paragraphs, part)
		}
	}
	return s, nil
}

func (s *script) setHead(name, value string) (err error) {
	switch name {
	case "publisher":
		s.publisher, err = strconv.Atoi(value)
	case "section":
		s.story.Section = value
	case "lang":
		s.story.Language = value
	case "by":
		s.story.Byline = value
	case "slug":
		s.story.Slug = value
	case "title":
		s.story.Title = value
	case "standfirst":
		s.story.Standfirst = value
	case "image":
		s.story.ImageStem, s.story.Caption, _ = strings.Cut(value, " | ")
	case "published":
		var d time.Duration
		d, err = time.ParseDuration(value)
		s.age, s.appears = max(-d, 0), max(d, 0)
	default:
		return fmt.Errorf("unknown head line %q", name)
	}
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

func parseEdit(part string) (edit, error) {
	first, rest, _ := strings.Cut(part, "\n")
	fields := strings.SplitN(first, " ", 4)
	if len(fields) < 3 {
		return edit{}, fmt.Errorf("edit %q has no kind", first)
	}
	after, err := time.ParseDuration(fields[1])
	if err != nil {
		return edit{}, fmt.Errorf("reading the time of %q: %w", first, err)
	}
	e := edit{after: after, kind: Kind(fields[2])}
	if !slices.Contains(kinds, e.kind) {
		return edit{}, fmt.Errorf("unknown kind in %q", first)
	}
	if len(fields) == 4 {
		e.detail = fields[3]
	}
	for line := range strings.Lines(rest) {
		o, err := parseOp(strings.TrimSpace(line))
		if err != nil {
			return edit{}, err
		}
		e.ops = append(e.ops, o)
	}
	return e, nil
}

// parseOp reads one step. Verbs with two operands keep them in a and b, the others in a.
func parseOp(line string) (op, error) {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "~", "+", ">":
		a, b, ok := strings.Cut(rest, " => ")
		if !ok {
			return op{}, fmt.Errorf("step %q lacks its second part", line)
		}
		return op{verb, a, b}, nil
	case "-", "<", "title:", "standfirst:", "by:", "correction:", "delete:", "undelete", "move:":
		return op{verb: verb, a: rest}, nil
	}
	return op{}, fmt.Errorf("unknown step %q", line)
}
