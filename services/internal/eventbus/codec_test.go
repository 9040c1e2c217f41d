package eventbus

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stetnews/stet/services/internal/article"
)

// fill sets every field of a value to something random, so that a field that the codec forgets is found.
func fill(r *rand.Rand, v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<31), r.Int64N(1e9)).UTC()))
	case v.Type() == reflect.TypeFor[time.Duration]():
		v.SetInt(int64(time.Duration(1+r.IntN(1000)) * time.Second))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(3), 4))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case v.Kind() == reflect.String:
		v.SetString(string(rune('a'+r.IntN(26))) + "é\u202e")
	case v.Kind() == reflect.Int:
		v.SetInt(1 + r.Int64N(2)) // inside every enumeration
	case v.Kind() == reflect.Float64:
		v.SetFloat(r.Float64())
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	default:
		panic("the test does not know " + v.Type().String())
	}
}

func TestEventsSurviveTheWire(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var event article.Event
		fill(r, reflect.ValueOf(&event).Elem())
		back, err := EventFromWire(EventToWire(&event))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(event, back); diff != "" {
			t.Fatalf("event: %s", diff)
		}
		var check article.Check
		fill(r, reflect.ValueOf(&check).Elem())
		checkBack, err := CheckFromWire(CheckToWire(&check))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(check, checkBack); diff != "" {
			t.Fatalf("check: %s", diff)
		}
		var item article.Item
		fill(r, reflect.ValueOf(&item).Elem())
		itemBack, err := ItemFromWire(ItemToWire(&item))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(item, itemBack); diff != "" {
			t.Fatalf("item: %s", diff)
		}
		var outcome article.CheckOutcome
		fill(r, reflect.ValueOf(&outcome).Elem())
		outcomeBack, err := CheckOutcomeFromWire(CheckOutcomeToWire(&outcome))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(outcome, outcomeBack); diff != "" {
			t.Fatalf("outcome: %s", diff)
		}
	}
}

func FuzzDecodeRevision(f *testing.F) {
	event := article.Event{Article: "a", Version: 1, Snapshot: article.Snapshot{Title: "t", Blocks: []article.Block{{Text: "x"}}}}
	data, err := encode(EventToWire(&event))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := DecodeRevision(data)
		if err != nil {
			return
		}
		again, err := EventFromWire(EventToWire(&e))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, again, cmpopts.EquateEmpty(), cmpopts.EquateNaNs()); diff != "" {
			t.Error(diff)
		}
	})
}
