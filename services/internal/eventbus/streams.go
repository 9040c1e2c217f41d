package eventbus

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams. Who writes and who reads them stands in the design's table and in the comments of the event messages.
const (
	streamFeeds       = "FEEDS"
	streamItems       = "ITEMS"
	streamChecks      = "CHECKS"
	streamFrontier    = "FRONTIER"
	streamTurns       = "TURNS"
	streamSnapshots   = "SNAPSHOTS"
	streamRevisions   = "REVISIONS"
	streamOutcomes    = "OUTCOMES"
	streamDeadLetters = "DEADLETTERS"
)

const (
	mebibyte = 1 << 20
	gibibyte = 1 << 30
	month    = 30 * 24 * time.Hour
)

// streams is the table of all streams. Schedule streams have room for four times the need (1 M schedules of 250 bytes
// are 250 MB), because what is over MaxBytes silently loses pending schedules; they have no MaxAge for the same reason.
func streams() []jetstream.StreamConfig {
	table := []jetstream.StreamConfig{
		{Name: streamFeeds, Subjects: []string{"feed.at.*", "feed.due.*"}, MaxBytes: 256 * mebibyte,
			Retention: jetstream.WorkQueuePolicy, AllowMsgSchedules: true},
		{Name: streamItems, Subjects: []string{"item.*.*"}, MaxBytes: gibibyte, MaxAge: month, Duplicates: 10 * time.Minute},
		{Name: streamChecks, Subjects: []string{"check.at.*", "check.due.*"}, MaxBytes: gibibyte,
			Retention: jetstream.WorkQueuePolicy, AllowMsgSchedules: true},
		{Name: streamFrontier, Subjects: []string{"frontier.*.*", "frontier.*.feed.*"}, MaxBytes: gibibyte,
			MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true},
		{Name: streamTurns, Subjects: []string{"turn.at.*", "turn.due.*", "turn.feed.*"}, MaxBytes: 256 * mebibyte,
			Retention: jetstream.WorkQueuePolicy, AllowMsgSchedules: true},
		// A full stream refuses the scraper (back pressure) rather than drop what the differ has not read.
		{Name: streamSnapshots, Subjects: []string{"snapshot.*"}, MaxBytes: 2 * gibibyte, Discard: jetstream.DiscardNew,
			Retention: jetstream.WorkQueuePolicy, Duplicates: 10 * time.Minute},
		{Name: streamRevisions, Subjects: []string{"revision.*.*"}, MaxBytes: -1, AllowRollup: true},
		{Name: streamOutcomes, Subjects: []string{"outcome.check.*.*", "outcome.poll.*"}, MaxBytes: gibibyte, MaxAge: month,
			Duplicates: 10 * time.Minute},
		{Name: streamDeadLetters, Subjects: []string{"dead.>"}, MaxBytes: 256 * mebibyte, MaxAge: month},
	}
	for i := range table {
		table[i].Storage = jetstream.FileStorage
		if table[i].AllowMsgSchedules {
			table[i].AllowRollup = true // the server turns it on for schedules
		}
	}
	return table
}

// Consumer names a durable consumer of the table.
type Consumer struct {
	stream, name, filter string
	ackWait              time.Duration
	maxAckPending        int
}

// The consumers. MaxDeliver is unlimited everywhere: an outage is waited out, and what can never succeed is
// dead-lettered by its handler's word, not by a count.
var (
	DueFeeds     = Consumer{streamFeeds, "feed-poller", "feed.due.*", 60 * time.Second, 256}
	NewItems     = Consumer{streamItems, "scraper-items", "item.>", 10 * time.Second, 256}
	DueChecks    = Consumer{streamChecks, "scraper-checks", "check.due.*", 10 * time.Second, 256}
	DueTurns     = Consumer{streamTurns, "scraper-turns", "turn.due.*", 10 * time.Second, 5000}
	FeedTurns    = Consumer{streamTurns, "feed-poller-turns", "turn.feed.*", 10 * time.Second, 1000}
	ReadChecks   = Consumer{streamSnapshots, "differ", "snapshot.*", 15 * time.Second, 1000}
	NewRevisions = Consumer{streamRevisions, "indexer", "revision.>", 15 * time.Second, 1000}
	NewOutcomes  = Consumer{streamOutcomes, "indexer-checks", "outcome.check.>", 15 * time.Second, 1000}
)

func consumers() []Consumer {
	return []Consumer{DueFeeds, NewItems, DueChecks, DueTurns, FeedTurns, ReadChecks, NewRevisions, NewOutcomes}
}

// The key-value buckets: uncompressed, history of one, small values, because random reads of compressed or large
// values load whole blocks.
const (
	bucketArticles = "articles"
	bucketFeeds    = "feeds"
	bucketHosts    = "hosts"
	bucketSites    = "sites"   // one value a host, 40 KB at most
	bucketAliases  = "aliases" // keys of articles, and merges
)

// bucketPrefix is how the server names the stream under a bucket.
const bucketPrefix = "KV_"

func bucketNames() []string {
	return []string{bucketArticles, bucketFeeds, bucketHosts, bucketSites, bucketAliases}
}

// buckets are the streams under the key-value buckets, as the client library lays them out.
func buckets() []jetstream.StreamConfig {
	var table []jetstream.StreamConfig
	for _, name := range bucketNames() {
		table = append(table, jetstream.StreamConfig{
			Name: bucketPrefix + name, Subjects: []string{"$KV." + name + ".>"}, MaxBytes: -1, MaxMsgsPerSubject: 1,
			Discard: jetstream.DiscardNew, AllowRollup: true, DenyDelete: true, AllowDirect: true,
			Duplicates: 2 * time.Minute, Storage: jetstream.FileStorage,
		})
	}
	return table
}

// Error codes of the server that answer a conditional publish.
const (
	codeWrongLastSequence     = 10071
	codeConcurrentConditional = 10164 // replicated: another publish guarded by the same subject is in flight
	codeMaxMessagesPerSubject = 10077
)

// Refused says that the server judged a conditional publish and said no: somebody else was first. Every other error
// leaves open whether the message was stored.
func Refused(err error) bool {
	return hasCode(err, codeWrongLastSequence) || hasCode(err, codeConcurrentConditional)
}

func hasCode(err error, code jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == code
}
