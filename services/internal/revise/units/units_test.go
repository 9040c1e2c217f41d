package units

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stetnews/stet/services/internal/article"
)

func TestSplit(t *testing.T) {
	tests := []struct{ language, text string }{ // a bar stands where a sentence ends
		{"en", "The bridge closed.| Nobody was hurt."},
		{"en", "Mr. Brandt met Dr. Ode at St. Anne's.| They spoke."},
		{"en-GB", "J. K. Marlow and P.D. Quince left.| Nobody saw why."},
		{"en", "The U.S. Senate voted at 9 a.m. Friday.| The vote was close."},
		{"en", "He lives in the U.S.| The others do not."},
		{"en", "It costs $3.50, e.g. for two.| No. 7 is sold out."},
		{"en", "“Why now?” she asked.| “We had to!”| Nobody answered."},
		{"en", "\"We will stay.\"| The mayor nodded."},
		{"en", "Yahoo! said so.| Really?| Yes."},
		{"en", "He paused … and went on.| Then he left."},
		{"", "Plan B. Smith agreed.| So did others."},
		{"de", "Am 3. Oktober sprach Dr. Faber.| Das Fest begann um 10 Uhr.| Er blieb z. B. bis zum Abend."},
		{"de", "Das war 2026.| Der Rest ist bekannt."},
		{"fr", "M. Maurin a dit : « Nous restons. »| Il est parti."},
		{"fr", "« Pourquoi ? » demande Mme Roy.| Personne ne répond."},
		{"es", "El Sr. Vega habló con la Dra. Ruiz.| ¿Por qué?| Nadie lo sabe."},
		{"ja", "橋は閉鎖された。|けが人はいない。"},
		{"hi", "पुल बंद है।| कोई घायल नहीं।"},
		{"ar", "هل أغلق الجسر؟| نعم."},
		{"en", "1. First of the list"},
		{"en", "no marks at all"},
		{"en", "It was so in 1920.| 345 people came.| €5 was the price.| See p. 12 and No. 7 of Jan. 5."},
		{"en", "“Why now?” Anna Brandt asked.| “We had to!”| The mayor said no."},
		{"zh", "桥关闭了。|“为什么？”市长说。|没有人回答。"},
		{"zh", "桥关闭了（周一）。|（本报讯）"},
		{"de", "„Warum jetzt?“ fragte Brandt.| „Wir mussten.“| Das war alles."},
		{"ru", "Он живёт на ул. Ленина.| В 2026 г. Анна уехала.| Всё."},
		{"it", "Il sig. Rossi e la dott. Neri.| Non c'era altro."},
	}
	for _, test := range tests {
		want := strings.Split(test.text, "|")
		for i := range want {
			want[i] = strings.TrimSpace(want[i])
		}
		got := Split(strings.ReplaceAll(test.text, "|", ""), test.language)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", test.language, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, test := range []string{ // a bar stands between two words
		"It| |cost| |$3,500.50|.",
		"About| |15%| |of| |€5|,| |or| |7€|.",
		"At| |10:30|,| |on| |3/12/2026|.",
		"A| |well-known| |mother-in-law|.",
		"The| |U.S.| |army",
		"At| |9| |a.m.| |sharp",
		"See| |https://example.org/a?b=c,d|,| |or| |(|www.example.net|)|.",
		"At| |-5|,| |not| |+3|.",
		"It's| |she’s",
		"Won| |3–2| |in| |1998–2004| |–| |twice| |Hale|–|Orrin",
		"a@example.org| |wrote",
		"橋|は|閉",
		"",
	} {
		var want []string
		if test != "" {
			want = strings.Split(test, "|")
		}
		if got := Words(strings.ReplaceAll(test, "|", "")); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"The Mayor’s “plan”, she said.": "the mayor's plan she said",
		"It cost $3,500.50 at 10:30.":   "it cost 3,500.50 at 10:30",
		"mother-in-law":                 "mother in law",
		"橋は A":                          "橋 は a",
		"\xff\xfe?!":                    "",
	} {
		if got := strings.Join(Tokens(text), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSentences(t *testing.T) {
	s := &article.Snapshot{Standfirst: "What is known. And what is not.", Blocks: []article.Block{
		{Kind: article.Paragraph, Text: "One. Two."}, {Text: "  "}, {Kind: article.Heading, Text: "Three"}}}
	want := []article.Unit{{Block: -1}, {Block: -2, Text: s.Standfirst}, {Block: 0, Text: "One."}, {Block: 0, Text: "Two."}, {Block: 2, Text: "Three"}}
	if got := Sentences(s); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	want = slices.Concat(want[:2], []article.Unit{{Block: 0, Text: "One. Two."}, want[4]})
	if got := Blocks(s); !slices.Equal(got, want) {
		t.Errorf("blocks: got %v", got)
	}
}

func TestStops(t *testing.T) {
	if !StopsOf("de-AT", "en").Has("und") || !StopsOf("de", "en").Has("the") || !StopsOf("xx").Has("the") || StopsOf("fr").Has("the") || !StopsOf("ru").Has("и") {
		t.Error("function words of the wrong language")
	}
}

// FuzzCut holds that cutting loses nothing but space between sentences, and nothing at all between words.
func FuzzCut(f *testing.F) {
	for _, seed := range []string{"", "Mr. A. B. went. \"So?\" he said.", "« a. » b", "« » »", "a.\u00a0b\xff.\xc3 C", "http://", "$5.-", "U.S.A.", "\x00\n\r.\n", "«\n\n»0", strings.Repeat("a. ", 50)} {
		f.Add(seed, "de")
	}
	f.Fuzz(func(t *testing.T, text, language string) {
		if joined := strings.Join(Words(text), ""); joined != text {
			t.Fatalf("words: %q became %q", text, joined)
		}
		rest := strings.TrimSpace(text)
		for _, sentence := range Split(text, language) {
			if sentence == "" || strings.TrimSpace(sentence) != sentence {
				t.Fatalf("sentence %q has space at its ends", sentence)
			}
			after, found := strings.CutPrefix(strings.TrimLeftFunc(rest, unicode.IsSpace), sentence)
			if !found {
				t.Fatalf("%q is not what follows in %q", sentence, rest)
			}
			rest = after
		}
		if rest != "" {
			t.Fatalf("%q is in no sentence", rest)
		}
		for _, token := range Tokens(text) {
			if token == "" || !utf8.ValidString(token) {
				t.Fatalf("token %q", token)
			}
		}
	})
}
