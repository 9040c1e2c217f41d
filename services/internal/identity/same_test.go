package identity

import (
	"fmt"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
)

// text makes a story of so many sentences from a number on.
func text(title string, from, count int) article.Sketch {
	s := &article.Snapshot{Title: title, Language: "en"}
	for i := range count {
		s.Blocks = append(s.Blocks, article.Block{Kind: article.Paragraph, Text: fmt.Sprintf("The ferry number %d left the quay of Brask late.", from+i)})
	}
	return Sketch(s)
}

func TestSame(t *testing.T) {
	short := func(title, body string) article.Sketch {
		return Sketch(&article.Snapshot{Title: title, Blocks: []article.Block{{Kind: article.Paragraph, Text: body}}})
	}
	for _, c := range []struct {
		name string
		a, b article.Sketch
		want bool
	}{
		{"one text", text("Ferries late", 0, 12), text("Ferries late", 0, 12), true},
		{"one text under another headline", text("Ferries late", 0, 12), text("Why nobody sails on time", 0, 12), true},
		{"most of it, and a headline that was edited", text("Ferries late", 0, 12), text("Ferries late on Monday", 4, 12), true},
		{"a third of it under the same headline", text("Ferries are late", 0, 12), text("Ferries are late", 7, 12), true},
		{"a third of it under another", text("Ferries are late", 0, 12), text("Council votes", 7, 12), false},
		{"a column: the headline and nothing else", text("Letters to the editor", 0, 12), text("Letters to the editor", 50, 12), false},
		{"numbered: parts of a series", text("Harbour tales, part 3", 0, 12), text("Harbour tales, part 4", 50, 12), false},
		{"a long text and the half of it", text("Ferries late", 0, 200), text("Ferries late", 0, 100), true},
		{"two long texts with a tenth in common", text("Ferries late", 0, 200), text("Council votes", 180, 200), false},
		{"two sentences that everybody prints", text("Ferries late", 0, 2), text("Council votes", 0, 2), false},
		{"a short note twice", short("Quay closed", "The quay of Brask is closed until noon."), short("Quay closed", "The quay of Brask is closed until noon."), true},
		{"two short notes", short("Quay closed", "The quay of Brask is closed until noon."), short("Quay open", "The quay of Brask is open again now."), false},
		{"no text", short("Quay closed", ""), short("Quay closed", ""), false},
		{"a script without spaces", short("連絡船", "連絡船は今朝も遅れて港を出た。"), short("連絡船", "連絡船は今朝も遅れて港を出た。"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, pair := range [][2]article.Sketch{{c.a, c.b}, {c.b, c.a}} {
				if got, why := Same(pair[0], pair[1]); got != c.want {
					t.Errorf("%t (%s), want %t", got, why, c.want)
				}
			}
		})
	}
}

func TestGUIDs(t *testing.T) {
	entries := []Entry{
		{ID: "tag:paper,2031:1", URL: "https://paper.example/a"},
		{ID: "https://paper.example/?p=2", URL: "https://paper.example/b"},
		{ID: "https://paper.example/c", URL: "https://paper.example/c"},
		{ID: "https://paper.example/d-old", URL: "https://paper.example/d", Permalink: true},
		{ID: "5", URL: "https://paper.example/e"}, {ID: "5", URL: "https://paper.example/f"},
		{ID: "twin", URL: "https://paper.example/g", Permalink: true}, {ID: "", URL: "https://paper.example/h"},
	}
	want := map[string]bool{"tag:paper,2031:1": true, "https://paper.example/?p=2": true, "twin": true}
	got := GUIDs(entries)
	if len(got) != len(want) {
		t.Errorf("%v identify, want %v", got, want)
	}
	for id := range want {
		if !got[id] {
			t.Errorf("%q does not identify", id)
		}
	}
}

func TestSameEntry(t *testing.T) {
	noon := time.Date(2031, 5, 4, 12, 0, 0, 0, time.UTC)
	known := article.Alias{Address: "https://paper.example/ferry-fares", Headline: "Ferry fares to rise", Published: noon}
	for _, c := range []struct {
		name  string
		entry Entry
		want  bool
	}{
		{"the address follows a new headline, the date stays", Entry{URL: "https://paper.example/fares-up", Title: "A tenth more", Published: noon}, true},
		{"another date, nearly the headline", Entry{URL: "https://paper.example/fares-up", Title: "Ferry fares will rise", Published: noon.Add(time.Hour)}, true},
		{"an id of a place in the list", Entry{URL: "https://paper.example/bins", Title: "Council votes on bins", Published: noon.Add(time.Hour)}, false},
		{"no dates, another story", Entry{URL: "https://paper.example/bins", Title: "Council votes on bins"}, false},
		{"another site", Entry{URL: "https://other.example/fares-up", Title: "Ferry fares to rise", Published: noon}, false},
	} {
		if got, why := SameEntry(known, c.entry); got != c.want {
			t.Errorf("%s: %t (%s), want %t", c.name, got, why, c.want)
		}
	}
}

func TestAKeyForManyIsNobodys(t *testing.T) {
	var a article.Alias
	for i := range 20 {
		before := a
		a, _ = Refuse(a, fmt.Sprint("article ", i%7), time.Unix(int64(i), 1))
		if again, news := Refuse(a, fmt.Sprint("article ", i%7), time.Unix(99, 0)); news || len(again.Refused) != len(a.Refused) {
			t.Errorf("one article is counted twice: %v", again.Refused)
		}
		if quarantined := !a.Quarantined.IsZero(); quarantined != (i >= mostRefused-1) {
			t.Errorf("after %d articles in quarantine: %t, before %v", i+1, quarantined, before.Refused)
		}
	}
}
