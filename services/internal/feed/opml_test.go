package feed_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/feed"
)

func TestReadOPML(t *testing.T) {
	const list = `<?xml version="1.0" encoding="iso-8859-1"?><opml version="1.0"><head><title>mine</title></head><body>
<outline text="Papers"><outline text="Regional" title="Region"><outline type="rss" text="Bote" xmlUrl="https://bote.example/rss"/></outline>
<outline title="K` + "\xfc" + `rier &amp; Co" text="x" XMLURL=" feed://kurier.example/f "/></outline>
<outline text="Loose" xmlUrl="feed:https://loose.example/"/><outline text="a note"/></body></opml>`
	got, err := feed.ReadOPML(strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	want := []feed.Subscription{
		{URL: "https://bote.example/rss", Title: "Bote", Folder: "Papers/Region"},
		{URL: "http://kurier.example/f", Title: "Kürier & Co", Folder: "Papers"},
		{URL: "https://loose.example/", Title: "Loose"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestReadOPMLRefuses(t *testing.T) {
	for name, list := range map[string]string{
		"nothing":   "",
		"a feed":    rss,
		"cut short": `<opml><body><outline xmlUrl="https://a.example/"/>`,
		"too deep":  "<opml>" + strings.Repeat("<outline>", 100) + strings.Repeat("</outline>", 100) + "</opml>",
		"too many":  "<opml>" + strings.Repeat(`<outline xmlUrl="x"/>`, 50_001) + "</opml>",
	} {
		if got, err := feed.ReadOPML(strings.NewReader(list)); err == nil {
			t.Errorf("%s: %d subscriptions and no error", name, len(got))
		}
	}
}

func TestOPMLRoundTrip(t *testing.T) {
	want := []feed.Subscription{
		{URL: "https://a.example/?x=1&y=2", Title: `"A" <b>`},
		{URL: "https://b.example/", Title: "B", Folder: "One/Two"},
		{URL: "https://c.example/", Title: "C", Folder: "One/Two"},
		{URL: "https://d.example/", Title: "D", Folder: "One"},
	}
	if got := roundTrip(t, want); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func roundTrip(t *testing.T, list []feed.Subscription) []feed.Subscription {
	t.Helper()
	var out bytes.Buffer
	if err := feed.WriteOPML(&out, list); err != nil {
		t.Fatal(err)
	}
	got, err := feed.ReadOPML(&out)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v", err)
	}
	return got
}

func FuzzReadOPML(f *testing.F) {
	f.Add([]byte(`<opml><body><outline text="F"><outline text="A" xmlUrl="https://a.example/"/></outline></body></opml>`))
	f.Add([]byte("<opml><outline xmlUrl='feed:'/></outline></opml>"))
	f.Add([]byte("<?xml version='1.1' encoding='utf-16'?><OPML><outline title='&#x8;&nbsp;/' XMLurl='\xe9'/></OPML>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := feed.ReadOPML(bytes.NewReader(body))
		if err != nil {
			return
		}
		if again := roundTrip(t, list); len(again) != len(list) {
			t.Errorf("%d subscriptions became %d", len(list), len(again))
		}
	})
}
