package indexer

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stetnews/stet/services/internal/article"
	"github.com/stetnews/stet/services/internal/eventbus"
	"github.com/stetnews/stet/services/internal/eventbus/bustest"
	"github.com/stetnews/stet/services/internal/search"
)

// index refuses the first writes, as one whose disk is full does, and then keeps what it is given.
type index struct {
	mu       sync.Mutex
	refusals int
	kept     map[string]search.Document
	deleted  []string
	change   chan struct{}
}

func (x *index) Write(_ context.Context, documents []search.Document) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refusals > 0 {
		x.refusals--
		return errors.New("disk full")
	}
	for _, d := range documents {
		x.kept[d.ID()] = d
	}
	x.change <- struct{}{}
	return nil
}

func (x *index) Delete(_ context.Context, id string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.deleted = append(x.deleted, id)
	x.change <- struct{}{}
	return nil
}

func TestARevisionWaitsUntilTheIndexHasIt(t *testing.T) {
	bus := bustest.New(t)
	x := &index{refusals: 2, kept: map[string]search.Document{}, change: make(chan struct{}, 16)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- New(Deps{Bus: bus, Index: x, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}).Run(ctx)
	}()
	event := article.Event{
		Article: "a1", Source: "Gazette", Version: 2, FetchedAt: time.Now(), Kinds: []string{"body"},
		Snapshot: article.Snapshot{Title: "Ferry", Standfirst: "No boats.", Blocks: []article.Block{{Kind: article.Paragraph, Text: "At two."}}},
		Revision: article.Revision{
			NewUnits: []article.Unit{{Block: 0, Text: "At two."}}, OldUnits: []article.Unit{{Block: 0, Text: "At noon."}},
			Added: []int{0}, Deleted: []int{0}, Weight: article.Minor,
		},
	}
	sequence, err := bus.PublishRevision(ctx, event, 0)
	if err != nil {
		t.Fatal(err)
	}
	<-x.change
	x.mu.Lock()
	d, ok := x.kept["a1/2"]
	x.mu.Unlock()
	if !ok || d.Sequence != sequence || d.Added != "At two." || d.Removed != "At noon." || d.Body != "No boats.\n\nAt two." {
		t.Errorf("the index has %+v", d)
	}
	event.Withdrawn = true
	if _, err := bus.PublishRevision(ctx, event, sequence); err != nil {
		t.Fatal(err)
	}
	<-x.change
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(x.deleted) != 1 || x.deleted[0] != "a1" {
		t.Errorf("deleted %v, want the withdrawn article", x.deleted)
	}
}

var _ bus = (*eventbus.Bus)(nil)

// checks keeps outcomes.
type checks chan article.CheckOutcome

func (c checks) WriteChecks(_ context.Context, outcomes []article.CheckOutcome) error {
	for _, o := range outcomes {
		c <- o
	}
	return nil
}

func TestOutcomesOfChecksAreIndexedWhereTheIndexTakesThem(t *testing.T) {
	bus := bustest.New(t)
	kept := make(checks, 1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- New(Deps{Bus: bus, Index: &index{}, Checks: kept, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}).Run(ctx)
	}()
	want := article.CheckOutcome{
		Article: "a1", Source: "Gazette", URL: "https://news.example/a1", Outcome: article.OutcomeGone, Status: 404,
		FetchedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	if err := bus.PublishCheckOutcome(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got := <-kept; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
