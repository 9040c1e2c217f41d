package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

var update = flag.Bool("update", false, "write the golden files anew")

const pageURL = "https://courier.example/city/bridge"

// headers are the content types of the golden pages that are not plain text/html.
var headers = map[string]string{"mislabelled": "text/html; charset=iso-8859-1"}

func read(t testing.TB, name string) Page {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".html"))
	if err != nil {
		t.Fatal(err)
	}
	header := headers[name]
	if header == "" {
		header = "text/html"
	}
	return Page{URL: pageURL, ContentType: header, Body: body}
}

func snapshot(t testing.TB, p Page) article.Snapshot {
	t.Helper()
	s, err := Extract(p)
	if err != nil {
		t.Fatalf("Extract: %v", err)
	}
	return s
}

func TestGolden(t *testing.T) {
	pages, err := filepath.Glob("testdata/*.html")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, path := range pages {
		name := strings.TrimSuffix(filepath.Base(path), ".html")
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(snapshot(t, read(t, name))); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".golden.json")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("snapshot differs from %s; got:\n%s", golden, got.Bytes())
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	for name, want := range map[string]struct {
		verdict article.Verdict
		reason  string
	}{
		"standard": {article.OK, ""},
		"live":     {article.OK, ""},
		"login":    {article.NotAnArticle, ReasonLogin},
		"notfound": {article.NotAnArticle, ReasonNotFound},
		"shell":    {article.NotAnArticle, ReasonEmptyShell},
	} {
		got := snapshot(t, read(t, name)).Quality
		if got.Verdict != want.verdict || !strings.Contains(strings.Join(got.Reasons, "\n"), want.reason) {
			t.Errorf("%s: quality %v, want %v %q", name, got, want.verdict, want.reason)
		}
	}
}

func TestNotPage(t *testing.T) {
	pdf, err := os.ReadFile("testdata/document.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]Page{
		"pdf called html": {ContentType: "text/html", Body: pdf},
		"picture":         {ContentType: "image/png", Body: []byte("\x89PNG\r\n\x1a\n0000")},
		"data":            {ContentType: "application/json", Body: []byte(`{"a":1}`)},
		"zeroes":          {Body: bytes.Repeat([]byte{0, 1, 2, 3}, 100)},
		"empty":           {ContentType: "text/html"},
		"blank":           {ContentType: "text/html", Body: bytes.Repeat([]byte(" \n"), 5000)},
	} {
		if _, err := Extract(p); !errors.Is(err, ErrNotPage) {
			t.Errorf("%s: error %v, want ErrNotPage", name, err)
		}
	}
}

func TestPoorPagesGiveSnapshots(t *testing.T) {
	for name, c := range map[string]struct{ body, reason string }{
		"nothing": {"<html><body></body></html>", ReasonNoContent},
		"deep":    {"<html>" + strings.Repeat("<div>", 2000) + "x", ReasonTooLarge},
		"many":    {"<html>" + strings.Repeat("<b></b>x", 150_000), ReasonTooLarge},
		"short":   {"<html><body><article><h1>Ship</h1><p>A ship came in.</p></article></body></html>", ReasonShort},
	} {
		got := snapshot(t, Page{URL: pageURL, ContentType: "text/html", Body: []byte(c.body)}).Quality
		if got.Verdict == article.OK || !strings.Contains(strings.Join(got.Reasons, "\n"), c.reason) {
			t.Errorf("%s: quality %v, want the reason %q", name, got, c.reason)
		}
	}
}

func TestTextIsLimitedAtBlocks(t *testing.T) {
	var body strings.Builder
	body.WriteString("<html><body><article><h1>A very long day at the harbour</h1>")
	for i := range 4000 {
		body.WriteString("<p>Boat number " + strconv.Itoa(i) + " left the harbour in the morning and came back with its nets full of herring and cod.</p>\n")
	}
	body.WriteString("</article></body></html>")
	s := snapshot(t, Page{URL: pageURL, Body: []byte(body.String())})
	total := 0
	for _, block := range s.Blocks {
		total += len(block.Text)
		if !strings.HasSuffix(block.Text, "cod.") {
			t.Fatalf("block cut: %q", block.Text)
		}
	}
	if total > MaxText || total < MaxText-200 {
		t.Errorf("text of %d bytes, want just below %d", total, MaxText)
	}
	if len(s.Quality.Reasons) != 1 || s.Quality.Reasons[0] != ReasonTruncated {
		t.Errorf("quality %v, want truncated", s.Quality)
	}
}

func TestOneEndlessBlockIsCut(t *testing.T) {
	body := "<html><body><article><h1>Waves</h1><p>" + strings.Repeat("wave follows wäve ", 30_000)
	s := snapshot(t, Page{URL: pageURL, Body: []byte(body)})
	if len(s.Blocks) != 1 || len(s.Blocks[0].Text) > MaxText || len(s.Blocks[0].Text) < MaxText-10 {
		t.Errorf("%d blocks, quality %v, want one of just below %d bytes", len(s.Blocks), s.Quality, MaxText)
	}
}

