package urls_test

import (
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/politehttp/urls"
)

func TestParse(t *testing.T) {
	for _, test := range []struct{ raw, base, href, canonical, host string }{
		{"HTTP://News.Example:80/a/../b", "", "http://news.example/b", "https://news.example/b", "news.example"},
		{"../c?x=1#top", "https://news.example/a/b/", "https://news.example/a/c?x=1#top", "https://news.example/a/c?x=1",
			"news.example"},
		{"//other.example", "http://news.example/", "http://other.example/", "https://other.example/", "other.example"},
		{"https://news.example:8443/a", "", "https://news.example:8443/a", "https://news.example:8443/a",
			"news.example:8443"},
		{"https://bücher.example/ä", "", "https://xn--bcher-kva.example/%C3%A4", "https://xn--bcher-kva.example/%C3%A4",
			"xn--bcher-kva.example"},
		{"http://0x7f.1/", "", "http://127.0.0.1/", "https://127.0.0.1/", "127.0.0.1"},
		{"https://user:secret@news.example./a", "", "https://user:secret@news.example./a", "https://news.example/a",
			"news.example"},
		{"mailto:desk@news.example", "", "mailto:desk@news.example", "", ""},
	} {
		got, err := urls.Parse(test.raw, test.base)
		if err != nil {
			t.Errorf("Parse(%q, %q): %v", test.raw, test.base, err)
			continue
		}
		if want := (urls.URL{Href: test.href, Canonical: test.canonical, Host: test.host}); got != want {
			t.Errorf("Parse(%q, %q) = %+v, want %+v", test.raw, test.base, got, want)
		}
		if got.IsWeb() != (test.host != "") {
			t.Errorf("Parse(%q).IsWeb() = %v", test.raw, got.IsWeb())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, raw := range []string{"", "no scheme", "http://", "https://a b/", "http://[::1", "http://x.example:99999/",
		"https://x.example/" + strings.Repeat("a", urls.MaxLength)} {
		if got, err := urls.Parse(raw, ""); err == nil {
			t.Errorf("Parse(%.40q) = %+v, want an error", raw, got)
		}
	}
}

func TestCanonicalSaysTheSamePage(t *testing.T) {
	const page = "https://news.example/story?id=7&page=2"
	for _, same := range []string{
		"http://news.example/story?id=7&page=2",
		"https://news.example/story?page=2&id=7#comments",
		"https://news.example/story?utm_source=x&id=7&UTM_Medium=y&page=2&fbclid=z",
		"https://NEWS.example.:443/story?id=7&&page=2&CMP=share&at_medium=feed",
		"https://news.example/st%6Fry?id=%37&page=2",
	} {
		if got := key(t, same); got != page {
			t.Errorf("the key of %s is %s, want %s", same, got, page)
		}
	}
	for _, other := range []string{
		"https://news.example/story?id=8&page=2",
		"https://news.example/story/?id=7&page=2",
		"https://news.example/Story?id=7&page=2",
		"https://m.news.example/story?id=7&page=2",
		"https://news.example:8080/story?id=7&page=2",
		"https://news.example/story?id=7&page=2&ref=b",
	} {
		if got := key(t, other); got == page {
			t.Errorf("%s has the key of another page", other)
		}
	}
}

func key(t *testing.T, raw string) string {
	t.Helper()
	address, err := urls.Parse(raw, "")
	if err != nil {
		t.Fatal(err)
	}
	return address.Canonical
}

func TestFetchAndRequest(t *testing.T) {
	for _, test := range []struct{ raw, fetch, request string }{
		{"https://news.example/a?b#c", "https://news.example/a?b", "/a?b"},
		{"https://news.example/a#!/live", "https://news.example/a#!/live", "/a"},
		{"https://news.example", "https://news.example/", "/"},
		{"https://news.example?q=/x", "https://news.example/?q=/x", "/?q=/x"},
	} {
		got, err := urls.Parse(test.raw, "")
		if err != nil {
			t.Fatal(err)
		}
		if got.Fetch() != test.fetch || got.Request() != test.request {
			t.Errorf("%s: fetch %s, request %s; want %s, %s", test.raw, got.Fetch(), got.Request(), test.fetch, test.request)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range [][2]string{
		{"http://news.example/a?b=1&a=2#c", ""}, {"../x", "https://news.example/y/z"}, {"http://[::ffff:7f00:1]/", ""},
		{"http://①②⑦.0.0.1/%%34%31", ""}, {"\t ht\ntp://a\\b@c", "file:///C|/x"}, {"https://a/%7e%", ""}, {"?", "mailto:x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, raw, base string) {
		first, err := urls.Parse(raw, base)
		if err != nil || !first.IsWeb() {
			return
		}
		again, err := urls.Parse(first.Canonical, "")
		if err != nil {
			t.Fatalf("the key %q of %q is no address: %v", first.Canonical, raw, err)
		}
		if again.Canonical != first.Canonical {
			t.Fatalf("the key of %q is %q, and its own key %q", raw, first.Canonical, again.Canonical)
		}
	})
}
