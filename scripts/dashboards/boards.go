package main

// flow follows articles: what is looked at, what changed, what waits.
func flow() board {
	return board{file: "flow.json", uid: "stet-flow", title: "stet: Flow",
		about: "From looking at an article to its being searchable: what happens, what waits, how long it takes.",
		panels: []panel{
			{"Looks", "Looks at articles in a second, by outcome. None for half an hour is the alert StetNoChecks.", "cps",
				[]query{{`sum by (outcome) (rate(stet_checks_total[$__rate_interval]))`, "{{outcome}}"}}},
			{"Lateness", "How long after it was due an article was looked at. It grows where there are too few scrapers, or a host has too many articles.", "s",
				quantiles("stet_check_lateness_seconds", "")},
			{"Versions", "Versions committed within the hour before, by how much the change weighs.", "short",
				[]query{{`sum by (weight) (increase(stet_revisions_total[1h]))`, "{{weight}}"}}},
			{"What changed", "Elements that versions changed within the hour before; one version may change several.", "short",
				[]query{{`sum by (kind) (increase(stet_revision_kinds_total[1h]))`, "{{kind}}"}}},
			{"Waiting", "Messages that wait for each consumer. What to turn when one grows: docs/observing.md.", "short",
				[]query{{`max by (consumer) (stet_consumer_pending_messages)`, "{{consumer}}"}}},
			{"Being worked on", "Messages delivered and not acknowledged, and those of them that were delivered before.", "short",
				[]query{{`max by (consumer) (stet_consumer_ack_pending_messages)`, "{{consumer}}"},
					{`max by (consumer) (stet_consumer_redelivered_messages) > 0`, "{{consumer}}, again"}}},
			{"Until searchable", "Time from fetching a page to finding its version.", "s", quantiles("stet_searchable_delay_seconds", "")},
			{"Handling a message", "Time that handling a message took, the slowest twentieth, by consumer.", "s",
				[]query{{`histogram_quantile(0.95, sum by (le, consumer) (rate(stet_message_duration_seconds_bucket[$__rate_interval])))`, "{{consumer}}"}}},
			{"Comparing", "Time of comparing a reading with the version before it.", "s", quantiles("stet_diff_duration_seconds", "")},
			{"Not handled", "Messages that are delivered again, and dead letters, in a second.", "cps",
				[]query{{`sum by (consumer, result) (rate(stet_messages_total{result!="done"}[$__rate_interval]))`, "{{consumer}}, {{result}}"}}},
			{"Silent sources", "Time since the last new entry, for the ten sources that are silent longest.", "s",
				[]query{{`topk(10, time() - max by (source) (stet_source_last_item_timestamp_seconds))`, "{{source}}"}}},
			{"Unread sources", "Time since an article was last read or found unchanged, for the ten sources where it is longest.", "s",
				[]query{{`topk(10, time() - max by (source) (stet_source_last_read_timestamp_seconds))`, "{{source}}"}}},
		}}
}

// fetching is the work with strangers.
func fetching() board {
	return board{file: "fetching.json", uid: "stet-fetching", title: "stet: Fetching",
		about: "Requests to publishers: how they end, how long they take, what politeness costs, what can be read.",
		panels: []panel{
			{"Pages", "Requests for articles in a second, by how they ended.", "cps",
				[]query{{`sum by (outcome) (rate(stet_fetches_total{what="page"}[$__rate_interval]))`, "{{outcome}}"}}},
			{"Feeds and robots.txt", "The same for feeds and for robots.txt.", "cps",
				[]query{{`sum by (what, outcome) (rate(stet_fetches_total{what!="page"}[$__rate_interval]))`, "{{what}}, {{outcome}}"}}},
			{"Time of a request", "Of an exchange with a publisher, redirects included.", "s", quantiles("stet_fetch_duration_seconds", "what")},
			{"Wait for the host's turn", "What politeness costs: a host is visited by one at a time, every two seconds at most.", "s",
				quantiles("stet_host_wait_seconds", "what")},
			{"Traffic", "Bytes that publishers send in a second, before decompression.", "Bps",
				[]query{{`sum by (what) (rate(stet_fetched_bytes_total[$__rate_interval]))`, "{{what}}"}}},
			{"Hosts left in peace", "Times within the hour before that a host asked for a pause (busy) or failed again and again, and got one.", "short",
				[]query{{`sum by (outcome) (increase(stet_host_pauses_total[1h]))`, "{{outcome}}"}}},
			{"Readings", "Pages read for their text in a second, by how much the reading is to be trusted.", "cps",
				[]query{{`sum by (verdict) (rate(stet_extracts_total[$__rate_interval]))`, "{{verdict}}"}}},
			{"Time of reading a page", "Extracting the article from its page.", "s", quantiles("stet_extract_duration_seconds", "")},
			{"Looks without text", "Share of the looks of two hours that found no text, for the ten sources where it is largest.", "percentunit",
				[]query{{`topk(10, sum by (source) (increase(stet_source_checks_total{text="no"}[2h])) / sum by (source) (increase(stet_source_checks_total[2h])))`, "{{source}}"}}},
			{"Polls of feeds", "Polls in a second, by how they ended.", "cps",
				[]query{{`sum by (outcome) (rate(stet_feed_polls_total[$__rate_interval]))`, "{{outcome}}"}}},
			{"News", "New and changed entries of feeds within the hour before, and polls between which some may have been missed.", "short",
				[]query{{`sum by (news) (increase(stet_items_total[1h]))`, "{{news}}"},
					{`sum(increase(stet_feed_overflows_total[1h]))`, "polls that may have missed some"}}},
			{"News by source", "New entries within the hour before, for the ten sources with the most.", "short",
				[]query{{`topk(10, sum by (source) (increase(stet_source_items_total[1h])))`, "{{source}}"}}},
		}}
}

