package revise

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/revise/units"
)

// hold fails where a revision breaks one of the promises that hold for any two snapshots.
func hold(t *testing.T, old, new *article.Snapshot) {
	t.Helper()
	r := Diff(old, new, nil)
	if err := partition(&r); err != nil {
		t.Fatalf("%v\nold %+v\nnew %+v", err, old, new)
	}
	if made := Apply(old, &r); !slices.Equal(made, r.NewUnits) {
		t.Fatalf("applied to %+v: got %v, want %v", old, made, r.NewUnits)
	}
	if again := Diff(old, new, nil); !reflect.DeepEqual(r, again) {
		t.Fatalf("not deterministic\nold %+v\nnew %+v", old, new)
	}
	back := Diff(new, old, nil)
	if !reflect.DeepEqual(back.Deleted, r.Added) || !reflect.DeepEqual(back.Added, r.Deleted) || !mirrors(r.Links, back.Links) {
		t.Fatalf("not symmetric\nold %+v\nnew %+v\nthere %v\nback %v", old, new, r.Links, back.Links)
	}
	if r.Score < 0 || r.Score > 1 || math.IsNaN(r.Score) || (r.Weight == article.WeightNone) != (len(r.Changes) == 0) ||
		(r.Weight == article.WeightNone) != (r.Score == 0) {
		t.Fatalf("weight %v, score %v with %d changes", r.Weight, r.Score, len(r.Changes))
	}
	for _, s := range []*article.Snapshot{old, new} {
		same := Diff(s, s, nil)
		if same.Weight != article.WeightNone || len(same.Added)+len(same.Deleted)+len(same.Changes) != 0 {
			t.Fatalf("a snapshot differs from itself: %+v", same)
		}
		for _, link := range same.Links {
			if link.Kind != article.Same || link.Moved || link.Old[0] != link.New[0] {
				t.Fatalf("a snapshot differs from itself: %+v", link)
			}
		}
	}
}

// partition says which unit is not in exactly one place, or which link's words are not its units.
func partition(r *article.Revision) error {
	olds, news := make([]int, len(r.OldUnits)), make([]int, len(r.NewUnits))
	for _, i := range r.Deleted {
		olds[i]++
	}
	for _, j := range r.Added {
		news[j]++
	}
	for _, link := range r.Links {
		var oldTexts, newTexts []string
		for _, i := range link.Old {
			olds[i]++
			oldTexts = append(oldTexts, r.OldUnits[i].Text)
		}
		for _, j := range link.New {
			news[j]++
			newTexts = append(newTexts, r.NewUnits[j].Text)
		}
		var before, after strings.Builder
		for n, word := range link.Words {
			if word.Text == "" || (n > 0 && word.Op == link.Words[n-1].Op) {
				return fmt.Errorf("words not in runs: %v", link.Words)
			}
			if word.Op != article.OpAdded {
				before.WriteString(word.Text)
			}
			if word.Op != article.OpDeleted {
				after.WriteString(word.Text)
			}
		}
		if before.String() != strings.Join(oldTexts, " ") || after.String() != strings.Join(newTexts, " ") {
			return fmt.Errorf("words %v are not those of %q and %q", link.Words, oldTexts, newTexts)
		}
	}
	for _, side := range [][]int{olds, news} {
		if i := slices.IndexFunc(side, func(times int) bool { return times != 1 }); i >= 0 {
			return fmt.Errorf("unit %d is in %d places", i, side[i])
		}
	}
	return nil
}

