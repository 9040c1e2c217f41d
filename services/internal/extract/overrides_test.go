package extract

import (
	"strings"
	"testing"
)

func TestOverridesAreFoundBySourceAndHost(t *testing.T) {
	var set Overrides
	for file, text := range map[string]string{
		"list.yaml": "- source: The Gazette\n  note: the box has no class\n  exclude: [.gazette]\n" +
			"- host: paper.example\n  note: two templates\n  exclude: [.paper]\n" +
			"- host: live.paper.example\n  note: live pages\n  exclude: [.live]\n",
		"one.json": `{"source": "The Gazette", "host": "paper.example", "note": "both", "exclude": [".both"]}`,
	} {
		if err := set.Add(file, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	identity := func(text string) string {
		o, err := ParseOverride([]byte(`{"note": "another note", "exclude": ["` + text + `"]}`))
		if err != nil {
			t.Fatal(err)
		}
		return Identity(o).String()
	}
	for _, c := range []struct{ source, url, want string }{
		{"The Gazette", "https://gazette.example/a", identity(".gazette")},
		{"Another", "https://www.PAPER.example:8080/a", identity(".paper")},
		{"Another", "https://live.paper.example/a", identity(".live")},
		{"The Gazette", "https://paper.example/a", identity(".both")},
		{"The Gazette", "https://live.paper.example/a", identity(".live")},
		{"Another", "https://notpaper.example/a", Identity(nil).String()},
		{"", "://", Identity(nil).String()},
	} {
		if got := Identity(set.For(c.source, c.url)).String(); got != c.want {
			t.Errorf("%s at %s is read by %s, want %s", c.source, c.url, got, c.want)
		}
	}
	if identity(".a") == identity(".b") {
		t.Error("overrides that leave out different things have the same identity")
	}
	var none *Overrides
	if none.For("The Gazette", "https://paper.example/a") != nil || none.Len() != 0 {
		t.Error("no set has an override")
	}
}

func TestOverridesThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"- note: x\n  exclude: [p]\n":                      `say in "source" or "host"`,
		"source: A\nexclude: [p]\n":                        `say in "note" why`,
		"source: A\nnote: x\nexlude: [p]\n":                `unknown field "exlude"`,
		"source: A\nnote: x\nexclude: ['p[']\n":            `the selector "p["`,
		"host: https://a.example/\nnote: x\n":              "leave out scheme",
		"- {source: A, note: x}\n- {source: A, note: y}\n": "override 2 in f: another override is for the same pages",
		"a: [\n": "in f",
		"5":      "in f",
		"source: A\nnote: x\ntitle: " + strings.Repeat("p", 600) + "\n": "longer than",
	} {
		var set Overrides
		if err := set.Add("f", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", text, err, want)
		}
	}
}

func FuzzOverrides(f *testing.F) {
	f.Add([]byte("- source: A\n  note: x\n  exclude: [p]\n"))
	f.Add([]byte(`{"host": "a.example", "note": "x", "include": ["article > p"]}`))
	f.Add([]byte("a: &a [*a, *a]"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		var set Overrides
		if set.Add("f", text) == nil {
			set.For("A", "https://a.example/")
		}
	})
}

func TestTheOverrideToTryOnAPage(t *testing.T) {
	const two = "- {host: a.example, note: x, title: h2}\n- {source: B, note: y, title: h3}\n"
	for _, test := range []struct{ text, address, want, err string }{
		{"note: x\ntitle: h2\n", "", "title: h2", ""},
		{"- {host: b.example, note: x, title: h2}\n", "https://a.example/1", "title: h2", ""},
		{two, "https://www.a.example/1", "title: h2", ""},
		{two, "https://b.example/1", "", `none of the overrides in f is for the host of "https://b.example/1"`},
		{"- {note: x}\n- {note: y}\n", "https://a.example/1", "", `say in "source" or "host"`},
		{"[]", "https://a.example/1", "", "none of the overrides"},
		{"title: h2\n", "", "", `say in "note" why`},
	} {
		got, err := TryOverride("f", []byte(test.text), test.address)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q: error %v, want one with %q", test.text, err, test.err)
			}
			continue
		}
		want, wrong := ParseOverride([]byte("note: x\n" + test.want))
		if err != nil || wrong != nil || got.digest != want.digest {
			t.Errorf("%q for %s: %v, %v, %v", test.text, test.address, got, err, wrong)
		}
	}
}
