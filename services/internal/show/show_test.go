package show

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

var update = flag.Bool("update", false, "write the golden files")

// revision has one change of each kind, and a title that wants to command the terminal.
const revision = `{
 "oldUnits":[{"block":-1,"text":"Bridge opens\u001b[31m"},{"block":0,"text":"Opened Monday."},{"block":0,"text":"It was late."},
  {"block":1,"text":"Rain fell."},{"block":2,"text":"Nothing new."},{"block":3,"text":"Still nothing."},{"block":4,"text":"A whole paragraph goes."}],
 "newUnits":[{"block":-1,"text":"Bridge closes"},{"block":0,"text":"Opened Tuesday."},{"block":0,"text":"Trains follow."},
  {"block":1,"text":"Nothing new."},{"block":2,"text":"Still nothing."},{"block":3,"text":"Rain fell."}],
 "links":[{"old":[0],"new":[0],"kind":"EDITED","words":[{"text":"Bridge "},{"op":"DELETED","text":"opens\u001b[31m"},{"op":"ADDED","text":"closes"}]},
  {"old":[1],"new":[1],"kind":"EDITED","words":[{"text":"Opened "},{"op":"DELETED","text":"Monday"},{"op":"ADDED","text":"Tuesday"},{"text":"."}]},
  {"old":[4],"new":[3],"words":[{"text":"Nothing new."}]},{"old":[5],"new":[4],"words":[{"text":"Still nothing."}]},
  {"old":[3],"new":[5],"moved":true,"words":[{"text":"Rain fell."}]},{"old":[99],"new":[-1]}],
 "deleted":[2,6,77],"added":[2,-5],"weight":"MINOR","score":0.5,"disclosure":{"evidence":["a note was added"]}}`

const snapshot = `{"title":"Bridge \u202eopens","standfirst":"At last.","byline":["Ann","Bo"],"sharedTitle":"Big bridge","indexedTitle":"Bridge \u202eopens",
 "url":"https://news.example/b","blocks":[{"kind":"PARAGRAPH","text":"First."},{"kind":"HEADING","text":"Why"},{"kind":"QUOTATION","text":"Said."},
 {"kind":"LIST_ITEM","text":"One"},{"kind":"TABLE_ROW","text":"1 2"},{"kind":"CAPTION","text":"The bridge"},{"kind":"NOTE","text":"Corrected."}],
 "extractor":{"name":"x","version":"1"},"quality":{"verdict":"NOT_AN_ARTICLE","reasons":["short"]}}`

func TestGolden(t *testing.T) {
	var r eventv1.Revision
	var s eventv1.Snapshot
	if err := errors.Join(protojson.Unmarshal([]byte(revision), &r), protojson.Unmarshal([]byte(snapshot), &s)); err != nil {
		t.Fatal(err)
	}
	for name, draw := range map[string]func(*Printer){
		"revision": func(p *Printer) { p.Revision(&r) },
		"snapshot": func(p *Printer) { p.Snapshot(&s) },
		"nothing":  func(p *Printer) { p.Revision(&eventv1.Revision{}); p.Snapshot(nil) },
		"marked":   func(p *Printer) { p.Marked("  ", []string{"the ", "bri\ndge"}, []bool{false, true}) },
	} {
		for _, colour := range []bool{false, true} {
			if colour {
				name += ".colour"
			}
			t.Run(name, func(t *testing.T) {
				var out strings.Builder
				p := NewPrinter(&out, colour)
				draw(p)
				golden(t, name, out.String())
				if !colour && strings.ContainsAny(out.String(), "\x1b\u202e") {
					t.Errorf("the terminal is commanded: %q", out.String())
				}
			})
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

type full struct{ calls int }

var errFull = errors.New("disk full")

func (f *full) Write([]byte) (int, error) { f.calls++; return 0, errFull }

func TestPrinterStopsAtAnError(t *testing.T) {
	f := &full{}
	p := NewPrinter(f, false)
	p.Line("a")
	p.Line("b")
	if !errors.Is(p.Err(), errFull) || f.calls != 1 {
		t.Errorf("%v after %d calls", p.Err(), f.calls)
	}
}
