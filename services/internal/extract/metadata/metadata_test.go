package metadata

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func parse(t *testing.T, text string) Metadata {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return Read(doc)
}

func TestDate(t *testing.T) {
	for declared, want := range map[string]string{
		"2031-03-04T18:05:00+02:00":       "2031-03-04T18:05:00+02:00",
		"2031-03-04T18:05:00.123-0500":    "2031-03-04T18:05:00-05:00",
		"2031-03-04T18:05Z":               "2031-03-04T18:05:00Z",
		"Tue, 04 Mar 2031 18:05:00 GMT":   "2031-03-04T18:05:00Z",
		"Tue, 04 Mar 2031 18:05:00 +0100": "2031-03-04T18:05:00+01:00",
		"2031-03-04":                      "2031-03-04",
		"2031-03-04T18:05:00":             "2031-03-04T18:05:00",
		"yesterday":                       "",
		strings.Repeat("1", 100):          "",
	} {
		if got := date(declared); got != want {
			t.Errorf("date(%q) = %q, want %q", declared, got, want)
		}
	}
}

func TestTitle(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"logo and headline": {`<title>Ferry is late - Courier</title><h1 class="logo">Courier</h1><div><h1>Ferry is late</h1></div>`, "Ferry is late"},
		"in the article":    {`<h1>City</h1><article><h1>Ferry is late</h1></article>`, "Ferry is late"},
		"only a logo":       {`<meta property="og:title" content="Ferry is late"><h1 class="logo">Courier</h1>`, "Ferry is late"},
		"title element":     {`<title>Ferry is late | The Harbour Courier</title><p>x`, "Ferry is late"},
		"bar in headline":   {`<title>Ferry - a love story that never ends well</title><p>x`, "Ferry - a love story that never ends well"},
	} {
		if got := parse(t, c.page).Title; got != c.want {
			t.Errorf("%s: title %q, want %q", name, got, c.want)
		}
	}
}

func TestByline(t *testing.T) {
	for name, c := range map[string]struct {
		page string
		want []string
	}{
		"text in JSON-LD": {`<script type="application/ld+json">{"@type":"NewsArticle","author":"Ada Quill, Ben Oar and Cy Mast"};</script>`, []string{"Ada Quill", "Ben Oar", "Cy Mast"}},
		"broken JSON-LD":  {`<script type="application/ld+json">{"@type":"NewsArticle","author":</script><meta name="author" content="By Ada Quill">`, []string{"Ada Quill"}},
		"link":            {`<article><a rel="author" href="/ada">Ada Quill</a></article>`, []string{"Ada Quill"}},
		"address only":    {`<meta name="author" content="a.quill@courier.example"><meta property="article:author" content="https://courier.example/ada">`, nil},
	} {
		if got := parse(t, c.page).Byline; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: byline %q, want %q", name, got, c.want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for page, want := range map[string]string{
		`<html lang="pt-br">`: "pt-BR",
		`<html lang="??"><meta property="og:locale" content="en_GB">`: "en-GB",
		`<html>`: "",
	} {
		if got := parse(t, page).Language; got != want {
			t.Errorf("%s: language %q, want %q", page, got, want)
		}
	}
}