// mirrors says whether two lists of links are one another with the sides exchanged.
func mirrors(there, back []article.Link) bool {
	if len(there) != len(back) {
		return false
	}
	of := func(link article.Link, swap bool) string {
		var runs [3]strings.Builder
		for _, word := range link.Words {
			op := word.Op
			if swap && op != article.OpSame {
				op = article.OpDeleted + article.OpAdded - op
			}
			fmt.Fprintf(&runs[op], "|%s", word.Text)
		}
		kind := link.Kind
		if swap {
			link.Old, link.New = link.New, link.Old
			if kind == article.Split || kind == article.Merged {
				kind = article.Split + article.Merged - kind
			}
		}
		return fmt.Sprint(link.Old, link.New, kind, link.Moved, runs[0].String(), runs[1].String(), runs[2].String())
	}
	var a, b []string
	for i := range there {
		a, b = append(a, of(there[i], false)), append(b, of(back[i], true))
	}
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestPromisesOnGeneratedRevisions(t *testing.T) {
	for seed := range uint64(300) {
		g := newGenerator(seed)
		old := g.article(g.IntN(12))
		hold(t, old, g.edit(old, 1+g.IntN(6)))
	}
}

// page makes a snapshot of a title and paragraphs.
func page(title string, paragraphs ...string) *article.Snapshot {
	s := &article.Snapshot{Title: title, Language: "en"}
	for _, text := range paragraphs {
		s.Blocks = append(s.Blocks, article.Block{Kind: article.Paragraph, Text: text})
	}
	return s
}

const (
	fire  = "A fire destroyed the old grain store at Kestrel quay on Tuesday night."
	crew  = "Forty firefighters from three towns fought the flames until dawn."
	cause = "Inspector Olga Renn believes that a faulty heater set the straw alight."
	cost  = "The owner puts the damage at $1.2 million and wants to rebuild by spring."
	road  = "Ropewalk Street stays closed until Friday, so buses take the ring road."
)

func TestTable(t *testing.T) {
	tests := []struct {
		name     string
		old, new *article.Snapshot
		want     string // changes as element/kind, in order
		weight   article.Weight
	}{
		{"nothing", page("Fire", fire, crew), page("Fire", fire, crew), "", article.WeightNone},
		{"both empty", page(""), page(""), "", article.WeightNone},
		{"first version", &article.Snapshot{}, page("Fire", fire), "headline/added lead/added", article.Substantive},
		{"all gone", page("Fire", fire), &article.Snapshot{}, "headline/deleted lead/deleted", article.Substantive},
		{"headline", page("Fire at the quay", fire), page("Blaze wrecks the quay", fire), "headline/edited", article.Substantive},
		{"headline misspelt", page("Fire wrecks the habror", fire), page("Fire wrecks the habor", fire), "headline/edited", article.Minor},
		{"number", page("Fire", fire, crew, cost), page("Fire", fire, crew, strings.ReplaceAll(cost, "1.2", "1.5")), "body/edited", article.Substantive},
		{"wording", page("Fire", fire, crew, cause), page("Fire", fire, crew, strings.ReplaceAll(cause, "believes", "thinks")), "body/edited", article.Minor},
		{"added", page("Fire", fire, crew), page("Fire", fire, crew, road), "body/added", article.Substantive},
		{"deleted", page("Fire", fire, crew, road), page("Fire", fire, road), "body/deleted", article.Substantive},
		{"moved", page("Fire", fire, crew, cause, cost, road), page("Fire", fire, road, crew, cause, cost), "body/moved", article.Minor},
		{"two moved together", page("Fire", fire, crew+" "+cause, cost, road, crew+" And more."), page("Fire", fire, cost, road, crew+" And more.", crew+" "+cause), "body/moved", article.Minor},
		{"merged", page("Fire", fire, crew+" "+cause), page("Fire", fire, strings.TrimSuffix(crew, ".")+" while "+cause), "body/merged", article.Minor},
		{"split", page("Fire", fire, strings.TrimSuffix(crew, ".")+" while "+cause), page("Fire", fire, crew+" "+cause), "body/split", article.Minor},
		{"spaces", page("Fire", fire+"  "+crew), page(" Fire ", fire+" "+crew+" "), "", article.WeightNone},
		{"marks", page("“Fire” at quay", fire+" It’s over."), page("\"Fire\" at quay", fire+" It's over!"), "headline/edited lead/edited", article.Trivial},
		{"encoding", page("Fire", "It isnâ€™t over &amp; done."), page("Fire", "It isn’t over & done."), "lead/edited", article.Trivial},
		{"case", page("FIRE AT QUAY", fire), page("Fire at quay", fire), "headline/edited", article.Trivial},
		{"update line", page("Fire", fire, "Last updated 10:30 on Monday"), page("Fire", fire, "Last updated 11:45 on Tuesday"), "body/edited", article.Trivial},
		{"decimal point", page("Fire", fire, "It cost 125 crowns a head in all."), page("Fire", fire, "It cost 12.5 crowns a head in all."), "body/edited", article.Substantive},
		{"quotation", page("Fire", fire, "“We lost all we had here,” the owner said."), page("Fire", fire, "“We lost much of what we had here,” the owner said."), "quotation/edited", article.Substantive},
		{"note", page("Fire", fire), page("Fire", fire, "Correction: an earlier version named the wrong quay."), "note/added", article.Substantive},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			hold(t, test.old, test.new)
			r := Diff(test.old, test.new, nil)
			var got []string
			for _, change := range r.Changes {
				got = append(got, change.Element+"/"+change.Kind)
			}
			if strings.Join(got, " ") != test.want || r.Weight != test.weight {
				t.Errorf("got %q, weight %d; want %q, weight %d\n%s", got, r.Weight, test.want, test.weight, render(&r))
			}
		})
	}
}

