package feed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/feed"
)

func TestTitlesOfAtom(t *testing.T) {
	for _, test := range []struct{ name, root, title, want string }{
		{"a draft's namespace", `<feed version="0.3" xmlns="http://atom.example/draft#">`, `<title>Ferry</title>`, "Ferry"},
		{"a draft's namespace, quoted otherwise", `<feed version="0.3" xmlns='http://atom.example/draft#'>`, `<title>Ferry</title>`, "Ferry"},
		{"a misreading", `<feed xmlns="http://www.w3.org/2005/atom">`, `<title>Ferry</title>`, "Ferry"},
		{"no namespace", `<feed>`, `<title>Ferry</title>`, "Ferry"},
		{"base64", `<feed version="0.3" xmlns="http://purl.org/atom/ns#">`, "<title mode='base64'>\nRmVy\ncnk=\n</title>", "Ferry"},
		{"base64 of HTML", `<feed version="0.3" xmlns="http://purl.org/atom/ns#">`, `<title type="text/html" mode="base64">RmVycnk=</title>`, "Ferry"},
		{"base64 that is none", `<feed version="0.3" xmlns="http://purl.org/atom/ns#">`, `<title mode="base64">Ferry!</title>`, "Ferry!"},
		{"no base64", `<feed xmlns="http://www.w3.org/2005/Atom">`, `<title>RmVycnk=</title>`, "RmVycnk="},
		{"a reference", `<feed xmlns="http://www.w3.org/2005/Atom">`, `<title type="application/xhtml+xml" mode="xml">&#x46;&#X65;rry</title>`, "Ferry"},
		{"a reference that is markup", `<feed xmlns="http://www.w3.org/2005/Atom">`, `<title type="html">&#60;b></title>`, "<b>"},
	} {
		got := parse(t, test.root+test.title+"<entry>"+test.title+"</entry></feed>")
		if got.Title != test.want || len(got.Items) != 1 || got.Items[0].Title != test.want || got.Salvaged {
			t.Errorf("%s: %+v, want the title %s twice", test.name, got, test.want)
		}
	}
	prefixed := parse(t, `<a:feed xmlns:a="urn:x" xmlns="urn:y"><a:title>Ferry</a:title></a:feed>`)
	if prefixed.Title != "Ferry" {
		t.Errorf("with a prefix: %+v", prefixed)
	}
}

func TestTitleOfMedia(t *testing.T) {
	got := parse(t, `<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item><media:title>Ferry</media:title></item>
<item><title>Bridge</title><media:title>Picture</media:title></item></channel></rss>`)
	if got.Items[0].Title != "Ferry" || got.Items[1].Title != "Bridge" {
		t.Errorf("got %+v", got.Items)
	}
}

