package query

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stetnews/stet/proto/stet/query/v1"
	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/search"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func timeFromWire(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// summaryFromWire is the inverse of summaryToWire for what a summary carries.
func summaryFromWire(w *queryv1.RevisionSummary) search.Document {
	return search.Document{
		Article: w.GetArticle(), Source: w.GetSource(), URL: w.GetUrl(), Version: int(w.GetVersion()),
		Time: timeFromWire(w.GetTime()), Title: w.GetTitle(), Kinds: w.GetKinds(), Weight: int(w.GetWeight()),
		Score: w.GetScore(), Added: w.GetAdded(), Removed: w.GetRemoved(), Language: w.GetLanguage(),
	}
}

// feedFromWire is the inverse of feedToWire; what only feed-poller needs stays empty.
func feedFromWire(w *queryv1.Feed) article.Feed {
	return article.Feed{
		ID: w.GetId(), URL: w.GetUrl(), Source: w.GetSource(), Title: w.GetTitle(), Folder: w.GetFolder(),
		Paused: w.GetPaused(), LastPoll: timeFromWire(w.GetLastPoll()), NextPoll: timeFromWire(w.GetNextPoll()),
		Status: int(w.GetStatus()), Error: w.GetError(), Failures: int(w.GetFailures()), Items: w.GetItems(),
		Gaps: w.GetGaps(), LastItem: timeFromWire(w.GetLastItem()),
	}
}

// overTheWire is a message after it was sent and read.
func overTheWire[M proto.Message](t *testing.T, m, into M) M {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
	return into
}

func FuzzConversionsComeBack(f *testing.F) {
	f.Add("Harbour", "https://gazette.example/a", int32(3), int64(1770000000), 0.25, true)
	f.Add("", "", int32(0), int64(0), 0.0, false)
	f.Add("山の新聞", "x", int32(1<<30), int64(-62135596800), 1.0, true)
	f.Fuzz(func(t *testing.T, name, address string, count int32, seconds int64, score float64, flag bool) {
		if proto.Size(&queryv1.Feed{Url: name + address}) > 1<<20 || score != score {
			t.Skip("too large for a message, or no number")
		}
		var when time.Time
		if seconds > 0 && seconds < 1<<33 {
			when = time.Unix(seconds, 5).UTC()
		}
		feed := article.Feed{
			ID: "i" + address, URL: address, Source: name, Title: name + "t", Folder: name + "f", Paused: flag, LastPoll: when,
			NextPoll: when, LastItem: when, Status: int(count), Error: name, Failures: int(count), Items: int64(count), Gaps: seconds,
		}
		document := search.Document{
			Article: name, Source: address, URL: address, Version: int(count), Time: when, Language: name, Title: name,
			Added: address, Removed: name, Kinds: []string{name, "body"}, Weight: int(count), Score: score,
		}
		if _, err := proto.Marshal(feedToWire(&feed, when)); err != nil {
			t.Skip() // not UTF-8: no store holds such a text
		}
		if _, err := proto.Marshal(summaryToWire(&document)); err != nil {
			t.Skip()
		}
		if got := feedFromWire(overTheWire(t, feedToWire(&feed, when), &queryv1.Feed{})); !cmp.Equal(got, feed) {
			t.Error(cmp.Diff(feed, got))
		}
		if got := summaryFromWire(overTheWire(t, summaryToWire(&document), &queryv1.RevisionSummary{})); !cmp.Equal(got, document) {
			t.Error(cmp.Diff(document, got))
		}
	})
}

func TestWhoPushesAFeed(t *testing.T) {
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	f := article.Feed{Push: &article.Push{Hub: "https://hub.example/", Until: now.Add(time.Hour)}}
	if w := feedToWire(&f, now); w.GetPushedBy() != f.Push.Hub || !timeFromWire(w.GetPushedUntil()).Equal(f.Push.Until) {
		t.Errorf("the feed is pushed by %q until %v", w.GetPushedBy(), w.GetPushedUntil())
	}
	if w := feedToWire(&f, now.Add(time.Hour)); w.GetPushedBy() != "" || w.GetPushedUntil() != nil {
		t.Errorf("after the lease the feed is pushed by %q until %v", w.GetPushedBy(), w.GetPushedUntil())
	}
}
