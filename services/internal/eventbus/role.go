package eventbus

import "slices"

// Role is what one process may do on the bus: which streams and buckets it opens, and with them its permissions in the
// configuration of a server outside (Permissions). The roles below are the only ones.
type Role struct {
	name       string
	about      string // what it is for, for the configuration
	streams    []streamUse
	buckets    []bucketUse
	provisions bool
	observes   bool // asks for the state of every stream and consumer, of what it does not use too
}

// streamUse is what a role does with a stream.
type streamUse struct {
	stream  string
	publish []string   // subjects it publishes to
	consume []Consumer // durable consumers whose messages it takes
	read    bool       // gets single messages, from the leader
	remove  bool       // deletes single messages, by sequence
	watch   bool       // reads in order by a consumer of its own
	pick    bool       // does so with a part of the subjects

	subscribe []string // subjects it may listen to without a consumer, missing what comes meanwhile
}

// bucketUse is what a role does with a bucket beside reading single keys.
type bucketUse struct {
	bucket string
	write  bool
	list   bool
}

// Name is the role's name, which is that of its user and of its inbox: "scraper".
func (r Role) Name() string { return r.name }

// About says what the role is for.
func (r Role) About() string { return r.about }

// The roles, one for each service and for each kind of person. What a service does not do its role may not.
var (
	FeedPoller = Role{
		name: "feed-poller", about: "polls feeds",
		streams: []streamUse{
			{stream: streamFeeds, publish: []string{"feed.at.*"}, consume: []Consumer{DueFeeds}},
			{stream: streamItems, publish: []string{"item.*.*"}},
			{stream: streamFrontier, publish: []string{"frontier.*.feed.*"}, read: true, remove: true},
			{stream: streamTurns, publish: []string{"turn.at.*", "turn.due.*"}, consume: []Consumer{FeedTurns}},
			{stream: streamOutcomes, publish: []string{"outcome.poll.*"}},
			{stream: streamDeadLetters, publish: []string{"dead.FEEDS.>", "dead.TURNS.>"}},
		},
		buckets: []bucketUse{{bucket: bucketFeeds, write: true, list: true}, {bucket: bucketHosts, write: true}, {bucket: bucketAliases, write: true}},
	}
	Scraper = Role{
		name: "scraper", about: "reads articles",
		streams: []streamUse{
			{stream: streamItems, consume: []Consumer{NewItems}},
			{stream: streamChecks, consume: []Consumer{DueChecks}},
			{stream: streamFrontier, publish: []string{"frontier.*.*"}, read: true, remove: true},
			{stream: streamTurns, publish: []string{"turn.at.*", "turn.due.*", "turn.feed.*"}, consume: []Consumer{DueTurns}},
			{stream: streamSnapshots, publish: []string{"snapshot.*"}},
			{stream: streamDeadLetters, publish: []string{"dead.ITEMS.>", "dead.CHECKS.>", "dead.TURNS.>"}},
		},
		buckets: []bucketUse{{bucket: bucketArticles}, {bucket: bucketHosts, write: true}, {bucket: bucketSites, write: true}},
	}
	Differ = Role{
		name: "differ", about: "commits revisions, the only writer of articles",
		streams: []streamUse{
			{stream: streamSnapshots, consume: []Consumer{ReadChecks}, read: true, remove: true},
			{stream: streamRevisions, publish: []string{"revision.*.*"}, read: true},
			{stream: streamChecks, publish: []string{"check.at.*"}, read: true},
			{stream: streamFrontier, read: true},
			{stream: streamOutcomes, publish: []string{"outcome.check.*.*"}},
			{stream: streamDeadLetters, publish: []string{"dead.SNAPSHOTS.>"}},
		},
		buckets: []bucketUse{{bucket: bucketArticles, write: true, list: true}, {bucket: bucketSites}, {bucket: bucketAliases, write: true}},
	}
	Indexer = Role{
		name: "indexer", about: "writes revisions to the search index; reindexes",
		streams: []streamUse{
			{stream: streamRevisions, consume: []Consumer{NewRevisions}, read: true, watch: true},
			{stream: streamOutcomes, consume: []Consumer{NewOutcomes}, read: true, watch: true},
			{stream: streamDeadLetters, publish: []string{"dead.REVISIONS.>", "dead.OUTCOMES.>"}},
		},
	}
	// Query is also the hands of whoever has its token: takedowns and dead letters are calls of its service. And it is the
	// one that tells the state of the bus to those who watch, because it runs when no worker does.
	Query = Role{
		name: "query", about: "answers queries, follows revisions, changes feeds; takedowns, dead letters, re-extraction",
		streams: together([]streamUse{
			{stream: streamFeeds, publish: []string{"feed.at.*"}, read: true, remove: true},
			{stream: streamTurns, read: true},
			{stream: streamRevisions, watch: true},
			{stream: streamOutcomes, pick: true},
		}, operations()),
		buckets: []bucketUse{
			{bucket: bucketArticles, write: true, list: true}, {bucket: bucketFeeds, write: true, list: true}, {bucket: bucketSites},
			{bucket: bucketHosts, list: true},
			{bucket: bucketAliases, write: true, list: true},
		},
		observes: true,
	}
	// Operator is a person who does without the query service, as when it is down.
	Operator = Role{
		name: "operator", about: "a person: takedowns, dead letters",
		streams: operations(), buckets: []bucketUse{{bucket: bucketArticles, write: true}, {bucket: bucketAliases, write: true, list: true}},
	}
	// Reader follows revisions and changes nothing.
	Reader = Role{
		name: "reader", about: "a subscriber of revisions: reads, changes nothing",
		streams: []streamUse{{stream: streamRevisions, read: true, watch: true, subscribe: []string{"revision.>"}}},
	}
	// Provisioner sets up streams, consumers and buckets, and sees nothing of what is in them.
	Provisioner = Role{name: "provisioner", about: "stet provision", provisions: true}
	// Everything is all services in one process, which also provisions. It has no user in the configuration: a server
	// that serves one process needs none.
	Everything = Role{name: "stet", streams: everyStream(), buckets: everyBucket(), provisions: true, observes: true}
)

