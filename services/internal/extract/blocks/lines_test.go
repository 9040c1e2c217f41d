package blocks

import (
	"strings"
	"testing"
)

const bridge = `<h1>Bridge closed after cracks are found</h1>`

var bridgeHints = Hints{Titles: []string{"Bridge closed after cracks are found"}}

func lines(texts ...string) string { return "<p>" + strings.Join(texts, "</p><p>") + "</p>" }

// A wall hides the article behind its first lines; a copy for other screens is hidden because it is shown already.
func TestHiddenTexts(t *testing.T) {
	const fourth = "Fishermen were asked to keep their boats away from the piers, and most of them had done so by the evening."
	for _, c := range []struct{ name, shown, hidden, reason string }{
		{"behind a wall", lines(first), lines(second, third, fourth, "The council will hear the engineers on Monday, and it has asked for a second opinion from the coast guard's own experts."), ""},
		{"a copy for other screens", lines(first, second, third), lines(fourth, first, second, third), ReasonHidden},
	} {
		_, reasons := find(t, `<article>`+bridge+c.shown+`<div style="display:none">`+c.hidden+`</div></article>`, bridgeHints)
		if got := reasons[fourth]; got != c.reason {
			t.Errorf("%s: %q, want %q", c.name, got, c.reason)
		}
	}
}

// A line that reads like the story stands by its kin though others between them are left out.
func TestKinPastALineLeftOut(t *testing.T) {
	const last = "Nobody was hurt on either side of the river."
	_, reasons := find(t, `<article>`+bridge+lines(first, second, third, "Ada Quill / Coast Press", last)+`</article>`, bridgeHints)
	if why := reasons[last]; why != "" {
		t.Errorf("the last line is left out: %s", why)
	}
}

// Lines that thank, ask or tell of the author are no lines of the story, though set like them.
func TestLinesBelowTheText(t *testing.T) {
	for _, line := range []string{
		"Translated from the Dutch by Wim Haak",
		"Aus dem Englischen von Jonas Rehder",
		"The views expressed in this column are the author's own.",
		"Do you know more about the bridge? Get in touch: city@courier.example",
		"Ada Quill is a senior fellow at the Institute for Tides.",
	} {
		_, reasons := find(t, `<article>`+bridge+lines(first, second, third, line)+`</article>`, bridgeHints)
		if reasons[line] == "" {
			t.Errorf("kept: %s", line)
		}
	}
}

// The name of a box that offers a letter is no heading of the text after it; a heading in a box of its own is.
func TestHeadingsInBoxes(t *testing.T) {
	for _, c := range []struct {
		name, markup string
		kept         bool
	}{
		{"offer", `<div class="reader-post"><h3>The harbour letter</h3><p>All that counts, every Sunday.</p></div>`, false},
		{"alone", `<div><h3>The harbour letter</h3></div>`, true},
	} {
		_, reasons := find(t, `<article>`+bridge+`<div>`+lines(first)+`</div>`+c.markup+`<div>`+lines(second)+`</div><div>`+lines(third)+`</div></article>`, bridgeHints)
		if got := reasons["The harbour letter"]; (got == "") != c.kept {
			t.Errorf("%s: reason %q", c.name, got)
		}
	}
}

// A notice counts however far below it stands, as long as it stands in the article's element.
func TestNoticeFarBelow(t *testing.T) {
	const note = "Correction: The bridge has four piers, not three."
	tiles := strings.Repeat(`<div class="tile"><a href="/x">Tram runs again</a></div>`, 2*noticeNear)
	_, reasons := find(t, `<article>`+bridge+lines(first, second, third)+tiles+`<p class="foot">`+note+`</p></article>`, bridgeHints)
	if why := reasons[note]; why != "" {
		t.Errorf("left out: %s", why)
	}
}
