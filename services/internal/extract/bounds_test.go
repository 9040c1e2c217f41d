package extract

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

// maxAllocated bounds all that is allocated while a page is read: far more than is held at once, and the race detector,
// under which nothing is pooled, adds to it. What a process holds is printed by scripts/bench/extraction.
const maxAllocated = 256 << 20

// Pages made to hurt are read within bounds: none is judged here by its time, but each of these ran for minutes or out of
// memory in one extractor or another.
func TestHostilePages(t *testing.T) {
	if testing.Short() {
		t.Skip("Hostile pages take seconds: run without -short.")
	}
	big := strings.Repeat("The water rose again, and nobody in the harbour slept. ", 20)
	for name, body := range hostile(big) {
		t.Run(name, func(t *testing.T) {
			page := Page{URL: pageURL, ContentType: "text/html", Body: []byte(body)}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := snapshot(t, page)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > maxAllocated {
				t.Errorf("%d MB allocated for a page of %d KB", used>>20, len(body)>>10)
			}
			total := 0
			for _, b := range s.Blocks {
				total += len(b.Text)
			}
			if s.Quality.Verdict == article.VerdictUnspecified || total > MaxText {
				t.Errorf("%d bytes of text, quality %v", total, s.Quality)
			}
		})
	}
}

func hostile(big string) map[string]string {
	return map[string]string{
		"15 MB of paragraphs":    "<html><body><article><h1>Water</h1>" + strings.Repeat("<p>"+big+"</p>", MaxPage/len(big)),
		"nested 100,000 deep":    "<html><body>" + strings.Repeat("<div class=story>", 100_000) + big,
		"nested inline":          "<html><body><p>" + strings.Repeat("<b><i>", 50_000) + big,
		"a million siblings":     "<html><body><article>" + strings.Repeat("<p>a</p>", 1_000_000),
		"one line of 10 MB":      "<html><body><article><h1>Water</h1><p>" + strings.Repeat("water ", 10<<20/6),
		"a word of 10 MB":        "<html><body><article><h1>Water</h1><p>" + strings.Repeat("w", 10<<20),
		"class of 5 MB":          `<html><body><article class="` + strings.Repeat("story-", 1<<20) + `"><p>` + big,
		"many classes":           "<html><body>" + strings.Repeat(`<div class="a b c d e f g h i j">x</div>`, 20_000),
		"hostile data":           `<html><script type="application/ld+json">` + strings.Repeat(`{"@graph":[`, 50_000) + `</script><body><p>` + big,
		"wide data":              `<html><script type="application/ld+json">[` + strings.Repeat(`{"@type":"Thing"},`, 100_000) + `1]</script><body><p>` + big,
		"nested tables":          "<html><body>" + strings.Repeat("<table><tr><td>a<td>", 120) + big,
		"a table of 50,000":      "<html><body><table>" + strings.Repeat("<tr><td>a<td>b", 50_000),
		"lists of links":         "<html><body><article>" + strings.Repeat(`<ul><li><a href="/">To another place and back again</a></ul>`, 20_000),
		"the same line":          "<html><body><article>" + strings.Repeat("<p>The water rose again, and nobody slept that night in the town.</p>", 20_000),
		"script as text":         "<html><body><article><p>" + strings.Repeat("&lt;script&gt;alert(1)&lt;/script&gt; ", 50_000),
		"marks without letters":  "<html><body><p>a" + strings.Repeat("\u0301", 1<<20),
		"spaces":                 "<html><body><p>a" + strings.Repeat("\u00a0", 1<<20) + "b",
		"line breaks":            "<html><body><article>" + strings.Repeat("water<br>", 100_000),
		"formatting without end": "<html><body><p>" + formats(400) + "</p>" + strings.Repeat("<p>x</p>", 1_000_000),
		"the same in cells":      "<html><body><table>" + strings.Repeat("<tr><td><b><i><u>x", 60_000),
		"the same after a sign that parsers read differently": "<html><body><p a==b>" + formats(400) + "</p>" + strings.Repeat("<p>x</p>", 100_000),
		"links in links":                     "<html><body>" + strings.Repeat("<a href=/><div>", 60_000),
		"ends of paragraphs":                 "<html><body>" + strings.Repeat("</p>", 1_000_000),
		"an element of a million attributes": "<html><body><p " + many("a%d ", 1_000_000) + ">" + big,
		"attributes everywhere":              "<html><body>" + strings.Repeat("<i a b c d e f g h i j k l m n o p>", 400_000),
		"parts within parts":                 "<html><body>" + many(`<div hidden id="S:%d">`, 300) + strings.Repeat("</div>", 300) + many(`<template id="P:%d"></template>`, 300) + big,
		"figures":                            "<html><body><article><p>" + big + "</p>" + strings.Repeat("<figure><img src=/a.jpg><figcaption>Water</figcaption></figure>", 20_000),
	}
}

// formats opens elements for formatting that are never closed, each another one.
func formats(count int) string { return many("<font size=%d>", count) }

func many(form string, count int) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, form, i)
	}
	return b.String()
}
