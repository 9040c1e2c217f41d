package show

import (
	"io"
	"maps"
	"testing"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// noisy has a cosmetic edit, a cosmetic line that came, one that went, a stamp that moved, and an edit that says
// something.
const noisy = `{
 "oldUnits":[{"block":-1,"text":"A - B"},{"block":0,"text":"It cost 5."},{"block":1,"text":"***"},{"block":2,"text":"Updated at 10:30"},{"block":3,"text":"It ends."}],
 "newUnits":[{"block":-1,"text":"A – B"},{"block":0,"text":"Updated at 10:30"},{"block":1,"text":"It cost 6."},{"block":2,"text":"It ends."},{"block":3,"text":"…"},{"block":3,"text":"…"}],
 "links":[{"old":[0],"new":[0],"kind":"EDITED","words":[{"text":"A "},{"op":"DELETED","text":"-"},{"op":"ADDED","text":"–"},{"text":" B"}]},
  {"old":[3],"new":[1],"moved":true,"words":[{"text":"Updated at 10:30"}]},
  {"old":[1],"new":[2],"kind":"EDITED","words":[{"text":"It cost "},{"op":"DELETED","text":"5"},{"op":"ADDED","text":"6"},{"text":"."}]},
  {"old":[4],"new":[3],"words":[{"text":"It ends."}]}],
 "deleted":[2],"added":[4,5],
 "changes":[{"element":"headline","kind":"edited","old":"A - B","new":"A – B","cosmetic":true},
  {"element":"body","kind":"moved","old":"Updated at 10:30","new":"Updated at 10:30","cosmetic":true},
  {"element":"body","kind":"edited","old":"It cost 5.","new":"It cost 6."},
  {"element":"body","kind":"deleted","old":"***","cosmetic":true},{"element":"body","kind":"added","new":"… …","cosmetic":true}]}`

func TestEssential(t *testing.T) {
	var r eventv1.Revision
	if err := protojson.Unmarshal([]byte(noisy), &r); err != nil {
		t.Fatal(err)
	}
	before := proto.Clone(&r)
	got, hidden := Essential(&r)
	if hidden != 4 || len(got.GetChanges()) != 1 || len(got.GetDeleted()) != 0 || len(got.GetAdded()) != 0 {
		t.Errorf("%d hidden: %v", hidden, got)
	}
	units := map[int32]int{}
	for _, link := range got.GetLinks() {
		if link.GetMoved() || (link.GetKind() != eventv1.Link_SAME) != (len(link.GetNew()) == 1 && link.GetNew()[0] == 2) {
			t.Errorf("still told: %v", link)
		}
		for _, j := range link.GetNew() {
			units[j]++
		}
	}
	if len(units) != len(r.GetNewUnits()) {
		t.Errorf("the new units are in links %v", units)
	}
	if !proto.Equal(before, &r) {
		t.Error("the revision was changed")
	}
	if again, hidden := Essential(got); again != got || hidden != 0 {
		t.Errorf("%d more are hidden the second time", hidden)
	}
}

func TestWays(t *testing.T) {
	link := func(old, new int32, moved bool) *eventv1.Link {
		return &eventv1.Link{Old: []int32{old}, New: []int32{new}, Moved: moved}
	}
	r := &eventv1.Revision{Links: []*eventv1.Link{link(1, 7, false), link(5, 6, true), link(2, 8, false), link(0, 9, true), link(3, 9, true), {New: []int32{3}}}}
	want := []string{"", "up", "", "down", "", ""}
	for i, l := range r.GetLinks() {
		if got := WaysOf(r).Of(l); got != want[i] {
			t.Errorf("link %d went %q, want %q", i, got, want[i])
		}
	}
}

// FuzzEssential holds that whatever a revision says, each unit stands in as many places as before, and that it can be
// printed both ways.
func FuzzEssential(f *testing.F) {
	f.Add(noisy)
	f.Add(revision)
	f.Add(`{"links":[{"old":[-1,7],"new":[7]}],"added":[3],"deleted":[-2],"changes":[{"cosmetic":true,"kind":"moved"},{"cosmetic":true}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var r eventv1.Revision
		if len(text) > 20_000 || protojson.Unmarshal([]byte(text), &r) != nil {
			return
		}
		places := func(r *eventv1.Revision) (olds, news map[int32]int) {
			olds, news = map[int32]int{}, map[int32]int{}
			count := func(list []int32, in map[int32]int) {
				for _, i := range list {
					in[i]++
				}
			}
			for _, link := range r.GetLinks() {
				count(link.GetOld(), olds)
				count(link.GetNew(), news)
			}
			count(r.GetDeleted(), olds)
			count(r.GetAdded(), news)
			return olds, news
		}
		got, _ := Essential(&r)
		olds, news := places(&r)
		oldsLeft, newsLeft := places(got)
		if !maps.Equal(olds, oldsLeft) || !maps.Equal(news, newsLeft) {
			t.Fatalf("units in %v and %v, were in %v and %v", oldsLeft, newsLeft, olds, news)
		}
		for _, cosmetic := range []bool{false, true} {
			p := NewPrinter(io.Discard, false)
			p.Cosmetic = cosmetic
			p.Revision(&r)
		}
	})
}
