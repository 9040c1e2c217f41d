// Package article holds the words of the product as types: item, snapshot, check, version, revision, head, feed, and
// the rules that belong to them alone (identity, the digest that makes a version). It knows no wire format, no store
// and no clock.
package article
