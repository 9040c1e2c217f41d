package search

import (
	"errors"
	"testing"
	"time"
)

func TestBatch(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	documents := []Document{
		{Article: "a", Version: 1, Time: at, Sequence: 2, Title: "newer"},
		{Article: "b", Version: 0, Time: at},
		{Article: "a", Version: 1, Time: at, Sequence: 1, Title: "older"},
		{Article: "c", Version: 1, Time: at, Sequence: 1, Title: "first"},
		{Article: "c", Version: 1, Time: at, Sequence: 1, Title: "last"},
	}
	b := NewBatch(documents)
	if len(b.Documents) != 2 || b.Documents[0].Title != "newer" || b.Documents[1].Title != "last" {
		t.Fatalf("the batch is %+v", b.Documents)
	}
	later := errors.New("later")
	b.Fail(b.Documents[0], later)
	reasons := Reasons(b.Err(), len(documents))
	for place, want := range []error{later, ErrBadDocument, later, nil, nil} {
		if !errors.Is(reasons[place], want) {
			t.Errorf("document %d: %v, want %v", place, reasons[place], want)
		}
	}
	if !errors.Is(b.Err(), ErrBadDocument) || !errors.Is(b.Err(), later) {
		t.Errorf("the error says %v", b.Err())
	}
	if err := NewBatch(documents[3:]).Err(); err != nil {
		t.Errorf("a batch without faults: %v", err)
	}
	for _, reason := range Reasons(later, 2) {
		if reason != later {
			t.Errorf("an error of all is %v for one", reason)
		}
	}
	for _, reason := range Reasons(nil, 2) {
		if reason != nil {
			t.Errorf("no error is %v for one", reason)
		}
	}
}
