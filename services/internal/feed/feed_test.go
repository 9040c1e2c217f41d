package feed_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/feed"
)

const address = "https://paper.example/feeds/all.xml"

const rss = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dcterms="http://purl.org/dc/terms/"><channel>
<title>The Invented Paper</title><link>/</link><description>All of it</description><ttl>90</ttl>
<lastBuildDate>Mon, 04 May 2026 12:00:00 GMT</lastBuildDate>
<item><title>Bridge &amp; harbour</title><link>../bridge?x=1</link><guid isPermaLink="false">n-1</guid>
<pubDate>Mon, 04 May 2026 10:00:00 +0200</pubDate><dcterms:modified>2026-05-04T11:00:00Z</dcterms:modified>
<description><![CDATA[<p>Closed until Friday</p>]]></description></item>
<item><title>Ferry</title><guid>https://paper.example/ferry</guid></item>
<item><title>No address</title></item>
</channel></rss>`

func parse(t *testing.T, body string) *feed.Document {
	t.Helper()
	document, err := feed.Parse([]byte(body), "", address)
	if err != nil {
		t.Fatalf("%v\n%.300s", err, body)
	}
	return document
}

func TestParseRSS(t *testing.T) {
	got := parse(t, rss)
	if got.Format != "rss2.0" || got.Title != "The Invented Paper" || got.Link != "https://paper.example/" ||
		got.Summary != "All of it" || got.TTL != 90*time.Minute || got.Salvaged || len(got.Warnings) != 0 ||
		!got.Updated.Equal(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("document %+v", got)
	}
	want := []feed.Item{
		{ID: "n-1", URL: "https://paper.example/bridge?x=1", Title: "Bridge & harbour", Summary: "<p>Closed until Friday</p>",
			Published: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC), Updated: time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)},
		{Permalink: true, ID: "https://paper.example/ferry", URL: "https://paper.example/ferry", Title: "Ferry"},
		{ID: got.Items[len(got.Items)-1].ID, Title: "No address"},
	}
	if !slices.Equal(got.Items, want) {
		t.Errorf("items %+v\nwant  %+v", got.Items, want)
	}
	if !strings.HasPrefix(want[2].ID, "sha256:") {
		t.Errorf("the id of an item without id and address is %q", want[2].ID)
	}
}

func TestFormats(t *testing.T) {
	for _, test := range []struct{ format, id, url, body string }{
		{"atom1.0", "urn:a:1", "https://paper.example/a", `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>T</title>
<entry><id>urn:a:1</id><title>A</title><link href="/a"/><updated>2026-05-04T10:00:00Z</updated></entry></feed>`},
		{"rss1.0", "https://paper.example/b", "https://paper.example/b", `<rdf:RDF xmlns="http://purl.org/rss/1.0/"
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel rdf:about="urn:f"><title>T</title></channel>
<item rdf:about="https://paper.example/b"><title>A</title></item></rdf:RDF>`},
		{"rss0.91", "https://paper.example/c", "https://paper.example/c", `<rss version="0.91"><channel><title>T</title>
<item><title>A</title><link>/c</link></item></channel></rss>`},
		{"json1.1", "7", "https://paper.example/d", `{"version":"https://jsonfeed.org/version/1.1","title":"T",
"feed_url":"urn:f","items":[{"id":7,"url":"/d","title":"A"}]}`},
		{"sitemap", "https://paper.example/e", "https://paper.example/e", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc> https://paper.example/e </loc><news:news>
<news:publication><news:name>T</news:name></news:publication><news:publication_date>2026-05-04T10:00Z</news:publication_date>
<news:title>A</news:title></news:news></url></urlset>`},
	} {
		got := parse(t, test.body)
		if got.Format != test.format || got.Title != "T" || len(got.Items) != 1 {
			t.Errorf("%s: %+v", test.format, got)
			continue
		}
		if item := got.Items[0]; item.ID != test.id || item.URL != test.url || item.Title != "A" {
			t.Errorf("%s: item %+v", test.format, item)
		}
	}
}

