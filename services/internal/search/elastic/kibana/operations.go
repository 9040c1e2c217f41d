package kibana

// silence is how long ago the last look at a source may be for it to be on the dashboard: shorter ones than people look
// back usually would hide just the sources that are not read any more.
const silence = "now-30d"

// operations answers whether stet looks at articles as it should.
func operations() dashboard {
	checks := func(columns ...column) []layer { return []layer{{"checks", columns}} }
	return dashboard{
		name: "operations", title: "Operations", since: "now-24h",
		description: "Whether stet reads what it should, in time: looks at articles, failures, lag, and how fresh every source is.",
		panels: []panel{
			{name: "looks", title: "Looks", description: "Looks at articles' pages.",
				layers: checks(count("Looks")), shape: figure{}},
			{name: "articles-looked-at", title: "Articles looked at", description: "Articles with at least one look in this time.",
				layers: checks(distinct("article", "Articles looked at")), shape: figure{}},
			{name: "failures", title: "Looks that failed", where: failed(), description: "Looks that gave nothing to read: failed or blocked.",
				layers: checks(count("Looks that failed")), shape: figure{}},
			{name: "looks-by-outcome", title: "Looks over time by outcome",
				description: "What looks at articles end in.",
				layers:      checks(top("outcome", "Outcome", 7), spans("time", "Looked"), count("Looks")),
				shape:       bars{"bar_stacked"}},
			{name: "lag", title: "Lag: looks planned and looks made",
				description: "Every look plans the next one. Where fewer were made than planned, stet fell behind. First looks, and those that people ask for, are made without a plan.",
				layers: []layer{
					{"checks", []column{spans("next", "Time"), count("Planned")}},
					{"checks", []column{spans("time", "Time"), count("Made")}},
				},
				shape: bars{"line"}},
			{name: "outcomes-by-source", title: "Outcomes by source",
				description: "Which sources are hard to read.",
				layers:      checks(top("outcome", "Outcome", 7), topAndOthers("source", "Source", someSources), count("Looks")),
				shape:       bars{"bar_horizontal_percentage_stacked"}},
			{name: "failures-by-reason", title: "Failures by outcome and status", where: failed(),
				description: "Looks that gave nothing to read, by source, outcome and HTTP status (0: no answer came). The sentences with the reasons are below.",
				layers:      checks(top("source", "Source", allSources), top("outcome", "Outcome", 2), top("status", "Status", 10), count("Looks"), latest("time", "Newest")),
				shape:       table{}},
			{name: "freshness", title: "Freshness by source: looks",
				description: "When articles of each source were looked at last, the longest ago first: of the last 30 days.",
				layers:      checks(last("source", "Source", allSources), latest("time", "Newest look"), distinct("article", "Articles"), count("Looks")),
				shape:       table{}, since: silence},
			{name: "freshness-of-versions", title: "Freshness by source: versions",
				description: "When a new version of any article of each source was read last, the longest ago first: of the last 30 days.",
				layers: []layer{{"versions", []column{last("source", "Source", allSources), latest("time", "Newest version"),
					distinct("article", "Articles"), count("Versions")}}},
				shape: table{}, since: silence},
		},
		rows: []row{
			{6, []part{{"looks", 16}, {"articles-looked-at", 16}, {"failures", 16}}},
			{12, []part{{"looks-by-outcome", 24}, {"lag", 24}}},
			{14, []part{{"outcomes-by-source", 24}, {"failures-by-reason", 24}}},
			{14, []part{{"freshness", 24}, {"freshness-of-versions", 24}}},
			{16, []part{{failedSearch, 48}}},
		},
	}
}
