package revise

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

// TestFlapping holds that a text which goes to and fro is told once as news, and from then on as a variant.
func TestFlapping(t *testing.T) {
	a, b := page("Storm warning", fire, crew), page("Storm over", fire)
	first, said := Assess(b, a, []*article.Snapshot{a})
	if said.VariantOf != 1 || said.Returns != 1 || first.Weight != article.Substantive {
		t.Errorf("first return: %+v, weight %d", said, first.Weight)
	}
	again, said := Assess(b, a, []*article.Snapshot{a, b, a})
	if said.VariantOf != 3 || said.Returns != 2 || again.Weight != article.Trivial || again.Score >= .01 || again.Score == 0 {
		t.Errorf("second return: %+v, weight %d, score %v", said, again.Weight, again.Score)
	}
	if slices.Contains(Kinds(&first), Flapping) || !slices.Contains(Kinds(&again), Flapping) {
		t.Errorf("kinds of the first return %q, of the second %q", Kinds(&first), Kinds(&again))
	}
	if !slices.ContainsFunc(again.Changes, func(c article.Change) bool { return c.Kind == "restored" }) {
		t.Errorf("what is back is not told: %+v", again.Changes)
	}
	if _, said = Assess(b, page("Storm warning", fire, cause), []*article.Snapshot{a, b, a}); said.VariantOf != 0 {
		t.Errorf("another text: %+v", said)
	}
}

func TestAssessment(t *testing.T) {
	old, new := page("“Fire” at the quay", fire, crew), page("\"Fire\" at the quay", strings.ReplaceAll(fire, "Tuesday", "Monday"), crew, cost)
	r, a := Assess(old, new, nil)
	if len(a.Cosmetic) != len(r.Changes) || !a.Cosmetic[0] || a.Cosmetic[1] || a.Cosmetic[2] {
		t.Errorf("cosmetic %v of %+v", a.Cosmetic, r.Changes)
	}
	for i := range r.Changes {
		if a.Cosmetic[i] != Cosmetic(&r.Changes[i]) {
			t.Errorf("change %d is told to be cosmetic in two ways", i)
		}
	}
	want := []string{`lead: date "Tuesday" became "Monday"`, `body added: number "$1.2 million" came`, "headline: marks, spaces or case only"}
	if !slices.Equal(a.Reasons, want) || a.Fallback != "" {
		t.Errorf("got %q, want %q; %q", a.Reasons, want, a.Fallback)
	}
}

// TestWhatWeighs holds which changes of one sentence are substantive and how they are ordered by score.
func TestWhatWeighs(t *testing.T) {
	base := page("Fire destroys grain store", fire, crew, "The mayor said on Monday that nobody had believed the old warnings.", cost)
	change := func(from, to string) *article.Snapshot {
		s := clone(base)
		s.Title = strings.ReplaceAll(s.Title, from, to)
		for i := range s.Blocks {
			s.Blocks[i].Text = strings.ReplaceAll(s.Blocks[i].Text, from, to)
		}
		return s
	}
	last := 0.0
	for _, test := range []struct {
		name   string
		new    *article.Snapshot
		weight article.Weight
	}{ // from the lightest to the heaviest
		{"marks", change("warnings.", "warnings!"), article.Trivial},
		{"spelling", change("warnings", "warnigns"), article.Minor},
		{"function words", change("that nobody", "as to how nobody"), article.Minor},
		{"a word", change("warnings", "reports"), article.Minor},
		{"a date", change("on Monday", "on Tuesday"), article.Substantive},
		{"a hedge", change("had believed", "had reportedly believed"), article.Substantive},
		{"a number", change("$1.2 million", "$1.5 million"), article.Substantive},
		{"the headline", change("destroys grain store", "damages two storehouses at quay"), article.Substantive},
	} {
		r := Diff(base, test.new, nil)
		if r.Weight != test.weight || r.Score < last {
			t.Errorf("%s: weight %d, score %.3f after %.3f\n%s", test.name, r.Weight, r.Score, last, render(&r))
		}
		last = r.Score
	}
}

// TestFactsOfWholeSentences holds that the facts of a sentence that came or went are told, unless the other version
// tells them too, and that a text replaced as a whole is no list of them.
func TestFactsOfWholeSentences(t *testing.T) {
	const divers = "On Thursday, 14 divers searched the harbour, and Mayor Anna Brandt said “we lost a friend of the town”."
	facts := func(old, new *article.Snapshot) (told []string) {
		r := Diff(old, new, nil)
		for _, c := range r.Changes {
			for _, f := range c.Facts {
				told = append(told, f.Kind+" "+f.Old+">"+f.New)
			}
		}
		return told
	}
	without, with := page("Boats", fire, crew), page("Boats", fire, crew, divers)
	if got, want := facts(without, with), []string{"number >14", "date >Thursday", "name >Anna Brandt", "quote >we lost a friend of the town"}; !slices.Equal(got, want) {
		t.Errorf("came: %q, want %q", got, want)
	}
	if got, want := facts(with, without), []string{"number 14>", "date Thursday>", "name Anna Brandt>", "quote we lost a friend of the town>"}; !slices.Equal(got, want) {
		t.Errorf("went: %q, want %q", got, want)
	}
	known := page("Boats", fire, crew, "Nobody had seen Mayor Anna Brandt since Thursday, and 14 chairs stood empty.")
	named := clone(known)
	named.Blocks = append(named.Blocks, article.Block{Kind: article.Paragraph, Text: divers})
	if got, want := facts(known, named), []string{"quote >we lost a friend of the town"}; !slices.Equal(got, want) {
		t.Errorf("what was known has come: %q, want %q", got, want)
	}
	if got := facts(nil, with); len(got) != 0 {
		t.Errorf("a first version has facts that came: %q", got)
	}
	var many []string
	for n := range 5000 {
		many = append(many, fmt.Sprintf("Boat %d sank off pier %d.", 100+n, 9000+n))
	}
	if got := facts(without, page("Boats", many...)); len(got) == 0 || len(got) > 3000 {
		t.Errorf("%d facts of a text that was replaced as a whole", len(got))
	}
}

func TestShortQuotationIsAStatement(t *testing.T) {
	old, new := page("Inquiry", fire, crew, "“It was us,” she said. “And I am sorry.”"), page("Inquiry", fire, crew, "“It was us,” she said.")
	if r := Diff(old, new, nil); r.Weight != article.Substantive {
		t.Errorf("weight %d: %v", r.Weight, r.Reasons)
	}
	old.Blocks[2].Text, new.Blocks[2].Text = "We will see. So it is.", "We will see."
	if r := Diff(old, new, nil); r.Weight != article.Minor {
		t.Errorf("weight %d: %v", r.Weight, r.Reasons)
	}
}
