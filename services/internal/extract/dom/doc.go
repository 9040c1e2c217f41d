// Package dom reads a page's bytes into a bounded tree and offers the few ways of looking at it that extraction needs:
// walking, attributes, and text as a reader sees it. It knows nothing of articles.
package dom
