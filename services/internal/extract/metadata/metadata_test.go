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
		"Tue Mar 4 18:05:00 CET 2031":     "2031-03-04T18:05:00+01:00",
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
		"logo and headline":  {`<title>Ferry is late - Courier</title><h1 class="logo">Courier</h1><div><h1>Ferry is late</h1></div>`, "Ferry is late"},
		"in the article":     {`<h1>City</h1><article><h1>Ferry is late</h1></article>`, "Ferry is late"},
		"only a logo":        {`<meta property="og:title" content="Ferry is late"><h1 class="logo">Courier</h1>`, "Ferry is late"},
		"kicker in the h1":   {`<h1><span class="article__overline">Harbour</span> - <span>Ferry is late again</span></h1>`, "Ferry is late again"},
		"label is the whole": {`<h1><span class="label">Ferry is late again today</span></h1>`, "Ferry is late again today"},
		"generic h1":         {`<meta property="og:title" content="Ferry is late"><main><h1>All about us</h1></main>`, "Ferry is late"},
		"no h1, site behind": {`<meta property="og:title" content="Ferry is late-city | Courier"><script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry is late"}</script>`, "Ferry is late"},
		"title element":      {`<title>Ferry is late | The Harbour Courier</title><p>x`, "Ferry is late"},
		"bar in headline":    {`<title>Ferry - a love story that never ends well</title><p>x`, "Ferry - a love story that never ends well"},
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
		"text in JSON-LD":        {`<script type="application/ld+json">{"@type":"NewsArticle","author":"Ada Quill, Ben Oar and Cy Mast"};</script>`, []string{"Ada Quill", "Ben Oar", "Cy Mast"}},
		"broken JSON-LD":         {`<script type="application/ld+json">{"@type":"NewsArticle","author":</script><meta name="author" content="By Ada Quill">`, []string{"Ada Quill"}},
		"the house and a person": {`<meta property="og:site_name" content="Courier"><script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Courier"}}</script><h1>x</h1><p class="byline">By <a href="/a">Ada Quill</a> | 3 May</p>`, []string{"Ada Quill"}},
		"the house alone":        {`<meta property="og:site_name" content="Courier"><meta name="author" content="Courier">`, []string{"Courier"}},
		"a sentence on a video":  {`<article><h1>x</h1><p class="author">Video shows the ferry as it leaves the harbour at night</p></article>`, nil},
		"sign and picture":       {`<script type="application/ld+json">{"@type":"NewsArticle","author":["Ada Quill (aqu)","(Image: Getty Images)"]}</script>`, []string{"Ada Quill"}},
		"name beside the date":   {`<div><h1>x</h1><div class="meta"><span class="authorname">Ben Oar</span> 3 May 2031</div></div>`, []string{"Ben Oar"}},
		"link":                   {`<article><a rel="author" href="/ada">Ada Quill</a></article>`, []string{"Ada Quill"}},
		"what somebody is":       {`<meta name="author" content="By ADA QUILL, Courier Sports Writer">`, []string{"ADA QUILL"}},
		"a word before":          {`<meta name="author" content="Текст: Ada Quill">`, []string{"Ada Quill"}},
		"an author's page":       {`<meta name="author" content="LC"><link rel=canonical href="https://www.lc.example/a"><h1>x</h1><p>by <a href="/authors/name/quill">Ada Quill</a></p>`, []string{"Ada Quill"}},
		"a topic's page":         {`<h1>x</h1><p>On <a href="/topics/harbour">Ferry Harbour</a></p>`, nil},
		"a line of its own":      {`<h1>x</h1><p>By Ada Quill and Ben Oar</p>`, []string{"Ada Quill", "Ben Oar"}},
		"a line of the story":    {`<h1>x</h1><p>By the time Ada Quill came home it was dark.</p>`, nil},
		"several elements":       {`<h1>x</h1><p><span class="author-link"><a href="/q">Ada Quill</a>,</span> <span class="author-link"><a href="/o">Ben Oar</a></span> <span class="author-link">3 Minutes Read</span></p>`, []string{"Ada Quill", "Ben Oar"}},
		"a sign with a point":    {`<script type="application/ld+json">{"@type":"NewsArticle","author":["Ada Quill (aq.)","Ben Oar (boa)"]}</script>`, []string{"Ada Quill", "Ben Oar"}},
		"headline in an h3":      {`<meta property="og:title" content="Ferry is late again today"><article><h3><i>Harbour</i> Ferry is late again today</h3><span class="authorname">Ben Oar</span></article>`, []string{"Ben Oar"}},
		"a line below the story": {`<h1>x</h1>` + strings.Repeat("<p>It is late.</p>", 300) + `<ul><li>1 May</li><li><b>Autorin/Autor</b> Ada Quill</li></ul>`, []string{"Ada Quill"}},
		"lines of other stories": {`<h1>x</h1>` + strings.Repeat("<p>It is late.</p>", 300) + `<p>By Ada Quill</p><p>By Ben Oar</p>`, nil},
		"no capital":             {`<h1>x</h1><p>by train Ada Quill</p>`, nil},
		"address only":           {`<meta name="author" content="a.quill@courier.example"><meta property="article:author" content="https://courier.example/ada">`, nil},
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

