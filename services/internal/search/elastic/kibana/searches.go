package kibana

import (
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search/elastic"
)

// The names of the saved searches, by which dashboards show them.
const (
	substantiveSearch = "search-substantive-revisions"
	removedSearch     = "search-text-removed"
	headlineSearch    = "search-headline-changes"
	failedSearch      = "search-failed-looks"
)

// headline is the kind of a revision that changed the headline.
const headline = "headline"

func searches() []saved {
	return []saved{
		{name: substantiveSearch, title: "Newest substantive revisions", view: "revisions",
			description: "Changes of what an article says, newest first: what came, what went, and whether readers are told.",
			where:       []condition{is("weight_name", elastic.WeightName(article.Substantive))},
			columns:     []string{"source", "title", "kinds", "disclosed", "removed", "added", "url"}},
		{name: removedSearch, title: "Text removed", view: "revisions",
			description: "Revisions that took words away, newest first.",
			where:       []condition{above("removed_words", 0)},
			columns:     []string{"source", "title", "removed_words", "removed", "weight_name", "url"}},
		{name: headlineSearch, title: "Headline changes", view: "revisions",
			description: "Revisions of the headline, newest first: the words of the old one and of the new one.",
			where:       []condition{is("kinds", headline)},
			columns:     []string{"source", "title", "removed", "added", "weight_name", "url"}},
		{name: failedSearch, title: "Looks that failed", view: "checks",
			description: "Looks at articles that gave nothing to read, newest first, with the reason.",
			where:       failed(),
			columns:     []string{"source", "outcome", "status", "reason", "url", "next"}},
	}
}

// failed finds looks that gave nothing to read though the article may well be there.
func failed() []condition {
	return []condition{is("outcome", article.Failed.String()), is("outcome", article.OutcomeBlocked.String())}
}
