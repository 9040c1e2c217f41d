package describe

import (
	"regexp"
	"strings"
	"unicode"
)

// The kinds of facts.
const (
	numberFact   = "number"
	dateFact     = "date"
	timeFact     = "time"
	nameFact     = "name"
	quoteFact    = "quote"
	speakerFact  = "speaker"
	sourceFact   = "source"
	hedgeFact    = "hedge"
	negationFact = "negation"
)

// mention is a fact as a text tells it.
type mention struct {
	kind string
	text string
	key  string // equal for the same fact written another way
	at   int    // byte
}

// reader finds the facts of one text.
type reader struct {
	*lexicon
	text   string
	items  []item
	quotes []quoted
	list   []mention
}

// mentions are the facts that a text tells, kind by kind, in the order of the text.
func (l *lexicon) mentions(text string) []mention {
	r := &reader{lexicon: l, text: text, items: itemsOf(text)}
	r.quotes = quotesIn(text)
	r.figures()
	r.names()
	r.words()
	r.said()
	return r.list
}

func (r *reader) add(kind, text, key string, at int) {
	r.list = append(r.list, mention{kind, text, key, at})
}

var clock = regexp.MustCompile(`^\d{1,2}:\d{2}(:\d{2})?$`)

// figures finds numbers with their measures, dates and times.
func (r *reader) figures() {
	for n := 0; n < len(r.items); n++ {
		x := &r.items[n]
		if !x.word || strings.Contains(x.text, "://") {
			continue
		}
		if end := r.dateAt(n); end > n {
			text := slice(r.text, r.items[n:end])
			r.add(dateFact, text, strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(text, ",", ""))), " "), x.start)
			n = end - 1
			continue
		}
		figure, isNumeral := r.numerals[x.lower]
		if !x.digit && !isNumeral {
			continue
		}
		if !isNumeral {
			figure = r.value(x.text)
		}
		end := n + 1
		kind := numberFact
		if clock.MatchString(figure) {
			kind = timeFact
		}
		for end < len(r.items) && end < n+3 && (r.measures[r.items[end].lower] || r.clockWords[r.items[end].lower]) {
			if r.clockWords[r.items[end].lower] {
				kind = timeFact
			}
			figure += " " + r.items[end].lower
			end++
		}
		r.add(kind, slice(r.text, r.items[n:end]), figure, x.start)
		n = end - 1
	}
}

// dateAt is the end of the date that begins at an item, the item itself where none does.
func (r *reader) dateAt(n int) int {
	is := func(n int, set map[string]bool) bool { return n < len(r.items) && set[r.items[n].lower] && r.dated(n) }
	figure := func(n int) bool {
		return n < len(r.items) && r.items[n].digit && len(r.items[n].text) <= 5 && !strings.ContainsAny(r.items[n].text, ":%")
	}
	skip := func(n int, mark string) int {
		if n < len(r.items) && r.items[n].text == mark {
			return n + 1
		}
		return n
	}
	switch {
	case r.spaceless && r.items[n].text == "周" && n+1 < len(r.items) && strings.Contains("一二三四五六日天", r.items[n+1].text):
		return n + 2
	case is(n, r.weekdays):
		return n + 1
	case figure(n):
		if month := skip(n+1, "."); is(month, r.months) {
			if year := skip(month+1, ","); figure(year) && len(r.items[year].text) == 4 {
				return year + 1
			}
			return month + 1
		}
	case is(n, r.months) && figure(n+1):
		if year := skip(n+2, ","); figure(year) && len(r.items[year].text) == 4 {
			return year + 1
		}
		return n + 2
	case is(n, r.months) && n > 0 && len(r.items[n].text) > 3:
		return n + 1
	}
	return n
}

// dated says whether a word that can be a month or a day is one here: "may" and "march" are also verbs.
func (r *reader) dated(n int) bool {
	switch r.items[n].lower {
	case "may", "march", "mar", "sun", "sat":
		return r.items[n].capital() && n > 0
	}
	return true
}

// value is a figure in one form: Western digits, no marks between thousands.
func (r *reader) value(text string) string {
	text = strings.Map(func(char rune) rune {
		if unicode.IsDigit(char) && char > 0x7f {
			for zero := char; ; zero-- { // the digits of a script stand in a row
				if !unicode.IsDigit(zero-1) || char-zero == 9 {
					return '0' + (char - zero)
				}
			}
		}
		return unicode.ToLower(char)
	}, oneDash(strings.TrimRight(text, ".,;:!?")))
	thousands, decimals := ",", "."
	if r.decimalComma {
		thousands, decimals = ".", ","
	}
	whole, rest, _ := strings.Cut(text, decimals)
	parts := strings.Split(whole, thousands)
	for _, part := range parts[1:] {
		if len(strings.TrimRight(part, "%‰°€$£¥")) != 3 {
			return text
		}
	}
	whole = strings.Join(parts, "")
	if rest != "" {
		return whole + "." + rest
	}
	return whole
}

// words finds hedges and negations outside quotations.
func (r *reader) words() {
	for n := range r.items {
		x := &r.items[n]
		if !x.word || r.inQuote(x.start) {
			continue
		}
		for _, phrase := range r.hedges {
			if x.lower == "" || phrase[0] != x.lower[0] {
				continue // most of the time
			}
			if end := r.phraseAt(n, phrase); end > n {
				r.add(hedgeFact, slice(r.text, r.items[n:end]), phrase, x.start)
				break
			}
		}
		if r.negations[strings.ReplaceAll(x.lower, "’", "'")] {
			r.add(negationFact, x.text, "", x.start)
		}
	}
}

// phraseAt is the end of a phrase that begins at an item, the item itself where it does not.
func (r *reader) phraseAt(n int, phrase string) int {
	if r.spaceless {
		if !strings.HasPrefix(r.text[r.items[n].start:], phrase) {
			return n
		}
		end := n
		for end < len(r.items) && r.items[end].start < r.items[n].start+len(phrase) {
			end++
		}
		return end
	}
	end := n
	for part := range strings.FieldsSeq(phrase) {
		if end == len(r.items) || r.items[end].lower != part {
			return n
		}
		end++
	}
	return end
}

func (r *reader) inQuote(at int) bool {
	for _, q := range r.quotes {
		if at >= q.from && at < q.to {
			return true
		}
	}
	return false
}
