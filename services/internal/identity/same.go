package identity

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/politehttp/urls"
	"github.com/stetnews/stet/services/internal/revise/units"
)

const (
	mostDigests   = 32 // of a sketch: enough to tell a half from a tenth
	shortSentence = 4  // words: what is shorter is in many articles
	maxHeadline   = 200
)

// Sketch gives what an article is compared by where its text is not at hand: its headline, and the smallest digests of
// its different sentences, which are a fair sample of them.
func Sketch(s *article.Snapshot) article.Sketch {
	var all []uint32
	for _, u := range units.Sentences(s) {
		if u.Block < 0 || s.Blocks[u.Block].Kind == article.Caption {
			continue
		}
		words := fold(u.Text)
		if len(words) < shortSentence && !wide(u.Text) {
			continue
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(strings.Join(words, " "))) // never fails
		all = append(all, h.Sum32())
	}
	slices.Sort(all)
	all = slices.Compact(all)
	title := []rune(s.Title)
	return article.Sketch{
		Title: string(title[:min(len(title), maxHeadline)]), Total: len(all), Sentences: slices.Clone(all[:min(len(all), mostDigests)]),
	}
}

// wide says whether a text is in a script that does not part its words.
func wide(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
	})
}

// What makes two texts one article.
const (
	alikeTitles  = .8
	mostShared   = .5
	someShared   = .2
	leastWitness = 3 // sentences that show it by themselves
)

// Same says whether two readings are of one article, and why. A headline alone never shows it, because columns and
// weather reports repeat theirs.
func Same(a, b article.Sketch) (bool, string) {
	shared, count := overlap(a, b)
	alike := Titles(a.Title, b.Title) >= alikeTitles
	told := fmt.Sprintf("%.0f %% of the sentences are the same", 100*shared)
	switch {
	case shared >= mostShared && (count >= leastWitness || alike):
		return true, told
	case alike && shared >= someShared:
		return true, "the headlines are alike and " + told
	case alike:
		return false, "the headlines are alike, but only " + told
	}
	return false, "the headlines differ and " + told
}

// overlap is the share of the shorter text's sentences that the other has, estimated from the samples, and how many of
// the samples are in both.
func overlap(a, b article.Sketch) (float64, int) {
	if a.Total == 0 || b.Total == 0 {
		return 0, 0
	}
	union := slices.Concat(a.Sentences, b.Sentences)
	slices.Sort(union)
	union = slices.Compact(union)
	if a.Total > mostDigests || b.Total > mostDigests {
		union = union[:min(len(union), mostDigests)] // beyond, only one of the samples would be seen
	}
	both := 0
	for _, d := range union {
		_, left := slices.BinarySearch(a.Sentences, d)
		_, right := slices.BinarySearch(b.Sentences, d)
		if left && right {
			both++
		}
	}
	jaccard := float64(both) / float64(len(union))
	common := jaccard / (1 + jaccard) * float64(a.Total+b.Total)
	return min(common/float64(min(a.Total, b.Total)), 1), both
}

// Titles is how alike two headlines are, 0 to 1: the share of common words. With different numbers in them they are not.
func Titles(a, b string) float64 {
	left, right := fold(a), fold(b)
	if len(left)+len(right) == 0 || !slices.Equal(numbers(left), numbers(right)) {
		return 0
	}
	rest := slices.Clone(right)
	shared := 0
	for _, w := range left {
		if i := slices.Index(rest, w); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			shared++
		}
	}
	return 2 * float64(shared) / float64(len(left)+len(right))
}

func numbers(words []string) []string {
	var all []string
	for _, w := range words {
		if unicode.IsDigit([]rune(w)[0]) {
			all = append(all, w)
		}
	}
	slices.Sort(all)
	return all
}

// fold are the words of a text in lower case; in scripts that do not part them, the characters.
func fold(text string) []string {
	var all []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }) {
		if !wide(w) {
			all = append(all, w)
			continue
		}
		for _, r := range w {
			all = append(all, string(r))
		}
	}
	return all
}

// likely is how alike the feed's headline and the page's must be. Feeds shorten theirs, and add the section.
const likely = .5

// genuine says whether the page is the one that the feed, or the words in the address, told of. A page of consent or a
// login is not.
func genuine(r Reading, asked urls.URL) bool {
	if r.Page == nil {
		return false
	}
	words := slug(asked)
	for _, title := range []string{r.Page.Title, r.Page.SharedTitle, r.Page.IndexedTitle} {
		if title == "" {
			continue
		}
		if r.Headline != "" && Titles(r.Headline, title) >= likely {
			return true
		}
		in, long := 0, 0
		for _, w := range fold(title) {
			if len(w) > 3 {
				long++
				if words[w] {
					in++
				}
			}
		}
		if in >= 2 && 2*in >= min(long, len(words)) {
			return true
		}
	}
	return false
}
