package query

import (
	"time"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// timeToWire gives nothing for the zero time, which on the wire is an absent one.
func timeToWire(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func orderFromWire(order queryv1.SearchRequest_Order) (search.Order, error) {
	switch order {
	case queryv1.SearchRequest_NEWEST:
		return search.Newest, nil
	case queryv1.SearchRequest_RELEVANCE:
		return search.Relevance, nil
	}
	return 0, invalid("order", "there is no such order")
}

func stateOf(n int) article.State {
	if n < int(article.Live) || n > int(article.Blocked) {
		return article.Live
	}
	return article.State(n)
}

func summaryToWire(d *search.Document) *queryv1.RevisionSummary {
	return &queryv1.RevisionSummary{
		Article: d.Article, Source: d.Source, Url: d.URL, Version: int32(d.Version), Time: timeToWire(d.Time),
		Title: d.Title, Kinds: d.Kinds, Weight: eventv1.Revision_Weight(d.Weight), Score: d.Score,
		Added: d.Added, Removed: d.Removed, Language: d.Language,
	}
}

func hitToWire(h *search.Hit) *queryv1.Hit {
	w := &queryv1.Hit{Revision: summaryToWire(&h.Document)}
	for _, e := range h.Excerpts {
		excerpt := &queryv1.Excerpt{Field: e.Field}
		for _, p := range e.Pieces {
			excerpt.Pieces = append(excerpt.Pieces, &queryv1.Piece{Text: p.Text, Match: p.Match})
		}
		w.Excerpts = append(w.Excerpts, excerpt)
	}
	return w
}

func articleToWire(h *article.Head) *queryv1.Article {
	w := &queryv1.Article{
		Id: h.Article, Source: h.Source, Url: h.URL, Title: h.Title, Versions: int32(h.Version),
		FirstSeen: timeToWire(h.FirstSeen), LastChecked: timeToWire(h.FetchedAt), NextCheck: timeToWire(h.Next),
		NextReason: h.NextReason, LastReason: h.Reason, State: eventv1.RevisionEvent_State(h.State),
		LastChanged: timeToWire(h.ChangedAt), Published: h.Published, MergedInto: h.MergedInto, MergedBecause: h.MergedBecause, Extractor: h.Extractor,
		LeftOut: eventbus.LeftOutToWire(h.LeftOut), LeftOutTotal: int32(h.LeftOutTotal),
	}
	if h.Outcome > article.OutcomeUnspecified && h.Outcome <= article.Failed {
		w.LastOutcome = h.Outcome.String()
	}
	return w
}

// versionToWire joins what the index knows of a version with its text.
func versionToWire(d *search.Document, s *article.Snapshot) *queryv1.Version {
	return &queryv1.Version{
		Article: d.Article, Version: int32(d.Version), Time: timeToWire(d.Time), Hash: d.Hash, Source: d.Source,
		State: eventv1.RevisionEvent_State(stateOf(d.State)), Snapshot: eventbus.SnapshotToWire(s),
	}
}

func revisionToWire(r *article.Revision) *eventv1.Revision { return eventbus.RevisionToWire(r) }

func eventToWire(e *article.Event) *eventv1.RevisionEvent { return eventbus.EventToWire(e) }

func feedToWire(f *article.Feed, now time.Time) *queryv1.Feed {
	feed := &queryv1.Feed{
		Id: f.ID, Url: f.URL, Source: f.Source, Title: f.Title, Folder: f.Folder, Paused: f.Paused,
		LastPoll: timeToWire(f.LastPoll), NextPoll: timeToWire(f.NextPoll), Status: int32(f.Status), Error: f.Error,
		Failures: int32(f.Failures), Items: f.Items, Gaps: f.Gaps, LastItem: timeToWire(f.LastItem),
		Warning: f.Warning,
	}
	if f.Pushed(now) {
		feed.PushedBy, feed.PushedUntil = f.Push.Hub, timeToWire(f.Push.Until)
	}
	return feed
}
