package align

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

func list(texts ...string) []article.Unit {
	units := []article.Unit{{Block: article.TitleBlock, Text: "A title"}}
	for i, text := range texts {
		units = append(units, article.Unit{Block: i, Text: text})
	}
	return units
}

const (
	boats = "Three fishing boats sank off Hale while their crews slept ashore."
	mayor = "Mayor Anna Brandt promised the owners help from the harbour fund."
	plea  = "Insurers want to see the wrecks before they pay for anything."
	tide  = "A spring tide had torn the moorings loose shortly after midnight."
)

func TestUnits(t *testing.T) {
	tests := []struct {
		name     string
		old, new []article.Unit
		want     string // links as old>new, with a star where moved; then what is left over
	}{
		{"same", list(boats, mayor), list(boats, mayor), "0>0 1>1 2>2"},
		{"one inserted before all", list(boats, mayor), list(tide, boats, mayor), "0>0 1>2 2>3 +1"},
		{"two exchanged: the lighter moved", list(boats, "Nobody was hurt."), list("Nobody was hurt.", boats), "0>0 2>1* 1>2"},
		{"block moved", list(boats, mayor, plea, tide), list(plea, boats, mayor, tide), "0>0 3>1* 1>2 2>3 4>4"},
		{"split", list(strings.TrimSuffix(boats, ".") + ", and " + mayor), list(boats, mayor), "0>0 1>1,2"},
		{"merged", list(boats, mayor), list(strings.TrimSuffix(boats, ".") + ", and " + mayor), "0>0 1,2>1"},
		{"others", list(boats, mayor), list(plea, tide), "0>0 +1 +2 -1 -2"},
		{"a distractor does not win", list(mayor), list("Mayor Anna Brandt was born in Hale.", strings.Replace(mayor, "promised", "offered", 1)), "0>0 1>2 +1"},
		{"near-duplicate lines keep their order", list("Heat 1: Kestrel 7:31", "Heat 2: Kestrel 7:35", "Heat 3: Kestrel 7:39"),
			list("Heat 1: Kestrel 7:31", "Heat 2: Kestrel 7:36", "Heat 3: Kestrel 7:39"), "0>0 1>1 2>2 3>3"},
		{"short equal units do not move", list("A", "B", "A", "B"), list("A", "B", "A", "B"), "0>0 1>1 2>2 3>3 4>4"},
		{"the title pairs with the title only", list(boats), append([]article.Unit{{Block: article.TitleBlock, Text: boats}}, list("A title")[1:]...), "0>0 +1 -1"},
		{"nothing on one side", list(), list(boats), "0>0 +1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := show(Units(test.old, test.new, units.StopsOf("en"))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func show(r Result) string {
	var parts []string
	join := func(list []int) string { return strings.ReplaceAll(strings.Trim(fmt.Sprint(list), "[]"), " ", ",") }
	for _, link := range r.Links {
		part := join(link.Old) + ">" + join(link.New)
		if link.Moved {
			part += "*"
		}
		parts = append(parts, part)
	}
	for _, j := range r.Added {
		parts = append(parts, fmt.Sprintf("+%d", j))
	}
	for _, i := range r.Deleted {
		parts = append(parts, fmt.Sprintf("-%d", i))
	}
	return strings.Join(parts, " ")
}

func TestWordsOfALink(t *testing.T) {
	tests := []struct{ old, new, want string }{
		{"The boat sank.", "The boat sank.", "The boat sank."},
		{"", "The boat sank.", "{The boat sank.}"},
		{"Twelve boats sank off Hale.", "Fifteen boats sank off Hale.", "[Twelve]{Fifteen} boats sank off Hale."},
		{"It cost $3,500.50 at 10:30.", "It cost $3,600.50 at 10:45.", "It cost [$3,500.50 at 10:30]{$3,600.50 at 10:45}."},
		{"He sat on the roof of the hut.", "He sat near the door of the barn.", "He sat [on the roof of the hut]{near the door of the barn}."},
		{"Old news travels along the northern coast today.", "Fresh news travels along the northern coast now.",
			"[Old]{Fresh} news travels along the northern coast [today]{now}."},
	}
	for _, test := range tests {
		m := newMatcher(nil, nil, units.StopsOf("en"))
		var got strings.Builder
		for _, word := range m.wordsOf(test.old, test.new) {
			fmt.Fprintf(&got, []string{"%s", "[%s]", "{%s}"}[word.Op], word.Text)
		}
		if got.String() != test.want {
			t.Errorf("got %q, want %q", got.String(), test.want)
		}
	}
}