func TestPrintedDate(t *testing.T) {
	for _, c := range []struct{ text, language, want string }{
		{"Di 04.03.31 | 18:05 Uhr", "de", "2031-03-04T18:05:00"},
		{"Stand: 04.03.2031, 18:05 Uhr", "de", "2031-03-04T18:05:00"},
		{"03/04/2031", "en-US", "2031-03-04"},
		{"4 March 2031 at 6.05", "en", "2031-03-04T06:05:00"},
		{"March 4, 2031, 6:05 pm", "en-US", "2031-03-04T18:05:00"},
		{"el 4 de marzo de 2031", "es", "2031-03-04"},
		{"2031年3月4日18:05", "zh", "2031-03-04T18:05:00"},
		{"2031. 3. 4 18:05", "ko", "2031-03-04T18:05:00"},
		{"41/03/2031", "en", ""},
		{"in 2031 all went well", "en", ""},
	} {
		if got := printed(c.text, c.language); got != c.want {
			t.Errorf("printed(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	for page, want := range map[string]string{
		`<link rel=canonical href="https://courier.example/2031/mar/04/ferry"><div><h1>Ferry</h1><p class="date">said on 1 March 2031`:          "2031-03-04",
		`<link rel=canonical href="https://courier.example/2031/03/04/ferry"><div><h1>Ferry</h1><p class="date">4 March 2031, 18:05`:            "2031-03-04T18:05:00",
		`<title>Ferry | Courier | 04.03.2031</title><div><h1>Ferry</h1><p class="date">1 March 2031`:                                            "2031-03-04",
		`<meta property="article:published_time" content="2031-03-05"><link rel=canonical href="https://courier.example/2031/03/04/ferry"><p>x`: "2031-03-05",
	} {
		if got := parse(t, page).Published; got != want {
			t.Errorf("%s: published %q, want %q", page, got, want)
		}
	}
	for published, want := range map[string]string{
		"2031-03-04T18:05:00.0":     "2031-03-04T18:05:00+02:00",
		"2031-03-04 16:05":          "2031-03-04T18:05:00+02:00",
		"2031-03-04T17:05:00":       "2031-03-04T17:05:00",
		"2031-03-04T18:05:00-05:00": "2031-03-04T18:05:00-05:00",
		"2031-03-04":                "2031-03-04",
	} {
		page := `<meta property="article:published_time" content="2031-03-04T18:05:00+02:00"><script type="application/ld+json">{"@type":"NewsArticle","datePublished":"` + published + `"}</script>`
		if got := parse(t, page).Published; got != want {
			t.Errorf("%s in JSON-LD: published %q, want %q", published, got, want)
		}
	}
	if got := parse(t, `<div><h1>Ferry</h1><p class="meta-date">4 March 2031, 18:05</p></div>`).Published; got != "2031-03-04T18:05:00" {
		t.Errorf("published %q", got)
	}
}
