package blocks

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/extract/dom"
)

var (
	listTo    = flag.String("listings", "", "folder for listings of the pages with snippets, for those who tick what is the article")
	rangesIn  = flag.String("ranges", "", "file with the indices of a listing that are the article, to be turned into ticks")
	ticksFrom = flag.String("ticks", "testdata/ticks.txt", "which segments of the pages with snippets were ticked as the article")
)

// TestList writes the segments of pages with snippets, a file a page, with what the model thinks of them.
func TestList(t *testing.T) {
	if *listTo == "" {
		t.Skip("Listing pages for those who tick what is the article: name a folder with -listings, and the pages with -snippets.")
	}
	f, err := NewFinder()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range readSnippets(t, *snippetsIn) {
		doc, err := dom.Parse(l.html)
		if err != nil {
			continue
		}
		p, h := Cut(doc), hintsOf(doc)
		c := p.choose(h, f.body)
		if c == nil {
			continue
		}
		c.decide()
		var b strings.Builder
		fmt.Fprintf(&b, "%s\ntitles: %q\ndescriptions: %q\n", l.id, h.Titles, h.Descriptions)
		for i := range c.segments {
			s := &c.segments[i]
			dropped := c.drops[i] != ""
			if dropped && !s.good && s.reason != "" {
				continue
			}
			mark := "  "
			if s.reason == "" {
				mark = "K "
			}
			e := c.elements[s.elem]
			fmt.Fprintf(&b, "%d %s%.2f %s<%s %.40s> %s\n", i, mark, s.score, c.drops[i], e.node.Data, dom.Attr(e.node, "class"), ends(s.text))
		}
		name := fmt.Sprintf("%03.0f-%s.txt", 1000*c.sureness(), pageName(l.id))
		if err := os.WriteFile(filepath.Join(*listTo, name), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// ends is a text's beginning and end.
func ends(text string) string {
	if runes := []rune(text); len(runes) > 170 {
		return string(runes[:110]) + " … " + string(runes[len(runes)-40:])
	}
	return text
}

// pageName is what ticks call a page.
func pageName(address string) string { return fmt.Sprintf("%08x", digest(address)) }

// tick is what ticks call a segment.
func tick(text string) string { return fmt.Sprintf("%08x", digest(plainText(text))) }

// readTicks gives the pages with snippets that were ticked, with the text that this says.
func readTicks(t *testing.T, file string, pages []lesson) []lesson {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ticked := make(map[string][]string)
	for line := range strings.Lines(string(raw)) {
		name, rest, _ := strings.Cut(line, " ")
		if _, err := hex.DecodeString(name); err != nil {
			t.Fatalf("%s: %q names no page", file, name)
		}
		ticked[name] = strings.Fields(rest)
	}
	var all []lesson
	for _, l := range pages {
		kept, ok := ticked[pageName(l.id)]
		if !ok {
			continue
		}
		doc, err := dom.Parse(l.html)
		if err != nil {
			continue
		}
		var texts []string
		p := Cut(doc)
		for i := range p.segments {
			if at := slices.Index(kept, tick(p.segments[i].text)); at >= 0 {
				texts = append(texts, p.segments[i].text)
				kept = slices.Delete(slices.Clone(kept), at, at+1)
			}
		}
		l.ticked = true
		l.truth = strings.Join(texts, "\n")
		all = append(all, l)
	}
	return all
}

// TestTick turns lines "page: 3-7 9" with the indices of a listing into ticks, which hold no text.
func TestTick(t *testing.T) {
	if *rangesIn == "" {
		t.Skip("Turning ranges of a listing into ticks: name their file with -ranges, the pages with -snippets and where to write with -ticks.")
	}
	raw, err := os.ReadFile(*rangesIn)
	if err != nil {
		t.Fatal(err)
	}
	pages := make(map[string]lesson)
	for _, l := range readSnippets(t, *snippetsIn) {
		pages[pageName(l.id)] = l
	}
	var b strings.Builder
	for line := range strings.Lines(string(raw)) {
		name, ranges, _ := strings.Cut(strings.TrimSpace(line), ":")
		if ranges = strings.TrimSpace(ranges); ranges == "skip" || ranges == "" {
			continue
		}
		l, ok := pages[name]
		if !ok {
			t.Errorf("%q is no page with snippets", name)
			continue
		}
		doc, err := dom.Parse(l.html)
		if err != nil {
			t.Fatal(err)
		}
		p := Cut(doc)
		b.WriteString(name)
		for _, part := range strings.Fields(ranges) {
			from, to, err := span(part)
			if err != nil || to >= len(p.segments) {
				t.Errorf("%s has %d segments, ticked is %q", name, len(p.segments), part)
				continue
			}
			for i := from; i <= to; i++ {
				b.WriteString(" " + tick(p.segments[i].text))
			}
		}
		b.WriteString("\n")
	}
	if err := os.WriteFile(*ticksFrom, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// span reads "3-7" or "9".
func span(text string) (from, to int, err error) {
	first, last, ranged := strings.Cut(text, "-")
	if from, err = strconv.Atoi(first); err != nil || !ranged {
		return from, from, err
	}
	to, err = strconv.Atoi(last)
	return from, to, err
}
