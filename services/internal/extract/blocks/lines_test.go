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
	terms := lines(strings.Repeat("Readers may use these pages for themselves alone, and the house may end that at any time. ", 9))
	menu := `<nav>` + strings.Repeat("<p>Harbour, town and islands</p>", 60) + `</nav>` // a page that is all dialog is taken for one that waits
	for _, page := range []string{
		`<article>` + bridge + lines(first) + `</article><div style="display:none">` + terms + `</div>`,
		`<article>` + bridge + lines(first) + `<div class="newsletter" style="display:none">` + terms + `</div></article>`,
		`<article>` + bridge + lines(first) + `</article><section><div style="display:none">` + terms + `</div></section>`,
	} {
		b, _ := find(t, menu+page, bridgeHints)
		if len(b.Blocks) != 1 || b.Blocks[0].Text != first {
			t.Errorf("a hidden dialog is read: %v", b.Blocks)
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

// A card that opens under the pointer is no part of the sentence in which it hangs; a picture in a line is.
func TestCardsInALine(t *testing.T) {
	const card = ` <span class="hover"><a href="/quill">Ada Quill</a><span><img src="/q.jpg"><a href="/quill">Ada Quill</a><a href="/1">Tram runs again</a></span></span>`
	b, _ := find(t, `<article>`+bridge+lines(first, second)+`<p>`+third+card+`</p></article>`, bridgeHints)
	if last := b.Blocks[len(b.Blocks)-1].Text; last != third+" Ada Quill" {
		t.Errorf("the line is %q", last)
	}
	b, _ = find(t, `<article>`+bridge+lines(first, second)+`<p><span><img src="/q.jpg"><a href="/1">Here</a> and <a href="/2">there</a> the bridge is closed, and the road with it.</span></p></article>`, bridgeHints)
	if last := b.Blocks[len(b.Blocks)-1].Text; !strings.HasPrefix(last, "Here and there") {
		t.Errorf("the line is %q", last)
	}
}

// What a figure says of scripts, or of another story, is no caption; who took the picture is.
func TestCaptions(t *testing.T) {
	for caption, kept := range map[string]bool{
		`The bridge on Tuesday evening, seen from the north.`:                                 true,
		`Photo: <a href="/quill">Ada Quill</a>`:                                               true,
		`Source: Courier <a href="/1">Night nurses say farewell to the last cinema</a>`:       false,
		`Please enable JavaScript. Or use <a href="/pure">our offer without advertising</a>.`: false,
	} {
		b, _ := find(t, `<article>`+bridge+lines(first, second)+`<figure><img src="/p/bridge.jpg"><figcaption>`+caption+`</figcaption></figure>`+lines(third)+`</article>`, bridgeHints)
		if got := b.Images[0].Caption != ""; got != kept {
			t.Errorf("%s: kept %v", caption, got)
		}
	}
}