func TestNamesOfElements(t *testing.T) {
	old, new := page("Fire", fire, crew), page("Fire", fire+" So far.", crew)
	old.Byline, new.Byline = []string{"Ida Falk"}, []string{"Ida Falk", "Per Lind"}
	old.Standfirst, new.Standfirst = "What we know.", "What we know so far."
	new.Blocks = append(new.Blocks, article.Block{Kind: article.Caption, Text: "The store by night."}, article.Block{Kind: article.Note, Text: "Amended twice."})
	new.Images = []article.Image{{Stem: "/img/store"}}
	r := Diff(old, new, nil)
	if got, want := Kinds(&r), []string{"byline", "caption", "image", "lead", "note", "standfirst"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Kinds(&article.Revision{}); len(got) != 0 {
		t.Errorf("a revision without changes has kinds %q", got)
	}
}

func TestFacts(t *testing.T) {
	old := page("Fire", fire, "At 10:30 the mayor counted 12 dead and $3,500.50 in damage, “a dark day for us all”.")
	new := page("Fire", fire, "At 10:45 the mayor counted 15 dead and $3,500.50 in damage, “a very dark day for us all”.")
	r := Diff(old, new, nil)
	want := []article.Fact{{Kind: "number", Old: "12", New: "15"}, {Kind: "time", Old: "10:30", New: "10:45"},
		{Kind: "quote", Old: "a dark day for us all", New: "a very dark day for us all"}}
	if len(r.Changes) != 1 || !slices.Equal(r.Changes[0].Facts, want) {
		t.Errorf("got %+v, want facts %+v", r.Changes, want)
	}
	for _, word := range r.Links[2].Words {
		if word.Op == article.OpDeleted && !slices.Contains([]string{"10:30", "12"}, word.Text) {
			t.Errorf("deleted %q is more or less than a word", word.Text)
		}
	}
}

func TestRestored(t *testing.T) {
	first, second := page("Fire at quay", fire, crew, cost), page("Fire put out", fire, crew)
	r := Diff(second, page("Fire at quay", fire, crew, cost, road), []*article.Snapshot{page("Smoke", fire), first, nil})
	want := []article.Restored{{New: 0, Version: 2}, {New: 3, Version: 2}}
	if !slices.Equal(r.Restored, want) {
		t.Errorf("got %v, want %v", r.Restored, want)
	}
	kinds := map[string]string{}
	for _, change := range r.Changes {
		kinds[change.New] = change.Kind
	}
	if kinds["Fire at quay"] != "restored" || kinds[cost] != "restored" || kinds[road] != "added" {
		t.Errorf("got %v", kinds)
	}
}

func TestDisclosure(t *testing.T) {
	base := page("Fire", fire, crew)
	base.Modified = "2026-03-02T10:00:00Z"
	silent := clone(base)
	silent.Title = "Blaze"
	r := Diff(base, silent, nil)
	if r.Disclosure.NoteAdded || r.Disclosure.ModifiedMoved || len(r.Disclosure.Evidence) != 2 {
		t.Errorf("silent: %+v", r.Disclosure)
	}
	open := clone(silent)
	open.Modified = "2026-03-02T11:00:00Z"
	open.Blocks = append(open.Blocks, article.Block{Kind: article.Paragraph, Text: "This article was amended on 2 March 2026."})
	r = Diff(base, open, nil)
	if !r.Disclosure.NoteAdded || !r.Disclosure.ModifiedMoved || len(r.Disclosure.Evidence) != 2 {
		t.Errorf("open: %+v", r.Disclosure)
	}
	if r = Diff(open, open, nil); r.Disclosure.NoteAdded || len(r.Disclosure.Evidence) != 0 {
		t.Errorf("the same note twice: %+v", r.Disclosure)
	}
	if r = Diff(nil, open, nil); r.Disclosure.NoteAdded || r.Disclosure.ModifiedMoved {
		t.Errorf("first version: %+v", r.Disclosure)
	}
}

// TestScoreRises holds that a further change never lowers the score.
func TestScoreRises(t *testing.T) {
	old := page("Fire", fire, crew, cause, cost)
	last := 0.0
	for _, new := range []*article.Snapshot{
		page("Fire", fire+"!", crew, cause, cost),
		page("Fire", fire, crew, strings.ReplaceAll(cause, "believes", "thinks"), cost),
		page("Fire", fire, crew, cause, strings.ReplaceAll(cost, "1.2", "1.5")),
		page("Fire", fire, crew, strings.ReplaceAll(cause, "believes", "thinks"), strings.ReplaceAll(cost, "1.2", "1.5")),
		page("Blaze", fire, crew, strings.ReplaceAll(cause, "believes", "thinks"), strings.ReplaceAll(cost, "1.2", "1.5")),
	} {
		r := Diff(old, new, nil)
		if r.Score <= last || r.Score > 1 {
			t.Errorf("score %v after %v\n%s", r.Score, last, render(&r))
		}
		last = r.Score
	}
}

func TestApplyRefusesAnotherSnapshot(t *testing.T) {
	r := Diff(page("Fire", fire), page("Blaze", fire), nil)
	if got := Apply(page("Flood", fire), &r); got != nil {
		t.Errorf("got %v", got)
	}
	r.Links[0].Words[0].Text = "Flood"
	if got := Apply(page("Fire", fire), &r); got != nil {
		t.Errorf("contradicting words gave %v", got)
	}
}

// TestHostile holds the promises on texts made to hurt; a cost that grows with the square of the length would not end.
func TestHostile(t *testing.T) {
	long := func(text string, times int) *article.Snapshot { return page("Long", strings.Repeat(text, times)) }
	repeat := func(times int, texts ...string) *article.Snapshot {
		var list []string
		for range times {
			list = append(list, texts...)
		}
		return page("Repeated", list...)
	}
	reversed := repeat(800, "Yes.", "No.")
	slices.Reverse(reversed.Blocks)
	tests := map[string][2]*article.Snapshot{
		"one long sentence":   {long("word and other 12 ", 20_000), long("word und other 13 ", 20_000)},
		"no spaces":           {long("x", 300_000), long("x", 300_001)},
		"no spaces, Han":      {long("橋閉", 20_000), long("閉橋人", 15_000)},
		"islands":             {long("a b the ", 20_000), long("a c the ", 20_000)},
		"all equal":           {repeat(3000, "Yes."), repeat(2000, "Yes.")},
		"equal in reverse":    {repeat(800, "Yes.", "No."), reversed},
		"controls":            {page("\x00\x01", "\x02 \x03. \x04"), page("\x00", "\x05. \u202e abc")},
		"invalid UTF-8":       {page("\xff", "a\xff\xfe. B \xc3"), page("\xfe\xff", "a\xff. B \xc3\x28")},
		"right to left":       {page("خبر", "أغلق الجسر اليوم. لم يصب أحد."), page("خبر", "لم يصب أحد. أغلق الجسر أمس.")},
		"only function words": {page("the of", "to be or not to be."), page("of the", "or not to be to be.")},
	}
	for name, pair := range tests {
		t.Run(name, func(t *testing.T) { hold(t, pair[0], pair[1]) })
	}
}

func TestTooManySentencesFallBackToBlocks(t *testing.T) {
	old := page("Long", strings.Repeat("So it goes on. ", mostSentences+1), "The end.")
	new := page("Long", strings.Repeat("So it goes on. ", mostSentences+2), "The end.")
	r, a := Assess(old, new, nil)
	if len(r.OldUnits) != 3 || len(r.NewUnits) != 3 || !strings.Contains(a.Fallback, "by paragraphs") {
		t.Fatalf("%d and %d units, %q", len(r.OldUnits), len(r.NewUnits), a.Fallback)
	}
	if err := partition(&r); err != nil {
		t.Error(err)
	}
	if !slices.Equal(Apply(old, &r), units.Blocks(new)) {
		t.Error("the new units could not be made")
	}
}

func FuzzDiff(f *testing.F) {
	for seed := range uint64(6) {
		g := newGenerator(seed)
		old := g.article(4)
		f.Add(old.Title, flat(old), old.Title, flat(g.edit(old, 4)), "en")
	}
	f.Add("", "", "\xff", "« a. » b\n\n\x00", "fr")
	f.Fuzz(func(t *testing.T, oldTitle, oldBody, newTitle, newBody, language string) {
		if len(oldBody)+len(newBody) > 20_000 {
			return
		}
		old, new := page(oldTitle, strings.Split(oldBody, "\n\n")...), page(newTitle, strings.Split(newBody, "\n\n")...)
		old.Language, new.Language = language, language
		if len(old.Blocks) > 1 {
			old.Standfirst, old.Blocks = old.Blocks[0].Text, old.Blocks[1:]
		}
		hold(t, old, new)
	})
}

func flat(s *article.Snapshot) string { return s.Body() }

func BenchmarkDiff(b *testing.B) {
	for _, paragraphs := range []int{10, 200, 5000} {
		g := newGenerator(1)
		old := g.article(paragraphs)
		new := g.edit(old, max(3, paragraphs/7))
		b.Run(fmt.Sprintf("edited/%d", paragraphs), func(b *testing.B) { bench(b, old, new) })
		other := newGenerator(2).article(paragraphs)
		b.Run(fmt.Sprintf("others/%d", paragraphs), func(b *testing.B) { bench(b, old, other) })
	}
}

func bench(b *testing.B, old, new *article.Snapshot) {
	b.ReportAllocs()
	for b.Loop() {
		Diff(old, new, nil)
	}
}
