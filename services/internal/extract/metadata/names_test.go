package metadata

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stetnews/stet/services/internal/article"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("x", MaxTitle+1)
	for name, c := range map[string]struct {
		page string
		want article.Names
	}{
		"none":                        {`<p>Ferry`, article.Names{}},
		"a link and its twin":         {`<link rel="Canonical nofollow" href=" /ferry "><link rel="amphtml" href="/ferry/amp">`, article.Names{Canonical: []string{"/ferry"}, AMP: "/ferry/amp"}},
		"several links, one twice":    {`<link rel=canonical href=/a><link rel=canonical href=/b><link rel=canonical href=/a>`, article.Names{Canonical: []string{"/a", "/b"}}},
		"a link in the text":          {`<body><p>Ferry<link rel=canonical href=/a>`, article.Names{}},
		"an empty link":               {`<link rel=canonical href="">`, article.Names{}},
		"a link without end":          {`<link rel=canonical href="/` + long + `">`, article.Names{}},
		"an identifier":               {`<script type="application/ld+json">{"@type":"NewsArticle","identifier":"urn:x:81"}</script>`, article.Names{Identifier: "urn:x:81"}},
		"an identifier with a name":   {`<script type="application/ld+json">{"@type":"NewsArticle","identifier":{"@type":"PropertyValue","name":"id","value":481516}}</script>`, article.Names{Identifier: "481516"}},
		"an identifier that is a URL": {`<script type="application/ld+json">{"@type":"NewsArticle","identifier":["https://x.example/",true,"n-1"]}</script>`, article.Names{Identifier: "n-1"}},
		"the system's number":         {`<meta name="cXenseParse:recs:articleid" content="4.8151">`, article.Names{Identifier: "4.8151"}},
		"JSON-LD before meta":         {`<meta name="articleid" content="m"><script type="application/ld+json">{"@type":"NewsArticle","identifier":"ld-1"}</script>`, article.Names{Identifier: "ld-1"}},
	} {
		if got := parse(t, "<html><head>"+c.page).Names; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
