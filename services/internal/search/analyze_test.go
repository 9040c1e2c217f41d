package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func tokenTexts(text string) string {
	var texts []string
	for _, token := range Analyze(text) {
		texts = append(texts, token.Text)
	}
	return strings.Join(texts, "|")
}

func TestAnalyze(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		" .,;!? \x00\xff":                      "",
		"The Old Ferry.":                       "the|old|ferry",
		"dog's don’t O'Neill":                  "dog's|don't|o'neill",
		"1.5 3,000 U.S.A. example.com foo_bar": "1.5|3,000|u.s.a|example.com|foo_bar",
		"state-of-the-art COVID-19":            "state|of|the|art|covid|19",
		"'quoted' _under_ (x)":                 "quoted|under|x",
		"café Cafe\u0301 Straße Łódź Øre ẞ İstanbul": "cafe|cafe|strasse|lodz|ore|ss|istanbul",
		"Ёлка й Й и\u0306":                           "елка|й|й|й",
		"ΛΌΓΟΣ λόγος":                                "λογοσ|λογοσ",
		"مُحَمَّد كتـــاب":                           "محمد|كتاب",
		"می\u200cخواهم":                              "میخواهم",
		"ＡＢＣ１２ x² ﬁne ½ km²":                         "abc12|x|2|fine|1⁄2|km|2",
		"soft\u00adhyphen a\ufeffb":                  "softhyphen|ab",
		"東京都に行く":                                     "東京|京都|都に|に行|行く|く",
		"東":                                          "東",
		"東京 abc東x":                                   "東京|京|abc|東|x",
		"インターネット ｶﾞｽ":                                "イン|ンタ|ター|ーネ|ネッ|ット|ト|ガス|ス",
		"서울에서":                                       "서울|울에|에서|서",
		"G7정상 tok_京":                                 "g7|정상|상|tok|京",
		"ภาษาไทย":                                    "ภา|าษ|ษา|าไ|ไท|ทย|ย",
		"ไม่":                                        "ไม่|ม่",
		"हिन्दी":                                     "हिन्दी",
		"葛\U000e0100城":                               "葛城|城",
		"a\ue000b\ue001":                             "a|b",
		"🚢 ship 👩‍👩‍👧":                               "ship",
		strings.Repeat("é", 200):                     strings.Repeat("e", 128),
	} {
		if got := tokenTexts(text); got != want {
			t.Errorf("Analyze(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestAnalyzeOffsets(t *testing.T) {
	for text, want := range map[string][]string{
		"The Old":         {"The", "Old"},
		"Café au x² lait": {"Café", "au", "x", "²", "lait"},
		"“Straße”, Łódź":  {"Straße", "Łódź"},
		"東京都":             {"東京", "京都", "都"},
		"ﬁne ½":           {"ﬁne", "½"},
	} {
		var got []string
		for _, token := range Analyze(text) {
			got = append(got, text[token.Start:token.End])
		}
		if !slices.Equal(got, want) {
			t.Errorf("Analyze(%q) stands for %q, want %q", text, got, want)
		}
	}
}

func TestAnalyzeBound(t *testing.T) {
	if got := len(Analyze(strings.Repeat("words ", maxText))); got != maxText/6+1 {
		t.Errorf("%d tokens of a text beyond the bound", got)
	}
	Analyze(strings.Repeat("a\u0301", maxText))
	Analyze("a" + strings.Repeat("\u0301", maxText))
	Analyze(strings.Repeat("\ufdfa", maxText/3))
}

func TestTerms(t *testing.T) {
	for text, want := range map[string]string{
		"old ferry": "old ferry", "東京都": "東京 京都", "東": "東*", "東京 大阪": "東京 京 大阪", "abc東": "abc 東*", "東 京": "東 京*", "!": "",
	} {
		terms, prefix := Text{Text: text}.Terms()
		got := strings.Join(terms, " ")
		if prefix {
			got += "*"
		}
		if got != want {
			t.Errorf("Terms of %q = %s, want %s", text, got, want)
		}
	}
}

func TestIndexText(t *testing.T) {
	if got, want := IndexText("One two.\n\nThree\n"), "one two \ue001 three"; got != want {
		t.Errorf("IndexText = %q, want %q", got, want)
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, seed := range []string{
		"dog's don’t O'Neill 1.5", "Ёлка й x² ½", "東京都に行く ｶﾞ 서울", "ภาษาไทย หำ", "مُحَمَّد كتـــاب", "a\u0301\u0301\ue000\xff\x00", "👩‍👩‍👧 \u200b_",
		"\u1100\u1161\u11a8", "ﷺ㍿①",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, token := range Analyze(text) {
			if token.Start < last || token.End <= token.Start || token.End > len(text) {
				t.Fatalf("token %q at %d to %d of %d, after %d", token.Text, token.Start, token.End, len(text), last)
			}
			last = token.Start
			if token.Text == "" || !utf8.ValidString(token.Text) || strings.ContainsAny(token.Text, " \t\r\n\"()*{}^+\x00\ue000\ue001") {
				t.Fatalf("token %q cannot be indexed", token.Text)
			}
		}
		d := &Document{Title: text}
		Highlight(Text{Text: text}, d)
		if terms, _ := (Text{Text: text}).Terms(); len(terms) > 0 && !strings.Contains(text, "\n") && !Match(Text{Text: text}, d) {
			t.Errorf("%q does not find itself", text)
		}
	})
}
