package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// stretch is a text to be written several times.
type stretch struct {
	text  string
	times int
}

// hostilePage is made while it is written: a process that begins holds, to the kernel, what the one held that began it.
type hostilePage struct {
	name  string
	parts []stretch
}

func (h hostilePage) reader() (io.Reader, int) {
	var all []io.Reader
	size := 0
	for _, p := range h.parts {
		size += len(p.text) * p.times
		bulk := p.text
		for len(bulk) < 1<<15 && len(bulk) < len(p.text)*p.times { // fewer readers for short texts
			bulk += p.text
		}
		whole := len(bulk) / len(p.text)
		for range p.times / whole {
			all = append(all, strings.NewReader(bulk))
		}
		all = append(all, strings.NewReader(strings.Repeat(p.text, p.times%whole)))
	}
	return io.MultiReader(all...), size
}

// hostile are pages made to hurt.
func hostile() []hostilePage {
	once := func(text string) stretch { return stretch{text, 1} }
	story := strings.Repeat("The water rose again, and nobody in the harbour slept. ", 20)
	paragraph, link := "<p>"+story, `<ul><li><a href="/">To another place and back again, over the old bridge</a></ul>`
	return []hostilePage{
		{"15 MB of paragraphs", []stretch{once("<article><h1>Water</h1>"), {paragraph, 15 << 20 / len(paragraph)}}},
		{"15 MB of links", []stretch{once("<article>"), {link, 15 << 20 / len(link)}}},
		{"4 MB of links", []stretch{once("<article>"), {link, 4 << 20 / len(link)}}},
		{"nested 100,000 deep", []stretch{{"<div class=story>", 100_000}, once(story)}},
		{"a million siblings", []stretch{once("<article>"), {"<p>a</p>", 1_000_000}}},
		{"190,000 siblings", []stretch{once("<article>"), {"<p>a</p>", 95_000}}},
		{"one line of 10 MB", []stretch{once("<article><h1>Water</h1><p>"), {"water ", 10 << 20 / 6}}},
		{"a word of 10 MB", []stretch{once("<article><h1>Water</h1><p>"), {"w", 10 << 20}}},
		{"nested JSON-LD", []stretch{once(`<script type="application/ld+json">`), {`{"@graph":[`, 150_000}, once("</script>" + paragraph)}},
		{"wide JSON-LD", []stretch{once(`<script type="application/ld+json">[`), {`{"@type":"Thing"},`, 100_000}, once("1]</script>" + paragraph)}},
		{"an attribute of 10 MB", []stretch{once(`<article class="`), {"story-", 10 << 20 / 6}, once(`">` + paragraph)}},
		{"a million attributes", []stretch{once("<p "), {"a b c d e f g h i j ", 100_000}, once(">" + story)}},
		{"formatting without end", []stretch{once("<p>"), {"<font size=1><font size=2><font size=3>", 100}, once("</p>"), {"<p>x</p>", 120_000}}},
		{"a script of 14 MB", []stretch{once("<script>"), {"if (a < b) { c(); }\n", 14 << 20 / 20}, once("</script>" + paragraph)}},
	}
}

// hostileTable reads each hostile page in a process of its own. What a process takes for a page of three lines is not
// counted. It runs before the data is read, while this process is small.
func (b *bench) hostileTable() error {
	idle, base, err := b.once(strings.NewReader("<html><body><article><h1>Water</h1><p>The water rose again, and nobody in the harbour slept.</p>"))
	if err != nil {
		return err
	}
	t := b.table("hostile pages, each in a process of its own, beyond what it takes for three lines", "page", "MB", "seconds", "memory at most, MB")
	for _, h := range hostile() {
		page, size := h.reader()
		took, peak, err := b.once(page)
		if err != nil {
			return fmt.Errorf("%s: %w", h.name, err)
		}
		t.row(h.name, fmt.Sprintf("%.1f", float64(size)/(1<<20)), fmt.Sprintf("%.2f", max(took-idle, 0).Seconds()), fmt.Sprint((peak-base)>>20))
	}
	t.end()
	return nil
}

// once reads a page from standard input, and tells the time and the most memory the process held.
func (b *bench) once(page io.Reader) (time.Duration, int64, error) {
	command := exec.Command(b.stets[0], "inspect", "page", "--json", "-")
	command.Stdin = page
	command.Stderr = os.Stderr
	began := time.Now()
	if err := command.Run(); err != nil {
		return 0, 0, fmt.Errorf("running %s: %w", b.stets[0], err)
	}
	took := time.Since(began)
	peak := int64(0)
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = usage.Maxrss << 10 // Linux counts in KB
	}
	return took, peak, nil
}
