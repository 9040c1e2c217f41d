package search

import (
	"strings"

	"github.com/stetnews/stet/services/internal/article"
)

// DocumentOf is the search document of a revision event at a sequence of its stream. The indexer writes it, and a watch
// matches it, so that a watch finds what a search would.
func DocumentOf(sequence uint64, e *article.Event) Document {
	d := Document{
		Article: e.Article, Source: e.Source, URL: e.URL, Version: e.Version, Time: e.FetchedAt,
		Language: e.Snapshot.Language, Title: e.Snapshot.Title, Body: e.Snapshot.Body(), Kinds: e.Kinds,
		Weight: int(e.Revision.Weight), Score: e.Revision.Score, State: int(e.State), Published: e.Published,
		Hash: e.Hash, Feed: e.Feed, Sequence: sequence,
		Disclosed: e.Revision.Disclosure.NoteAdded || e.Revision.Disclosure.ModifiedMoved,
	}
	if e.Snapshot.Standfirst != "" {
		d.Body = e.Snapshot.Standfirst + "\n\n" + d.Body
	}
	d.Added, d.Removed = passages(&e.Revision)
	if e.Version == 1 {
		d.Added = "" // a first version adds nothing to what readers had seen
	}
	return d
}

// passages gives the text that came and the text that went, a passage a line.
func passages(r *article.Revision) (added, removed string) {
	came, went := units(r.NewUnits, r.Added), units(r.OldUnits, r.Deleted)
	for _, link := range r.Links {
		for _, w := range link.Words {
			text := strings.TrimSpace(w.Text)
			switch {
			case text == "":
			case w.Op == article.OpAdded:
				came = append(came, text)
			case w.Op == article.OpDeleted:
				went = append(went, text)
			}
		}
	}
	return strings.Join(came, "\n"), strings.Join(went, "\n")
}

func units(all []article.Unit, indices []int) []string {
	var out []string
	for _, i := range indices {
		if i >= 0 && i < len(all) {
			out = append(out, all[i].Text)
		}
	}
	return out
}
