// Package query answers over gRPC (stet.query.v1) about articles, their versions and what changed, streams revisions
// as they happen, and keeps the list of feeds. It reads the index, the archive and the bus; it writes nothing but feeds,
// requests to look, and what operators do to dead letters and to articles that have to go. Anyone who reaches the address
// may read; what changes something needs the token.
//
// The files: query.go starts and stops the service, guard.go stands before every call, the files named for articles,
// search, diff, watch, feeds and admin (takedowns and dead letters) answer the calls, convert.go is the only place where wire and domain meet, and
// errors.go the only one where errors become codes.
package query
