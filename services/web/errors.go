package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/stetnews/stet/proto/client"
)

var (
	errNoPage  = errors.New("no such page")
	errBadLink = errors.New("the address does not name two versions")
)

// problem is a failure as a reader sees it.
type problem struct {
	frame
	Status  int
	Heading string
	Text    string
	Advice  string
}

// fail shows an error as a page in plain words.
func (s *Service) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has gone
	}
	p := explain(err)
	p.frame = s.frame(p.Heading, "")
	if p.Status >= 500 {
		s.log.Error("page failed", "path", r.URL.Path, "status", p.Status, "error", err)
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	w.Header().Set("Cache-Control", "no-store")
	if err := s.show(w, "problem", p.Status, p); err != nil {
		s.log.Error("error page failed", "path", r.URL.Path, "error", err)
	}
}

// explain is the one place where errors become statuses and words.
func explain(err error) problem {
	var refusal *client.Error
	errors.As(err, &refusal)
	switch {
	case errors.Is(err, errNoPage):
		return problem{Status: http.StatusNotFound, Heading: "There is no such page",
			Text: "The address may be mistyped.", Advice: "Start from the newest revisions, or search."}
	case errors.Is(err, client.ErrNotFound), refusal != nil && refusal.Field == "article":
		return problem{Status: http.StatusNotFound, Heading: "Not found",
			Text: "There is no such article or version here.", Advice: "It may have been taken down. Try the search."}
	case errors.Is(err, errBadLink):
		return problem{Status: http.StatusBadRequest, Heading: "Which two versions?",
			Text:   "An address that compares versions ends in two numbers, such as 1..2.",
			Advice: "Choose two versions on the article's page."}
	case errors.Is(err, client.ErrInvalid):
		text := "The request cannot be answered as it is."
		if refusal != nil {
			text = clean(refusal.Message)
		}
		return problem{Status: http.StatusBadRequest, Heading: "That cannot be answered", Text: text,
			Advice: "Go back and change it, or start from the newest revisions."}
	case errors.Is(err, client.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return problem{Status: http.StatusServiceUnavailable, Heading: "Not available at the moment",
			Text:   "The query service, which knows all articles, does not answer.",
			Advice: "It may be starting. Load this page again in some seconds; nothing is lost meanwhile."}
	}
	return problem{Status: http.StatusInternalServerError, Heading: "Something went wrong",
		Text: "This page could not be made.", Advice: "Load it again. If that does not help, the operator finds the reason in the log."}
}