// An id is compared and never visited: it must come out as it went in.
func TestIDsAreExact(t *testing.T) {
	for written, want := range map[string]string{
		"HTTP://Paper.Example/%7ea": "HTTP://Paper.Example/%7ea", "two words": "two words", "tag:paper.example,2026:a&amp;b": "tag:paper.example,2026:a&b",
		"http://paper.example/a/../b": "http://paper.example/a/../b", "<![CDATA[urn:x]]>": "urn:x", " urn:y\n": "urn:y", "&#x75;rn:z": "urn:z",
	} {
		got := parse(t, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><source><id>urn:other</id></source><id>`+written+`</id></entry></feed>`)
		if len(got.Items) != 1 || got.Items[0].ID != want {
			t.Errorf("%s: %+v", written, got.Items)
		}
	}
	got := parse(t, `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://paper.example/a/"><entry><id>b</id></entry></feed>`)
	if got.Items[0].ID != "http://paper.example/a/b" {
		t.Errorf("with a base: %+v", got.Items)
	}
}

func TestLinkWithoutAttribute(t *testing.T) {
	got := parse(t, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="enclosure">/sound</link>
<link rel="alternate"> /a?b&amp;c </link><link rel="alternate">/d</link></entry><entry><link/></entry></feed>`)
	if got.Items[0].URL != "https://paper.example/a?b&c" || got.Items[1].URL != "" {
		t.Errorf("got %+v", got.Items)
	}
}

func TestDatesInWords(t *testing.T) {
	for written, want := range map[string]string{
		"lundi 4 mai 2026 10:30:05 +0200":  "2026-05-04T08:30:05Z",
		"mar., 05 mai 2026 10:30:05 GMT":   "2026-05-05T10:30:05Z",
		"Mardi 3 février 2026 à 9h05":      "2026-02-03T09:05:00Z",
		"mer. 12 août 2026 18h CEST":       "2026-08-12T16:00:00Z",
		"Di, 06 Okt 2026 08:00:00 +02:00":  "2026-10-06T06:00:00Z",
		"Montag, 2. März 2026":             "2026-03-02T00:00:00Z",
		"martes, 10 de marzo de 2026 7:15": "2026-03-10T07:15:00Z",
		"ven, 01 mag 2026 00:00:00 -0130":  "2026-05-01T01:30:00Z",
		"31 avril 2026":                    "",
		"mai 2026":                         "",
		"4 mai":                            "",
		"4 mai 26":                         "",
		"hier soir":                        "",
		"4 mai 2026 99:99":                 "2026-05-04T00:00:00Z",
	} {
		got := parse(t, fmt.Sprintf(`<rss version="2.0"><channel><pubDate>%[1]s</pubDate><item><pubDate>%[1]s</pubDate></item></channel></rss>`, written))
		for place, date := range map[string]time.Time{"item": got.Items[0].Published, "channel": got.Updated} {
			text := ""
			if !date.IsZero() {
				text = date.Format(time.RFC3339)
			}
			if text != want {
				t.Errorf("%s of the %s: %s, want %s", written, place, text, want)
			}
		}
	}
}

func TestDatesOfTheChannel(t *testing.T) {
	const feedWith = `<rss version="2.0" xmlns:dcterms="http://purl.org/dc/terms/"><channel><dcterms:%s>2026-05-04T10:00:00Z</dcterms:%s></channel></rss>`
	for _, name := range []string{"issued", "modified"} {
		if got := parse(t, strings.ReplaceAll(feedWith, "%s", name)); !got.Updated.Equal(time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %v", name, got.Updated)
		}
	}
}

func TestQuiet(t *testing.T) {
	body := func(hours, days string) string {
		return `<rss version="2.0"><channel><skipHours>` + hours + `</skipHours><skipDays>` + days + `</skipDays></channel></rss>`
	}
	got := parse(t, body("<hour>24</hour><hour> 2 </hour><hour>1</hour><hour>1</hour><hour>25</hour><hour>x</hour>", "<day>sunday</day><day>Someday</day>")).Quiet
	if !slices.Equal(got.Hours, []int{0, 1, 2}) || !slices.Equal(got.Days, []time.Weekday{time.Sunday}) {
		t.Errorf("got %+v", got)
	}
	every := ""
	for hour := range 24 {
		every += fmt.Sprintf("<hour>%d</hour>", hour)
	}
	if got := parse(t, body(every, "")).Quiet; got.Hours != nil {
		t.Errorf("every hour: %+v", got)
	}
	for _, test := range []struct {
		quiet      feed.Quiet
		from, want string
	}{
		{feed.Quiet{}, "2026-05-04T01:30:00Z", "2026-05-04T01:30:00Z"},
		{feed.Quiet{Hours: []int{0, 1, 2}}, "2026-05-04T01:30:00Z", "2026-05-04T03:00:00Z"},
		{feed.Quiet{Hours: []int{23, 0}}, "2026-05-04T23:59:00Z", "2026-05-05T01:00:00Z"},
		{feed.Quiet{Hours: []int{1}}, "2026-05-04T03:30:00+02:00", "2026-05-04T02:00:00Z"},
		{feed.Quiet{Days: []time.Weekday{time.Saturday, time.Sunday}}, "2026-05-02T09:00:00Z", "2026-05-04T00:00:00Z"},
		{feed.Quiet{Days: []time.Weekday{time.Monday}, Hours: []int{0}}, "2026-05-04T09:00:00Z", "2026-05-05T01:00:00Z"},
		{feed.Quiet{Days: []time.Weekday{1, 2, 3, 4, 5}}, "2026-05-04T00:00:00Z", "2026-05-07T00:00:00Z"},
	} {
		from, _ := time.Parse(time.RFC3339, test.from)
		if got := test.quiet.After(from).UTC().Format(time.RFC3339); got != test.want {
			t.Errorf("%+v from %s: %s, want %s", test.quiet, test.from, got, test.want)
		}
	}
	now := time.Date(2026, 5, 4, 0, 30, 0, 0, time.UTC)
	next := feed.Policy{}.Next(feed.History{Now: now, Quiet: feed.Quiet{Hours: []int{0, 1, 2, 3}}})
	if want := time.Date(2026, 5, 4, 4, 0, 0, 0, time.UTC); !next.Equal(want) {
		t.Errorf("the next poll is at %v, want %v", next, want)
	}
}

const cdf = `<?xml version="1.0"?><!DOCTYPE Channel SYSTEM "x.dtd"><CHANNEL HREF="/" LASTMOD="2026-05-04T12:00:00Z">
<TITLE>The <b>Invented</b> Paper</TITLE><ABSTRACT>All of it</ABSTRACT>
<ITEM HREF="bridge" LASTMOD="2026-05-04T10:00:00+02:00"><TITLE>Bridge &amp; harbour</TITLE><ABSTRACT><![CDATA[Closed]]></ABSTRACT></ITEM>
<ITEM><A HREF="/ferry"/><TITLE>Ferry</TITLE></ITEM><ITEM HREF="javascript:alert(1)"><TITLE>Odd</TITLE></ITEM></CHANNEL>`

func TestCDF(t *testing.T) {
	got := parse(t, cdf)
	if got.Format != "cdf" || got.Link != "https://paper.example/" || got.Summary != "All of it" || got.Updated.Hour() != 12 || got.Salvaged {
		t.Errorf("got %+v", got)
	}
	want := []feed.Item{
		{ID: "https://paper.example/feeds/bridge", URL: "https://paper.example/feeds/bridge", Title: "Bridge & harbour", Summary: "Closed",
			Updated: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)},
		{ID: "https://paper.example/ferry", URL: "https://paper.example/ferry", Title: "Ferry"},
		{ID: got.Items[len(got.Items)-1].ID, Title: "Odd"},
	}
	if !slices.Equal(got.Items, want) || !strings.HasPrefix(want[2].ID, "sha256:") {
		t.Errorf("items %+v\nwant  %+v", got.Items, want)
	}
}

const jsonFeed = `{"version":"https://jsonfeed.org/version/1.1","title":"The Invented Paper","authors":[{"name":"items"}],
"items":[{"id":"1","url":"/a","title":"Bridge ]}"},{"id":"2","tags":["items"],"content_text":"x"},{"id":"3"}],"feed_url":"urn:f"}`

// Wherever a feed of any format is cut, the items that arrived whole are read, and there is a word of it.
func TestTruncatedAnywhere(t *testing.T) {
	for _, test := range []struct{ name, body, end, tail string }{
		{"rss", rss, "</item>", "</rss>"},
		{"cdf", cdf, "</ITEM>", "</CHANNEL>"},
		{"json", jsonFeed, `"}`, `}`},
	} {
		first := strings.Index(test.body, test.end) + len(test.end)
		if test.name == "json" {
			first = strings.Index(test.body, `]}"}`) + len(`]}"}`)
		}
		for cut := first; cut <= len(test.body)-len(test.tail); cut++ {
			got := parse(t, test.body[:cut])
			want := strings.Count(test.body[first:cut], test.end) + 1
			if len(got.Items) != want || !got.Salvaged || len(got.Warnings) == 0 {
				t.Fatalf("%s cut at %d: %d items, want %d; salvaged %v %v", test.name, cut, len(got.Items), want, got.Salvaged, got.Warnings)
			}
		}
		if whole := parse(t, test.body); whole.Salvaged || len(whole.Warnings) != 0 || len(whole.Items) != 3 {
			t.Errorf("%s whole: %d items, salvaged %v %v", test.name, len(whole.Items), whole.Salvaged, whole.Warnings)
		}
	}
}

// Each of these once took gigabytes or many seconds.
func TestHostileFeeds(t *testing.T) {
	const size = 1 << 20
	fill := func(head, unit, tail string) string { return head + strings.Repeat(unit, size/len(unit)) + tail }
	const channel = `<rss version="2.0"><channel><title>T</title>`
	for _, test := range []struct {
		name, body string
		items      int // -1: it cannot be read
	}{
		{"items", fill(channel, "<item/>", "</channel></rss>"), feed.MaxItems},
		{"items of JSON", fill(`{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[`, `{"id":"1"},`, ""), feed.MaxItems},
		{"items of CDF", fill("<CHANNEL><TITLE>T</TITLE>", "<ITEM/>", "</CHANNEL>"), feed.MaxItems},
		{"attributes", fill("<rss ", `a="b" `, "><channel><title>T</title><item/></channel>"), 1},
		{"namespaces", fill("<feed xmlns='http://www.w3.org/2005/Atom' ", "xmlns:a='x' ", "><title>T</title>"), 0},
		{"end tags", fill(channel+"<item/>"+strings.Repeat("<a>", 300), "</b>", ""), 1},
		{"end tags in an item", fill(channel+"<item>"+strings.Repeat("<a>", 300), "</b>", strings.Repeat("</a>", 300)+"</item><item><title>x</titel></item></channel></rss>"), 2},
		{"characters that grow", "<rss><channel><title>\xe9" + strings.Repeat("\x80", feed.MaxBytes-100) + "</title></channel></rss>", 0},
	} {
		got, err := feed.Parse([]byte(test.body), "", address)
		switch {
		case test.items < 0 && err == nil:
			t.Errorf("%s: %d items, want an error", test.name, len(got.Items))
		case test.items >= 0 && (err != nil || len(got.Items) != test.items || got.Title != "T" && len(got.Title) < 1000 || len(got.Warnings) == 0):
			t.Errorf("%s: %v, %.200v", test.name, err, got)
		}
	}
}

func TestOriginalLinkAndPermalinks(t *testing.T) {
	got := parse(t, `<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel>
<item><title>a</title><link>https://proxy.example/~3/x</link><guid isPermaLink="false">n-1</guid><feedburner:origLink>https://paper.example/a</feedburner:origLink></item>
<item><title>b</title><link>https://paper.example/b</link><guid>https://paper.example/b</guid></item></channel></rss>`)
	if got.Items[0].URL != "https://paper.example/a" || got.Items[0].Permalink {
		t.Errorf("behind a proxy: %+v", got.Items[0])
	}
	if got.Items[1].URL != "https://paper.example/b" || !got.Items[1].Permalink {
		t.Errorf("a permalink: %+v", got.Items[1])
	}
}
