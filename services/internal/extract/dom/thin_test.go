package dom

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestThin(t *testing.T) {
	for in, want := range map[string]string{
		"<p>Grün</p>":                                        "<p>Grün</p>",
		"<script>a < b</script><p>x":                         "<script></script><p>x",
		"<SCRIPT type='a>b' async>a</SCRIPT >x":              "<SCRIPT type='a>b' async></SCRIPT >x",
		`<script type="application/ld+json">{}</script>`:     `<script type="application/ld+json">{}</script>`,
		`<script type="application/ld&#43;json">{}</script>`: `<script type="application/ld&#43;json">{}</script>`,
		"<style>p{}</style><style></style>":                  "<style></style><style></style>",
		`<a title="<script>">a</a><script>b</script>`:        `<a title="<script>">a</a><script></script>`,
		"<!-- <script> --><p>a<script>b</script>":            "<!-- <script> --><p>a<script></script>",
		"<title><script></title><script>a</script>":          "<title><script></title><script></script>",
		"<script><!-- <script>a</script> --></script>b":      "<script><!-- <script>a</script> --></script>b",
		"<svg viewBox=x><g><path d='M1'/></g></svg>b":        "<svg viewBox=x></svg>b",
		"<svg><title>a</title><style>b</style></svg>c":       "<svg></svg>c",
		"<svg><title>a<g></title></svg><style>c</style>":     "<svg><title>a<g></title></svg><style>c</style>",
		"<svg><svg/></svg>b<svg/>c":                          "<svg></svg>b<svg/>c",
		"<svg><p>a</p></svg><script>b</script>":              "<svg><p>a</p></svg><script>b</script>",
		"<select><option>a</select><script>b</script>":       "<select><option>a</select><script></script>",
		"<script>a":                  "<script>a",
		"<p a==b <script>a</script>": "<p a==b <script>a</script>",
	} {
		if got, err := thin(in, true); got != want || err != nil {
			t.Errorf("thin(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestThinAttributes(t *testing.T) {
	for in, want := range map[string]string{
		`<p class=a onclick="b > c" ID=d>`:                               `<p class=a ID=d>`,
		`<div title='x' data-a data-b = "c" role=main lang=de>`:          `<div role=main >`,
		`<html lang=de dir=ltr>`:                                         `<html lang=de >`,
		`<a href="/x" rel=author target=_blank>`:                         `<a rel=author >`,
		`<a id=a href="/city/Authors/ada"><a id=b href="/au&#116;or/b">`: `<a id=a href="/city/Authors/ada"><a id=b href="/au&#116;or/b">`,
		`<link href="/x" rel=canonical media=all>`:                       `<link href="/x" rel=canonical >`,
		`<img alt="a" src="b" data-src="c"><i alt="a" src="b">`:          `<img src="b" data-src="c"><i alt="a" src="b">`,
		`<p style="color:red"><p style="Display: None">`:                 `<p ><p style="Display: None">`,
		`<p style="visibility&#58;hidden"><p style=color:red>`:           `<p style="visibility&#58;hidden"><p >`,
		`<p class="a"onclick="b"id="c"><p onclick="b"id="c">`:            `<p class="a"id="c"><p id="c">`,
		`<p/onclick="b"><p class=c/ onclick=b/><br onclick=b />`:         `<p/onclick="b"><p class=c/ ><br />`,
		`<svg onclick=b></svg><math onclick=b>`:                          `<svg ></svg><math onclick=b>`,
		`<svg a=1 a=b/><p a=1>`:                                          `<svg a=1 a=b/><p a=1>`,
		`<svg a=b /><p a=1>`:                                             `<svg /><p >`,
		`<p onclick="b">a</p onclick="b">`:                               `<p >a</p onclick="b">`,
	} {
		if got, err := thin(in, false); got != want || err != nil {
			t.Errorf("thin(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestThinHead(t *testing.T) {
	for in, want := range map[string]string{
		"<html>\n<head>\n<meta charset=a>\n<link rel=icon>\n<title>a</title>\n</head>\n<body>\n<link rel=icon>": "<html>\n<head><meta ><title>a</title></head>\n<body>\n<link rel=icon>",
		"<head><link rel='x Canonical' href=a><link rel=amphtml><link rel=a&#99;>":                              "<head><link rel='x Canonical' href=a><link rel=amphtml><link rel=a&#99;>",
		"<head><script>a</script> <script>b</script ><script type=x/ld+json>c</script>":                         "<head><script></script><script type=x/ld+json>c</script>",
		"<head><script>a</script><style>b</style><link itemprop=c><style content=d></style>":                    "<head><script></script><link itemprop=c><style content=d></style>",
		"<head><noscript> <link rel=a><style>b</style></noscript><link rel=a>":                                  "<head><noscript> <link rel=a><style></style></noscript>",
		"<head><noscript><img></noscript> <link rel=a>":                                                         "<head><noscript><img></noscript> <link rel=a>",
		"<head>a<link rel=a>":            "<head>a<link rel=a>",
		"<head> < <link rel=a>":          "<head>< <link rel=a>",
		"<head></p><link rel=a>":         "<head></p><link rel=a>",
		"<head><p><link rel=a>":          "<head><p><link rel=a>",
		"<p><head><link rel=a>":          "<p><head><link rel=a>",
		"a<head><link rel=a>":            "a<head><link rel=a>",
		"<meta id=a><head> <link rel=a>": "<meta id=a><head> <link rel=a>",
		"<link rel=a> <link rel=b>":      "<link rel=a> <link rel=b>",
		"<!doctype html><!-- a --><head> <link rel=a></head> <link rel=a>": "<!doctype html><!-- a --><head></head> <link rel=a>",
		"<head> <script>a</script> <script>b":                              "<head><script></script><script>b",
	} {
		if got, err := thin(in, false); got != want || err != nil {
			t.Errorf("thin(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

// FuzzThin holds that a thinned page has the tree of the page, but for what is in scripts, styles and drawings, and for
// attributes that nobody asks for.
func FuzzThin(f *testing.F) {
	f.Add("<!doctype html><head><title>a<b</title><script>if (a<b) {}</script><style>p>a{}</style><body><svg><g><path d='x'/></g></svg><p class=a>b<!-- c --></p>")
	f.Add("<select><option>a</option></select><textarea><p></textarea><noscript><img></noscript><table><script>a</script><tr><td><svg></svg>")
	f.Add("<a b = 'c' d/><script type=application/ld+json>{\"a\":\"</script>\"}<iframe><script></iframe><math><script>a</script></math>")
	f.Add("<p a='x>'b=c/><b a=1><b a=2><b a=3><b a=4></p>d<p/a><br a/><input type=hidden a><font color=a><html a=b lang=c><a href=d a>e<a href=f>")
	f.Add("<p style='display:none' style=b hidden =c ID=d iD=e a = \"b\"/ c\n=d><div\tclass=a\fb='c'  >f<img/src=a src=b><meta a content=b/>")
	f.Add("<!doctype html><html><head> <link rel=a> <meta name=b content=c><title>d</title> <script>e</script><script>f</script><noscript> <link></noscript> <style>g</style><!-- h --></head> <body>i")
	f.Add("<svg a=1 a=b/><p>c</svg><svg a=1 a='b'/><p a=b/>c</svg><svg><g a=b/></svg><svg viewBox=a b=c/ ><path d=e/></svg>f")
	f.Add("<head> <script>a</script> <script>b</script> <noscript><img> <link></noscript> <link>c<head><link> </head><link>")
	f.Add("<script><!--<script></script>--></script><p></p x=><br/><//a></ >< a><?b?><![CDATA[c]]>")
	f.Fuzz(func(t *testing.T, page string) {
		if len(page) > 5000 {
			return
		}
		thinned, err := thin(page, false)
		if err != nil {
			return
		}
		if len(thinned) > len(page) {
			t.Fatalf("%q grew to %q", page, thinned)
		}
		if whole, part := hollow(t, page), hollow(t, thinned); whole != part {
			t.Errorf("%q thinned to %q\n%s\n%s", page, thinned, whole, part)
		}
	})
}

// hollow is a page's tree, written out without what is in scripts, styles and drawings and what nobody asks for.
func hollow(t *testing.T, page string) string {
	doc, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return ""
	}
	var empty, spared []*html.Node
	for n := range Elements(doc) {
		if n.Data == "svg" || n.Data == "style" || n.Data == "script" && !strings.Contains(strings.ToLower(Attr(n, "type")), "ld+json") {
			empty = append(empty, n)
		}
		if n.Data == "head" && n.Namespace == "" {
			spared = append(spared, spareOf(n)...)
		}
		if (n.Namespace == "" || n.Data == "svg") && (n.Data == "a" || !formatting(n.Data)) {
			n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool {
				return !reads(n.Data, a.Key, a.Val)
			})
		}
	}
	for _, n := range empty {
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
	}
	for _, n := range spared {
		n.Parent.RemoveChild(n)
	}
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		return "" // plaintext and the like cannot be written
	}
	return b.String()
}

// spareOf is what stands in a head for nobody.
func spareOf(head *html.Node) (spare []*html.Node) {
	for n := range head.ChildNodes() {
		rel, kind := strings.ToLower(Attr(n, "rel")), strings.ToLower(Attr(n, "type"))
		told := Attr(n, "itemprop")+Attr(n, "content")+Attr(n, "datetime") != "" || strings.Contains(rel, "canonical") || strings.Contains(rel, "amphtml")
		switch {
		case n.Type == html.TextNode, !told && (Is(n, "link", "style") || Is(n, "script") && !strings.Contains(kind, "ld+json")):
			spare = append(spare, n)
		}
	}
	return spare
}
