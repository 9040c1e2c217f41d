package searchtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/search"
)

// lexicon is what random texts and queries are made of, so that they meet often.
var lexicon = []string{
	"harbour", "harbours", "ferry", "ferries", "Fähre", "fahre", "café", "Straße", "strasse", "don’t", "don't", "3,000", "1.5", "U.S.A.",
	"pier-nine", "foo_bar", "x²", "ёлка", "елка", "йод", "мост", "мосты", "λόγος", "ΛΌΓΟΣ", "مُحَمَّد", "محمد", "كتاب", "שלום", "東京", "東京都", "京都", "行く",
	"インターネット", "ネット", "ｶﾞ", "서울에서", "서울", "ภาษาไทย", "ไทย", "हिन्दी", "Việt", "ＡＢＣ", "ﬁne", "soft\u00adhyphen", "🚢", "½", "G7정상", "tok_京", "a", "b",
}

// random makes documents and queries from a seed.
type random struct{ *rand.Rand }

func (r random) pick(from []string) string { return from[r.IntN(len(from))] }

func (r random) text(most int) string {
	var b strings.Builder
	for range r.IntN(most + 1) {
		b.WriteString(r.pick(lexicon))
		b.WriteString(r.pick([]string{" ", " ", " ", " ", ", ", "\n", "", ". "}))
	}
	return b.String()
}

var (
	sources   = []string{"North Post", "South Post", "Østkysten", "日報"}
	kinds     = []string{"first", "headline", "body", "note", "moved"}
	languages = []string{"en", "en-GB", "ja", "nb-NO", ""}
)

func (r random) document(n int) search.Document {
	d := search.Document{
		Article: fmt.Sprintf("art%d", n/3), Version: n%3 + 1, Source: r.pick(sources), Language: r.pick(languages),
		Time:  time.Date(2026, 1, 1+r.IntN(20), r.IntN(24), 0, 0, r.IntN(3), time.UTC),
		Title: r.text(4), Body: r.text(14), Added: r.text(4), Removed: r.text(4), Weight: r.IntN(4), Score: float64(r.IntN(11)) / 10,
	}
	for range r.IntN(3) {
		d.Kinds = append(d.Kinds, r.pick(kinds))
	}
	return d
}

func (r random) query(depth int) search.Query {
	if depth == 0 || r.IntN(3) == 0 {
		return r.leaf()
	}
	switch r.IntN(4) {
	case 0:
		return search.Not{Of: r.query(depth - 1)}
	case 1:
		return search.Or(r.queries(depth - 1))
	}
	return search.And(r.queries(depth - 1))
}

func (r random) queries(depth int) []search.Query {
	var parts []search.Query
	for range 1 + r.IntN(3) {
		parts = append(parts, r.query(depth))
	}
	return parts
}

func (r random) leaf() search.Query {
	moment := func() time.Time { return time.Date(2026, 1, 1+r.IntN(20), r.IntN(24), 0, 0, r.IntN(3), time.UTC) }
	switch r.IntN(10) {
	case 0:
		return search.Keyword{Field: search.Source, Value: r.pick(sources)}
	case 1:
		return search.Keyword{Field: search.Kind, Value: r.pick(kinds)}
	case 2:
		return search.Keyword{Field: search.Language, Value: r.pick([]string{"en", "en-gb", "nb", "ja", "fr"})}
	case 3:
		return []search.Query{search.Range{From: moment()}, search.Range{To: moment()}, search.Range{From: moment(), To: moment()}}[r.IntN(3)]
	case 4:
		op := r.pick([]string{">", ">=", "<", "<="})
		if r.IntN(2) == 0 {
			return search.Number{Field: search.Weight, Op: op, Value: float64(r.IntN(4))}
		}
		return search.Number{Field: search.Score, Op: op, Value: float64(r.IntN(11)) / 10}
	}
	q := search.Text{Field: []search.Field{search.AnyText, search.AnyText, search.Title, search.Body, search.Added, search.Removed}[r.IntN(6)], Text: r.pick(lexicon)}
	switch r.IntN(4) {
	case 0:
		q.Text += " " + r.pick(lexicon)
	case 1:
		runes := []rune(q.Text)
		q.Text, q.Prefix = string(runes[:1+r.IntN(len(runes))]), true
	}
	return q
}

// testRandom compares the hits of random queries on random documents with those of search.Match.
func testRandom(t *testing.T, b *bench) {
	r := random{rand.New(rand.NewPCG(20260301, 7))}
	var documents []search.Document
	for n := range 240 {
		documents = append(documents, r.document(n))
	}
	shuffled := slices.Clone(documents)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for batch := range slices.Chunk(shuffled, 50) {
		b.put(batch...)
	}
	some := 0
	for range 400 {
		q := r.query(4)
		var want []string
		for i := range documents {
			if search.Match(q, &documents[i]) {
				want = append(want, documents[i].ID())
			}
		}
		got := b.all(q, search.Newest)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%v\nfinds %v\nwant  %v", q, got, want)
		}
		if len(want) > 0 && len(want) < len(documents) {
			some++
		}
	}
	if some < 200 {
		t.Errorf("only %d of the queries say anything", some)
	}
}
