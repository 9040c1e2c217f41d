package searchtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

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

// moment is one of a few hundred in three months, each with two close neighbours.
func (r random) moment() time.Time {
	return time.Date(2026, time.Month(1+r.IntN(3)), 1+10*r.IntN(3), r.IntN(24), 0, 0, r.IntN(3), time.UTC)
}

func (r random) document(n int) search.Document {
	d := search.Document{
		Article: fmt.Sprintf("art%d", n/3), Version: n%3 + 1, Source: r.pick(sources), Language: r.pick(languages),
		Time:  r.moment(),
		Title: r.text(4), Body: r.text(14), Added: r.text(4), Removed: r.text(4), Weight: r.IntN(4), Score: float64(r.IntN(11)) / 10,
	}
	for range r.IntN(3) {
		d.Kinds = append(d.Kinds, r.pick(kinds))
	}
	return d
}

func (r random) field(from ...search.Field) search.Field { return from[r.IntN(len(from))] }

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
	switch r.IntN(12) {
	case 10:
		return search.Keyword{Field: search.Article, Value: fmt.Sprintf("art%d", r.IntN(70))}
	case 11:
		return search.Number{Field: r.field(search.Weight, search.Score), Op: "=", Value: float64(r.IntN(7)) / 2}
	case 0:
		return search.Keyword{Field: search.Source, Value: r.pick(sources)}
	case 1:
		return search.Keyword{Field: search.Kind, Value: r.pick(kinds)}
	case 2:
		return search.Keyword{Field: search.Language, Value: r.pick([]string{"en", "en-gb", "nb", "ja", "fr"})}
	case 3:
		return []search.Query{search.Range{From: r.moment()}, search.Range{To: r.moment()}, search.Range{From: r.moment(), To: r.moment()}}[r.IntN(3)]
	case 4:
		op := r.pick([]string{">", ">=", "<", "<="})
		if r.IntN(2) == 0 {
			return search.Number{Field: search.Weight, Op: op, Value: float64(r.IntN(4))}
		}
		return search.Number{Field: search.Score, Op: op, Value: float64(r.IntN(11)) / 10}
	}
	q := search.Text{Field: r.field(search.AnyText, search.AnyText, search.Title, search.Body, search.Added, search.Removed), Text: r.pick(lexicon)}
	if r.IntN(3) == 0 {
		q.Text += r.pick([]string{" ", " ", "", ", ", "\n"}) + r.pick(lexicon)
	}
	if r.IntN(3) == 0 {
		runes := []rune(q.Text)
		q.Text, q.Prefix = string(runes[:1+r.IntN(len(runes))]), true
	}
	return q
}

// randomQueries is how many are compared where STET_TEST_QUERIES does not say.
const randomQueries = 600

func queriesWanted(t *testing.T) int {
	text := os.Getenv("STET_TEST_QUERIES")
	if text == "" {
		return randomQueries
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("STET_TEST_QUERIES=%s is no number of queries", text)
	}
	return n
}

// testRandom compares the hits of random queries on random documents with those of search.Match. The documents fill
// three months, some are written twice, and all in random order.
func testRandom(t *testing.T, b *bench) {
	r := random{rand.New(rand.NewPCG(20260301, 7))}
	var documents []search.Document
	for n := range 180 { // one page of hits
		documents = append(documents, r.document(n))
	}
	shuffled := append(slices.Clone(documents), documents[:40]...)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for batch := range slices.Chunk(shuffled, 50) {
		b.put(batch...)
	}
	var group errgroup.Group
	group.SetLimit(4)
	var telling atomic.Int64
	wanted := queriesWanted(t)
	for range wanted {
		q := r.query(1 + r.IntN(5))
		group.Go(func() error {
			want := matching(q, documents)
			result, err := b.Search(t.Context(), search.Request{Query: q, Limit: search.MaxLimit, WithTotal: true})
			if err != nil {
				return fmt.Errorf("searching %v: %w", q, err)
			}
			got := hitIDs(result)
			if slices.Sort(got); !slices.Equal(got, want) || result.Total != int64(len(want)) {
				t.Errorf("%v\nfinds %v of %d\nwant  %v", q, got, result.Total, want)
			}
			if len(want) > 0 && len(want) < len(documents) {
				telling.Add(1)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d random queries on %d documents, %d of them with some of the documents as hits", wanted, len(documents), telling.Load())
	if telling.Load() < int64(wanted)/3 {
		t.Errorf("only %d of the queries say anything", telling.Load())
	}
}

// matching are the ids of the documents that a query matches, sorted.
func matching(q search.Query, documents []search.Document) []string {
	var ids []string
	for i := range documents {
		if search.Match(q, &documents[i]) {
			ids = append(ids, documents[i].ID())
		}
	}
	slices.Sort(ids)
	return ids
}
