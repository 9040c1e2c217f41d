package feed_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/feed"
)

// What a feed costs is bounded by its size: all that is allocated while it is read, freed again or not, in multiples of it.
// The parser takes a hundred times the size of items that hold nothing; everything else is read as it stands.
func TestWhatFeedsCost(t *testing.T) {
	const size = 2 << 20
	const channel = `<rss version="2.0"><channel><title>T</title>`
	for _, test := range []struct {
		name, start, unit, end string
		most                   int // times its size
	}{
		{"a text", channel + "<item><description>", "The ferry runs again. ", "</description></item>", 3},
		{"a CDATA section", channel + "<item><description><![CDATA[", "<p>again</p>", "]]></description></item>", 3},
		{"references", channel + "<item><description>", "&#x41;&lt;&amp;", "</description></item>", 3},
		{"less-than signs", channel + "<item><title>", "< ", "</title></item>", 5},
		{"the channel's text", channel + "<description>", "The ferry runs again. ", "</description>", 3},
		{"nested", channel + "<item>" + strings.Repeat("<a>", 400), "<b></b>", "", 1},
		{"end tags", channel + "<item>" + strings.Repeat("<a>", 300), "</b>", "</item>", 1},
		{"attributes", `<rss version="2.0" `, `a="b" `, "><channel/></rss>", 1},
		{"attributes of an item", channel + "<item><enclosure ", `a="b" `, "/></item>", 1},
		{"elements of an item", channel + "<item>", "<a/>", "</item>", 3},
		{"elements of nothing", channel, "<x>y</x>", "</channel></rss>", 3},
		{"comments", channel, "<!-- x -->", "</channel></rss>", 1},
		{"windows-1252", channel + "<item><description>", "F\xe4hre ", "</description></item>", 5},
		{"a text of JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_text":"`, "The ferry. ", `"}]}`, 3},
		{"members of JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1"`, `,"title":"x"`, `}]}`, 1},
		{"entries of a sitemap", `<urlset>`, "<url><loc>https://paper.example/a</loc></url>", "</urlset>", 80},
		{"items with texts", channel, "<item><guid>x</guid><description>" + strings.Repeat("The ferry runs again. ", 50) + "</description></item>", "</channel></rss>", 40},
		{"items", channel, "<item/>", "</channel></rss>", 40},
		{"items of JSON", `{"version":"https://jsonfeed.org/version/1.1","items":[`, `{"id":"1"},`, `{}]}`, 40},
	} {
		body := []byte(test.start + strings.Repeat(test.unit, size/len(test.unit)) + test.end)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = feed.Parse(body, "", address)
		runtime.ReadMemStats(&after)
		times := float64(after.TotalAlloc-before.TotalAlloc) / size
		if times > float64(test.most) {
			t.Errorf("%s: %.1f times its size, want at most %d", test.name, times, test.most)
		}
	}
}
