package newsroom

import (
	"slices"
	"strings"
)

// Noise is a change that says nothing: a comparison has to find it trivial or nothing at all.
type Noise struct {
	Class    string
	Old, New *Snapshot
}

// noises change a text; one that gives the text back does not apply to it.
func noises(l *Language) map[string]func(string) string {
	replace := func(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }
	return map[string]func(string) string{
		"double spaces":       replace(" ", "  "),
		"no-break spaces":     replace(" ", "\u00a0"),
		"thin spaces":         replace(" ", "\u2009"),
		"straight quotes":     replace("“", `"`, "”", `"`, "«", `"`, "»", `"`, "’", "'"),
		"guillemets":          replace("“", "« ", "”", " »"),
		"single quotes":       replace("“", "‘", "”", "’"),
		"long dashes":         replace(", ", " — "),
		"dashes":              replace(" in ", " – in ", " у ", " – у ", " في ", " – في ", "在", "—在", " ने ", " – ने "),
		"commas":              replace(l.comma+" ", " ", "，", ""),
		"ellipsis":            replace(l.stop, "..."),
		"wrong encoding":      replace("“", "â€œ", "”", "â€\u009d", "’", "â€™"),
		"double entities":     replace("“", "&ldquo;", "”", "&rdquo;", "«", "&laquo;", "»", "&raquo;"),
		"zero width":          replace(" ", " \u200b", "，", "，\u200b"),
		"soft hyphens":        replace("er", "e\u00adr", "е", "\u00adе", "ा", "ा\u00ad"),
		"byte order mark":     func(text string) string { return "\ufeff" + text },
		"marks of direction":  func(text string) string { return "\u200e" + text + "\u200f" },
		"upper case":          upperWords,
		"full stops left out": func(text string) string { return strings.TrimSuffix(text, l.stop) },
		"decomposed letters":  replace("é", "e\u0301", "й", "и\u0306", "ё", "е\u0308", "أ", "ا\u0654"),
		"ligatures":           replace("fi", "ﬁ", "fl", "ﬂ"),
		"full width marks":    replace("，", ",", "：", ":", "。", "."),
		"stretched letters":   replace("ال", "اـل"),
	}
}

// upperWords sets the first two words in capitals, as datelines are.
func upperWords(text string) string {
	words := strings.SplitN(text, " ", 3)
	for i := range min(2, len(words)) {
		words[i] = strings.ToUpper(words[i])
	}
	return strings.Join(words, " ")
}

// Noises are an article and copies of it that differ in one class of noise each.
func Noises(l *Language, seed uint64) []Noise {
	d := newDesk(l, seed)
	a := d.article(5 + d.IntN(5))
	d.lines(a)
	old := d.snapshot(a)
	var list []Noise
	for class, change := range noises(l) {
		list = append(list, Noise{class, old, each(old, change)})
	}
	list = append(list, lineNoises(l, old)...)
	list = slices.DeleteFunc(list, func(n Noise) bool { return same(n.Old, n.New) })
	slices.SortFunc(list, func(x, y Noise) int { return strings.Compare(x.Class, y.Class) })
	return list
}

// lineNoises change whole lines: the clock's, and how the text is parted.
func lineNoises(l *Language, old *Snapshot) []Noise {
	with := func(texts ...string) *Snapshot {
		s := *old
		s.Blocks = nil
		for _, text := range texts {
			s.Blocks = append(s.Blocks, Block{Kind: "PARAGRAPH", Text: text})
		}
		s.Blocks = append(s.Blocks, old.Blocks...)
		return &s
	}
	joined := *old
	joined.Blocks = append([]Block{{Kind: "PARAGRAPH", Text: old.Blocks[0].Text + l.space + old.Blocks[1].Text}}, old.Blocks[2:]...)
	kind := *old
	kind.Blocks = slices.Clone(old.Blocks)
	for i := range kind.Blocks {
		kind.Blocks[i].Kind = "PARAGRAPH"
	}
	list := []Noise{{"paragraphs joined", old, &joined}, {"blocks of another kind", old, &kind},
		{"update line", with(l.stamp[0]), with(l.stamp[1])}, {"update line added", old, with(l.stamp[0])}}
	if l.Tag == "en" {
		list = append(list, Noise{"hours ago", with("3 hours ago"), with("5 hours ago")},
			Noise{"dateline", with("TRELFORD — " + old.Blocks[0].Text), with("Trelford, " + old.Blocks[0].Text)})
	}
	return list
}

// each applies a change to every text of a snapshot.
func each(old *Snapshot, change func(string) string) *Snapshot {
	s := *old
	s.Title, s.Standfirst = change(old.Title), change(old.Standfirst)
	s.Blocks = slices.Clone(old.Blocks)
	for i := range s.Blocks {
		s.Blocks[i].Text = change(s.Blocks[i].Text)
	}
	return &s
}

func same(a, b *Snapshot) bool {
	return a.Title == b.Title && a.Standfirst == b.Standfirst && slices.Equal(a.Blocks, b.Blocks)
}
