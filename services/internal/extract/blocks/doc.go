// Package blocks finds the text of an article in a page's tree.
//
// The page is cut into runs of text between block-level elements (page.go), because the article is a choice among them.
// The container that holds most of what reads like a story is found (container.go); what is furniture by rule is left out
// (drops.go); the rest is judged by a small forest of decision trees on the text, its place, its names and its
// neighbours (features.go, choose.go), and so is the standfirst (standfirst.go). Every passage keeps the reason for which
// it is left out.
//
// The forests are data, in folder data. They are grown by the package's own test, which needs pages with known texts and
// prints its error: see learn_test.go. After a change of features they must be grown anew, or NewFinder fails.
package blocks
