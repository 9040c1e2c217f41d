package main

import (
	"bytes"
	"strings"
)

// explanation says why a claim is about a convention of the set's own reader and not about the feed: "" for those that
// any reader should meet. It is decided by the claim alone and never by what stet found.
func explanation(name string, body []byte, c claim) string {
	folder := name[:max(0, strings.LastIndexByte(name, '/'))]
	switch {
	case c.field == "title" && strings.Contains(folder, "/sanitize"):
		return "the set's reader cleans the HTML of titles; stet keeps it and escapes it where it is shown"
	case c.field == "title" && strings.Contains(folder, "/base"), c.field == "title" && bytes.Contains(body, []byte("xml:base")):
		return "the set's reader resolves addresses within the HTML of titles; stet shows titles as text"
	case c.field == "title" && (strings.HasSuffix(name, "/lang.xml") || strings.HasSuffix(name, "/rang.xml")):
		return "the entities lang and rang are other characters in HTML 4, which the set's reader follows, than in HTML 5"
	case c.field == "title" && bytes.Contains(body, []byte("<div")) && strings.HasPrefix(c.want, "<div"):
		return "the set's reader keeps the <div> around a title of Atom 0.3 in XHTML; stet shows titles as text"
	case c.field == "id" && bytes.Contains(body, []byte("<id>/")):
		return "the set's reader completes ids by the feed's address; stet compares them as they are, for that address may change"
	}
	return ""
}
