package indexer

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/search"
)

// scripted answers each Write with the next error.
type scripted struct {
	answers []error
	at      []time.Time
}

func (s *scripted) Write(context.Context, []search.Document) error {
	s.at = append(s.at, time.Now())
	err := s.answers[0]
	s.answers = s.answers[1:]
	return err
}

func batch(n int) []pending[search.Document] {
	all := make([]pending[search.Document], n)
	for i := range all {
		all[i].done = make(chan error, 1)
	}
	return all
}

func TestEachDocumentHasItsOwnOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newBatcher((&scripted{answers: []error{search.Unstored{
			1: errors.Join(search.ErrBadDocument, errors.New("hash too long")), 2: search.ErrUnavailable,
		}}}).Write, slog.New(slog.DiscardHandler))
		all := batch(3)
		x.commit(t.Context(), all)
		if err := <-all[0].done; err != nil {
			t.Errorf("the stored document: %v", err)
		}
		var poison *eventbus.Poison
		if err := <-all[1].done; !errors.As(err, &poison) || !strings.Contains(err.Error(), "hash too long") {
			t.Errorf("the document that can never be stored: %v", err)
		}
		if err := <-all[2].done; !errors.Is(err, search.ErrUnavailable) || errors.As(err, &poison) {
			t.Errorf("the document that may be stored later: %v", err)
		}
	})
}

func TestABadErrorOfTheWholeBatchPoisonsNoneByMistake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newBatcher((&scripted{answers: []error{errors.New("disk full")}}).Write, slog.New(slog.DiscardHandler))
		all := batch(2)
		x.commit(t.Context(), all)
		for _, p := range all {
			var poison *eventbus.Poison
			if err := <-p.done; err == nil || errors.As(err, &poison) {
				t.Errorf("a document of a batch that failed as a whole: %v", err)
			}
		}
	})
}

func TestAnOutageIsSaidOnceAndWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		index := &scripted{}
		for range 8 {
			index.answers = append(index.answers, search.ErrUnavailable)
		}
		index.answers = append(index.answers, nil, nil)
		x := newBatcher(index.Write, slog.New(slog.NewTextHandler(&log, nil)))
		for range 10 {
			x.commit(t.Context(), batch(1))
		}
		if got := strings.Count(log.String(), "they wait"); got != 1 {
			t.Errorf("the outage was said %d times", got)
		}
		if got := strings.Count(log.String(), "again"); got != 1 {
			t.Errorf("its end was said %d times", got)
		}
		for i := 1; i < 9; i++ {
			if gap := index.at[i].Sub(index.at[i-1]); gap < firstPause || gap > maxPause {
				t.Errorf("attempt %d came after %v", i+1, gap)
			}
		}
		if first, last := index.at[1].Sub(index.at[0]), index.at[8].Sub(index.at[7]); last <= first {
			t.Errorf("attempts are no rarer after a while: %v, then %v", first, last)
		}
		if gap := index.at[9].Sub(index.at[8]); gap != 0 {
			t.Errorf("the first write after the outage waited %v", gap)
		}
	})
}
