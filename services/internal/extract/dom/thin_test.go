package dom

import (
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
		if got, err := thin(in); got != want || err != nil {
			t.Errorf("thin(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

// FuzzThin holds that a thinned page has the tree of the page, but for what is in scripts, styles and drawings.
func FuzzThin(f *testing.F) {
	f.Add("<!doctype html><head><title>a<b</title><script>if (a<b) {}</script><style>p>a{}</style><body><svg><g><path d='x'/></g></svg><p class=a>b<!-- c --></p>")
	f.Add("<select><option>a</option></select><textarea><p></textarea><noscript><img></noscript><table><script>a</script><tr><td><svg></svg>")
	f.Add("<a b = 'c' d/><script type=application/ld+json>{\"a\":\"</script>\"}<iframe><script></iframe><math><script>a</script></math>")
	f.Add("<script><!--<script></script>--></script><p></p x=><br/><//a></ >< a><?b?><![CDATA[c]]>")
	f.Fuzz(func(t *testing.T, page string) {
		if len(page) > 5000 {
			return
		}
		thinned, err := thin(page)
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

// hollow is a page's tree, written out without what is in scripts, styles and drawings.
func hollow(t *testing.T, page string) string {
	doc, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		return ""
	}
	var empty []*html.Node
	for n := range Elements(doc) {
		if n.Data == "svg" || n.Data == "style" || n.Data == "script" && !strings.Contains(strings.ToLower(Attr(n, "type")), "ld+json") {
			empty = append(empty, n)
		}
	}
	for _, n := range empty {
		for n.FirstChild != nil {
			n.RemoveChild(n.FirstChild)
		}
	}
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		return "" // plaintext and the like cannot be written
	}
	return b.String()
}
