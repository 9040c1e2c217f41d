// Package feed reads what sites offer for following them (RSS, Atom, JSON Feed, RDF, news sitemaps) and lists of
// subscriptions (OPML), and says when to look at a feed again. It is pure: bytes come in and values go out; it fetches
// nothing, keeps nothing and has no clock.
package feed
