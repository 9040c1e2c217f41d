package elastic

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stetnews/stet/services/internal/search"
)

// flaky stands between a client and Elasticsearch and spoils bulk requests, each in the next of several ways, as long
// as it is told to.
type flaky struct {
	proxy   *httputil.ReverseProxy
	ways    []string
	spoiled atomic.Int64
	left    atomic.Int64 // requests still to spoil
}

func newFlaky(t *testing.T, address string) (*flaky, string) {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{
		ways:  []string{"refused", "busy", "unavailable", "lost before", "lost after", "cut"},
		proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/_bulk" || f.left.Add(-1) < 0 {
		f.proxy.ServeHTTP(w, r)
		return
	}
	switch f.ways[int(f.spoiled.Add(1)-1)%len(f.ways)] {
	case "refused":
		say(w, 500, `{"error":{"type":"x","reason":"a fault"}}`)
	case "busy":
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		say(w, 429, `{"error":{"type":"es_rejected_execution_exception","reason":"queue is full"}}`)
	case "unavailable":
		say(w, 503, "")
	case "lost before": // the request never arrives
		panic(http.ErrAbortHandler)
	case "lost after": // the documents are stored and nobody hears of it
		f.proxy.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case "cut": // the answer ends in the middle
		answer := httptest.NewRecorder()
		f.proxy.ServeHTTP(answer, r)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		say(w, 200, answer.Body.String()[:answer.Body.Len()/2])
	}
}

// TestAnOutageLosesAndDoublesNothing writes as the indexer does: what is not acknowledged comes again, also what was
// stored without anybody hearing of it.
func TestAnOutageLosesAndDoublesNothing(t *testing.T) {
	f, address := newFlaky(t, server(t))
	x := fresh(t, address)
	write(t, x, sample("first", 1))
	const each = 60
	f.left.Store(each)
	waiting := make(map[string]search.Document)
	for n := range 300 {
		d := sample(fmt.Sprintf("art%d", n/4), n%4+1)
		waiting[d.ID()] = d
	}
	rounds := 0
	for ; len(waiting) > 0; rounds++ {
		if rounds > 2*each {
			t.Fatalf("%d documents were never taken", len(waiting))
		}
		var batch []search.Document
		for _, d := range waiting {
			if batch = append(batch, d); len(batch) == 25 {
				break
			}
		}
		for i, err := range search.Reasons(x.Write(t.Context(), batch), len(batch)) {
			switch {
			case err == nil:
				delete(waiting, batch[i].ID())
			case !errors.Is(err, search.ErrUnavailable) || errors.Is(err, search.ErrBadDocument):
				t.Fatalf("%s: %v", batch[i].ID(), err)
			}
		}
	}
	if got := f.spoiled.Load(); got != each || rounds < each {
		t.Errorf("only %d requests were spoiled in %d rounds", got, rounds)
	}
	if err := x.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := x.Count(t.Context())
	if want := (search.Counts{Articles: 76, Versions: 301, Revisions: 225}); err != nil || counts != want {
		t.Errorf("after the outage the index has %+v, %v, want %+v", counts, err, want)
	}
	for n := range 300 {
		if _, err := x.Get(t.Context(), fmt.Sprintf("art%d", n/4), n%4+1); err != nil {
			t.Error(err)
		}
	}
}
