package web

import (
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/stetnews/stet/proto/stet/event/v1"
	"github.com/stetnews/stet/proto/stet/query/v1"
)

// recordsShown is how many looks or polls a page lists.
const recordsShown = 200

// record is one look at an article or one poll of a feed.
type record struct {
	At, Next *timestamppb.Timestamp
	Outcome  string
	Status   int32
	Reason   string
	Diff     string // address of what it changed, empty for nothing
	Bad      bool
}

type recordsPage struct {
	frame
	Title, Back, BackName string
	Records               []record
	Total                 int32
	Polls                 bool
}

// checks lists the looks at an article.
func (s *Service) checks(w http.ResponseWriter, r *http.Request) error {
	a, err := s.query.article(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := s.query.checks(r.Context(), a.GetId())
	if err != nil {
		return err
	}
	p := recordsPage{
		frame: s.frame("Checks of "+a.GetTitle(), ""), Title: a.GetTitle(), Back: articlePath(a.GetId()), BackName: "All versions", Total: list.GetTotal(),
	}
	for _, c := range list.GetChecks() {
		one := record{At: moment(c.GetFetchedAt()), Next: moment(c.GetNextAt()), Outcome: c.GetOutcome(), Status: c.GetStatus(), Reason: c.GetReason(),
			Bad: c.GetOutcome() == "failed" || c.GetOutcome() == "blocked" || c.GetOutcome() == "gone"}
		if n := int(c.GetVersion()); c.GetChanged() && n > 1 {
			one.Diff = diffPath(a.GetId(), n-1, n)
		}
		p.Records = append(p.Records, one)
	}
	return s.show(w, "records", http.StatusOK, p)
}

// polls lists the polls of a feed.
func (s *Service) polls(w http.ResponseWriter, r *http.Request) error {
	feeds, err := s.query.feeds(r.Context())
	if err != nil {
		return err
	}
	var feed *queryv1.Feed
	for _, f := range feeds {
		if f.GetId() == r.PathValue("id") {
			feed = f
		}
	}
	if feed == nil {
		return errNoPage
	}
	list, err := s.query.polls(r.Context(), feed.GetId())
	if err != nil {
		return err
	}
	title := feed.GetTitle()
	if title == "" {
		title = feed.GetUrl()
	}
	p := recordsPage{frame: s.frame("Polls of "+title, ""), Title: title, Back: "/feeds", BackName: "Feeds", Total: list.GetTotal(), Polls: true}
	for _, o := range list.GetPolls() {
		p.Records = append(p.Records, record{At: moment(o.GetPolledAt()), Next: moment(o.GetNextAt()), Outcome: brought(o), Status: o.GetStatus(),
			Reason: reasonOf(o), Bad: o.GetError() != ""})
	}
	return s.show(w, "records", http.StatusOK, p)
}

// brought says what a poll brought.
func brought(o *eventv1.PollOutcome) string {
	switch {
	case o.GetError() != "":
		return "failed"
	case o.GetStatus() == http.StatusNotModified:
		return "unchanged"
	}
	return fmt.Sprintf("%d items, %d new, %d changed", o.GetItems(), o.GetNewItems(), o.GetChangedItems())
}

func reasonOf(o *eventv1.PollOutcome) string {
	if o.GetError() == "" && o.GetOverflow() {
		return "Nothing in it was known: items may have come and gone since the poll before."
	}
	return o.GetError()
}

// moment reads the time of an event, nil where there is none.
func moment(text string) *timestamppb.Timestamp {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil
	}
	return timestamppb.New(t)
}
