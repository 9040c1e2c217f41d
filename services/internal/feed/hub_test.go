package feed

import "testing"

func TestHubAndSelf(t *testing.T) {
	const hub, self = "https://hub.example/", "https://gazette.example/feed"
	for name, c := range map[string]struct{ text, hub, self string }{
		"atom": {`<feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title><link rel="alternate" href="/"/>
			<link rel="hub" href="https://hub.example/"/><link rel="self" href="/feed"/>
			<entry><id>1</id><title>Pier</title><link rel="hub" href="https://entry.example/"/></entry></feed>`, hub, self},
		"atom, of two hubs the first": {`<feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title>
			<link rel="hub" href="https://hub.example/"/><link rel="hub" href="https://second.example/"/></feed>`, hub, ""},
		"rss": {`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Gazette</title><link>https://gazette.example/</link>
			<atom:link rel="self" href="https://gazette.example/feed"/><atom:link rel="HUB" href="https://hub.example/"/>
			<item><guid>1</guid><title>Pier</title></item></channel></rss>`, hub, self},
		"rss with another prefix": {`<rss version="2.0" xmlns:a10="http://www.w3.org/2005/Atom"><channel><title>Gazette</title>
			<a10:link rel="hub" href="https://hub.example/"/></channel></rss>`, hub, ""},
		"rss behind its items": {`<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Gazette</title>
			<item><guid>1</guid><title>Pier</title></item><atom:link rel="hub" href="https://hub.example/"/></channel></rss>`, hub, ""},
		"rdf": {`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:atom="http://www.w3.org/2005/Atom">
			<channel><title>Gazette</title><atom:link rel="hub" href="https://hub.example/"/></channel><item><title>Pier</title></item></rdf:RDF>`, hub, ""},
		"none":                  {`<rss version="2.0"><channel><title>Gazette</title><link>https://gazette.example/</link></channel></rss>`, "", ""},
		"a hub of another kind": {`<feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title><link rel="hub" href="mailto:a@gazette.example"/></feed>`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse([]byte(c.text), "", self)
			if err != nil {
				t.Fatal(err)
			}
			if d.Hub != c.hub || d.Self != c.self {
				t.Errorf("the hub is %q and the feed itself %q, want %q and %q", d.Hub, d.Self, c.hub, c.self)
			}
		})
	}
}
