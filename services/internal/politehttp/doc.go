// Package politehttp makes every request to a stranger: feeds, pages, robots.txt, sitemaps. It is honest (one
// User-Agent, no cookies, no referrer), careful with the other side (validators sent verbatim, two connections a host)
// and careful with itself: the address is checked when the connection is made (and before a proxy is asked, if one is
// configured), and time, headers, size, compression ratio and redirects are bounded. It decides neither whether nor
// when to ask: robots.txt rules are in package robots, a host's turns with the caller.
package politehttp
