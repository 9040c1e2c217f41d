package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

// site wraps a main part in what stands around it on an invented publisher's pages.
func wrapped(head, main string) []byte {
	return []byte(`<!doctype html><html lang="en"><head><meta charset="utf-8">` + head + `</head><body><header><a href="/">Harbour Courier</a>
<nav><a href="/city">City</a> <a href="/sport">Sport</a></nav></header><main>` + main + `</main><footer><p>Harbour Courier, all rights kept</p></footer></body></html>`)
}

const story = `<article><h1>%s</h1><p>The harbour office closed the old bridge on Tuesday evening after engineers found cracks in two of the four piers.</p>
<p>Drivers heading for the northern districts were sent along the river road, where long queues formed before nine o'clock.</p>
<p>A spokeswoman said that the repair would take six weeks, and that buses would run every ten minutes until then.</p>
<p>Shopkeepers on the island fear for their autumn trade, as many of their customers walk across the bridge on their way to work.</p>%s</article>`

func TestNotAnArticle(t *testing.T) {
	for _, c := range []struct {
		name, url, head, main, reason string
	}{
		{"login", "", "<title>Log in</title>", `<h1>Welcome back</h1><form><p>Log in to continue reading.</p><input type="password"></form>`, ReasonLogin},
		{"login, German", "", "<title>Anmelden</title>", `<h1>Anmelden</h1><p>Bitte melden Sie sich an, um weiterzulesen.</p>`, ReasonLogin},
		{"login by address", "https://courier.example/login/?next=bridge", "<title>Courier</title>", `<h1>Your account</h1><p>Name and word, please.</p>`, ReasonLogin},
		{"consent", "", "<title>Before you continue</title>", `<h1>Your privacy</h1><p>We and our partners use cookies to store things. Accept all cookies to go on.</p><button>Accept</button>`, ReasonConsent},
		{"consent, French", "", "<title>Courrier</title>", `<h1>Votre vie privée</h1><p>Vous pouvez accepter les cookies ou payer.</p>`, ReasonConsent},
		{"consent by address", "https://consent.courier.example/collect", "<title>Courier</title>", `<h1>One moment</h1><p>Please choose.</p>`, ReasonConsent},
		{"paywall", "", "<title>Bridge closed</title>", `<h1>Bridge closed</h1><p>The harbour office closed the bridge.</p><p>Subscribe now to continue reading.</p>`, ReasonPaywall},
		{"paywall, Spanish", "", "<title>Puente cerrado</title>", `<h1>Puente cerrado</h1><p>Contenido exclusivo para suscriptores.</p>`, ReasonPaywall},
		{"paywall declared", "", `<title>Bridge</title><script type="application/ld+json">{"@type":"NewsArticle","headline":"Bridge","isAccessibleForFree":false}</script>`,
			`<h1>Bridge</h1><p>The harbour office closed the bridge.</p>`, ReasonPaywall},
		{"soft 404", "", "<title>Page not found | Courier</title>", `<h1>Oops! Page not found</h1><p>Perhaps it was moved. Try the search.</p>`, ReasonNotFound},
		{"soft 404, Italian", "", "<title>Pagina non trovata</title>", `<h1>Pagina non trovata</h1><p>Torna alla prima pagina.</p>`, ReasonNotFound},
		{"soft 404, Japanese", "", "<title>ページが見つかりません</title>", `<h1>ページが見つかりません</h1><p>トップへ戻る</p>`, ReasonNotFound},
		{"error", "", "<title>503 Service Unavailable</title>", `<h1>Service unavailable</h1><p>Come back later.</p>`, ReasonError},
		{"error, German", "", "<title>Ein Fehler ist aufgetreten</title>", `<h1>Ein Fehler ist aufgetreten</h1><p>Bitte später noch einmal.</p>`, ReasonError},
		{"robot check", "", "<title>Just a moment...</title>", `<h1>courier.example</h1><p>Verifying you are human. This may take a few seconds.</p>`, ReasonRobotCheck},
		{"front page", "https://courier.example/city/bridge-closed-after-cracks", `<title>Harbour Courier</title><link rel="canonical" href="https://courier.example/">`,
			strings.Repeat(`<div><h3><a href="/a">A story of the day</a></h3><p>It was a long day at the harbour, and it ended well for all who were there.</p></div>`, 8), ReasonFrontPage},
		{"shell", "", "<title>Courier</title>", `<div id="app"></div><script>start()</script>`, ReasonEmptyShell},
		{"nothing", "", "", ``, ReasonNoContent},
	} {
		url := c.url
		if url == "" {
			url = pageURL
		}
		body := wrapped(c.head, c.main)
		if c.name == "nothing" || c.name == "shell" {
			body = []byte("<html><head>" + c.head + "</head><body>" + c.main + "</body></html>")
		}
		got := snapshot(t, Page{URL: url, ContentType: "text/html", Body: body}).Quality
		if got.Verdict != article.NotAnArticle || !slices.Contains(got.Reasons, c.reason) {
			t.Errorf("%s: quality %v, want not an article because of %q", c.name, got, c.reason)
		}
	}
}

// What an article speaks of must not make it a wall.
func TestArticlesThatSpeakOfWalls(t *testing.T) {
	for _, c := range []struct{ head, title, more string }{
		{"", "Access denied: how a locked bridge divides a town", ""},
		{"", "Bridge closed", "<p>The site asked readers to accept cookies before they could see the timetable, a reader wrote.</p>"},
		{`<link rel="canonical" href="https://courier.example/city/bridge">`, "404 days without a bridge", ""},
		{"", "Bridge closed", `<p>Those who log in to read the timetable find it changed, said the spokeswoman for the buses on Tuesday.</p>`},
		{`<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":"False"}</script>`, "Bridge closed", ""},
	} {
		got := snapshot(t, Page{URL: pageURL, Body: wrapped(c.head, fmt.Sprintf(story, c.title, c.more))})
		if got.Quality.Verdict != article.OK {
			t.Errorf("%s %s: quality %v", c.title, c.more, got.Quality)
		}
	}
}

func TestAgainst(t *testing.T) {
	whole := snapshot(t, Page{URL: pageURL, Body: wrapped("", fmt.Sprintf(story, "Bridge closed after cracks are found", ""))})
	edited := snapshot(t, Page{URL: pageURL, Body: wrapped("", fmt.Sprintf(story, "Bridge to open again", "<p>It opened again on Friday, said the office, after the divers had been down once more.</p>"))})
	lost := snapshot(t, Page{URL: pageURL, Body: wrapped("", "<h1>Bridge closed after cracks are found</h1><p>The harbour office closed it.</p>")})
	other := snapshot(t, Page{URL: pageURL, Body: wrapped("", `<article><h1>Winners of the chess cup</h1><p>Three players from Eastmoor shared first place when their games finished without losers last weekend.</p>
<p>None among them had ever reached this round before, which surprised even their trainer Mirjam Voss.</p></article>`)})
	for name, c := range map[string]struct {
		now  article.Snapshot
		want []string
	}{
		"the same": {whole, nil}, "edited": {edited, nil}, "text lost": {lost, []string{ReasonTextLost}}, "another": {other, []string{ReasonOtherArticle}},
	} {
		if got := Against(&whole, &c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := Against(&article.Snapshot{}, &whole); got != nil {
		t.Errorf("a first reading: %q", got)
	}
}
