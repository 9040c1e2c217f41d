// Package web shows articles, their versions and what changed between them as pages that work without JavaScript, and
// as Atom feeds. It is a client of the query service and of nothing else: it keeps nothing and changes nothing. All
// text that it shows was written by strangers, so control characters are taken out where an answer comes in
// (clean.go) and everything else is escaped by html/template and encoding/xml.
package web
