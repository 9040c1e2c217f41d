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

func TestPlaceAndCompany(t *testing.T) {
	const (
		divers  = "Divers searched the outer basin for the second anchor all morning."
		told    = "The search in the outer basin went on all day without a find." // divers, told anew
		chain   = "Divers searched the outer basin for a lost chain until nightfall."
		medals  = "Mayor Anna Brandt collects old anchors and lamps in Hale."
		seamed  = "Mayor Anna Brandt owns a boat herself, her office confirmed."
		council = "The council meets on Thursday, and the minutes are public."
	)
	tests := []struct {
		name     string
		old, new []article.Unit
		want     string
	}{
		{"told anew in its place", list(boats, divers, plea), list(boats, told, plea), "0>0 1>1 2>2 3>3"},
		{"told anew far from its place is no pair", list(divers, boats, mayor, plea, tide), list(boats, mayor, plea, tide, told), "0>0 2>1 3>2 4>3 5>4 +5 -1"},
		{"the same people elsewhere are no move", list(seamed, boats, plea, tide, council), list(boats, plea, tide, council, medals), "0>0 2>1 3>2 4>3 5>4 +5 -1"},
		{"a block that moved takes its edited sentence along", list(boats, mayor, plea, tide, divers, council),
			list(tide, chain, boats, mayor, plea, council), "0>0 4>1* 5>2* 1>3 2>4 3>5 6>6"},
		{"parted elsewhere, the words the same", list("Storm at sea", boats, mayor), list("Storm at sea "+boats, mayor), "0>0 1,2>1 3>2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := show(Units(test.old, test.new, units.StopsOf("en"))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			back := show(Units(test.new, test.old, units.StopsOf("en")))
			if strings.Count(back, ">") != strings.Count(test.want, ">") || strings.Count(back, "*") != strings.Count(test.want, "*") {
				t.Errorf("the way back is another: %q", back)
			}
		})
	}
}

func TestFallbacksAreSaid(t *testing.T) {
	if r := Units(list(boats), list(mayor), units.StopsOf("en")); r.Fallback != "" {
		t.Errorf("a short text: %q", r.Fallback)
	}
	var many []string
	for i := range maxUnits / 2 {
		many = append(many, fmt.Sprintf("Line %d", i))
	}
	r := Units(list(append(many, boats)...), list(append(many, mayor)...), units.StopsOf("en"))
	if r.Fallback == "" || len(r.Links) != len(many)+1 {
		t.Errorf("%d links, %q", len(r.Links), r.Fallback)
	}
	m := newMatcher(nil, nil, units.StopsOf("en"))
	m.wordsOf(strings.Repeat("a ", maxWords)+"b", "c"+strings.Repeat(" d", maxWords))
	if !m.coarse {
		t.Error("a long word diff is not told to be coarse")
	}
}

func TestIntroduce(t *testing.T) {
	names := map[string]string{}
	introduce("On Monday Mayor Anna Brandt met Inspector Tomas Ode. Later Inspector Olga Renn came; captain Per Lind, too.", names)
	if names["mayor"] != "brandt" || names["inspector"] != "" || names["captain"] != "lind" {
		t.Errorf("got %v", names)
	}
}

// TestAlias holds that a title counts as the name that the texts introduce with it, and only then.
func TestAlias(t *testing.T) {
	likeness := func(introduction string) float64 {
		m := newMatcher(list(introduction, "The mayor resigned."), list(introduction, "Brandt resigned."), units.StopsOf("en"))
		m.weigh()
		return m.alike(2, 2)
	}
	known, unknown := likeness("On Friday Mayor Anna Brandt left the hall."), likeness("On Friday Anna Brandt left the hall.")
	ambiguous := likeness("On Friday Mayor Anna Brandt met Mayor Olga Renn.")
	if known < unknown+.1 || ambiguous > unknown+.1 {
		t.Errorf("introduced %.2f, not introduced %.2f, two of them %.2f", known, unknown, ambiguous)
	}
}

// TestParagraphsThatMoved holds that a paragraph is told to have moved on less than a sentence that left its own.
func TestParagraphsThatMoved(t *testing.T) {
	const (
		quote  = "“This is a good day for the whole street,” said Ida Falk outside the bakery on Friday morning."
		other  = "“This is a good day for the whole street,” said Ida Falk behind the station on Friday morning."
		anchor = "Divers searched the outer basin for the second anchor all morning."
		owner  = "Its owner, the Kestrel line, wants to sell the chain for scrap."
		anew   = "An anchor kept divers busy in the outer basin, says the harbour office."
		offer  = "The Kestrel line hopes that somebody wants the chain, says its lawyer."
	)
	unit := func(block int, text string) article.Unit { return article.Unit{Block: block, Text: text} }
	title := unit(article.TitleBlock, "A title")
	long := []string{boats, mayor, plea, tide}
	at := func(first int) (units []article.Unit) {
		for i, text := range long {
			units = append(units, unit(first+i, text))
		}
		return units
	}
	tests := []struct {
		name     string
		old, new []article.Unit
		want     string
	}{
		{"a quotation in a paragraph that stayed is another's", append([]article.Unit{title, unit(0, "It rains."), unit(0, quote)}, at(1)...),
			append(append([]article.Unit{title, unit(0, "It rains.")}, at(1)...), unit(5, "It dries."), unit(5, other)), "0>0 1>1 3>2 4>3 5>4 6>5 +6 +7 -2"},
		{"two sentences told anew moved as a paragraph", append([]article.Unit{title, unit(0, anchor), unit(0, owner)}, at(1)...),
			append(append([]article.Unit{title}, at(0)...), unit(4, anew), unit(4, offer)), "0>0 3>1 4>2 5>3 6>4 1>5* 2>6*"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := show(Units(test.old, test.new, units.StopsOf("en"))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
