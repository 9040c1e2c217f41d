// Package inspect answers what stet makes of one page, pair of pages, feed, robots.txt, address or history, for people,
// for programs, and in bulk as a filter of JSON lines. It asks the packages that do the work and keeps nothing.
package inspect
