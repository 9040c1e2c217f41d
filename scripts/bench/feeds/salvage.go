package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// kindOfFeed is how a format writes a feed of some items.
type kindOfFeed struct {
	name, start, item, end string // in item, # is its number
	last                   string // with what an item ends
}

var kindsOfFeed = []kindOfFeed{
	{"RSS", `<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The Invented Paper</title><ttl>60</ttl>`,
		`<item><title>Ferry &amp; harbour #</title><link>https://paper.example/#</link><guid isPermaLink="false">id-#</guid><description><![CDATA[<p>Storm</p> <item>]]></description><media:thumbnail url="/a.jpg"/></item>`,
		`</channel></rss>`, "</item>"},
	{"Atom", `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>The Invented Paper</title><id>urn:f</id>`,
		`<entry><id>id-#</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Ferry <b>#</b></div></title><link href="/#"/><updated>2026-05-04T10:00:00Z</updated></entry>`,
		`</feed>`, "</entry>"},
	{"RDF", `<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel rdf:about="urn:f"><title>The Invented Paper</title></channel>`,
		`<item rdf:about="id-#"><title>Ferry #</title><link>https://paper.example/#</link></item>`, `</rdf:RDF>`, "</item>"},
	{"JSON Feed", `{"version":"https://jsonfeed.org/version/1.1","title":"The Invented Paper","items":[{"id":"id-0"}`,
		`,{"id":"id-#","url":"/#","title":"Ferry ]}, \" #","tags":["a","b"]}`, `]}`, "]}"},
	{"sitemap", `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`,
		`<url><loc>https://paper.example/id-#</loc><news:news><news:publication><news:name>The Invented Paper</news:name></news:publication><news:title>Ferry #</news:title></news:news></url>`,
		`</urlset>`, "</url>"},
	{"CDF", `<CHANNEL HREF="https://paper.example/"><TITLE>The Invented Paper</TITLE>`,
		`<ITEM HREF="https://paper.example/id-#"><TITLE>Ferry #</TITLE></ITEM>`, `</CHANNEL>`, "</ITEM>"},
}

const (
	itemsOfFeed = 30
	cutsOfKind  = 2000
)

// salvage cuts feeds at random places and counts the items that arrived whole and were read.
func (b *bench) salvage() error {
	random := rand.New(rand.NewPCG(b.seed, 1))
	b.say("cut at random\tfeeds\twhole items in them\tread")
	for _, kind := range kindsOfFeed {
		var requests []any
		var whole []int
		for range cutsOfKind {
			text, ends := kind.write()
			cut := random.IntN(len(text))
			count := 0
			for count < len(ends) && ends[count] <= cut {
				count++
			}
			if kind.name == "JSON Feed" && cut >= len(kind.start) {
				count++ // the one that the start holds
			}
			requests, whole = append(requests, feedRequest{Body: []byte(text[:cut])}), append(whole, count)
		}
		answers, err := ask[feedAnswer](b.stet, "feed", requests)
		if err != nil {
			return err
		}
		all, read := 0, 0
		for i, a := range answers {
			all += whole[i]
			read += min(whole[i], len(a.Feed.Items))
			if b.list && len(a.Feed.Items) < whole[i] {
				b.say("lost\t%q", requests[i].(feedRequest).Body)
			}
		}
		b.say("%s\t%d\t%d\t%d (%.2f %%)", kind.name, len(answers), all, read, percent(read, all))
	}
	return nil
}

// write makes a feed and says where each of its items ends.
func (k kindOfFeed) write() (text string, ends []int) {
	var out strings.Builder
	out.WriteString(k.start)
	for n := 1; n <= itemsOfFeed; n++ {
		out.WriteString(strings.ReplaceAll(k.item, "#", fmt.Sprint(n)))
		ends = append(ends, out.Len())
	}
	out.WriteString(k.end)
	return out.String(), ends
}

// cuts does the same to those feeds of the set that were read whole and whose items can be counted by their end tags.
func (b *bench) cuts(names []string, files map[string][]byte, answers []feedAnswer) error {
	random := rand.New(rand.NewPCG(b.seed, 2))
	var requests []any
	var whole []int
	for i, name := range names {
		body := files[name]
		tag := endTagOf(body, len(answers[i].Feed.Items))
		if tag == nil || answers[i].Feed.Salvaged || answers[i].Error != "" {
			continue
		}
		for range 10 {
			cut := random.IntN(len(body))
			requests = append(requests, request(name, body, body[:cut]))
			whole = append(whole, bytes.Count(body[:cut], tag))
		}
	}
	cut, err := ask[feedAnswer](b.stet, "feed", requests)
	if err != nil {
		return err
	}
	all, read := 0, 0
	for i, a := range cut {
		all += whole[i]
		read += min(whole[i], len(a.Feed.Items))
		if b.list && len(a.Feed.Items) < whole[i] {
			b.say("lost\t%s: %s %q", requests[i].(feedRequest).ID, a.Error, requests[i].(feedRequest).Body)
		}
	}
	b.say("\nfeeds of the set, each cut ten times\t%d\nwhole items in them\t%d\nread\t%d (%.2f %%)", len(cut), all, read, percent(read, all))
	return nil
}

// endTagOf is the end tag of which there are as many as items, nil if none is.
func endTagOf(body []byte, items int) []byte {
	for _, tag := range []string{"</item>", "</entry>", "</Item>", "</ITEM>"} {
		if items > 0 && bytes.Count(body, []byte(tag)) == items {
			return []byte(tag)
		}
	}
	return nil
}