// Furniture that changes must not make a version; an edit in the article must.
func TestFurnitureDoesNotMoveTheHash(t *testing.T) {
	for _, name := range []string{"standard", "inline", "structure", "correction"} {
		p := read(t, name)
		want := snapshot(t, p)
		for what, swap := range map[string][2]string{
			"most read": {"Ten soups for cold days", "A lion was seen near the town hall this morning, say three walkers"},
			"longer":    {"</ul></aside>", strings.Repeat(`<li><a href="/n">Another story about the weather of the week</a></li>`, 12) + "</ul></aside>"},
			"menu":      {`<a href="/city">City</a>`, `<a href="/city">City</a> <a href="/sport">Sport</a> <a href="/vote">Vote now</a>`},
			"footer":    {"all rights kept", "all rights kept, printed on Wednesday in the old town"},
			"script":    {"</head>", "<script>var seen = 42;</script></head>"},
		} {
			changed := p
			changed.Body = bytes.Replace(p.Body, []byte(swap[0]), []byte(swap[1]), 1)
			if bytes.Equal(changed.Body, p.Body) {
				t.Fatalf("%s: nothing to change for %q", name, what)
			}
			if got := snapshot(t, changed); got.Hash() != want.Hash() {
				t.Errorf("%s: %s moved the hash; text now:\n%s", name, what, got.Body())
			}
		}
		edited := p
		edited.Body = bytes.Replace(p.Body, []byte("three kilometres"), []byte("five kilometres"), 1)
		got := snapshot(t, edited)
		if !bytes.Equal(edited.Body, p.Body) && got.Hash() == want.Hash() {
			t.Errorf("%s: an edit in the article did not move the hash", name)
		}
	}
}

// attributes is a page that says nearly all in attributes, among others that nobody asks for.
const attributes = `<html LANG=de dir=ltr prefix="og: x"><head><meta charset=utf-8 data-x=1><meta property="og:title" content="Eel Bridge closed" data-rh=true>
<link as=font href=/f><link title=x rel="canonical" href="/city/eel-bridge"><script async nonce=n type="application/ld+json">{"@type":"Article","description":"Two cracks."}</script></head>
<body onload="a()" class=home><div data-component="site-nav" style="top:0"><a href=/a title=b>City</a></div><main tabindex=0><h1 aria-level=1 class=big>Eel Bridge closed</h1>
<p data-n=1 itemprop=description>Two cracks were found on Tuesday evening.</p><a target=_blank href="/Autorin/ada-reed" x=1>Ada Reed</a><time lang=de datetime="2031-03-04T18:05:00Z">Tuesday</time>
<figure data-id=4><img loading=lazy alt="A bridge" src="data:image/gif;base64,A" data-srcset="/img/eel-bridge-800x600.jpg 2x"><figcaption dir=ltr>The bridge in May</figcaption></figure>
<p style="color:red" onclick="b('>')">The harbour office closed the old bridge on Tuesday evening after engineers found two cracks in it.</p>
<p data-k STYLE="color:red;display : none;x:y">This line is not for readers of this page, and it should stay away from them.</p><p data-k=2 HIDDEN>Nor is this one, which the editors have put away for the next week.</p>
<p id=p3 aria-label=x>Buses will run every ten minutes until the repair is done, which takes about six weeks.</p><div role=complementary data-testid="newsletter-signup" data-u=1><p>Sign up for our letter of the week and read it on your way to work, every day.</p></div>
<p x=1><b class=1 x=1>Tolls</b><b x=2> stay</b><b x=3> as they <b x=4>are<p>The council meets next week to talk about who will pay for all of that work.</p></main><input data-z=1 type=password></body></html>`

func FuzzExtract(f *testing.F) {
	pages, err := filepath.Glob("testdata/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range pages {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "text/html; charset=utf-8")
	}
	f.Add([]byte(`<table><tr><td><table><td>a<br><br>b</table>`), "text/html")
	f.Add([]byte(`<script type="application/ld+json">[[[{"@type":["Article",1],"author":{"name":[{}]}}]]]</script>`), "")
	f.Add([]byte("\xff\xfe<\x00p\x00>\x00"), "text/html; charset=utf-7")
	f.Add([]byte(attributes), "text/html")
	silent, err := ParseOverride([]byte(`{"note":"It says nothing."}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		p := Page{URL: pageURL, ContentType: contentType, Body: body}
		s, err := Extract(p)
		if err != nil {
			if !errors.Is(err, ErrNotPage) {
				t.Fatalf("error %v does not wrap ErrNotPage", err)
			}
			return
		}
		if s.Quality.Verdict == article.VerdictUnspecified || s.Extractor.Name != Name {
			t.Fatalf("incomplete snapshot %+v", s)
		}
		for _, block := range s.Blocks {
			if block.Text == "" || block.Kind == article.BlockUnspecified || strings.ContainsAny(block.Text, "\x00\n\u200b") {
				t.Fatalf("bad block %+v", block)
			}
		}
		again, _ := Read(p, Known{Override: silent}) // it keeps the attributes that nobody asks for
		if again.Snapshot.Extractor = s.Extractor; !reflect.DeepEqual(s, again.Snapshot) {
			t.Fatalf("two readings differ:\n%+v\n%+v", s, again.Snapshot)
		}
	})
}

// BenchmarkRead reads a page of a usual size: 200 KB, most of it around the article.
func BenchmarkRead(b *testing.B) {
	p := read(b, "standard")
	around := strings.Repeat(`<div class="teaser-card"><a href="/x"><h3>A tortoise is lost in Velden</h3></a><p class="meta">City, 3 hours ago</p></div>`, 1500)
	p.Body = bytes.Replace(p.Body, []byte("<footer>"), []byte("<section>"+around+"</section><footer>"), 1)
	b.SetBytes(int64(len(p.Body)))
	for b.Loop() {
		if _, err := Extract(p); err != nil {
			b.Fatal(err)
		}
	}
}
