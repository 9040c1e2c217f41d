package dom

import "testing"

func TestPartsOfStreamedPages(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"a late part":                  {`<main><!--$?--><template id="B:0"></template><p>Wait</p><!--/$--><p>End</p></main><div hidden id="S:0"><p>Story</p></div>`, "Story End"},
		"a place in a part":            {`<main><template id="B:1"></template></main><div hidden id="S:2"><p>Inner</p></div><div hidden id="S:1"><p>Outer</p><template id="P:2"></template></div>`, "Outer Inner"},
		"no place":                     {`<p>Story</p><div hidden id="S:7"><p>Late</p></div>`, "Story Late"},
		"a place in itself":            {`<p>Story</p><div hidden id="S:7"><p>Late</p><template id="P:7"></template></div>`, "Story Late"},
		"places in a circle":           {`<div hidden id="S:1"><i>a</i><template id="P:2"></template></div><div hidden id="S:2"><i>b</i><template id="P:1"></template></div>`, "ba"},
		"no end of the wait":           {`<main><template id="B:0"></template><p>Stays</p></main><div hidden id="S:0"><p>Story</p></div>`, "Story Stays"},
		"a place in what is taken out": {`<main><template id="B:0"></template><template id="B:1"></template><!--/$--></main><div hidden id="S:0">a</div><div hidden id="S:1">b</div>`, "a b"},
		"part within its own wait":     {`<main><template id="B:0"></template><div hidden id="S:0"><p>Story</p></div><!--/$--></main>`, "Story"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse("<html><body>" + c.page)
			if err != nil {
				t.Fatal(err)
			}
			if got := Text(doc); got != c.want {
				t.Errorf("text %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzParts holds that parts put into places leave a tree: nothing is lost but what was shown while a part was awaited, and
// walking ends.
func FuzzParts(f *testing.F) {
	f.Add(`<main><template id="B:0"></template><p>Wait</p><!--/$--></main><div hidden id="S:0"><p>Story<template id="P:1"></template></div><div hidden id="S:1">a</div>`)
	f.Add(`<div hidden id="S:1"><template id="P:2"></template></div><div hidden id="S:2"><template id="B:1"></template><!--/$--></div>`)
	f.Fuzz(func(t *testing.T, page string) {
		if len(page) > 5000 {
			return
		}
		doc, err := Parse(page)
		if err != nil {
			return
		}
		for n := range doc.Descendants() {
			for child := range n.ChildNodes() {
				if child.Parent != n {
					t.Fatalf("%q: a node stands in another one than it says", page)
				}
			}
		}
	})
}
