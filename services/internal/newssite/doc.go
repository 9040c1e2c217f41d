// Package newssite simulates news publishers that edit their stories, for tests, the demo and load. It is a real HTTP
// server that behaves as publishers do: feeds in several formats, pages full of furniture that churns on every
// request, validators that help or lie, silent edits, corrections, stories deleted, restored and moved. Everything it
// does to a story goes into a ground-truth log, and everything a visitor asks into a request log, so that a test can
// judge both what was seen and how politely it was asked.
//
// The texts in stories/ are invented; each file holds a story and the script of its edits. It is not a model of what
// edits are likely, and nothing that watches stories may import it.
package newssite