func TestDates(t *testing.T) {
	got := parse(t, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><updated>2026-05-04T10:00:00Z</updated></entry></feed>`)
	if item := got.Items[0]; !item.Published.IsZero() || item.Updated.IsZero() {
		t.Errorf("an update was taken for a publication: %+v", item)
	}
	got = parse(t, strings.Replace(rss, "<title>Ferry</title>", "<dcterms:issued>2026-05-03</dcterms:issued>", 1))
	if item := got.Items[1]; !item.Published.Equal(time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("dcterms:issued: %+v", item)
	}
}

func TestRepair(t *testing.T) {
	for name, body := range map[string]string{
		"reference to a control character": strings.Replace(rss, "Ferry", "Fer&#x8;ry", 1),
		"control character":                strings.Replace(rss, "Ferry", "Fer\x08ry", 1),
		"no character at all":              strings.Replace(rss, "Ferry", "Ferry&#xffffffff;", 1),
		"wrong encoding declared":          strings.Replace(rss, "UTF-8", "utf-16", 1),
		"unknown version of XML":           strings.Replace(rss, `version="1.0" e`, `version="1.1" e`, 1),
		"junk before":                      "\n\ufeff  Notice: something\n<br />\n" + rss,
		"long comment before":              "<!--" + strings.Repeat(" x", 5000) + "-->" + rss[strings.Index(rss, "<rss"):],
	} {
		got := parse(t, body)
		if len(got.Items) != 3 || got.Items[1].Title != "Ferry" || got.Salvaged {
			t.Errorf("%s: %+v", name, got)
		}
	}
	quoted := parse(t, strings.Replace(rss, "Ferry", "&#147;Ferry&#148;", 1))
	if quoted.Items[1].Title != "“Ferry”" {
		t.Errorf("references of windows-1252: %q", quoted.Items[1].Title)
	}
}

func TestCharsets(t *testing.T) {
	latin := strings.Replace(strings.Replace(rss, "Ferry", "F\xe4hre", 1), "UTF-8", "iso-8859-1", 1)
	for name, body := range map[string]string{"declared": latin, "declared wrongly": strings.Replace(latin, "iso-8859-1", "UTF-8", 1)} {
		if got := parse(t, body); got.Items[1].Title != "Fähre" {
			t.Errorf("%s: %q", name, got.Items[1].Title)
		}
	}
}

// Wherever a feed is cut, the items that arrived whole are read.
func TestTruncated(t *testing.T) {
	for cut := strings.Index(rss, "</item>") + len("</item>"); cut < len(rss)-len("</channel></rss>"); cut += 7 {
		got := parse(t, rss[:cut])
		if want := strings.Count(rss[:cut], "</item>"); len(got.Items) != want || !got.Salvaged || len(got.Warnings) == 0 {
			t.Errorf("cut at %d: %d items, want %d; salvaged %v %v", cut, len(got.Items), want, got.Salvaged, got.Warnings)
		}
	}
}

func TestTruncatedBeforeTheFirstItemEnds(t *testing.T) {
	got := parse(t, rss[:strings.Index(rss, "</item>")])
	if got.Title != "The Invented Paper" || len(got.Items) != 0 || !got.Salvaged {
		t.Errorf("got %+v", got)
	}
}

func TestDamagedInTheMiddle(t *testing.T) {
	got := parse(t, strings.Replace(rss, "<title>Ferry</title>", "<title>Ferry</titel>", 1))
	if !got.Salvaged || len(got.Items) < 2 || got.Items[0].ID != "n-1" || got.Items[len(got.Items)-1].Title != "No address" {
		t.Errorf("got %+v", got)
	}
}

func TestBounds(t *testing.T) {
	const item = "<item><title>x</title></item>"
	many := "<rss version=\"2.0\"><channel><title>T</title>" + strings.Repeat(item, feed.MaxItems+5) + "</channel></rss>"
	if got := parse(t, many); len(got.Items) != feed.MaxItems || len(got.Warnings) != 1 || got.Salvaged {
		t.Errorf("%d items, warnings %v", len(got.Items), got.Warnings)
	}
	if _, err := feed.Parse(make([]byte, feed.MaxBytes+1), "", address); !errors.Is(err, feed.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for name, deep := range map[string]string{
		"xml":  "<rss version=\"2.0\"><channel><item><x:a>" + strings.Repeat("<x:b>", 200_000),
		"json": `{"version":"https://jsonfeed.org/version/1.1","x":` + strings.Repeat("[", 200_000),
	} {
		if got, err := feed.Parse([]byte(deep), "", address); err == nil {
			t.Errorf("%s nested 200,000 deep: %+v", name, got)
		}
	}
	long := parse(t, strings.Replace(rss, "Closed", strings.Repeat("ä", feed.MaxSummary), 1))
	if size := len(long.Items[0].Summary); size > feed.MaxSummary || size < feed.MaxSummary-4 {
		t.Errorf("a summary of %d bytes", size)
	}
}

func TestEmpty(t *testing.T) {
	for _, body := range []string{"", " \n\t", "\xef\xbb\xbf", "\x00\x01"} {
		if _, err := feed.Parse([]byte(body), "", address); !errors.Is(err, feed.ErrEmpty) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestNotAFeed(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       []string
	}{
		{"page", `<!DOCTYPE html><html><head><base href="/en/"><link rel="alternate" type="application/rss+xml" href="rss">
<link rel="alternate" type="application/atom+xml; charset=utf-8" href="//feeds.example/a"><link rel="alternate" hreflang="de" href="/de">
<link rel=alternate type=application/rss+xml href=rss></head><body>News</body></html>`,
			[]string{"https://paper.example/en/rss", "https://feeds.example/a"}},
		{"page without doctype", "<body><p>hello", nil},
		{"index", `<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>`, []string{"https://paper.example/news.xml"}},
		{"other xml", `<svg/>`, nil},
		{"text", `nothing here`, nil},
		{"json", `{"error":"not found"}`, nil},
	} {
		document, err := feed.Parse([]byte(test.body), "", address)
		var not *feed.NotAFeed
		if !errors.As(err, &not) {
			t.Errorf("%s: %+v, %v", test.name, document, err)
			continue
		}
		if !slices.Equal(not.Candidates, test.want) {
			t.Errorf("%s: candidates %q, want %q", test.name, not.Candidates, test.want)
		}
		for _, candidate := range test.want {
			if !strings.Contains(not.Error(), candidate) {
				t.Errorf("%s: the message does not name %s: %v", test.name, candidate, err)
			}
		}
	}
}

func TestSitemapIsSalvaged(t *testing.T) {
	body := `<urlset><url><loc>/a</loc><lastmod>2026-05-04</lastmod></url><url><loc>mailto:x</loc></url><url><loc>/b</lo`
	got := parse(t, body)
	if !got.Salvaged || len(got.Items) != 1 || got.Items[0].URL != "https://paper.example/a" || got.Items[0].Updated.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestHostileLinks(t *testing.T) {
	for _, link := range []string{"javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "http://"} {
		got := parse(t, fmt.Sprintf(`<rss version="2.0"><channel><item><title>A</title><link>%s</link></item></channel></rss>`, link))
		if got.Items[0].URL != "" {
			t.Errorf("%s became %s", link, got.Items[0].URL)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rss), "text/xml; charset=utf-8", address)
	f.Add([]byte(rss[:len(rss)/2]), "", "")
	f.Add([]byte(`<feed><entry><title type="xhtml"><div>x</div></title><link href="a"/></entry></feed>`), "", address)
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1","items":[null,{"id":1.5}]}`), "application/json", "mailto:x")
	f.Add([]byte(`<urlset><url><loc>x</loc></url><url>`), "", address)
	f.Add([]byte(cdf), "", address)
	f.Add([]byte(jsonFeed[:len(jsonFeed)-30]), "", address)
	f.Add([]byte("<a:feed xmlns:a='urn:x'><a:entry><a:id>&#x75;</a:id><a:title mode='base64'>eA==</a:title><a:link>/x</a:link>"), "", address)
	f.Add([]byte("<rss><channel><skipHours><hour>24</hour></skipHours><item><pubDate>mar. 5 mai 2026 10h30 +9999</pubDate></item>"), "", address)
	f.Add([]byte("<rdf:RDF><item rdf:about='x'></rdf:RDF></item><item/>"), "", "")
	f.Add([]byte("<!DOCTYPE rss [<!ENTITY a '&a;'>]><rss><channel><item>&a;<![CDATA[</item>"), "", "")
	f.Fuzz(func(t *testing.T, body []byte, contentType, url string) {
		document, err := feed.Parse(body, contentType, url)
		if err != nil {
			return
		}
		if document.Format == "" || len(document.Items) > feed.MaxItems {
			t.Errorf("format %q with %d items", document.Format, len(document.Items))
		}
		for _, item := range document.Items {
			if item.ID == "" {
				t.Errorf("an item without id: %+v", item)
			}
		}
		if document.Salvaged && len(document.Warnings) == 0 {
			t.Error("salvaged without a word")
		}
	})
}