// stores are the engines and the processes.
func stores() board {
	return board{file: "stores.json", uid: "stet-stores", title: "stet: Stores",
		about: "What holds the data, how full it is, and how the processes are.",
		panels: []panel{
			{"Answers", "1 where each engine answers every service that needs it, 0 where it does not: the alert StetNotReady.", "short",
				[]query{{`min by (check) (stet_ready)`, "{{check}}"}, {`min(stet_bus_observed)`, "the bus tells its state"}}},
			{"Processes", "Processes that answer, by service, and the versions that run.", "short",
				[]query{{`sum by (service) (up{job="stet"})`, "{{service}}"}, {`count by (version) (stet_build_info)`, "version {{version}}"}}},
			{"Streams against their limits", "Share of its limit that a stream holds. FEEDS, CHECKS and TURNS lose schedules when full, others refuse or forget the oldest.", "percentunit",
				[]query{{`max by (stream, full) (stet_stream_bytes / stet_stream_limit_bytes)`, "{{stream}} ({{full}})"}}},
			{"Streams", "Bytes that streams and buckets hold. REVISIONS is the truth and grows with every edit.", "bytes",
				[]query{{`max by (stream) (stet_stream_bytes)`, "{{stream}}"}}},
			{"Dead letters and queues at hosts", "Messages that nobody could handle, and articles that wait for their host's turn.", "short",
				[]query{{`max by (stream) (stet_stream_messages{stream=~"DEADLETTERS|FRONTIER"})`, "{{stream}}"}}},
			{"Disk", "Bytes that may still be written. In one process stet stops in good order at 32 MB.", "bytes",
				[]query{{`min by (instance, use) (stet_disk_free_bytes)`, "{{instance}}, {{use}}"}}},
			{"Time of an index batch", "What the search index takes for a batch.", "s", quantiles("stet_index_batch_duration_seconds", "what")},
			{"Documents in a batch", "On average: it grows with the backlog, to 256.", "short",
				[]query{{`sum by (what) (rate(stet_index_batch_documents_sum[$__rate_interval])) / sum by (what) (rate(stet_index_batch_documents_count[$__rate_interval]))`, "{{what}}"}}},
			{"Index troubles", "Batches that are tried again, and documents that the index will never take, within the hour before.", "short",
				[]query{{`sum by (what) (increase(stet_index_batch_failures_total[1h]))`, "{{what}}, tried again"},
					{`sum by (what) (increase(stet_index_rejected_documents_total[1h]))`, "{{what}}, rejected"}}},
			{"Memory", "Resident memory of each process.", "bytes", []query{{`process_resident_memory_bytes{job="stet"}`, "{{service}} {{instance}}"}}},
			{"Processor", "Cores that each process keeps busy.", "short",
				[]query{{`rate(process_cpu_seconds_total{job="stet"}[$__rate_interval])`, "{{service}} {{instance}}"}}},
			{"Goroutines", "A number that only grows is a leak: look at --pprof.", "short", []query{{`go_goroutines{job="stet"}`, "{{service}} {{instance}}"}}},
		}}
}
