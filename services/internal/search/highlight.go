package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxExcerpts   = 3    // of a field
	excerptLength = 200  // characters, about
	excerptLead   = 60   // characters before the first match
	maxSpans      = 200  // matches looked for in a field
	maxTitle      = 2000 // bytes of a title shown whole
)

// Highlight shows where a document matches a query: the whole title, and up to three excerpts of each of body, added
// and removed that has a match. It needs the document's Body to look there. What a query leaves out is not marked.
func Highlight(q Query, d *Document) []Excerpt {
	var wanted []Text
	positives(q, &wanted)
	m := &matcher{document: d}
	var excerpts []Excerpt
	for _, field := range []Field{Title, Body, Added, Removed} {
		text := fieldText(d, field)
		spans := m.spans(field, wanted)
		if field == Title && len(text) <= maxTitle && text != "" {
			excerpts = append(excerpts, Excerpt{string(Title), pieces(text, 0, len(text), spans)})
			continue
		}
		excerpts = append(excerpts, cutExcerpts(field, text, spans)...)
	}
	return excerpts
}

// positives collects the words that a match has, rather than lacks.
func positives(q Query, into *[]Text) {
	switch q := q.(type) {
	case Text:
		*into = append(*into, q)
	case And:
		for _, part := range q {
			positives(part, into)
		}
	case Or:
		for _, part := range q {
			positives(part, into)
		}
	}
}

// span is a stretch of a field's bytes.
type span struct{ start, end int }

// spans are the matches in a field in order, those that touch or overlap made one.
func (m *matcher) spans(field Field, wanted []Text) []span {
	var all []span
	for _, q := range wanted {
		if !slices.Contains(q.Fields(), field) {
			continue
		}
		terms, prefix := q.Terms()
		tokens := m.tokens(field)
		for _, at := range findPhrase(tokens, terms, prefix, maxSpans) {
			all = append(all, span{tokens[at].Start, tokens[at+len(terms)-1].End})
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.start - b.start })
	var merged []span
	for _, s := range all {
		if last := len(merged) - 1; last >= 0 && s.start <= merged[last].end {
			merged[last].end = max(merged[last].end, s.end)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// cutExcerpts takes stretches of a text around its matches, each as many matches as fit.
func cutExcerpts(field Field, text string, spans []span) []Excerpt {
	var excerpts []Excerpt
	from := 0
	for len(spans) > 0 && len(excerpts) < maxExcerpts {
		start := cutBefore(text, from, spans[0].start)
		end := cutAfter(text, start, spans[0].end)
		inside := 1
		for inside < len(spans) && spans[inside].end <= end {
			inside++
		}
		excerpts = append(excerpts, Excerpt{string(field), pieces(text, start, end, spans[:inside])})
		spans = spans[inside:]
		from = end
		if len(spans) > 0 {
			from = min(from, spans[0].start)
		}
	}
	return excerpts
}

// cutBefore is where an excerpt begins: a little before a match, at the start of a word.
func cutBefore(text string, from, match int) int {
	start := match
	for n := 0; start > from && n < excerptLead; n++ {
		_, size := utf8.DecodeLastRuneInString(text[from:start])
		start -= size
	}
	if start > 0 && start < match {
		if space := strings.IndexFunc(text[start:match], unicode.IsSpace); space >= 0 {
			start += space
		}
	}
	lead := text[start:match]
	return match - len(strings.TrimLeftFunc(lead, unicode.IsSpace))
}

// cutAfter is where an excerpt ends: at the end of a word, about excerptLength characters on.
func cutAfter(text string, start, match int) int {
	end := start
	for n := 0; end < len(text) && n < excerptLength; n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	if end <= match {
		return match
	}
	if end < len(text) {
		if space := strings.LastIndexFunc(text[match:end], unicode.IsSpace); space >= 0 {
			end = match + space
		}
	}
	return match + len(strings.TrimRightFunc(text[match:end], unicode.IsSpace))
}

// pieces cuts a stretch of a text at its matches.
func pieces(text string, start, end int, spans []span) []Piece {
	var out []Piece
	add := func(to int, match bool) {
		if to > start {
			out = append(out, Piece{text[start:to], match})
			start = to
		}
	}
	for _, s := range spans {
		add(min(s.start, end), false)
		add(min(s.end, end), true)
	}
	add(end, false)
	return out
}
