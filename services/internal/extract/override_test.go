package extract

import (
	"strings"
	"testing"
)

func TestOverride(t *testing.T) {
	body := wrapped("", `<h1>Harbour Courier</h1><div class="big">Bridge closed</div><div class="when">04.03.2031, 18:05</div><p class="dek2">Cracks in two piers.</p>
<div class="copy"><p>The harbour office closed the old bridge on Tuesday evening after engineers found cracks in it.</p>
<p class="house">The Courier has its own boat and likes to show it to readers on Sundays.</p><p>Buses will run every ten minutes until the repair is done in six weeks.</p></div>
<div class="facts"><p>The bridge was built in 1931 and is the oldest one of the town.</p></div>`)
	o, err := ParseOverride([]byte(`{"note":"The logo is the h1.","include":[".copy"],"exclude":[".house"],"title":".big","standfirst":".dek2","published":".when"}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Read(Page{URL: pageURL, Body: body}, Known{Override: o})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Snapshot
	if s.Title != "Bridge closed" || s.Standfirst != "Cracks in two piers." || s.Published != "2031-03-04T18:05:00" {
		t.Errorf("title %q, standfirst %q, published %q", s.Title, s.Standfirst, s.Published)
	}
	text := s.Body()
	if !strings.HasPrefix(text, "The harbour office") || !strings.HasSuffix(text, "in six weeks.") || strings.Contains(text, "own boat") || strings.Contains(text, "1931") {
		t.Errorf("body %q", text)
	}
	reasons := make(map[string]bool)
	for _, p := range r.Passages {
		reasons[p.Reason] = true
	}
	if !reasons[ReasonExcluded] || !reasons[ReasonNotIncluded] {
		t.Errorf("reasons %v", reasons)
	}
}

func TestOverrideRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"include":[".a"]}`:                                             `say in "note" why`,
		`{"note":"x","include":["div["]}`:                                `"div["`,
		`{"note":"x","title":"` + strings.Repeat("a", 600) + `"}`:        `longer than 500`,
		`{"note":"x","exclude":[` + strings.Repeat(`"a",`, 60) + `"a"]}`: `more than 50`,
		`[`: "reading an override",
	} {
		if _, err := ParseOverride([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: error %v, want %q", text, err, want)
		}
	}
}
