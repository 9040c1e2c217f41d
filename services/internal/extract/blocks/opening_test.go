package blocks

import (
	"slices"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

const (
	topLine = "Bridge closed after cracks are found"
	lede    = "Two of four piers are damaged, and nobody knows for how long the island will be cut off."
	story   = "<p>" + first + "</p><p>" + second + "</p><p>" + third + "</p>"
)

func TestStandfirst(t *testing.T) {
	for _, c := range []struct{ name, page, description, want string }{
		{"in the page's header", "<header><h1>" + topLine + "</h1><h2>" + lede + "</h2></header><div>" + story + "</div>", lede, lede},
		{"below the headline", "<article><h1>" + topLine + "</h1><p class=standfirst>" + lede + "</p>" + story + "</article>", lede, lede},
		{"the first paragraph, told to networks", "<article><h1>" + topLine + "</h1>" + story + "</article>", first, ""},
		{"points", "<article><h1>" + topLine + "</h1><ul class=key-points><li>Two of four piers are damaged.</li><li>Nobody knows for how long the island is cut off.</li></ul>" + story + "</article>",
			"Two of four piers are damaged.", "Two of four piers are damaged. Nobody knows for how long the island is cut off."},
		{"with its author", "<article><h1>" + topLine + "</h1><p class=standfirst>" + lede + " By Ada Quill and Ben Oar</p>" + story + "</article>", lede, lede},
		{"with the place", "<article><h1>" + topLine + "</h1><p class=standfirst>Eastmoor · " + lede + "</p>" + story + "</article>", lede, lede},
		{"below a stamp set as it is", "<article><h1>" + topLine + "</h1><div class=standfirst><p>19 hours ago</p><p>" + lede + "</p></div>" + story + "</article>", lede, lede},
		{"below the text's beginning", "<article><h1>" + topLine + "</h1>" + story + "<p class=standfirst>" + lede + "</p></article>", "", ""},
		{"longer than the text", "<article><h1>" + topLine + "</h1><p class=standfirst>" + lede + "</p><p>" + third + "</p></article>", lede, ""},
	} {
		b, _ := find(t, "<html><body>"+c.page, Hints{Titles: []string{topLine}, Descriptions: []string{c.description}, Authors: []string{"Ada Quill", "Ben Oar"}})
		if b.Standfirst != c.want {
			t.Errorf("%s: %q, want %q", c.name, b.Standfirst, c.want)
		}
	}
}

func TestUnsigned(t *testing.T) {
	c := &choice{survey: &survey{frame: &frame{hints: &Hints{Authors: []string{"Ada Quill", "Ben Oar"}}}}}
	for text, want := range map[string]string{
		"It is late. Von Ada Quill und Ben Oar": "It is late.",
		"It is late. By Ben Oar, Ada Quill":     "It is late.",
		"It is late – says Ada Quill":           "It is late – says Ada Quill",
		"A comment by Ada Quill":                "A comment by Ada Quill",
		"By Ada Quill":                          "By Ada Quill",
		"":                                      "",
	} {
		if got := c.unsigned(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What names itself a standfirst may be an offer: it counts where nothing else is found. A person's word always counts.
func TestStandfirstsByName(t *testing.T) {
	page := "<html><body><article><h1>" + topLine + "</h1><h2 class=standfirst>" + lede + "</h2>" + story + "</article>"
	for _, c := range []struct {
		h    Hints
		want string
	}{
		{Hints{Descriptions: []string{lede}, Named: "Read all for one crown."}, lede},
		{Hints{Descriptions: []string{lede}, Standfirst: "What a person says."}, "What a person says."},
	} {
		c.h.Titles = []string{topLine}
		if b, _ := find(t, page, c.h); b.Standfirst != c.want {
			t.Errorf("%q, want %q", b.Standfirst, c.want)
		}
	}
	if b, _ := find(t, "<html><body><article><h1>"+topLine+"</h1>"+story, Hints{Titles: []string{topLine}, Named: lede}); b.Standfirst != lede {
		t.Errorf("%q, want the named one", b.Standfirst)
	}
}

// A notice is kept where other text is dropped, but not from comments.
func TestNoticesByTheText(t *testing.T) {
	const notice = "Editor’s note: This story was changed after the verdict."
	for name, c := range map[string]struct {
		page string
		kept bool
	}{
		"in the header":     {"<header><h1>" + topLine + "</h1><p>" + notice + "</p></header><div>" + story + "</div>", true},
		"in a named box":    {"<article><h1>" + topLine + "</h1>" + story + "<div class=promo-box><p>" + notice + "</p></div></article>", true},
		"behind the text":   {"<article><h1>" + topLine + "</h1><div>" + story + "</div><div><small>" + notice + "</small></div></article>", true},
		"in the comments":   {"<article><h1>" + topLine + "</h1>" + story + "</article><div class=comments-list><p>" + notice + "</p></div>", false},
		"in the navigation": {"<nav><p>" + notice + "</p></nav><article><h1>" + topLine + "</h1>" + story + "</article>", false},
	} {
		b, _ := find(t, "<html><body>"+c.page, Hints{Titles: []string{topLine}})
		if got := slices.Contains(b.Blocks, article.Block{Kind: article.Note, Text: notice}); got != c.kept {
			t.Errorf("%s: kept %v, want %v: %v", name, got, c.kept, b.Blocks)
		}
	}
}

// A page may be declared hidden until its scripts have run; a hidden copy of a page that is shown stays out.
func TestPagesThatWait(t *testing.T) {
	b, _ := find(t, `<html><body><div style="visibility: hidden"><article><h1>`+topLine+"</h1>"+story+"</article></div>", Hints{Titles: []string{topLine}})
	if len(b.Blocks) != 3 {
		t.Errorf("a page that waits has %d blocks, want 3", len(b.Blocks))
	}
	const other = "An old text about the ferry, which is of no use to anybody, was left here by a machine on Monday."
	b, reasons := find(t, "<html><body><article><h1>"+topLine+"</h1>"+story+"</article><div hidden><h1>"+topLine+"</h1><p>"+other+"</p><p>"+other+" Twice.</p></div>", Hints{Titles: []string{topLine}})
	if len(b.Blocks) != 3 || reasons[other] != ReasonHidden {
		t.Errorf("%d blocks, want 3; the copy is left out for %q", len(b.Blocks), reasons[other])
	}
}
