package feed_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/feed"
)

// format writes items as one kind of feed does.
type format struct {
	name, start, end string
	item             func(r *rand.Rand, id string) string
}

var formats = []format{
	{"rss", `<?xml version="1.0"?><rss version="2.0"><channel><title>The Invented Paper</title>`, "<ttl>60</ttl></channel></rss>",
		func(r *rand.Rand, id string) string {
			return `<item>` + shuffled(r, `<title>Ferry &amp; `+id+`</title>`, `<guid isPermaLink="false">`+id+`</guid>`,
				`<description><![CDATA[<p>Storm </item> <item>]]></description>`, `<!-- <item> -->`,
				`<media:content url="/a>b.jpg"/>`) + `</item>`
		}},
	{"atom", `<feed xmlns="http://www.w3.org/2005/Atom"><title>The Invented Paper</title>`, `</feed>`,
		func(r *rand.Rand, id string) string {
			return `<entry>` + shuffled(r, `<id>`+id+`</id>`, `<link href="/x"/>`, `<updated>2026-05-04T10:00:00Z</updated>`,
				`<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Ferry <b>again</b><br/></div></title>`) + `</entry>`
		}},
	{"rdf", `<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel><title>T</title></channel>`,
		`</rdf:RDF>`, func(r *rand.Rand, id string) string {
			return `<item rdf:about="` + id + `">` + shuffled(r, `<title>Ferry</title>`, `<link>/x</link>`) + `</item>`
		}},
	{"json", `{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"first"}`, `],"feed_url":"urn:f"}`,
		func(r *rand.Rand, id string) string {
			return `,{"id":"` + id + `","title":"Ferry ]}, \" \\","tags":[{"a":[` + fmt.Sprint(r.IntN(10)) + `]}]}`
		}},
	{"sitemap", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`, `</urlset>`,
		func(_ *rand.Rand, id string) string {
			return "<url>\n<loc>https://paper.example/" + id + "</loc><lastmod>2026-05-04</lastmod></url>\n"
		}},
	{"cdf", `<CHANNEL HREF="/"><TITLE>T</TITLE>`, `</CHANNEL>`,
		func(_ *rand.Rand, id string) string {
			return `<ITEM HREF="https://paper.example/` + id + `"><TITLE>Ferry</TITLE></ITEM>`
		}},
}

func shuffled(r *rand.Rand, parts ...string) string {
	r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return strings.Join(parts, strings.Repeat("\n", r.IntN(3)))
}

// Wherever a feed of any kind ends, every item that arrived whole is read, in its order, and nothing else is.
func TestEveryWholeItemOfACutFeedIsRead(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			for seed := range uint64(15) {
				r := rand.New(rand.NewPCG(seed, 7))
				text, ends, ids := f.start, []int{}, []string{}
				if f.name == "json" {
					ends, ids = append(ends, len(text)), append(ids, "first")
				}
				for n := range 1 + r.IntN(120) { // more than the parser is given at a time
					ids = append(ids, fmt.Sprintf("id-%d-%d", seed, n))
					text += f.item(r, ids[len(ids)-1])
					ends = append(ends, len(strings.TrimRight(text, "\n")))
				}
				text += f.end
				for range 10 {
					cut := len(f.start) + r.IntN(len(text)-len(f.start))
					check(t, text[:cut], ids[:count(ends, cut)])
				}
			}
		})
	}
}

// count is how many items end by a place.
func count(ends []int, cut int) int {
	n := 0
	for n < len(ends) && ends[n] <= cut {
		n++
	}
	return n
}

func check(t *testing.T, text string, want []string) {
	t.Helper()
	document, err := feed.Parse([]byte(text), "", address)
	if err != nil {
		t.Fatalf("%v\n...%s", err, text[max(0, len(text)-200):])
	}
	got := []string{}
	for _, item := range document.Items {
		got = append(got, strings.TrimPrefix(item.ID, "https://paper.example/"))
	}
	if !slices.Equal(got, want) || !document.Salvaged || len(document.Warnings) == 0 {
		t.Fatalf("items %q, want %q; salvaged %v, warnings %q\n...%s", got, want, document.Salvaged, document.Warnings, text[max(0, len(text)-200):])
	}
}

// What is wrong with one item costs no other.
func TestADamagedItemCostsNoOther(t *testing.T) {
	for name, damage := range map[string]string{
		"a wrong end tag":            `<title>Ferry</titel>`,
		"no end tag":                 `<guid>b`,
		"an end tag of nothing":      `</b></description>`,
		"a bare sign":                `<title>1 < 2 && 3 > 2 ]]></title>`,
		"an attribute without value": `<enclosure url=/a.mp3 hidden>`,
		"a quote too many":           `<enclosure url="/a"">`,
		"a name that is none":        `<a:b:c>x</a:b:c><1>`,
		"a tag that is not finished": `<enclosure url="/a" <title>`,
		"a tag of pages":             `<description>one<br>two<img src="/a">`,
		"a long tag":                 `<img src="data:` + strings.Repeat("x", 100_000) + `">`,
		"a long text":                `<description>` + strings.Repeat("storm ", 200_000) + `</description>`,
		"an entity of nobody":        `<title>&unknown; &#xfffffff; &#1;</title>`,
		"another item":               ``,
	} {
		end := "</item>"
		if name == "another item" {
			end = "" // and the next begins
		}
		got := parse(t, `<rss version="2.0"><channel><title>T</title><item><guid>a</guid></item><item><guid>b</guid>`+damage+end+
			`<item><guid>c</guid></item></channel></rss>`)
		ids := []string{}
		for _, item := range got.Items {
			ids = append(ids, item.ID)
		}
		if !slices.Equal(ids, []string{"a", "b", "c"}) || got.Title != "T" {
			t.Errorf("%s: items %q of %q", name, ids, got.Title)
		}
	}
}

func TestEntitiesOfTheDocument(t *testing.T) {
	got := parse(t, `<!DOCTYPE rss [<!ENTITY site "tag:paper.example,"><!ENTITY both '&site;x'><!ENTITY lt "y"><!ENTITY file SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><title>&file;</title><item><guid isPermaLink="false">&site;2026:1</guid><title>&both; &lt;b></title></item></channel></rss>`)
	if item := got.Items[0]; item.ID != "tag:paper.example,2026:1" || item.Title != "&site;x <b>" || strings.Contains(got.Title, "root") {
		t.Errorf("%q, %+v", got.Title, item)
	}
	bomb := `<!DOCTYPE rss [<!ENTITY a "` + strings.Repeat("x", 190) + `">]><rss version="2.0"><channel><item><description>` +
		strings.Repeat("&a;", 1_000_000) + `</description></item></channel></rss>`
	if got := parse(t, bomb); len(got.Items[0].Summary) > feed.MaxSummary {
		t.Errorf("a summary of %d bytes", len(got.Items[0].Summary))
	}
}
