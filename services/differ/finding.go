package differ

import (
	"slices"
	"strings"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/extract"
)

// The findings about a page that one look is not enough for, beside the doubts about a text (extract.ReasonTextLost and
// extract.ReasonOtherArticle). A head that waits for the second look names one of them.
const (
	foundGone = "gone"
	foundWall = "paywalled"
	foundBack = "restored"
	foundMove = "moved " // and a digest of where to
)

// finding is what a look found that a second one must find too, empty for nothing of the kind.
func finding(s article.Check, h article.Head) string {
	switch {
	case h.Version == 0:
		return ""
	case s.Outcome == article.OutcomeGone:
		if h.State == article.Gone {
			return ""
		}
		return foundGone
	case s.Snapshot == nil || s.Outcome != article.Read && s.Outcome != article.Moved:
		return ""
	case s.Snapshot.Quality.Verdict == article.NotAnArticle:
		return doubt(s.Snapshot.Quality.Reasons, h)
	case h.State != article.Live:
		return foundBack
	case s.Outcome == article.Moved && s.FinalURL != h.URL:
		return foundMove + article.Token(s.FinalURL)
	}
	return ""
}

func doubt(reasons []string, h article.Head) string {
	has := func(reason string) bool { return slices.Contains(reasons, reason) }
	switch {
	case has(extract.ReasonNotFound):
		if h.State == article.Gone {
			return ""
		}
		return foundGone
	case has(extract.ReasonPaywall) || has(extract.ReasonLogin):
		if h.State == article.Blocked {
			return ""
		}
		return foundWall
	case has(extract.ReasonTextLost):
		return extract.ReasonTextLost
	case has(extract.ReasonOtherArticle):
		return extract.ReasonOtherArticle
	}
	return ""
}

// confirmed says whether the look before found the same. Looks in between that saw nothing of the page do not count.
func confirmed(found string, h article.Head) bool { return found != "" && found == h.Pending }

// pending is what the next look has to confirm.
func pending(found string, s article.Check, h article.Head, step *article.Event) string {
	switch {
	case found != "" && (confirmed(found, h) || s.Readdressed && strings.HasPrefix(found, foundMove) || step != nil && !strings.HasPrefix(found, foundMove)):
		return ""
	case found != "":
		return found
	case s.Outcome == article.Unchanged || hasText(s):
		return ""
	}
	return h.Pending // nothing was seen of the page
}

// confirmWithin is how soon a finding is looked at again.
const confirmWithin = 10 * time.Minute

// soon pulls the next check forward where something waits to be confirmed.
func soon(h article.Head) (time.Time, string) {
	at := h.FetchedAt.Add(confirmWithin)
	if h.Pending == "" || h.Next.IsZero() || h.Next.Before(at) {
		return h.Next, h.NextReason
	}
	what, _, _ := strings.Cut(h.Pending, " ")
	if h.Pending == extract.ReasonTextLost || h.Pending == extract.ReasonOtherArticle {
		what = h.Pending
	}
	return at, "makes sure of what the newest look found: " + what
}
