package search

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHighlight(t *testing.T) {
	long := strings.Repeat("Some words go by. ", 30)
	d := &Document{
		Title:   "The Café opens",
		Body:    long + "The café, a new café. " + long + "One more cafe here. " + long + "And a third café. " + long + "A fourth café.",
		Removed: "東京都に行く",
	}
	got := Highlight(Or{Text{Text: "cafe"}, Text{Text: "京都"}, Not{Text{Text: "words"}}}, d)
	var fields []string
	for _, excerpt := range got {
		fields = append(fields, excerpt.Field)
		whole := ""
		for _, piece := range excerpt.Pieces {
			whole += piece.Text
		}
		if !strings.Contains(fieldText(d, Field(excerpt.Field)), whole) || utf8.RuneCountInString(whole) > 200 {
			t.Errorf("excerpt %q of %s", whole, excerpt.Field)
		}
		if strings.HasPrefix(whole, "ome") || strings.HasSuffix(whole, "Som") {
			t.Errorf("excerpt %q cuts a word", whole)
		}
	}
	if want := []string{"title", "body", "body", "body", "removed"}; !reflect.DeepEqual(fields, want) {
		t.Fatalf("excerpts of %v, want %v", fields, want)
	}
	for i, want := range map[int][]Piece{
		0: {{"The ", false}, {"Café", true}, {" opens", false}},
		4: {{"東", false}, {"京都", true}, {"に行く", false}},
	} {
		if !reflect.DeepEqual(got[i].Pieces, want) {
			t.Errorf("excerpt %d is %v, want %v", i, got[i].Pieces, want)
		}
	}
	if first := got[1].Pieces; len(first) != 5 || !first[1].Match || !first[3].Match {
		t.Errorf("two matches near each other: %v", first)
	}
	if got := Highlight(nil, d); len(got) != 1 || len(got[0].Pieces) != 1 {
		t.Errorf("without a query: %v", got)
	}
}

func TestMatchOddTrees(t *testing.T) {
	d := &Document{Title: "ferry"}
	for _, test := range []struct {
		q    Query
		want bool
	}{
		{nil, true}, {And{}, true}, {Or{}, false}, {Not{}, false}, {Text{}, false}, {Range{}, true}, {Number{Op: "?"}, false},
		{And{Text{Text: "ferry"}, nil}, true},
	} {
		if got := Match(test.q, d); got != test.want {
			t.Errorf("Match(%#v) = %v", test.q, got)
		}
	}
}
