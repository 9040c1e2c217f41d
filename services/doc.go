// Package services holds all that runs. The flow of an article:
//
//	feeds → feedpoller ─item→ scraper ─check→ differ ─revision→ indexer → index ← query (gRPC) ← web, CLI, clients
//
// Every arrow with a name is a message on the bus, also in one process; differ closes the loop by scheduling the next
// check. Start reading at internal/article (the words), internal/eventbus (the table of events), differ (the commit)
// and internal/turn (the host's turn); launch shows how they are put together.
package services
