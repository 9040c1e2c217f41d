package main

import (
	"strings"
	"testing"

	"github.com/stetnews/stet/scripts/bench/mutate"
)

const story = "The harbour office closed the old bridge on Tuesday evening after engineers found cracks in two piers. " +
	"Drivers heading for the northern districts were sent along the river road where long queues formed. " +
	"A spokeswoman said that the repair would take 6 weeks and that buses would run every ten minutes. " +
	"Shopkeepers on the island fear for their autumn trade since many customers walk across the bridge. " +
	"The office wants to speak with all of them on Friday in the town hall before it decides."

func sample() page {
	var b strings.Builder
	b.WriteString(`<html><body><nav><ul><li><a href="/a">Ten soups for cold days</a></li><li><a href="/b">A lion in the old town hall</a></li><li><a href="/c">Why the ferry is late again</a></li></ul></nav>
<p class="count">312 reads</p><article><h1>Bridge closed after cracks are found</h1>`)
	for sentence := range strings.SplitAfterSeq(story, ". ") {
		b.WriteString("<p>" + sentence + "</p>")
	}
	b.WriteString(`</article></body></html>`)
	return newPage("one", b.String(), truth{ArticleBody: story, URL: "https://courier.example/a"})
}

// What changes around an article leaves its words on the page, and differs from reading to reading.
func TestFurnitureLeavesTheArticle(t *testing.T) {
	b, p := &bench{}, sample()
	for i, m := range mutate.Furniture() {
		first, second := b.mutate(p, m, 1), b.mutate(p, m, 2)
		if first == "" {
			t.Errorf("%s: the page has no place for it", m.Name)
		}
		if again := b.mutate(p, m, 1); again != first {
			t.Errorf("%s: the same reading twice gives two pages", m.Name)
		}
		if (first == second) != (i == 0) && m.Name != "N minutes ago, bare p" {
			t.Errorf("%s: two readings are equal: %v", m.Name, first == second)
		}
		for sentence := range strings.SplitAfterSeq(story, ". ") {
			if !strings.Contains(first, strings.TrimSpace(sentence)) {
				t.Errorf("%s: %q is gone", m.Name, sentence)
			}
		}
	}
}

func TestEditsChangeTheArticle(t *testing.T) {
	b, p := &bench{}, sample()
	for _, m := range mutate.Edits() {
		if edited := b.mutate(p, m, 1); edited == "" || edited == b.plain(p) {
			t.Errorf("%s: nothing was edited", m.Name)
		}
	}
}

func TestScore(t *testing.T) {
	for _, c := range []struct {
		want, got         string
		precision, recall float64
	}{
		{"a b c d e", "a b c d e", 1, 1}, {"a b c d e", "a b c d", 1, .5}, {"a b c d", "a b c d e", .5, 1}, {"a b", "a b", 1, 1}, {"", "", 1, 1}, {"a b c d", "", 0, 0},
	} {
		precision, recall := score(mutate.Shingles(mutate.Words(c.want)), mutate.Shingles(mutate.Words(c.got)))
		if precision != c.precision || recall != c.recall {
			t.Errorf("%q for %q: %v %v, want %v %v", c.got, c.want, precision, recall, c.precision, c.recall)
		}
	}
}

func TestSameTime(t *testing.T) {
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{"2031-03-04 18:05:42.389000+00:00", "2031-03-04T19:05:42+01:00", true}, {"2031-03-04 18:05:00+02:00", "2031-03-04T18:05:00+01:00", false},
		{"2031-03-04 18:05:00", "2031-03-04T18:05:00+01:00", true}, {"2031-03-04 00:00:00", "2031-03-04", true}, {"2031-03-04 00:00:00", "", false},
	} {
		if got := sameTime(c.want, c.got); got != c.same {
			t.Errorf("sameTime(%q, %q) = %v", c.want, c.got, got)
		}
	}
}

// A publisher's pages are on one side of the split, whatever their address.
func TestSplitIsByPublisher(t *testing.T) {
	held := 0
	for _, site := range []string{"a/One", "b/Two", "c/Three", "courier.example", "d/Four", "e/Five", "f/Six", "g/Seven", "h/Eight"} {
		one := newPage("1", "", truth{Publisher: site, URL: "https://x.example/1"})
		two := newPage("2", "", truth{Publisher: site, URL: "https://y.example/2"})
		if one.held != two.held {
			t.Errorf("%s is on both sides", site)
		}
		if one.held {
			held++
		}
	}
	if held == 0 || held > 6 {
		t.Errorf("%d of 9 publishers are held out", held)
	}
}