// operations are what takedowns and dead letters need.
func operations() []streamUse {
	return []streamUse{
		{stream: streamFeeds, publish: []string{"feed.due.*"}},
		{stream: streamItems, publish: []string{"item.*.*"}, read: true, remove: true},
		{stream: streamChecks, publish: []string{"check.due.*"}, read: true, remove: true},
		{stream: streamFrontier, read: true, remove: true},
		{stream: streamTurns, publish: []string{"turn.due.*", "turn.feed.*"}},
		{stream: streamSnapshots, publish: []string{"snapshot.*"}, read: true, remove: true},
		{stream: streamRevisions, publish: []string{"revision.*.*"}, read: true, remove: true},
		{stream: streamOutcomes, read: true, remove: true},
		{stream: streamDeadLetters, read: true, remove: true},
	}
}

// together gives what several uses come to, each stream once.
func together(lists ...[]streamUse) []streamUse {
	var all []streamUse
	for _, use := range slices.Concat(lists...) {
		i := slices.IndexFunc(all, func(u streamUse) bool { return u.stream == use.stream })
		if i < 0 {
			all = append(all, use)
			continue
		}
		u := &all[i]
		u.publish, u.consume = append(u.publish, use.publish...), append(u.consume, use.consume...)
		u.read, u.remove, u.watch, u.pick = u.read || use.read, u.remove || use.remove, u.watch || use.watch, u.pick || use.pick
	}
	return all
}

func everyStream() []streamUse {
	var uses []streamUse
	for _, s := range streams() {
		u := streamUse{stream: s.Name, publish: s.Subjects, read: true, remove: true, watch: true}
		for _, c := range consumers() {
			if c.stream == s.Name {
				u.consume = append(u.consume, c)
			}
		}
		uses = append(uses, u)
	}
	return uses
}

func everyBucket() []bucketUse {
	var uses []bucketUse
	for _, name := range bucketNames() {
		uses = append(uses, bucketUse{bucket: name, write: true, list: true})
	}
	return uses
}
