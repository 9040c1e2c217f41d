package differ

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/extract"
)

// page wraps what stands in a body.
func page(head, body string) string {
	return "<!doctype html><html><head><title>The ferry of Ulverport - The Harbour Gazette</title>" + head + "</head><body>" +
		`<header><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav></header>` + body + "<footer>The Harbour Gazette, 3 Quay Street</footer></body></html>"
}

func ferry(paragraphs int) string {
	var b strings.Builder
	b.WriteString("<article><h1>The ferry of Ulverport</h1>")
	for i := range paragraphs {
		fmt.Fprintf(&b, "<p>On day %d the ferry left the quay of Ulverport at noon, and the harbour master counted %d passengers, among them the whole town council.</p>", i+1, 40+i*7)
	}
	return b.String() + "</article>"
}

const paid = `<script type="application/ld+json">{"@type":"NewsArticle","headline":"The ferry of Ulverport","isAccessibleForFree":false}</script>`

// look is a check that read a page whole, by the extractor of the product.
func look(t *testing.T, html string, minute int) article.Check {
	t.Helper()
	c := read("x", "", minute)
	s, err := extract.Extract(extract.Page{URL: c.FinalURL + "/the-ferry-of-ulverport", ContentType: "text/html", Body: []byte(html)})
	if err != nil {
		t.Fatal(err)
	}
	c.Snapshot = &s
	return c
}

// TestWhatIsNoArticleIsNoVersion shows pages that stand where the article stood: once, twice, and the article again.
func TestWhatIsNoArticleIsNoVersion(t *testing.T) {
	good := page("", ferry(12))
	other := `<article><h1>Seals of the northern bay</h1>`
	for i := range 12 {
		other += fmt.Sprintf("<p>A young grey seal number %d sleeps upon warm sand, while biologists whisper, photograph whiskers and measure flippers patiently.</p>", i)
	}
	for name, c := range map[string]struct {
		bad  string
		want string // what the second look makes of it, empty for nothing
	}{
		"a consent wall":                       {page("", `<main><h1>Before you continue</h1><p>We and our partners use cookies to store and access information on your device. Accept all cookies to go on to the Harbour Gazette.</p><button>Accept all</button></main>`), ""},
		"a login":                              {page("", `<main><h1>Welcome back</h1><form><p>Log in to continue reading the Harbour Gazette.</p><input type="email"><input type="password"></form></main>`), "paywalled"},
		"a paywall":                            {page(paid, `<article><h1>The ferry of Ulverport</h1><p>Subscribe to continue reading. Already a subscriber? It costs less than a coffee.</p></article>`), "paywalled"},
		"a text that is cut off and sold":      {page(paid, ferry(2)), "paywalled"},
		"a soft 404":                           {strings.Replace(page("", `<main><h1>Page not found</h1><p>The page that you look for is not here any more. Try the search.</p></main>`), "The ferry of Ulverport -", "Page not found -", 1), "gone"},
		"an error":                             {strings.Replace(page("", `<main><h1>Service temporarily unavailable</h1><p>We are working on it.</p></main>`), "The ferry of Ulverport -", "503 -", 1), ""},
		"a check for robots":                   {page("", `<main><h1>Just a moment...</h1><p>Verify that you are a human.</p></main>`), ""},
		"a shell that scripts fill":            {page("", `<div id="root"></div><script src="/app.js"></script>`), ""},
		"the front page":                       {page(`<link rel="canonical" href="https://news.example/">`, `<main><h1>The Harbour Gazette</h1>`+strings.Repeat(`<div><h2><a href="/n/1">Bakers argue over the price of butter</a></h2><p>The price of butter has doubled within a year in Velden.</p></div>`, 6)+`</main>`), ""},
		"the text but for its first paragraph": {page("", ferry(1)), "body"},
		"another article":                      {page("", other+"</article>"), "headline"},
		"nothing":                              {page("", ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			bus := bustest.New(t)
			d := newDiffer(t, bus)
			account := func(html string, minute int) article.Head {
				t.Helper()
				if err := d.account(t.Context(), look(t, html, minute)); err != nil {
					t.Fatal(err)
				}
				h, _, err := bus.Head(t.Context(), "x")
				if err != nil {
					t.Fatal(err)
				}
				return h
			}
			if h := account(good, 0); h.Version != 1 || h.Outcome != article.Read {
				t.Fatalf("the article: version %d, %s %s", h.Version, h.Outcome, h.Reason)
			}
			h := account(c.bad, 1)
			if h.Version != 1 || h.Outcome != article.OutcomeBlocked || h.Reason == "" || h.Next.Sub(h.FetchedAt) > 15*time.Minute {
				t.Errorf("the first look: version %d, %s %q, next after %s", h.Version, h.Outcome, h.Reason, h.Next.Sub(h.FetchedAt))
			}
			if h := account(good, 2); h.Version != 1 || h.Outcome != article.Read || h.Pending != "" {
				t.Errorf("the article again: version %d, %s, pending %q", h.Version, h.Outcome, h.Pending)
			}
			account(c.bad, 3)
			h = account(c.bad, 4)
			revisions := history(t, bus, "x")
			if (c.want == "") != (len(revisions) == 1) || c.want != "" && !strings.Contains(revisions[len(revisions)-1], c.want) {
				t.Fatalf("after two looks in a row the versions are %q, want %q", revisions, c.want)
			}
			if account(c.bad, 5).Version != h.Version {
				t.Error("a third look makes another version")
			}
			if c.want != "paywalled" && c.want != "gone" {
				return
			}
			if account(good, 6).Version != 2 || account(good, 7).Version != 3 {
				t.Errorf("when it is back the versions are %q", history(t, bus, "x"))
			}
			if last := history(t, bus, "x")[2]; !strings.Contains(last, "[restored]") {
				t.Errorf("the last version is %q", last)
			}
		})
	}
}
