package kibana

// The most sources and articles that a panel tells apart.
const (
	someSources  = 12 // as many as colours can be told apart
	allSources   = 100
	someArticles = 25
)

// The limits of how long after publication an article is edited first, in seconds.
const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
)

// newsroom answers how articles change once they are out, and who does it.
func newsroom() dashboard {
	firstEdit := []condition{isNumber("version", 2)}
	revisions := func(columns ...column) []layer { return []layer{{"revisions", columns}} }
	articles := func(columns ...column) []layer { return []layer{{"articles", columns}} }
	return dashboard{
		name: "newsroom", title: "Newsroom", since: "now-7d",
		description: "How articles change after they were published: when, how much, where, and whether readers are told.",
		panels: []panel{
			{name: "revisions", title: "Revisions", description: "Changes that were seen.",
				layers: revisions(count("Revisions")), shape: figure{}},
			{name: "articles-changed", title: "Articles changed", description: "Articles with at least one revision in this time.",
				layers: revisions(distinct("article", "Articles changed")), shape: figure{}},
			{name: "median-first-edit", title: "Median time to the first edit", where: firstEdit,
				description: "From the publication that the article declares to the first revision that was seen.",
				layers:      revisions(median("since_published", "Median time to the first edit")), shape: figure{}},
			{name: "headlines", title: "Headlines changed", where: []condition{is("kinds", headline)},
				description: "Revisions that changed the headline.",
				layers:      revisions(count("Headline changes")), shape: figure{}},
			{name: "revisions-by-source", title: "Revisions over time by source",
				description: "Who edits, and when.",
				layers:      revisions(topAndOthers("source", "Source", someSources), spans("time", "Seen"), count("Revisions")),
				shape:       bars{"bar_stacked"}},
			{name: "revisions-by-weight", title: "Revisions over time by weight",
				description: "How much the edits matter.",
				layers:      revisions(top("weight_name", "Weight", 4), spans("time", "Seen"), count("Revisions")),
				shape:       bars{"bar_stacked"}},
			{name: "first-edit", title: "Time from publication to first edit", where: firstEdit,
				description: "Articles by how long after their declared publication the first revision was seen. Those that declare none are not counted.",
				layers: revisions(bands("since_published", "After publication",
					[]float64{0, 5 * minute, 15 * minute, hour, 6 * hour, day, 7 * day},
					"before", "under 5 min", "5–15 min", "15–60 min", "1–6 h", "6–24 h", "1–7 days", "later"), count("Articles")),
				shape: bars{"bar"}},
			{name: "share-edited", title: "Share of articles edited",
				description: "Of the articles that came or changed in this time, those with more than one version.",
				layers:      articles(top("edited", "Edited", 2), count("Articles")), shape: ring{}},
			{name: "disclosed", title: "Disclosed or not",
				description: "Revisions by weight: does the publisher show that the article was changed?",
				layers:      revisions(top("disclosed", "Disclosed", 2), top("weight_name", "Weight", 4), count("Revisions")),
				shape:       bars{"bar_percentage_stacked"}},
			{name: "edited-by-source", title: "Articles edited by source",
				description: "Of the articles that came or changed in this time, those with more than one version.",
				layers:      articles(top("edited", "Edited", 2), topAndOthers("source", "Source", someSources), count("Articles")),
				shape:       bars{"bar_horizontal_percentage_stacked"}},
			{name: "headlines-by-source", title: "Headline changes over time", where: []condition{is("kinds", headline)},
				description: "Who changes headlines, and when.",
				layers:      revisions(topAndOthers("source", "Source", someSources), spans("time", "Seen"), count("Headline changes")),
				shape:       bars{"bar_stacked"}},
			{name: "most-edited", title: "Most edited articles",
				description: "Articles that came or changed in this time, those with the most versions first. Headlines of more than 512 characters are left out.",
				layers:      articles(top("url", "Address", someArticles), top("title.keyword", "Headline", 1), top("source", "Source", 1), largest("versions", "Versions")),
				shape:       table{first: []string{columnID("largest", "versions"), columnID("top", "title.keyword")}}},
		},
		rows: []row{
			{6, []part{{"revisions", 12}, {"articles-changed", 12}, {"median-first-edit", 12}, {"headlines", 12}}},
			{12, []part{{"revisions-by-source", 24}, {"revisions-by-weight", 24}}},
			{12, []part{{"first-edit", 24}, {"share-edited", 12}, {"disclosed", 12}}},
			{12, []part{{"edited-by-source", 24}, {"headlines-by-source", 24}}},
			{16, []part{{"most-edited", 24}, {headlineSearch, 24}}},
			{16, []part{{substantiveSearch, 24}, {removedSearch, 24}}},
		},
	}
}
