package describe

import (
	"regexp"
	"strings"
)

// quoted is a passage in quotation marks.
type quoted struct {
	words    string // without its marks
	from, to int    // bytes, with the marks
	speaker  string
}

// quotationMarks are the pairs that enclose spoken words; single ones are too often apostrophes.
var quotationMarks = regexp.MustCompile(`"([^"]+)"|“([^“”]+)”|„([^„“”]+)[“”]|«\s*([^«»]+?)\s*»|»\s*([^«»]+?)\s*«|「([^「」]+)」`)

const (
	mostQuotes    = 200
	longestQuoted = 4000 // bytes
)

func quotesIn(text string) []quoted {
	if !strings.ContainsAny(text, "\"“„«»「") {
		return nil
	}
	var list []quoted
	for _, at := range quotationMarks.FindAllStringSubmatchIndex(text, mostQuotes) {
		for g := 2; g < len(at); g += 2 {
			if at[g] >= 0 && at[g+1]-at[g] > 1 && at[g+1]-at[g] <= longestQuoted {
				list = append(list, quoted{words: strings.TrimSpace(text[at[g]:at[g+1]]), from: at[0], to: at[1]})
			}
		}
	}
	return list
}

// said finds quotations with their speakers, and the sources of what is not quoted.
func (r *reader) said() {
	claimed := map[int]bool{} // items that tell a speaker
	for i := range r.quotes {
		q := &r.quotes[i]
		q.speaker = r.speakerOf(q, claimed)
		r.add(quoteFact, q.words, key(q.words), q.from)
		if q.speaker != "" {
			r.add(speakerFact, q.speaker, strings.ToLower(q.speaker), q.from)
		}
	}
	for n := range r.items {
		if r.inQuote(r.items[n].start) || claimed[n] {
			continue
		}
		for _, phrase := range r.accordingTo {
			if r.items[n].lower == "" || phrase[0] != r.items[n].lower[0] {
				continue
			}
			if end := r.phraseAt(n, phrase); end > n {
				r.source(r.after(end))
			}
		}
		switch {
		case !r.saying[r.items[n].lower] || r.passive(n):
		case r.verbFirst:
			r.source(r.after(n + 1))
		default:
			r.source(r.before(n))
		}
	}
}

func (r *reader) source(list []item) {
	if len(list) > 0 {
		text := slice(r.text, list)
		r.add(sourceFact, text, strings.ToLower(text), list[0].start)
	}
}

// speakerOf is who a quotation is said to be by: the words before or after a verb of saying close to it.
func (r *reader) speakerOf(q *quoted, claimed map[int]bool) string {
	next, last := len(r.items), -1
	for n := range r.items {
		if r.items[n].start >= q.to && n < next {
			next = n
		}
		if r.items[n].end() <= q.from {
			last = n
		}
	}
	for n := next; n < min(len(r.items), next+8); n++ { // “…,” said Brandt; “…,” Brandt said
		if r.inQuote(r.items[n].start) || strings.ContainsAny(r.items[n].text, ".;") {
			break
		}
		if r.saying[r.items[n].lower] {
			claimed[n] = true
			if list := r.before(n); len(list) > 0 && list[0].start >= q.to {
				return slice(r.text, list)
			}
			return slice(r.text, r.after(n+1))
		}
	}
	for n := last; n >= max(0, last-3); n-- { // Brandt said: “…”
		if r.saying[r.items[n].lower] && !r.passive(n) {
			claimed[n] = true
			return slice(r.text, r.before(n))
		}
	}
	return ""
}

// passive says whether a verb of saying tells who was spoken to: the crew had been told.
func (r *reader) passive(n int) bool {
	return n > 0 && formsOfBe[r.items[n-1].lower] && !strings.HasSuffix(r.items[n].lower, "ing")
}

var formsOfBe = words("be been being is are was were")

// mostWho bounds the words that name a source.
const mostWho = 6

// before are the words that end before an item, back to a mark: who did what the verb there says.
func (r *reader) before(n int) []item {
	from := n
	for from > 0 && n-from < mostWho && r.plain(from-1) {
		from--
	}
	return r.who(r.items[from:n], true)
}

// after are the words from an item on, up to a mark.
func (r *reader) after(n int) []item {
	to := n
	for to < len(r.items) && to-n < mostWho && r.plain(to) {
		to++
	}
	return r.who(r.items[n:to], false)
}

// plain says whether an item is a word that can name a source.
func (r *reader) plain(n int) bool {
	x := &r.items[n]
	return (x.word || x.text == ".") && !x.digit && !r.inQuote(x.start) && !r.saying[x.lower] && !r.weekdays[x.lower] && !openClause[x.lower] && x.text != "."
}

// openClause are the words that what was said begins with: who said it stands before them.
var openClause = words("that dass daß que che что कि إن أن")

// who is the part of some words that names somebody: a name with what stands before it, else the first two words.
// Words before a verb end in it, words after a verb begin with it.
func (r *reader) who(list []item, ending bool) []item {
	first, last := -1, -1
	for n := range list {
		if list[n].capital() && !commonFirst[list[n].lower] && !r.articles[list[n].lower] {
			if first < 0 {
				first = n
			}
			if last < 0 || last == n-1 {
				last = n
			}
		}
	}
	switch {
	case first >= 0 && ending:
		return list[first : last+1]
	case first >= 0 && first <= 3:
		return list[:last+1]
	case ending && len(list) > 2:
		return list[len(list)-2:]
	case len(list) > 2:
		return list[:2]
	}
	return list
}
